//! The lists of courses.

use jiff::SignedDuration;
use serde_json::json;

use crate::setup::{column, course, world};

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
