//! Export and deletion of an account, as its owner meets them.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use api_users::{Settings, State};
use contracts::{Queue, privacy::Privacy};
use domain::identity::{
    SecurityEventKind, UserStatus,
    deletion::{EXPORT_INTERVAL, EXPORT_KEPT, GRACE},
};
use futures::future::join_all;
use http::Method;
use jobs::{Publisher, Sent};
use kernel::{SignedDuration, Timestamp};
use serde_json::json;
use store::entities::{SecurityEvent, deletion::Restoration};
use testkit::{
    App, Caller, World,
    aws::{NOWHERE, cloud_at},
};

const EXPORT: &str = "/api/v1/users/export";
const PROFILE: &str = "/api/v1/users/profile";

async fn stage() -> (World, App, Sent) {
    let world = World::new().await;
    let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
    let settings = Settings {
        open_instructor_signup: true,
        uploads_bucket: "uploads".into(),
        media_bucket: "media".into(),
        exports_bucket: "exports".into(),
    };
    let state = State::new(world.platform.clone(), cloud_at(NOWHERE).objects(), publisher, settings);
    let app = world.app(api_users::router(), state);
    (world, app, sent)
}

fn sent_exports(sent: &Sent) -> Vec<Privacy> {
    sent.take(Queue::Privacy).iter().map(|text| contracts::decode(text).unwrap()).collect()
}

async fn events(world: &World, caller: &Caller) -> Vec<SecurityEventKind> {
    let page = world.store().security_events().events_of(caller.id, 100, None).await.unwrap();
    page.items.into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn an_export_is_begun_once_a_day_and_fetched_for_a_week() {
    let (world, app, sent) = stage().await;
    let caller = world.student().await;
    app.get(EXPORT, &caller).await.expect_error(404, "EXPORT_NOT_FOUND");
    let begun = app.post(EXPORT, &caller, json!({})).await.expect(202);
    assert_eq!((begun.text("status").as_str(), &begun.body["download"]), ("pending", &json!(null)));
    let export_id = begun.text("id").parse().unwrap();
    let message = Privacy::Export { user_id: caller.id, export_id };
    assert_eq!(sent_exports(&sent), std::slice::from_ref(&message));
    assert_eq!(events(&world, &caller).await[0], SecurityEventKind::Exported);

    // The message may have been lost: it is sent again, for the same export.
    let again = app.post(EXPORT, &caller, json!({})).await.expect(202);
    assert_eq!(again.text("id"), begun.text("id"));
    assert_eq!(sent_exports(&sent), std::slice::from_ref(&message));
    assert_eq!(app.get(EXPORT, &caller).await.expect(200).text("status"), "pending");

    // The job has written it.
    let exports = world.store().exports();
    let export = exports.of_user(caller.id).await.unwrap().unwrap();
    exports.ready(&export, 4_711, world.ambient().now()).await.unwrap().unwrap();
    let ready = app.get(EXPORT, &caller).await.expect(200);
    assert_eq!((ready.text("status").as_str(), &ready.body["size_bytes"]), ("ready", &json!(4_711)));
    let url = ready.body["download"]["url"].as_str().unwrap();
    assert!(url.contains(&format!("/exports/exports/{}/{export_id}.zip?", caller.id)), "{url}");
    assert!(url.contains("X-Amz-Expires=900&"), "{url}");
    let too_soon = app.post(EXPORT, &caller, json!({})).await.expect_error(429, "EXPORT_TOO_SOON");
    assert_eq!(too_soon.headers["retry-after"], "86400");
    assert!(sent_exports(&sent).is_empty());

    world.advance(EXPORT_KEPT);
    let caller = world.login(caller.id).await;
    let expired = app.get(EXPORT, &caller).await.expect(200);
    assert_eq!((expired.text("status").as_str(), &expired.body["download"]), ("expired", &json!(null)));
    let next = app.post(EXPORT, &caller, json!({})).await.expect(202);
    assert_ne!(next.text("id"), begun.text("id"));
    assert!(EXPORT_KEPT > EXPORT_INTERVAL);
}

#[tokio::test]
async fn racers_begin_one_export() {
    let (world, app, sent) = stage().await;
    let caller = world.student().await;
    let apps: Vec<_> = (0..8).map(|_| app.clone()).collect();
    let replies = join_all(apps.iter().map(|app| app.post(EXPORT, &caller, json!({})))).await;
    let ids: std::collections::BTreeSet<_> = replies.into_iter().map(|r| r.expect(202).text("id")).collect();
    assert_eq!(ids.len(), 1);
    assert!(sent_exports(&sent).iter().all(
        |message| matches!(message, Privacy::Export { export_id, .. } if ids.contains(&export_id.to_string()))
    ));
}

#[tokio::test]
async fn all_of_it_needs_a_recent_login() {
    let (world, app, _) = stage().await;
    let caller = world.student().await;
    world.advance(SignedDuration::from_mins(11));
    for (method, path) in [(Method::GET, EXPORT), (Method::POST, EXPORT), (Method::DELETE, PROFILE)] {
        let stale = app.call(method.clone(), path, Some(&caller), None).await;
        stale.expect_error(403, "REAUTHENTICATION_REQUIRED");
        app.call(method, path, None, None).await.expect_error(401, "NOT_AUTHENTICATED");
    }
}

#[tokio::test]
async fn a_deleted_account_has_no_session_and_can_be_had_back() {
    let (world, app, _) = stage().await;
    let caller = world.student().await;
    let elsewhere = world.login(caller.id).await;
    let stranger = world.student().await;
    let deleted = app.delete(PROFILE, &caller).await.expect(200);
    let at: Timestamp = deleted.text("deleted_at").parse().unwrap();
    assert_eq!(deleted.text("erased_from").parse::<Timestamp>().unwrap(), at + GRACE);
    for gone in [&caller, &elsewhere] {
        app.get(PROFILE, gone).await.expect_error(401, "NOT_AUTHENTICATED");
        app.delete(PROFILE, gone).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    app.get(PROFILE, &stranger).await.expect(200);
    let user = world.store().users().get(caller.id).await.unwrap().unwrap();
    assert_eq!((user.status, user.status_before_deletion), (UserStatus::Deleted, Some(UserStatus::Active)));
    assert_eq!(events(&world, &caller).await[0], SecurityEventKind::Deleted);

    world.advance(GRACE - SignedDuration::from_millis(1_000));
    let event = SecurityEvent::now(world.ambient(), caller.id, SecurityEventKind::Restored, "", "");
    let now = world.ambient().now();
    let restored = world.store().deletions().restore(&user, &event, now).await.unwrap();
    assert!(matches!(restored, Restoration::Done(user) if user.status == UserStatus::Active));
    let back = world.login(caller.id).await;
    app.get(PROFILE, &back).await.expect(200);
    assert!(world.store().deletions().of_user(caller.id).await.unwrap().is_none());
    app.delete(PROFILE, &back).await.expect(200);
}

#[tokio::test]
async fn of_racers_one_deletes_and_none_fails_inside() {
    let (world, app, _) = stage().await;
    let caller = world.student().await;
    let apps: Vec<_> = (0..6).map(|_| app.clone()).collect();
    let replies = join_all(apps.iter().map(|app| app.delete(PROFILE, &caller))).await;
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401, 409].contains(status)), "{statuses:?}");
    let kinds = events(&world, &caller).await;
    assert_eq!(kinds.iter().filter(|kind| **kind == SecurityEventKind::Deleted).count(), 1);
}
