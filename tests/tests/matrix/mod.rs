//! Who may do what: every operation of the API, tried by everybody.

mod rows;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::Value;

use crate::stack::{Answer, Stack};
use rows::{ROWS, Row};
use world::World;

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    /// Nobody known.
    Visitor,
    /// Enrolled nowhere.
    Student,
    /// Enrolled in the owner's course.
    Enrolled,
    /// The instructor whose things they are.
    Owner,
    /// Another instructor.
    Other,
    /// An admin.
    Admin,
}

impl Actor {
    const ALL: [Self; 6] =
        [Self::Visitor, Self::Student, Self::Enrolled, Self::Owner, Self::Other, Self::Admin];
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// He may; whether it then makes sense is another matter (409, 422).
    Ok,
    /// 401: log in.
    LogIn,
    /// 403: he may not.
    Forbidden,
    /// 404: he does not learn that it exists.
    Hidden,
    /// 5xx.
    Broken,
}

impl Outcome {
    fn of(answer: &Answer) -> Self {
        match answer.status {
            StatusCode::UNAUTHORIZED => Self::LogIn,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::Hidden,
            status if status.is_server_error() => Self::Broken,
            _ => Self::Ok,
        }
    }
}

/// `METHOD path` of each operation of the OpenAPI document; the parameters have no names.
fn operations() -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(api_ops::OPENAPI).unwrap();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{} {}", method.to_uppercase(), nameless(path.trim_start_matches("/api/v1")));
            found.insert(operation["operationId"].as_str().unwrap().to_owned(), place);
        }
    }
    found
}

/// A path without its query and without the names of its parameters.
fn nameless(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn every_operation_has_its_row_and_every_row_its_operation() {
    let operations = operations();
    for row in ROWS {
        let place = format!("{} {}", row.method, nameless(row.path));
        assert_eq!(operations.get(row.operation), Some(&place), "the row of {}", row.operation);
    }
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.operation).collect();
    let missing: Vec<_> = operations.keys().filter(|id| !rows.contains(id.as_str())).collect();
    assert!(missing.is_empty(), "operations without a row in tests/tests/matrix/rows.rs: {missing:?}");
}

#[tokio::test]
async fn everybody_may_do_what_the_matrix_says_and_no_more() {
    let stack = Stack::open();
    let mut world = World::new(&stack).await;
    let mut wrong = Vec::new();
    for row in ROWS {
        // Who is refused tries first: what he might have destroyed is still there for the others.
        let mut actors = Actor::ALL.to_vec();
        actors.sort_by_key(|actor| row.expected(*actor) == Outcome::Ok);
        for actor in actors {
            let answer = attempt(&mut world, row, actor).await;
            let (expected, found) = (row.expected(actor), Outcome::of(&answer));
            if found != expected {
                let Row { operation, path, .. } = row;
                wrong.push(format!(
                    "{operation} ({path}) by {actor:?}: {found:?} instead of {expected:?}, {answer:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn attempt(world: &mut World<'_>, row: &Row, actor: Actor) -> Answer {
    world.prepare(row.needs, actor, row.expected(actor) == Outcome::Ok).await;
    let path = world.fill(row.path);
    let body = (!row.body.is_empty()).then(|| world.body(&serde_json::from_str(row.body).unwrap(), actor));
    world.person(actor).call(row.method.parse().unwrap(), &path, body).await
}
