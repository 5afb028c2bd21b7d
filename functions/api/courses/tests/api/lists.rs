//! The lists of courses.

use jiff::SignedDuration;
use serde_json::json;

use crate::setup::{column, course, published, world};

#[tokio::test]
async fn visitors_page_through_the_newest_first() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        // Not a whole number of seconds: the order must hold within one, too.
        world.advance(SignedDuration::from_millis(500));
        let path = published(&app, &teacher).await;
        made.push(path.rsplit('/').next().unwrap().to_owned());
    }
    course(&app, &teacher).await;
    made.reverse();

    let first = app.get("/api/v1/courses?page_size=2", None).await.expect(200);
    assert_eq!(first.calls, 2, "the index and one batch");
    assert_eq!(column(&first.body["results"], "id"), made[..2]);
    assert_eq!((&first.body["count"], &first.body["total_pages"]), (&json!(5), &json!(3)));
    assert_eq!(first.body["results"][0]["instructor"]["last_name"], "Lovelace");
    assert!(first.body["results"][0].get("description").is_none(), "lists go without descriptions");

    let mut seen = column(&first.body["results"], "id");
    let mut next = first.body["next"].as_str().map(ToOwned::to_owned);
    while let Some(url) = next {
        let path = url.strip_prefix("https://learn.example").unwrap().to_owned();
        let page = app.get(&path, None).await.expect(200);
        seen.extend(column(&page.body["results"], "id"));
        next = page.body["next"].as_str().map(ToOwned::to_owned);
    }
    assert_eq!(seen, made, "each once, and no empty page at the end");
    let jump = app.get("/api/v1/courses?page=2&page_size=2", None).await.expect(200);
    assert_eq!(column(&jump.body["results"], "id"), made[2..4]);
    let last = app.get("/api/v1/courses?page=1&page_size=5", None).await.expect(200);
    assert_eq!(last.body["next"], json!(null));

    for (query, field) in
        [("page=0", "page"), ("page_size=101", "page_size"), ("page=x", "page"), ("page=9999", "page")]
    {
        let refused =
            app.get(&format!("/api/v1/courses?{query}"), None).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{query}: {:#}", refused.body);
    }
    app.get("/api/v1/courses?cursor=forged", None).await.expect_error(400, "INVALID_CURSOR");
}

#[tokio::test]
async fn a_caller_sees_the_list_within_its_budget() {
    let (world, app) = world().await;
    let (teacher, student) = (world.instructor().await, world.student().await);
    published(&app, &teacher).await;
    let listed = app.get("/api/v1/courses", &student).await.expect(200);
    assert_eq!(listed.calls, 3, "the session, the index, one batch");
    assert_eq!(listed.body["results"][0]["enrolled"], false);
    let course = format!("/api/v1/courses/{}", listed.body["results"][0]["id"].as_str().unwrap());
    crate::setup::enroll(&world, &student, &course).await;
    let listed = app.get("/api/v1/courses", &student).await.expect(200);
    assert_eq!(
        (&listed.body["results"][0]["enrolled"], &listed.body["results"][0]["student_count"]),
        (&json!(true), &json!(1))
    );
}

#[tokio::test]
async fn an_instructor_finds_his_drafts_at_once_and_only_his() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let mut made = Vec::new();
    for _ in 0..3 {
        world.advance(SignedDuration::from_millis(1));
        made.insert(0, course(&app, &teacher).await.rsplit('/').next().unwrap().to_owned());
        let listed = app.get("/api/v1/instructor/courses", &teacher).await.expect(200);
        assert_eq!(column(&listed.body["results"], "id"), made);
    }
    let own = app.get("/api/v1/instructor/courses?page_size=2", &teacher).await.expect(200);
    assert_eq!(own.calls, 2, "the list and the courses; the session is remembered");
    assert_eq!(column(&own.body["results"], "id"), made[..2]);
    let next = own.text("next").strip_prefix("https://learn.example").unwrap().to_owned();
    let rest = app.get(&next, &teacher).await.expect(200);
    assert_eq!((column(&rest.body["results"], "id"), &rest.body["next"]), (made[2..].to_vec(), &json!(null)));

    assert_eq!(app.get("/api/v1/instructor/courses", &other).await.expect(200).body["results"], json!([]));
    app.get(&next, &other).await.expect_error(400, "INVALID_CURSOR");
    let student = world.student().await;
    app.get("/api/v1/instructor/courses", &student).await.expect_error(403, "INSTRUCTORS_ONLY");
}
