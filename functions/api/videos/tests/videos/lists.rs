//! Who sees which videos.

use domain::{
    commerce::{Source, SourceKey, Sources},
    enrollment::EnrollmentStatus,
    video::VideoStatus,
};
use serde_json::{Value, json};
use testkit::shop;

use crate::stage::{Stage, VIDEOS, at};

/// The ids of a page.
fn ids(body: &Value) -> Vec<String> {
    body["results"].as_array().unwrap().iter().map(|video| video["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_owner_sees_all_of_a_video_and_a_student_what_is_for_him() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let own = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    assert_eq!(own.calls, 2, "the session and the video");
    assert_eq!(own.body["file_key"], video.file_key);
    assert_eq!((&own.body["error_reason"], &own.body["file_size"]), (&json!(""), &json!(1_000)));
    let poster = format!("https://learn.example/posters/{}/1/poster_0.jpg", video.id);
    assert_eq!((&own.body["thumbnail_url"], &own.body["duration"]), (&json!(poster), &json!(60)));

    let (student, _) = stage.student(EnrollmentStatus::Active).await;
    let seen = stage.app.get(&at(video.id), &student).await.expect(200);
    assert_eq!(seen.calls, 4, "the session, the video, the enrolment by its course (two)");
    for field in ["file_key", "file_size", "error_reason", "latest_version", "publish_when_ready"] {
        assert_eq!(seen.body[field], Value::Null, "{field} is the owner's business");
    }
    assert_eq!((&seen.body["title"], &seen.body["source_type"]), (&json!("Ownership"), &json!("s3")));
}

#[tokio::test]
async fn who_may_not_see_a_video_does_not_learn_that_it_exists() {
    let stage = Stage::new().await;
    let (ready, pending) = (stage.video(VideoStatus::Ready).await, stage.video(VideoStatus::Pending).await);
    let (stranger, other) = (stage.world.student().await, stage.world.instructor().await);
    let (suspended, _) = stage.student(EnrollmentStatus::Suspended).await;
    for caller in [&stranger, &other, &suspended] {
        stage.app.get(&at(ready.id), caller).await.expect_error(404, "VIDEO_NOT_FOUND");
        let section = format!("{VIDEOS}?section={}", stage.section);
        stage.app.get(&section, caller).await.expect_error(404, "SECTION_NOT_FOUND");
    }
    let (student, _) = stage.student(EnrollmentStatus::Active).await;
    stage.app.get(&at(pending.id), &student).await.expect_error(404, "VIDEO_NOT_FOUND");
    stage.app.get(&at(ready.id), None).await.expect_error(401, "NOT_AUTHENTICATED");
    stage.app.get(VIDEOS, None).await.expect_error(401, "NOT_AUTHENTICATED");

    // What only the owner may do, nobody else does, a student of the course included.
    for caller in [&stranger, &other, &student] {
        for action in ["publish", "archive", "retry"] {
            let path = format!("{}/{action}", at(ready.id));
            stage.app.post(&path, caller, Value::Null).await.expect_error(404, "VIDEO_NOT_FOUND");
        }
        let policy = format!("{}/set-policy", at(ready.id));
        stage
            .app
            .post(&policy, caller, json!({"allow_skip": true}))
            .await
            .expect_error(404, "VIDEO_NOT_FOUND");
        stage
            .app
            .patch(&at(ready.id), caller, json!({"title": "Mine"}))
            .await
            .expect_error(404, "VIDEO_NOT_FOUND");
        let processing = format!("{}/processing", at(ready.id));
        stage.app.get(&processing, caller).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.delete(&at(ready.id), caller).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
    let untouched = stage.stored(&ready).await.unwrap();
    assert_eq!(
        (untouched.title.as_str(), untouched.status, untouched.deleted_at),
        ("Ownership", VideoStatus::Ready, None)
    );
}

#[tokio::test]
async fn a_section_lists_its_videos_in_their_order() {
    let stage = Stage::new().await;
    let mut videos = Vec::new();
    for status in [VideoStatus::Ready, VideoStatus::Published, VideoStatus::Failed] {
        videos.push(stage.video(status).await);
    }
    let section = format!("{VIDEOS}/?session={}", stage.section);
    let text =
        |indexes: &[usize]| indexes.iter().map(|index| videos[*index].id.to_string()).collect::<Vec<_>>();
    let all = stage.app.get(&section, &stage.teacher).await.expect(200);
    assert_eq!(ids(&all.body), text(&[0, 1, 2]), "by age, as long as their orders are the same");
    assert_eq!(all.calls, 3, "the session, the section, one query");

    stage.app.patch(&at(videos[0].id), &stage.teacher, json!({"order": 10})).await.expect(200);
    stage.app.patch(&at(videos[2].id), &stage.teacher, json!({"order": 9})).await.expect(200);
    let all = stage.app.get(&section, &stage.teacher).await.expect(200);
    assert_eq!(ids(&all.body), text(&[1, 2, 0]), "9 comes before 10");

    let (student, _) = stage.student(EnrollmentStatus::Completed).await;
    let seen = stage.app.get(&section, &student).await.expect(200);
    assert_eq!(ids(&seen.body), text(&[1, 0]), "what failed is not for students");
    assert_eq!(seen.body["results"][0]["file_key"], Value::Null);
    let failed = stage.app.get(&format!("{section}&status=FAILED"), &stage.teacher).await.expect(200);
    assert_eq!(ids(&failed.body), text(&[2]));
    let failed = stage.app.get(&format!("{section}&status=FAILED"), &student).await.expect(200);
    assert!(ids(&failed.body).is_empty());
}

#[tokio::test]
async fn a_section_is_a_subscribers_while_his_plan_goes_on() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Published).await;
    let section = format!("{VIDEOS}/?session={}", stage.section);
    let (student, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let source = Source { granted_at: stage.world.ambient().now(), item_id: None };
    let store = stage.world.store();
    let mut place = store.enrollments().get(student.id, enrollment).await.unwrap().unwrap();
    place.sources = Some(Sources::of(SourceKey::Plan, source));
    store.put(&place).await.unwrap();
    stage.app.get(&section, &student).await.expect_error(404, "SECTION_NOT_FOUND");
    stage.app.get(&at(video.id), &student).await.expect_error(404, "VIDEO_NOT_FOUND");
    let plan = shop::subscribe(&stage.world, &student, true).await;
    assert_eq!(ids(&stage.app.get(&section, &student).await.expect(200).body), [video.id.to_string()]);
    stage.app.get(&at(video.id), &student).await.expect(200);
    shop::lapse(&stage.world, &plan).await;
    stage.app.get(&section, &student).await.expect_error(404, "SECTION_NOT_FOUND");
    stage.app.get(&at(video.id), &student).await.expect_error(404, "VIDEO_NOT_FOUND");
}

#[tokio::test]
async fn an_owner_pages_through_his_videos_from_the_newest_on() {
    let stage = Stage::new().await;
    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, stage.video(VideoStatus::Ready).await.id.to_string());
    }
    let failed = stage.video(VideoStatus::Failed).await.id.to_string();
    let (mut seen, mut next) = (Vec::new(), Some(format!("{VIDEOS}?status=READY&page_size=2")));
    while let Some(path) = next {
        let page = stage.app.get(&path, &stage.teacher).await.expect(200);
        seen.extend(ids(&page.body));
        next = page.body["next"]
            .as_str()
            .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
        assert!(next.as_ref().is_none_or(|next| next.contains("status=READY")), "{next:?}");
    }
    assert_eq!(seen, newest_first);
    let all = stage.app.get(VIDEOS, &stage.teacher).await.expect(200);
    assert_eq!((ids(&all.body).len(), &ids(&all.body)[0]), (6, &failed));

    // A cursor of one list opens no other.
    let first =
        stage.app.get(&format!("{VIDEOS}?status=READY&page_size=2"), &stage.teacher).await.expect(200);
    let next = first.text("next");
    let cursor = next.split_once("cursor=").unwrap().1;
    let other = stage.app.get(&format!("{VIDEOS}?status=FAILED&cursor={cursor}"), &stage.teacher).await;
    other.expect_error(400, "INVALID_CURSOR");
    let student = stage.world.student().await;
    let none = stage.app.get(VIDEOS, &student).await.expect(200);
    assert!(ids(&none.body).is_empty(), "who has no channel has no videos");
}

#[tokio::test]
async fn bad_filters_are_named() {
    let stage = Stage::new().await;
    for (query, field) in [
        ("status=DONE", "status"),
        ("section=1", "section"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
    ] {
        let reply = stage.app.get(&format!("{VIDEOS}?{query}"), &stage.teacher).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
}
