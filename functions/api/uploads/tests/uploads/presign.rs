//! How an upload begins.

use std::collections::BTreeMap;

use crate::stage::{PRESIGN, Stage, channel};
use domain::{
    channel::Quota,
    course::{CourseStatus, LessonKind},
    sweep::SweepKind,
    upload::SINGLE_PUT_MAX_BYTES,
    video::{VideoStatus, Visibility},
};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::{Version, Video};

/// The parameters of a presigned URL.
fn parameters(url: &str) -> BTreeMap<&str, &str> {
    let (_, query) = url.split_once('?').unwrap();
    query.split('&').filter_map(|pair| pair.split_once('=')).collect()
}

#[tokio::test]
async fn a_small_file_goes_in_one_put_of_exactly_its_size_and_type() {
    let stage = Stage::new().await;
    let reply = stage.presign(stage.for_section()).await.expect(201);
    assert_eq!(reply.calls, 5, "the session, the channel by its owner (two), the section, one transaction");
    assert_eq!(reply.body["mode"], "single");
    assert_eq!(reply.body["headers"], json!({"content-type": "video/mp4"}));
    assert_eq!((&reply.body["parts"], &reply.body["part_size"]), (&json!([]), &json!(0)));
    assert_eq!(reply.body["expires_at"], "2026-06-01T13:00:00Z");

    let (video_id, key) = (reply.text("video_id"), reply.text("file_key"));
    assert_eq!(key, format!("uploads/{video_id}/1/{}", reply.text("upload_id")));
    let url = reply.text("upload_url");
    assert!(url.contains(&format!("uploads-bucket/{key}?")), "{url}");
    let signed = parameters(&url);
    assert_eq!(signed["X-Amz-SignedHeaders"], "content-length%3Bcontent-type%3Bhost");
    assert_eq!(signed["X-Amz-Expires"], "3600");

    let video = stage.video(&video_id).await.unwrap();
    assert_eq!((video.status, video.title.as_str()), (VideoStatus::Pending, "Lesson 1"));
    assert_eq!((video.section_id, video.course_id), (Some(stage.section), Some(stage.course)));
    // Seed 002's defaults.
    assert_eq!((video.allow_skip, video.max_speed, video.show_watermark), (false, 1.0, true));
    assert_eq!(video.visibility, Visibility::Private);
    let version: Version = stage.world.store().versions().get(video.id, 1).await.unwrap().unwrap();
    assert_eq!((version.source_object_key, version.source_file_size_bytes), (key, 7_340_032));
    let listed = stage.world.store().videos().of_section(stage.section, 10, None).await.unwrap().items;
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn whoever_dies_now_the_sweeper_finds_the_upload_within_a_quarter_of_an_hour() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let now = stage.world.ambient().now();
    let sweeps = stage.world.store().sweeps();
    assert!(sweeps.due(SweepKind::Upload, now, 10).await.unwrap().is_empty());
    // The sweeper runs every five minutes.
    let due = sweeps.due(SweepKind::Upload, now + SignedDuration::from_mins(10), 10).await.unwrap();
    assert_eq!(due.iter().map(|sweep| sweep.upload_id).collect::<Vec<_>>(), [Some(upload.id)]);
}

#[tokio::test]
async fn the_client_of_seed_002_names_the_session_and_no_type() {
    let stage = Stage::new().await;
    let body = json!({"session": stage.section, "filename": "강의 1.mov", "size": 10});
    let reply = stage.presign(body).await.expect(201);
    assert_eq!(reply.body["headers"]["content-type"], "video/mp4");
    assert_eq!(stage.video(&reply.text("video_id")).await.unwrap().title, "강의 1");
}

#[tokio::test]
async fn a_channels_own_video_is_public_and_plays_freely() {
    let stage = Stage::new().await;
    let mut body = stage.body(json!({"kind": "channel", "id": stage.channel}));
    body["title"] = json!("Welcome");
    body["content_type"] = json!("video/webm;codecs=vp9");
    let reply = stage.presign(body).await.expect(201);
    assert_eq!(reply.calls, 4);
    assert_eq!(reply.body["headers"]["content-type"], "video/webm");
    let video = stage.video(&reply.text("video_id")).await.unwrap();
    assert_eq!(
        (video.title.as_str(), video.course_id, video.visibility),
        ("Welcome", None, Visibility::Public)
    );
    assert!(video.allow_skip && !video.show_watermark);
}

