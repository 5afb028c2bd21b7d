//! Lists against a brute-force answer over the same documents.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use futures::executor::block_on;
use proptest::{collection::vec, option, prelude::*, sample::select};
use search::{
    Dimension, Document, Filter, Kind, Level, Ordering, Page, Request, Snapshot, Writer,
    columns::{PRICE_BANDS, RATING_BANDS, band},
    directory::Place,
    generate::Catalogue,
    objects::Memory,
};

const SIZE: usize = 900;

/// An index with a history: a rebuild, batches with updates, deletions, merges. And the documents it must have.
static WORLD: LazyLock<(Arc<Snapshot>, BTreeMap<String, Document>)> = LazyLock::new(|| {
    let catalogue = Catalogue { seed: 7, size: SIZE };
    let store = Arc::new(Memory::default());
    let writer = Writer::new(Arc::clone(&store), Place::Memory);
    let mut truth: BTreeMap<String, Document> = BTreeMap::new();
    let first: Vec<Document> = catalogue.courses().take(300).chain(catalogue.others()).collect();
    for document in &first {
        truth.insert(format!("{:?}{}", document.kind, document.id), document.clone());
    }
    block_on(writer.rebuild(crate::common::stream(first), crate::common::NOW)).unwrap();
    for batch in 0..7 {
        let mut changes = Vec::new();
        for index in 300 + batch * 80..380 + batch * 80 {
            changes.push(catalogue.course(index));
        }
        for index in (batch..300).step_by(23) {
            let mut document = catalogue.course(index);
            document.version = 2 + batch as u64;
            document.price_cents = document.price_cents.wrapping_mul(7) % 20_000;
            document.popularity = document.popularity.wrapping_mul(31) % 1_000_000;
            changes.push(document);
        }
        for document in &changes {
            truth.insert(format!("{:?}{}", document.kind, document.id), document.clone());
        }
        let mut changes: Vec<_> = changes.into_iter().map(crate::common::upsert).collect();
        for index in (batch + 5..300).step_by(41) {
            let id = catalogue.course(index).id;
            truth.remove(&format!("{:?}{id}", Kind::Course));
            changes.push(search::Change::Delete {
                kind: Kind::Course,
                id,
                version: 1_000,
                at: crate::common::NOW,
            });
        }
        // What was deleted stays deleted: the upserts above that name it are older.
        block_on(writer.apply(&changes, crate::common::NOW)).unwrap();
        for index in
            (5..300).filter(|index| (0..=batch).any(|b| (index - 5) % 41 == b && index % 41 == (b + 5) % 41))
        {
            truth.remove(&format!("{:?}{}", Kind::Course, catalogue.course(index).id));
        }
    }
    let snapshot = crate::common::open(&store);
    assert!(snapshot.segments() > 1, "the test is of many segments");
    (snapshot, truth)
});

fn matches(filter: &Filter, document: &Document) -> bool {
    let any = |wanted: &[String], has: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(has);
    let price = document.price_cents;
    document.kind == filter.kind
        && any(&filter.categories, &|c| document.category.as_ref().is_some_and(|own| own.id == *c))
        && (filter.levels.is_empty() || document.level.is_some_and(|level| filter.levels.contains(&level)))
        && any(&filter.languages, &|l| document.language == *l)
        && any(&filter.price_bands, &|b| PRICE_BANDS[band(&PRICE_BANDS, price)].0 == b)
        && filter.price_min.is_none_or(|least| price >= least)
        && filter.price_max.is_none_or(|most| price <= most)
        && filter.free.is_none_or(|free| free == (price == 0))
        && filter.rating_min.is_none_or(|least| document.rating_hundredths >= least)
        && filter.duration_min.is_none_or(|least| document.duration_seconds >= least)
        && filter.duration_max.is_none_or(|most| document.duration_seconds <= most)
        && filter.published_from.is_none_or(|from| document.published_at >= from)
        && filter.published_to.is_none_or(|to| document.published_at <= to)
        && any(&filter.instructors, &|i| document.instructor.as_ref().is_some_and(|own| own.id == *i))
        && any(&filter.tags, &|t| document.tags.iter().any(|own| own.to_lowercase() == t.to_lowercase()))
        && any(&filter.ids, &|id| document.id == *id)
}

