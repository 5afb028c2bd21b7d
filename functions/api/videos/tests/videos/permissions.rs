//! What single students may do with a video.

use domain::{enrollment::EnrollmentStatus, video::VideoStatus};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::stage::{PERMISSIONS, Stage};

#[tokio::test]
async fn a_teacher_makes_changes_and_takes_away_a_permission() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let (_, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let body = json!({"video": video.id, "enrollment": enrollment, "max_speed_override": 2.0, "allow_skip_override": true});
    let made = stage.app.post(PERMISSIONS, &stage.teacher, body).await.expect(201);
    assert_eq!(made.calls, 4, "the session, the video, the enrolment, one transaction");
    assert_eq!((&made.body["rule"], &made.body["student_name"]), (&json!("once"), &json!("Ada Lovelace")));
    assert_eq!(made.text("id"), format!("{}_{enrollment}", video.id));

    let path = format!("{PERMISSIONS}/{}/", made.text("id"));
    let changes = json!({"rule": "blocked", "max_speed_override": null});
    let changed = stage.app.patch(&path, &stage.teacher, changes).await.expect(200);
    assert_eq!(
        (&changed.body["rule"], &changed.body["max_speed_override"]),
        (&json!("blocked"), &Value::Null)
    );
    assert_eq!(changed.body["allow_skip_override"], true, "what is not sent stays");
    assert_eq!(stage.app.get(&path, &stage.teacher).await.expect(200).body, changed.body);

    for query in [format!("?video={}", video.id), format!("?video={}&enrollment={enrollment}", video.id)] {
        let list = stage.app.get(&format!("{PERMISSIONS}{query}"), &stage.teacher).await.expect(200);
        assert_eq!(list.body, json!({"next": null, "results": [changed.body]}));
    }
    for _ in 0..2 {
        stage.app.delete(&path, &stage.teacher).await.expect(204);
    }
    stage.app.get(&path, &stage.teacher).await.expect_error(404, "PERMISSION_NOT_FOUND");
    stage
        .app
        .patch(&path, &stage.teacher, json!({"rule": "free"}))
        .await
        .expect_error(404, "PERMISSION_NOT_FOUND");
}

#[tokio::test]
async fn there_is_one_permission_for_a_video_and_student() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let (_, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let body = json!({"video": video.id, "enrollment": enrollment});
    let replies = join_all((0..10).map(|_| stage.app.post(PERMISSIONS, &stage.teacher, body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| reply.status == 201 || reply.code() == "PERMISSION_EXISTS"));
}

#[tokio::test]
async fn permissions_are_the_owners_business_and_for_his_class() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let (student, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let other = stage.world.instructor().await;
    let body = json!({"video": video.id, "enrollment": enrollment});
    let path = format!("{PERMISSIONS}/{}_{enrollment}", video.id);
    stage.app.post(PERMISSIONS, &stage.teacher, body.clone()).await.expect(201);
    for caller in [&student, &other] {
        stage.app.post(PERMISSIONS, caller, body.clone()).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.get(&path, caller).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.patch(&path, caller, json!({"rule": "free"})).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.delete(&path, caller).await.expect_error(404, "VIDEO_NOT_FOUND");
        let list = format!("{PERMISSIONS}?video={}", video.id);
        stage.app.get(&list, caller).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
    stage.app.get(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    assert_eq!(stage.app.get(&path, &stage.teacher).await.expect(200).body["rule"], "once");

    // An enrolment of another course is none of this class, not even for a teacher of both.
    let elsewhere = Stage { course: stage.world.ambient().id(), ..stage };
    let (_, foreign) = elsewhere.student(EnrollmentStatus::Active).await;
    let body = json!({"video": video.id, "enrollment": foreign});
    elsewhere.app.post(PERMISSIONS, &elsewhere.teacher, body).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
}

#[tokio::test]
async fn a_class_is_listed_page_by_page() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    for _ in 0..5 {
        let (_, enrollment) = stage.student(EnrollmentStatus::Active).await;
        let body = json!({"video": video.id, "enrollment": enrollment, "rule": "free"});
        stage.app.post(PERMISSIONS, &stage.teacher, body).await.expect(201);
    }
    let (mut seen, mut next) = (0, Some(format!("{PERMISSIONS}?video={}&page_size=2", video.id)));
    while let Some(path) = next {
        let page = stage.app.get(&path, &stage.teacher).await.expect(200);
        assert!(page.calls <= 3, "the video, one query, the students' names in one batch");
        let results = page.body["results"].as_array().unwrap();
        assert!(results.iter().all(|one| one["student_name"] == "Ada Lovelace"));
        seen += results.len();
        next = page.body["next"]
            .as_str()
            .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
    }
    assert_eq!(seen, 5);
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let (_, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"video": video.id, "enrollment": enrollment});
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("rule", json!("twice")), "rule"),
        (with("max_speed_override", json!(16.1)), "max_speed_override"),
        (with("max_speed_override", json!(0.2)), "max_speed_override"),
        (with("block_seek", json!("yes")), "block_seek"),
        (with("enrollment", json!(7)), "enrollment"),
        (with("is_override", json!(false)), "is_override"),
        (json!({"video": video.id}), "enrollment"),
    ] {
        let reply =
            stage.app.post(PERMISSIONS, &stage.teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    let made = stage.app.post(PERMISSIONS, &stage.teacher, with("rule", json!("free"))).await.expect(201);
    let path = format!("{PERMISSIONS}/{}", made.text("id"));
    for (body, field) in
        [(json!({"max_speed_override": 17}), "max_speed_override"), (json!({"video": video.id}), "video")]
    {
        let reply = stage.app.patch(&path, &stage.teacher, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    stage.app.get(PERMISSIONS, &stage.teacher).await.expect_error(422, "VALIDATION_FAILED");
    stage.app.get(&format!("{PERMISSIONS}/nonsense"), &stage.teacher).await.expect_error(404, "NOT_FOUND");
}