#[tokio::test]
async fn a_lesson_shows_the_video_from_the_beginning() {
    let stage = Stage::new().await;
    let reply = stage.presign(stage.for_lesson()).await.expect(201);
    let first = reply.text("video_id");
    assert_eq!(stage.lesson().await.video_id.unwrap().to_string(), first);
    assert_eq!(stage.video(&first).await.unwrap().lesson_id, Some(stage.lesson));

    // A file that never came is replaced; the video without a lesson can be used elsewhere.
    let second = stage.presign(stage.for_lesson()).await.expect(201).text("video_id");
    assert_eq!(stage.lesson().await.video_id.unwrap().to_string(), second);
    assert_eq!(stage.video(&first).await.unwrap().lesson_id, None);

    // One that can be watched is not.
    let ready = Video { status: VideoStatus::Ready, ..stage.video(&second).await.unwrap() };
    stage.world.store().put(&ready).await.unwrap();
    stage.presign(stage.for_lesson()).await.expect_error(409, "LESSON_HAS_VIDEO");

    stage.put_lesson(LessonKind::Text, None).await;
    stage.presign(stage.for_lesson()).await.expect_error(409, "LESSON_CHANGED");
    stage.put_lesson(LessonKind::Video, None).await;
    stage.put_course(CourseStatus::Published).await;
    stage.presign(stage.for_lesson()).await.expect_error(409, "COURSE_PUBLISHED");
    assert_eq!(stage.lesson().await.video_id, None);
    assert_eq!(stage.counted().await, 2, "what was refused does not count");
}

#[tokio::test]
async fn a_lesson_gets_one_of_many_uploads_that_race_for_it() {
    let stage = Stage::new().await;
    let replies = join_all((0..8).map(|_| stage.presign(stage.for_lesson()))).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert!(!won.is_empty());
    assert_eq!(stage.counted().await, won.len() as u64);
    let shown = stage.lesson().await.video_id.unwrap().to_string();
    for reply in won {
        let video = stage.video(&reply.text("video_id")).await.unwrap();
        assert_eq!(
            video.lesson_id.is_some(),
            video.id.to_string() == shown,
            "one video knows of the lesson: the one it shows"
        );
    }
}

#[tokio::test]
async fn of_thirty_simultaneous_uploads_ten_fit_into_the_week() {
    let stage = Stage::new().await;
    let replies = join_all((0..30).map(|_| stage.presign(stage.for_section()))).await;
    let (begun, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
    assert_eq!((begun.len(), stage.counted().await), (10, 10));
    for reply in refused {
        let reply = reply.expect_error(429, "QUOTA_VIDEOS_PER_WEEK");
        // Noon of Monday, the 1st of June.
        assert_eq!(reply.body["error"]["details"], json!({"limit": 10, "resets_at": "2026-06-08T00:00:00Z"}));
        assert_eq!(reply.headers["retry-after"], (7 * 86_400 - 43_200).to_string());
    }
    let listed = stage.world.store().videos().of_section(stage.section, 100, None).await.unwrap().items;
    assert_eq!(listed.len(), 10, "what was refused left nothing behind");

    stage.world.advance(SignedDuration::from_hours(6 * 24 + 12));
    let again = stage.world.login(stage.teacher.id).await;
    stage.app.post(PRESIGN, &again, stage.for_section()).await.expect(201);
}

#[tokio::test]
async fn a_large_channel_uploads_as_much_as_it_likes() {
    let stage = Stage::with_quota(Quota::PREMIUM).await;
    for reply in join_all((0..12).map(|_| stage.presign(stage.for_section()))).await {
        reply.expect(201);
    }
}

#[tokio::test]
async fn the_quota_limits_the_size_of_a_file() {
    let small = Quota { max_file_size_gb: 0, ..Quota::STANDARD };
    let stage = Stage::with_quota(small).await;
    let reply = stage.presign(stage.for_section()).await.expect_error(422, "QUOTA_FILE_SIZE");
    assert_eq!(reply.body["error"]["details"], json!({"limit_bytes": 0}));
    assert_eq!(stage.counted().await, 0);
}

#[tokio::test]
async fn the_same_key_gives_the_same_upload_and_counts_once() {
    let stage = Stage::new().await;
    let send = |body: Value, key: &'static str| {
        let request = http::Request::post(PRESIGN)
            .header("authorization", format!("Bearer {}", stage.teacher.token))
            .header("idempotency-key", key)
            .body(body.to_string().into())
            .unwrap();
        let app = stage.app.clone();
        async move { app.send(request).await }
    };
    let first = send(stage.for_section(), "a").await.expect(201);
    let second = send(stage.for_section(), "a").await.expect(201);
    assert_eq!(first.body, second.body);
    assert_eq!(stage.counted().await, 1);

    let mut other = stage.for_section();
    other["size"] = json!(1);
    send(other, "a").await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");

    let racers = join_all((0..10).map(|_| send(stage.for_section(), "b"))).await;
    assert!(racers.iter().any(|reply| reply.status == 201));
    assert!(racers.iter().all(|reply| reply.status == 201 || reply.code() == "IDEMPOTENCY_IN_PROGRESS"));
    assert_eq!(stage.counted().await, 2);
}