/// What an ordering must not break; equal ones may come in any order that never changes.
fn key(ordering: Ordering, document: &Document) -> (Reverse<i64>, Reverse<u32>) {
    let first = match ordering {
        Ordering::Relevance | Ordering::Popular => 0,
        Ordering::Newest => document.published_at,
        Ordering::Rating => i64::from(document.rating_hundredths) << 32 | i64::from(document.rating_count),
        Ordering::PriceLow => -i64::from(document.price_cents),
        Ordering::PriceHigh => i64::from(document.price_cents),
    };
    (Reverse(first), Reverse(document.popularity))
}

fn filters() -> impl Strategy<Value = Filter> {
    let catalogue = Catalogue { seed: 7, size: SIZE };
    let sample: Vec<Document> = catalogue.courses().step_by(37).collect();
    let instructors: Vec<_> = sample.iter().map(|d| d.instructor.clone().unwrap().id).collect();
    let tags: Vec<_> =
        sample.iter().flat_map(|d| d.tags.clone()).chain(["none".into(), "PYTHON".into()]).collect();
    let ids: Vec<_> = sample.iter().map(|d| d.id.clone()).chain(["no-such-id".into()]).collect();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<String>>();
    let texts = |from: Vec<String>| prop_oneof![4 => Just(Vec::new()), 1 => vec(select(from), 1..3)];
    let year = 365 * 86_400;
    (
        (
            prop_oneof![9 => Just(Kind::Course), 1 => select(Kind::ALL.to_vec())],
            texts(names(&["development", "data", "design", "nothing"])),
            prop_oneof![3 => Just(Vec::new()), 1 => vec(select(Level::ALL.to_vec()), 1..3)],
            texts(names(&["en", "ko", "xx"])),
            texts(names(&["free", "under_20", "over_100", "wrong"])),
        ),
        (option::of(0_u32..21_000), option::of(0_u32..21_000), option::weighted(0.2, any::<bool>())),
        (
            option::weighted(0.3, 0_u16..=600),
            option::weighted(0.2, 0_u32..200_000),
            option::weighted(0.2, 0_u32..250_000),
        ),
        (
            option::weighted(0.2, crate::common::NOW - 7 * year..crate::common::NOW),
            option::weighted(0.2, -5..crate::common::NOW),
        ),
        (texts(instructors), texts(tags), texts(ids)),
    )
        .prop_map(|(a, b, c, d, e)| Filter {
            kind: a.0,
            categories: a.1,
            levels: a.2,
            languages: a.3,
            price_bands: a.4,
            price_min: b.0,
            price_max: b.1,
            free: b.2,
            rating_min: c.0,
            duration_min: c.1,
            duration_max: c.2,
            published_from: d.0,
            published_to: d.1,
            instructors: e.0,
            tags: e.1,
            ids: e.2,
        })
}

fn ask(filter: &Filter, ordering: Ordering, page: Page) -> search::Answer {
    let request = Request { filter: filter.clone(), ordering, page, facets: true, ..Request::default() };
    WORLD.0.search(&request).unwrap()
}

/// The values of a document in a dimension.
fn value(dimension: Dimension, document: &Document) -> Option<String> {
    match dimension {
        Dimension::Kind => None,
        Dimension::Category => document.category.as_ref().map(|c| c.id.clone()),
        Dimension::Level => document.level.map(|l| l.name().to_owned()),
        Dimension::Language => Some(document.language.clone()).filter(|l| !l.is_empty()),
        Dimension::Price => (document.kind == Kind::Course)
            .then(|| PRICE_BANDS[band(&PRICE_BANDS, document.price_cents)].0.to_owned()),
        Dimension::Rating => (document.kind == Kind::Course)
            .then(|| RATING_BANDS[band(&RATING_BANDS, u32::from(document.rating_hundredths))].0.to_owned()),
    }
}

