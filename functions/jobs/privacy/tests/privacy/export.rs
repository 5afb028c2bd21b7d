//! An archive holds all that the platform holds of a person, and no secret.

use std::{collections::BTreeMap, io::Read as _};

use contracts::{notify::Notify, privacy::Privacy};
use domain::identity::SecurityEventKind;
use kernel::{Id, id::kinds};
use serde_json::Value;
use store::entities::{
    Export, SecurityEvent,
    export::{ExportStatus, Requested},
};

use crate::{
    person::{self, Person},
    stage::{EXPORTS, Stage},
};

async fn ask(stage: &Stage, person: &Person) -> Id<kinds::Export> {
    let ambient = stage.world.ambient();
    let export = Export::new(ambient.id(), person.id(), ambient.now());
    let event = SecurityEvent::now(ambient, person.id(), SecurityEventKind::Exported, "", "");
    let requested = stage.world.store().exports().request(&export, &event).await.unwrap();
    assert!(matches!(requested, Requested::Begun), "{requested:?}");
    export.id
}

fn message(person: &Person, export_id: Id<kinds::Export>) -> Privacy {
    Privacy::Export { user_id: person.id(), export_id }
}

/// The files of the archive that is ready.
async fn archive(stage: &Stage, person: &Person) -> BTreeMap<String, String> {
    let export = stage.world.store().exports().of_user(person.id()).await.unwrap().unwrap();
    assert_eq!(export.status, ExportStatus::Ready);
    let object = stage.s3.get_object().bucket(EXPORTS).key(export.object_key()).send().await.unwrap();
    let bytes = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), export.size_bytes);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

#[tokio::test]
async fn an_archive_holds_everything_but_secrets() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    let stranger = person::settle(&stage, &taken, 2).await;
    let export = ask(&stage, &person).await;
    stage.done(&message(&person, export)).await;
    let files = archive(&stage, &person).await;
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".json")) {
        let list: Vec<BTreeMap<String, Value>> = serde_json::from_str(text).unwrap();
        assert!(!list.is_empty(), "{name}");
        assert!(list.iter().all(|one| !one.contains_key("pk") && !one.contains_key("gsi1pk")), "{name}");
        assert!(files["README.txt"].contains(&format!("{name} ({})", list.len())), "{name} is not explained");
    }
    let everything: String = files.values().flat_map(|text| [text.as_str(), "\n"]).collect();
    for value in &person.shown {
        assert!(everything.contains(value), "{value} is missing");
    }
    assert!(everything.contains("1907-03-09") && files["mail.json"].contains("bounce"));
    for secret in &person.hidden {
        assert!(!everything.contains(secret), "{secret} is in it");
    }
    for value in stranger.traces() {
        assert!(!everything.contains(value), "{value} belongs to another");
    }
    let told = stage.sent::<Notify>().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, Notify::ExportReady { user_id: person.id(), export_id: export });
}

#[tokio::test]
async fn an_export_that_dies_anywhere_is_written_and_told_all_the_same() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    let mut requests = 0;
    loop {
        let export = ask(&stage, &person).await;
        let died = stage.deliver(&message(&person, export), requests).await.is_none();
        stage.done(&message(&person, export)).await;
        assert!(archive(&stage, &person).await.contains_key("profile.json"), "after {requests} requests");
        let told = stage.sent::<Notify>().await;
        assert!(!told.is_empty(), "after {requests} requests nobody was told");
        let same = told.iter().all(|(envelope, _)| envelope.event_id.uuid() == export.uuid());
        assert!(same, "the mail goes once for each identifier");
        if !died {
            break;
        }
        requests += 1;
        stage.world.advance(domain::identity::deletion::EXPORT_INTERVAL);
    }
    assert!(requests > 20, "{requests} requests");
}

#[tokio::test]
async fn a_late_message_changes_nothing() {
    let stage = Stage::new().await;
    let taken = person::course_of_another(&stage).await;
    let person = person::settle(&stage, &taken, 1).await;
    let first = ask(&stage, &person).await;
    stage.world.advance(domain::identity::deletion::EXPORT_INTERVAL);
    let second = ask(&stage, &person).await;
    let before = stage.dump().await;
    stage.done(&message(&person, first)).await;
    assert!(stage.dump().await == before, "another export took its place");
    person::leave(&stage, &person).await;
    let before = stage.dump().await;
    stage.done(&message(&person, second)).await;
    assert!(stage.dump().await == before, "the account was deleted meanwhile");
}