#[tokio::test]
async fn an_attempt_that_died_is_finished_by_the_next_one() {
    let stage = Stage::new().await;
    let begun = stage.begun().await;
    // The function died after the transaction: the key is claimed, the answer was never kept, the lease is over.
    let now = stage.world.ambient().now();
    let claim = store::entities::IdempotencyRecord {
        user_id: stage.teacher.id,
        operation: "presign_upload".into(),
        idempotency_key: "a".into(),
        request_hash: String::new(),
        attempt_id: kernel::Id::from_uuid(begun.id.uuid()),
        lease_until: now,
        status: None,
        response: None,
        created_at: now,
    };
    let request = |key: &str| {
        http::Request::post(PRESIGN)
            .header("authorization", format!("Bearer {}", stage.teacher.token))
            .header("idempotency-key", key)
            .body(stage.for_section().to_string().into())
            .unwrap()
    };
    // The hash that this request has, from a request that lives.
    stage.app.send(request("other")).await.expect(201);
    let other: store::entities::IdempotencyRecord = {
        let key =
            store::Key::new(format!("IDEMPOTENCY#{}#presign_upload#other", stage.teacher.id), "IDEMPOTENCY");
        stage.world.store().get(key, store::Consistency::Strong).await.unwrap().unwrap()
    };
    let claim = store::entities::IdempotencyRecord { request_hash: other.request_hash, ..claim };
    stage.world.store().put(&claim).await.unwrap();

    let reply = stage.app.send(request("a")).await.expect(201);
    assert_eq!(reply.text("upload_id"), begun.id.to_string());
    assert_eq!(stage.counted().await, 2);
}

#[tokio::test]
async fn what_is_not_the_callers_does_not_exist() {
    let stage = Stage::new().await;
    let stranger = stage.world.instructor().await;
    channel(&stage.world, &stranger, Quota::STANDARD).await;
    let channel_target = stage.body(json!({"kind": "channel", "id": stage.channel}));
    for body in [stage.for_section(), stage.for_lesson(), channel_target] {
        stage.app.post(PRESIGN, &stranger, body).await.expect_error(404, "TARGET_NOT_FOUND");
    }
    let nowhere = stage.body(json!({"kind": "section", "id": stage.lesson}));
    stage.presign(nowhere).await.expect_error(404, "TARGET_NOT_FOUND");
    assert_eq!(stage.lesson().await.video_id, None);
}

#[tokio::test]
async fn only_instructors_with_a_channel_upload() {
    let stage = Stage::new().await;
    let student = stage.world.student().await;
    stage.app.post(PRESIGN, &student, stage.for_section()).await.expect_error(403, "INSTRUCTORS_ONLY");
    stage.app.post(PRESIGN, None, stage.for_section()).await.expect_error(401, "NOT_AUTHENTICATED");
    let fresh = stage.world.instructor().await;
    let target = stage.body(json!({"kind": "channel", "id": stage.channel}));
    stage.app.post(PRESIGN, &fresh, target).await.expect_error(409, "CHANNEL_REQUIRED");
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let stage = Stage::new().await;
    let with = |name: &str, value: Value| {
        let mut body = stage.for_section();
        body[name] = value;
        body
    };
    let section = json!({"kind": "section", "id": stage.section});
    for (body, field) in [
        (with("size", json!(0)), "size"),
        (with("size", json!(50_u64 * 1024 * 1024 * 1024 + 1)), "size"),
        (with("size", json!("7")), "size"),
        (with("size", json!(-1)), "size"),
        (with("filename", json!("")), "filename"),
        (with("filename", json!("x".repeat(256))), "filename"),
        (with("content_type", json!("text/html")), "content_type"),
        (with("content_type", json!("video/mp4\r\nx-amz-acl: public-read")), "content_type"),
        (with("title", json!("")), "title"),
        (with("title", json!("x".repeat(201))), "title"),
        (with("mode", json!("double")), "mode"),
        (with("target", json!({"kind": "playlist", "id": stage.section})), "target.kind"),
        (with("target", json!({"kind": "section"})), "target.id"),
        (with("target", Value::Null), "target"),
        (with("session", section["id"].clone()), "session"),
        (with("key", json!("uploads/mine")), "key"),
        (json!({"filename": "a.mp4", "target": section}), "size"),
    ] {
        let reply = stage.presign(body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    let mut whole = with("size", json!(SINGLE_PUT_MAX_BYTES));
    stage.presign(whole.clone()).await.expect(201);
    whole["size"] = json!(SINGLE_PUT_MAX_BYTES + 1);
    whole["mode"] = json!("single");
    let reply = stage.presign(whole).await.expect_error(422, "VALIDATION_FAILED");
    assert!(reply.body["error"]["details"].get("mode").is_some());
}
