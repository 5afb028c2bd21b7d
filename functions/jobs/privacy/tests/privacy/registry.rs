//! Nothing is stored without a decision what becomes of it when a person is erased.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use job_privacy::{
    kinds::{Erasure, Export, FILES, KINDS},
    places::{Holding, IMPERSONAL, PLACES},
};
use store::Table;
use testkit::template;

/// The types of items in the sources of `store`, with the table of each.
fn types(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            types(&path, found);
            continue;
        }
        let mut table = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if let Some(rest) = line.trim().strip_prefix("const TABLE: Table = Table::") {
                table = rest.trim_end_matches(';').to_owned();
            }
            if let Some(rest) = line.trim().strip_prefix("const TYPE: &'static str = \"") {
                found.insert(rest.trim_end_matches("\";").to_owned(), table.clone());
            }
        }
    }
}

#[test]
fn every_kind_of_item_has_its_rule_and_no_other_has() {
    let mut stored = BTreeMap::new();
    types(&template::path().parent().unwrap().join("shared/store/src"), &mut stored);
    assert!(stored.len() > 50, "{stored:?}");
    let ruled: BTreeMap<String, String> =
        KINDS.iter().map(|kind| (kind.name.to_owned(), format!("{:?}", kind.table))).collect();
    assert_eq!(ruled.len(), KINDS.len(), "a kind is listed twice");
    assert_eq!(stored, ruled, "kinds.rs and the sources of store differ");
}

#[test]
fn what_goes_is_reached_in_its_table_and_what_stays_has_a_reason() {
    for kind in KINDS {
        let by: Vec<_> = PLACES.iter().filter(|place| place.reaches().contains(&kind.name)).collect();
        match kind.erasure {
            Erasure::Gone | Erasure::Pseudonymous => {
                let holdings: Vec<_> = by.iter().map(|place| place.holding()).collect();
                assert_eq!(holdings, [Holding::Table(kind.table)], "{}", kind.name);
            }
            Erasure::Stays(reason) | Erasure::Expired(reason) => {
                assert!(by.is_empty() && !reason.is_empty(), "{}", kind.name);
            }
        }
        if let Export::Not(reason) = kind.export {
            assert!(!reason.is_empty(), "{}", kind.name);
        }
    }
    let known: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
    for name in PLACES.iter().flat_map(|place| place.reaches()) {
        assert!(known.contains(name), "{name} has no rule");
    }
}

#[test]
fn every_file_of_the_archive_is_explained() {
    let used: BTreeSet<_> = KINDS
        .iter()
        .filter_map(|kind| match kind.export {
            Export::In(file, _) => Some(file),
            Export::Not(_) => None,
        })
        .collect();
    assert_eq!(used, FILES.iter().map(|(file, _)| *file).collect());
}

#[test]
fn every_table_and_bucket_of_the_template_is_a_place_or_holds_nothing_of_anybody() {
    let ids = |kind| template::resources(kind).into_iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
    let tables = PLACES.iter().filter_map(|place| match place.holding() {
        Holding::Table(table) => Some(format!("{table:?}Table")),
        Holding::Bucket(_) => None,
    });
    assert_eq!(tables.collect::<BTreeSet<_>>(), ids("AWS::DynamoDB::Table"));
    let buckets = PLACES.iter().filter_map(|place| match place.holding() {
        Holding::Bucket(name) => Some(name.to_owned()),
        Holding::Table(_) => None,
    });
    let impersonal = IMPERSONAL.iter().map(|(name, reason)| {
        assert!(!reason.is_empty());
        (*name).to_owned()
    });
    assert_eq!(buckets.chain(impersonal).collect::<BTreeSet<_>>(), ids("AWS::S3::Bucket"));
    assert_eq!(PLACES.last().map(|place| place.holding()), Some(Holding::Table(Table::Identity)));
}
