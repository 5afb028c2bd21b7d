//! The calls of seed 002's pages for teachers, and every field of an answer that their code reads (`VideoDetailPage.tsx`, `videos.ts`).

use domain::{enrollment::EnrollmentStatus, video::VideoStatus};
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::{Course, Section};
use testkit::{fixtures, shape::assert_shape};

use crate::stage::Stage;

const LECTURES: &str = "/api/v1/lectures";

/// `Video`, and what `VideoDetailPage` reads of it beside that. `s3` is the server's own word, which the types of its client lack: the page
/// shows no preview then, there as here.
#[track_caller]
fn assert_video(body: &Value) {
    let fields = [
        ("id", "id"),
        ("session", "id"),
        ("title", "string"),
        ("youtube_id", "string | null"),
        ("external_url", "string | null"),
        ("file", "string | null"),
        ("duration", "number | null"),
        ("order", "number"),
        ("created_at", "string"),
        ("updated_at", "string"),
        ("source_type", "'file' | 's3' | 'youtube' | 'external' | 'unknown'"),
        ("file_size", "number | null"),
        ("allow_skip", "boolean"),
        ("max_speed", "number"),
        ("show_watermark", "boolean"),
        ("status", "string"),
    ];
    assert_shape(body, &fields);
}

/// `VideoStats`.
#[track_caller]
fn assert_stats(body: &Value) {
    assert_shape(body, &[("video", "object"), ("stats", "object"), ("students", "array")]);
    assert_video(&body["video"]);
    let fields = [
        ("total_students", "number"),
        ("completed_100", "number"),
        ("completed_90", "number"),
        ("avg_progress", "number"),
    ];
    assert_shape(&body["stats"], &fields);
    for student in body["students"].as_array().unwrap() {
        let fields = [
            ("enrollment", "id"),
            ("student_id", "id"),
            ("student_name", "string"),
            ("parent_phone", "string | null"),
            ("student_phone", "string | null"),
            ("school", "string | null"),
            ("grade", "number | null"),
            ("attendance_status", "string | null"),
            ("progress", "number"),
            ("completed", "boolean"),
            ("rule", "string | null"),
            ("is_override", "boolean"),
            ("effective_rule", "string | null"),
        ];
        assert_shape(student, &fields);
    }
}

/// A stage whose course and section are there, as the page of a section shows them.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let now = stage.world.ambient().now();
    let course = Course {
        id: stage.course,
        section_order: vec![stage.world.ambient().id(), stage.section],
        ..fixtures::course(&stage.world, &stage.teacher)
    };
    stage.world.store().put(&course).await.unwrap();
    let section = Section {
        id: stage.section,
        course_id: stage.course,
        title: "Basics".into(),
        description: String::new(),
        lesson_order: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    stage.world.store().put(&section).await.unwrap();
    stage
}

#[tokio::test]
async fn the_page_of_a_video_reads_it_and_sets_its_policy() {
    let stage = stage().await;
    let video = stage.video(VideoStatus::Ready).await.id;
    for _ in 0..3 {
        stage.student(EnrollmentStatus::Active).await;
    }
    let get =
        async |path: String| stage.app.get(&format!("{LECTURES}{path}"), &stage.teacher).await.expect(200);
    let stats = get(format!("/videos/{video}/stats/")).await;
    assert_stats(&stats.body);
    assert_eq!(stats.body["students"].as_array().unwrap().len(), 3);
    assert!((0.0..=1.0).contains(&stats.body["stats"]["avg_progress"].as_f64().unwrap()), "shown times 100");

    let session = get(format!("/sessions/{}/", stage.section)).await;
    assert_shape(&session.body, &[("title", "string"), ("order", "number")]);
    assert_eq!((&session.body["title"], &session.body["order"]), (&json!("Basics"), &json!(2)));

    let policy = json!({"allow_skip": true, "max_speed": 1.5, "show_watermark": false});
    let path = format!("{LECTURES}/videos/{video}/set-policy/");
    stage.app.post(&path, &stage.teacher, policy).await.expect(200);
    // It asks for the statistics again, and takes the switches from there.
    let again = get(format!("/videos/{video}/stats/")).await.body["video"].clone();
    assert_eq!(
        (&again["allow_skip"], &again["max_speed"], &again["show_watermark"]),
        (&json!(true), &json!(1.5), &json!(false))
    );
}