fn without(filter: &Filter, dimension: Dimension) -> Filter {
    let mut filter = filter.clone();
    match dimension {
        Dimension::Kind => {}
        Dimension::Category => filter.categories.clear(),
        Dimension::Level => filter.levels.clear(),
        Dimension::Language => filter.languages.clear(),
        Dimension::Price => {
            filter.price_bands.clear();
            (filter.price_min, filter.price_max, filter.free) = (None, None, None);
        }
        Dimension::Rating => filter.rating_min = None,
    }
    filter
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_what_brute_force_gives(filter in filters(), ordering in select(Ordering::ALL.to_vec()), size in 1_usize..40) {
        let wanted: Vec<&Document> = WORLD.1.values().filter(|document| matches(&filter, document)).collect();
        let mut pages: Vec<Document> = Vec::new();
        loop {
            let answer = ask(&filter, ordering, Page { offset: pages.len(), limit: size });
            prop_assert_eq!(answer.count, wanted.len() as u64);
            prop_assert!(answer.hits.len() <= size);
            if answer.hits.is_empty() {
                break;
            }
            pages.extend(answer.hits.into_iter().map(|hit| hit.document));
        }
        let ids = |documents: &mut dyn Iterator<Item = &Document>| {
            let mut ids: Vec<String> = documents.map(|document| document.id.clone()).collect();
            ids.sort();
            ids
        };
        prop_assert_eq!(ids(&mut pages.iter()), ids(&mut wanted.iter().copied()));
        for pair in pages.windows(2) {
            prop_assert!(key(ordering, &pair[0]) <= key(ordering, &pair[1]), "{:?}", ordering);
        }
    }

    #[test]
    fn facets_count_what_brute_force_counts(filter in filters()) {
        let answer = ask(&filter, Ordering::Popular, Page::default());
        for dimension in Dimension::FACETS {
            let open = without(&filter, dimension);
            let mut wanted: BTreeMap<String, u64> = BTreeMap::new();
            for document in WORLD.1.values().filter(|document| matches(&open, document)) {
                if let Some(value) = value(dimension, document) {
                    *wanted.entry(value).or_default() += 1;
                }
            }
            let found: BTreeMap<String, u64> =
                answer.facets[&dimension].iter().map(|facet| (facet.value.clone(), facet.count)).collect();
            prop_assert_eq!(found, wanted, "{:?}", dimension);
        }
    }

    #[test]
    fn filters_cut_a_search_as_they_cut_a_list(filter in filters(), ordering in select(Ordering::ALL.to_vec())) {
        let text = "python";
        let all = |filter: &Filter, ordering| {
            let page = Page { offset: 0, limit: SIZE * 2 };
            let request = Request { text: text.into(), filter: filter.clone(), ordering, page, facets: true };
            WORLD.0.search(&request).unwrap()
        };
        let whole = all(&Filter::kind(filter.kind), ordering);
        let cut = all(&filter, ordering);
        let wanted: Vec<&str> = whole.hits.iter().map(|hit| &hit.document)
            .filter(|document| matches(&filter, &WORLD.1[&format!("{:?}{}", document.kind, document.id)]))
            .map(|document| document.id.as_str()).collect();
        let found: Vec<&str> = cut.hits.iter().map(|hit| hit.document.id.as_str()).collect();
        prop_assert_eq!(found, wanted);
        prop_assert_eq!(cut.count as usize, cut.hits.len());
    }

    #[test]
    fn any_text_has_an_answer(text in prop_oneof![
        ".{0,200}",
        "[a-z0-9\"'()+*:~^ -]{0,80}",
        "[가-힣ㄱ-ㅎ ]{0,60}",
        "\\PC{0,3000}",
        Just("a ".repeat(5_000)),
        Just("파이".repeat(3_400)),
        Just("🎉".repeat(2_500)),
        Just("\u{1111}\u{1161}\u{110b}\u{1175}".repeat(800)),
    ]) {
        let request = Request { text: text.clone(), facets: true, ..Request::default() };
        let answer = WORLD.0.search(&request).unwrap();
        prop_assert!(answer.hits.len() <= 20);
        for hit in &answer.hits {
            for range in &hit.highlights.title {
                prop_assert!(hit.document.title.get(range.clone()).is_some());
            }
        }
        prop_assert!(WORLD.0.suggest(&text, &Kind::ALL, 10).unwrap().len() <= 10);
    }
}

#[test]
fn a_page_beyond_the_end_is_empty_and_still_counts() {
    for offset in [SIZE * 10, usize::MAX] {
        let answer = ask(&Filter::default(), Ordering::Newest, Page { offset, limit: 20 });
        assert!(answer.hits.is_empty());
        assert!(answer.count > 0);
        let request =
            Request { text: "python".into(), page: Page { offset, limit: usize::MAX }, ..Request::default() };
        assert!(WORLD.0.search(&request).unwrap().hits.is_empty());
    }
}
