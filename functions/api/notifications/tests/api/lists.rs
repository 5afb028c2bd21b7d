//! What a reader is shown.

use kernel::SignedDuration;
use serde_json::json;
use store::entities::{User, notification::Told};

use crate::setup::{PATH, Stage, titles};

#[tokio::test]
async fn a_reader_sees_what_he_was_told_the_newest_first_in_two_calls() {
    let stage = Stage::new().await;
    let empty = stage.list("").await.expect(200).body;
    assert_eq!(empty, json!({"unread_count": 0, "next": null, "results": []}));
    for course in ["One", "Two", "Three"] {
        stage.tell(course).await;
    }
    let page = stage.list("").await.expect(200);
    assert_eq!(titles(&page.body), ["Welcome to Three", "Welcome to Two", "Welcome to One"]);
    assert_eq!(page.body["unread_count"], 3);
    assert_eq!(
        page.calls, 2,
        "a query, and a batch of his language and the counts; the session is remembered"
    );
    let newest = &page.body["results"][0];
    assert_eq!((&newest["kind"], &newest["category"]), (&json!("enrolled"), &json!("learning")));
    assert!(newest["text"].as_str().unwrap().starts_with("You are enrolled in Three."), "{newest}");
    assert!(newest["link"].as_str().unwrap().starts_with("/learn/"), "{newest}");
    assert_eq!(newest["read_at"], json!(null));
    assert_eq!(stage.list("?unread=true").await.expect(200).calls, 2);
}

#[tokio::test]
async fn the_text_is_written_when_it_is_read_in_the_language_of_that_moment() {
    let stage = Stage::new().await;
    stage.tell("Rust").await;
    let mut user: User = stage.world.store().users().get(stage.reader.id).await.unwrap().unwrap();
    user.language = domain::identity::Language::Ko;
    stage.world.store().put(&user).await.unwrap();
    assert_eq!(titles(&stage.list("").await.expect(200).body), ["Rust 수강을 환영합니다"]);
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended_even_if_something_is_told_meanwhile() {
    let stage = Stage::new().await;
    for course in ["1", "2", "3", "4", "5"] {
        stage.tell(course).await;
    }
    let first = stage.list("?page_size=2").await.expect(200).body;
    assert_eq!(titles(&first), ["Welcome to 5", "Welcome to 4"]);
    stage.tell("6").await;
    let next = first["next"].as_str().unwrap().trim_start_matches(testkit::world::BASE_URL).to_owned();
    let second = stage.app.get(&next, &stage.reader).await.expect(200).body;
    assert_eq!(titles(&second), ["Welcome to 3", "Welcome to 2"]);
    assert_eq!(second["unread_count"], 6);
    let next = second["next"].as_str().unwrap().trim_start_matches(testkit::world::BASE_URL).to_owned();
    let last = stage.app.get(&next, &stage.reader).await.expect(200).body;
    assert_eq!((titles(&last), &last["next"]), (vec!["Welcome to 1"], &json!(null)));
    let other = stage.world.student().await;
    stage.app.get(&next, &other).await.expect_error(400, "INVALID_CURSOR");
}

#[tokio::test]
async fn unread_ones_can_be_listed_alone() {
    let stage = Stage::new().await;
    let (one, _two) = (stage.tell("One").await, stage.tell("Two").await);
    stage.read(&[one]).await.expect(200);
    let unread = stage.list("?unread=true&page_size=1").await.expect(200).body;
    assert_eq!((titles(&unread), &unread["next"]), (vec!["Welcome to Two"], &json!(null)));
    assert_eq!(titles(&stage.list("").await.body).len(), 2);
    stage.list("?unread=maybe").await.expect_error(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn nobody_sees_what_another_was_told() {
    let stage = Stage::new().await;
    let id = stage.tell("One").await;
    let other = stage.world.student().await;
    let page = stage.app.get(PATH, &other).await.expect(200).body;
    assert_eq!(page, json!({"unread_count": 0, "next": null, "results": []}));
    let read = stage.app.post(&format!("{PATH}/read"), &other, json!({"ids": [id]})).await.expect(200).body;
    assert_eq!(read, json!({"unread_count": 0, "more": false}));
    assert_eq!(stage.unread_count().await, 1);
    stage.app.get(PATH, None).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn what_has_ended_is_neither_shown_nor_counted_though_it_is_stored_still() {
    let stage = Stage::new().await;
    stage.tell("Spring").await;
    stage.world.advance(SignedDuration::from_hours(24 * 200));
    stage.tell("Winter").await;
    // The 28th of December: the second quarter ended 180 days ago.
    stage.world.advance(SignedDuration::from_hours(24 * 10));
    let reader = stage.world.login(stage.reader.id).await;
    let stage = Stage { reader, ..stage };
    assert_eq!(stage.stored_unread().await, 2, "DynamoDB takes its time");
    for query in ["", "?unread=true"] {
        let page = stage.list(query).await.expect(200).body;
        assert_eq!((titles(&page), &page["unread_count"]), (vec!["Welcome to Winter"], &json!(1)));
    }
}

#[tokio::test]
async fn who_is_gone_or_banned_is_told_nothing() {
    let stage = Stage::new().await;
    for status in [domain::identity::UserStatus::Deleted, domain::identity::UserStatus::Banned] {
        let mut user: User = stage.world.store().users().get(stage.reader.id).await.unwrap().unwrap();
        user.status = status;
        stage.world.store().put(&user).await.unwrap();
        let notification = stage.notification(stage.world.ambient().id(), "One");
        let told = stage.world.store().notifications().tell(&notification).await.unwrap();
        assert_eq!(told, Told::Nobody, "{status:?}");
    }
    assert_eq!(stage.stored_unread().await, 0);
}