#[tokio::test]
async fn a_section_gets_videos_of_other_sites_and_loses_them() {
    let stage = stage().await;
    let add = async |url: &str| {
        stage.world.advance(SignedDuration::from_millis(1));
        let body = json!({"session": stage.section, "title": "Elsewhere", "url": url});
        stage.app.post(&format!("{LECTURES}/videos/add-url/"), &stage.teacher, body).await
    };
    let youtube = add("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42").await.expect(201);
    let external = add("https://player.example.org/lesson?id=7").await.expect(201);
    for made in [&youtube, &external] {
        assert_video(&made.body);
        assert_eq!((&made.body["status"], &made.body["file_size"]), (&json!("READY"), &json!(0)));
    }
    // What the page embeds.
    assert_eq!(
        (&youtube.body["source_type"], &youtube.body["youtube_id"]),
        (&json!("youtube"), &json!("dQw4w9WgXcQ"))
    );
    assert_eq!(
        (&external.body["source_type"], &external.body["external_url"]),
        (&json!("external"), &json!("https://player.example.org/lesson?id=7"))
    );

    // fetchSessionVideos(): `res.data.results`.
    let path = format!("{LECTURES}/videos/?session={}", stage.section);
    let list = stage.app.get(&path, &stage.teacher).await.expect(200);
    let results = list.body["results"].as_array().unwrap();
    results.iter().for_each(assert_video);
    assert_eq!(
        results.iter().map(|one| &one["id"]).collect::<Vec<_>>(),
        [&youtube.body["id"], &external.body["id"]]
    );
    // A student finds what he needs to watch it.
    let (student, _) = stage.student(EnrollmentStatus::Active).await;
    let path = format!("{LECTURES}/videos/{}/", youtube.text("id"));
    let seen = stage.app.get(&path, &student).await.expect(200);
    assert_eq!(seen.body["youtube_id"], "dQw4w9WgXcQ");
    // Nobody can complete it here, so nobody's attendance waits for it.
    let stats = stage.app.get(&format!("{path}stats/"), &stage.teacher).await.expect(200);
    assert_eq!(stats.body["students"][0]["attendance_status"], Value::Null);

    stage.app.delete(&path, &stage.teacher).await.expect(204);
    stage.app.get(&path, &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
}

#[tokio::test]
async fn an_address_that_is_not_taken_says_why() {
    let stage = stage().await;
    let path = "/api/v1/media/videos/add-url";
    let body = |url: &str| json!({"session": stage.section, "title": "Elsewhere", "url": url});
    for url in [
        "http://example.org/",
        "javascript:alert(1)",
        "https://youtube.com/",
        "https://10.0.0.1/",
        "https://me:secret@example.org/",
        "",
    ] {
        let reply =
            stage.app.post(path, &stage.teacher, body(url)).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get("url").is_some(), "{url}: {:#}", reply.body);
    }
    let good = body("https://youtu.be/dQw4w9WgXcQ");
    let other = stage.world.instructor().await;
    stage.app.post(path, &other, good.clone()).await.expect_error(404, "SECTION_NOT_FOUND");
    let student = stage.world.student().await;
    stage.app.post(path, &student, good.clone()).await.expect_error(403, "INSTRUCTORS_ONLY");
    let mut extra = good;
    extra["status"] = json!("READY");
    let reply = stage.app.post(path, &stage.teacher, extra).await.expect_error(422, "VALIDATION_FAILED");
    assert!(reply.body["error"]["details"].get("status").is_some());
}

#[tokio::test]
async fn the_same_key_adds_one_video() {
    let stage = stage().await;
    let body = json!({"session": stage.section, "title": "Elsewhere", "url": "https://youtu.be/dQw4w9WgXcQ"});
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let request = http::Request::builder()
            .method(http::Method::POST)
            .uri("/api/v1/media/videos/add-url")
            .header("authorization", format!("Bearer {}", stage.teacher.token))
            .header("idempotency-key", "one")
            .body(axum::body::Body::from(body.to_string()))
            .unwrap();
        ids.insert(stage.app.send(request).await.expect(201).text("id"));
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_form_with_files_is_told_where_to_go() {
    let stage = stage().await;
    for path in ["/api/v1/lectures/videos/upload/", "/api/v1/media/videos/upload/"] {
        let form = "--x\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n7\r\n--x--\r\n";
        let request = http::Request::builder()
            .method(http::Method::POST)
            .uri(path)
            .header("authorization", format!("Bearer {}", stage.teacher.token))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(axum::body::Body::from(form))
            .unwrap();
        let reply = stage.app.send(request).await.expect_error(410, "UPLOAD_MOVED");
        assert!(reply.body["error"]["message"].as_str().unwrap().contains("/media/videos/presign"));
    }
}
