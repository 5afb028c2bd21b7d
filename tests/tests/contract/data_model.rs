//! docs/data-model.md lists the access patterns that `store` has, and no other.

use std::{collections::BTreeSet, fs, path::Path};

use testkit::template;

/// The `pub async fn`s of a folder's types, as `Type::name`.
fn patterns(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            patterns(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let mut owner = String::new();
            for line in fs::read_to_string(&path).unwrap().lines() {
                // rustfmt puts the head of an impl at the beginning of a line and its methods one step in.
                let head = line.strip_prefix("impl ").or_else(|| line.strip_prefix("impl<'a> "));
                if let Some(head) = head {
                    owner = head.chars().take_while(|c| c.is_alphanumeric()).collect();
                } else if let Some(rest) = line.strip_prefix("    pub async fn ") {
                    let name: String =
                        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    found.insert(format!("{owner}::{name}"));
                }
            }
        }
    }
}

/// The names in the first column of the document's tables.
fn documented(text: &str) -> BTreeSet<String> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.filter(|cell| cell.contains("::")).map(ToOwned::to_owned).collect()
}

#[test]
fn the_data_model_lists_exactly_the_access_patterns_of_the_store() {
    let root = template::path().parent().unwrap().to_owned();
    let mut in_code = BTreeSet::new();
    patterns(&root.join("shared/store/src/entities"), &mut in_code);
    assert!(in_code.len() > 50 && in_code.contains("Sessions::rotate"), "{in_code:?}");
    let in_docs = documented(&fs::read_to_string(root.join("docs/data-model.md")).unwrap());
    let undocumented: Vec<_> = in_code.difference(&in_docs).collect();
    assert!(undocumented.is_empty(), "docs/data-model.md lacks {undocumented:?}");
    let gone: Vec<_> = in_docs.difference(&in_code).collect();
    assert!(gone.is_empty(), "docs/data-model.md lists {gone:?}, which the store does not have");
}
