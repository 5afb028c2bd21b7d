//! How well searches find what they are for, on judged queries over the generated catalogue.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use search::{Document, Kind, Request, Snapshot, generate::Catalogue};

const CATALOGUE: Catalogue = Catalogue { seed: 11, size: 3_000 };

/// Floors of recall@10 and mean reciprocal rank by class of query. A change that falls below one is a loss of quality.
const FLOORS: &[(&str, f64, f64)] = &[
    ("exact", 0.95, 0.97),
    ("typo", 0.95, 0.95),
    ("korean", 0.94, 0.97),
    ("korean-typo", 0.95, 0.97),
    ("prefix", 0.95, 0.97),
    ("mixed", 0.83, 0.97),
    ("all", 0.95, 0.97),
];

static INDEX: LazyLock<Arc<Snapshot>> =
    LazyLock::new(|| crate::common::index(CATALOGUE.courses().chain(CATALOGUE.others())));

struct Judged {
    class: &'static str,
    query: &'static str,
    topic: &'static str,
    aspect: Option<&'static str>,
}

fn judged() -> Vec<Judged> {
    include_str!("judged.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [class, query, topic, aspect] = fields[..] else { panic!("{line}") };
            Judged { class, query, topic, aspect: (aspect != "-").then_some(aspect) }
        })
        .collect()
}

impl Judged {
    /// Tags name the topic in both languages; the aspect stands in the language of the course alone.
    fn relevant(&self, index: usize) -> bool {
        let facts = CATALOGUE.facts(index);
        let korean = self.query.chars().any(|c| ('가'..='힣').contains(&c));
        facts.topic == self.topic
            && self.aspect.is_none_or(|aspect| facts.aspect == aspect && facts.korean == korean)
    }

    /// Recall@10 (of what ten places can hold) and reciprocal rank.
    fn measure(&self, snapshot: &Snapshot) -> (f64, f64) {
        let all = (0..CATALOGUE.size).filter(|index| self.relevant(*index)).count();
        assert!(all > 0, "the catalogue has nothing for {}", self.query);
        let answer = snapshot.search(&Request { text: self.query.into(), ..Request::default() }).unwrap();
        let hits: Vec<bool> = answer
            .hits
            .iter()
            .take(10)
            .map(|hit| self.relevant(Catalogue::index(&hit.document.id).unwrap()))
            .collect();
        let found = hits.iter().filter(|relevant| **relevant).count();
        let first = hits.iter().position(|relevant| *relevant);
        (found as f64 / all.min(10) as f64, first.map_or(0.0, |at| 1.0 / (at + 1) as f64))
    }
}

#[test]
fn judged_queries_find_what_they_are_for() {
    let snapshot = &*INDEX;
    let queries = judged();
    assert!(queries.len() >= 100);
    let hard = queries.iter().filter(|q| q.class.contains("typo") || q.class.contains("korean")).count();
    assert!(hard * 2 >= queries.len());
    let mut measured: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for query in &queries {
        let (recall, rank) = query.measure(snapshot);
        if recall < 0.8 || rank < 1.0 {
            println!("{:12} recall@10 {recall:.2} reciprocal rank {rank:.2}: {}", query.class, query.query);
        }
        measured.entry(query.class).or_default().push((recall, rank));
        measured.entry("all").or_default().push((recall, rank));
    }
    let mut failed = Vec::new();
    for (class, recall_floor, rank_floor) in FLOORS {
        let of = &measured[class];
        let mean = |get: fn(&(f64, f64)) -> f64| of.iter().map(get).sum::<f64>() / of.len() as f64;
        let (recall, rank) = (mean(|m| m.0), mean(|m| m.1));
        println!("{class:12} {:4} queries: recall@10 {recall:.3}, MRR {rank:.3}", of.len());
        if recall < *recall_floor || rank < *rank_floor {
            failed.push(*class);
        }
    }
    assert!(failed.is_empty(), "below the floor: {failed:?}");
}

/// Whatever is typed on the way to a title, its topic is suggested.
#[test]
fn suggestions_follow_what_is_typed() {
    let snapshot = &*INDEX;
    for (typed, wanted) in [
        ("py", "python"),
        ("pytho", "python"),
        ("kube", "kubernetes"),
        ("machine l", "machine-learning"),
        ("photosh", "photoshop"),
        ("파이", "python"),
        ("파이썬", "python"),
        ("쿠버", "kubernetes"),
        ("데이터 분", "data-analysis"),
        ("pyhto", "python"),
        ("kubern", "kubernetes"),
        ("kuberm", "kubernetes"),
        ("쿠버내", "kubernetes"),
        ("수체", "watercolor"),
    ] {
        let found = snapshot.suggest(typed, &[Kind::Course], 8).unwrap();
        let of_topic = found
            .iter()
            .filter(|s| CATALOGUE.facts(Catalogue::index(&s.id).unwrap()).topic == wanted)
            .count();
        assert!(of_topic > 0, "{typed}: {:?}", found.iter().map(|s| &s.title).collect::<Vec<_>>());
        if typed == "pytho" {
            assert!(found.iter().all(|s| !s.highlights.is_empty()));
        }
    }
    assert_eq!(snapshot.suggest("software dev", &[Kind::Category], 5).unwrap()[0].id, "development");
    assert!(snapshot.suggest("", &Kind::ALL, 5).unwrap().is_empty());
}

#[test]
fn related_courses_share_the_topic() {
    let snapshot = &*INDEX;
    let (mut same, mut all) = (0, 0);
    for index in (0..CATALOGUE.size).step_by(151) {
        let course = CATALOGUE.course(index);
        let related = snapshot.related(&course, 8).unwrap();
        assert_eq!(related.len(), 8);
        assert!(related.iter().all(|hit| hit.document.id != course.id));
        let topic = CATALOGUE.facts(index).topic;
        same += related
            .iter()
            .filter(|hit| CATALOGUE.facts(Catalogue::index(&hit.document.id).unwrap()).topic == topic)
            .count();
        all += related.len();
    }
    assert!(same * 10 >= all * 8, "{same} of {all}");
}

/// A title outranks a mention, popularity breaks the tie, and a small lead in popularity does not beat a better match.
#[test]
fn ranking_weighs_where_a_word_stands_and_who_asks_for_it() {
    let course = |id: &str, title: &str, description: &str, popularity| Document {
        id: id.into(),
        title: title.into(),
        description: description.into(),
        popularity,
        version: 1,
        ..Document::default()
    };
    let snapshot = crate::common::index([
        course("mention", "Cooking at home", "while listening to violin music", 5_000),
        course("title", "Violin for adults", "", 10),
        course("popular", "Violin for adults", "", 90_000),
    ]);
    let answer = snapshot.search(&Request { text: "violins".into(), ..Request::default() }).unwrap();
    let ids: Vec<_> = answer.hits.iter().map(|hit| hit.document.id.as_str()).collect();
    assert_eq!(ids, ["popular", "title", "mention"]);
    assert_eq!(
        search::html(&answer.hits[0].document.title, &answer.hits[0].highlights.title),
        "<mark>Violin</mark> for adults"
    );
}
