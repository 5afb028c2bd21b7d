//! What a whole class may do with a video, by one request.

use domain::{enrollment::EnrollmentStatus, video::VideoStatus};
use futures::{StreamExt as _, stream};
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::entities::{Enrollment, VideoPermission};
use testkit::{Reply, fixtures};

use crate::stage::{PERMISSIONS, Stage};

async fn class(stage: &Stage, size: usize) -> Vec<Enrollment> {
    let person = stage.world.student().await;
    let student = |_| {
        stage.world.advance(SignedDuration::from_millis(1));
        let user_id = stage.world.ambient().id();
        Enrollment { user_id, ..fixtures::enrollment(&stage.world, &person, stage.course) }
    };
    let students: Vec<_> = (0..size).map(student).collect();
    stream::iter(&students)
        .for_each_concurrent(100, |one| async move { stage.world.store().put(one).await.unwrap() })
        .await;
    students
}

async fn set(stage: &Stage, body: Value) -> Reply {
    stage.app.post(&format!("{PERMISSIONS}/bulk/"), &stage.teacher, body).await
}

async fn stored(stage: &Stage, video: Id<kinds::Video>, student: &Enrollment) -> Option<VideoPermission> {
    stage.world.store().permissions().get(video, student.id).await.unwrap()
}

#[tokio::test]
async fn a_class_gets_a_permission_and_what_single_students_have_stays() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await.id;
    let students = class(&stage, 3).await;
    let own = json!({"video": video, "enrollment": students[1].id, "rule": "blocked", "block_seek": true});
    stage.app.post(PERMISSIONS, &stage.teacher, own).await.expect(201);
    let body = json!({"video": video, "all": true, "changes": {"max_speed_override": 1.5, "allow_skip_override": true}});
    for _ in 0..2 {
        let reply = set(&stage, body.clone()).await.expect(200);
        assert_eq!(reply.body, json!({"students": 3, "next": null}));
        assert!(reply.calls <= 4, "{}: session, video, class, one transaction", reply.calls);
        let list = stage.app.get(&format!("{PERMISSIONS}?video={video}"), &stage.teacher).await.expect(200);
        let results = list.body["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        assert!(results.iter().all(|one| one["max_speed_override"] == 1.5 && one["is_override"] == true));
        // Without a word of the rule nobody is restricted, and nobody freed.
        let rules: Vec<_> = results.iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(rules, ["free", "blocked", "free"]);
        assert_eq!(results[1]["block_seek"], true);
    }
    let changes = json!({"rule": "once", "max_speed_override": null, "show_watermark_override": false, "block_speed_control": true});
    set(&stage, json!({"video": video, "all": true, "changes": changes})).await.expect(200);
    let changed = stored(&stage, video, &students[1]).await.unwrap();
    assert_eq!((changed.max_speed_override, changed.show_watermark_override), (None, Some(false)));
    assert!(changed.block_speed_control && changed.block_seek && changed.allow_skip_override == Some(true));

    // Null takes them away.
    for _ in 0..2 {
        set(&stage, json!({"video": video, "all": true, "changes": null})).await.expect(200);
        assert!(stored(&stage, video, &students[1]).await.is_none());
    }
}

#[tokio::test]
async fn those_who_are_named_get_it_and_no_others() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await.id;
    let students = class(&stage, 120).await;
    let named: Vec<_> = students.iter().step_by(2).map(|one| one.id).collect();
    let body = json!({"video": video, "enrollments": named, "changes": {"rule": "blocked"}});
    let reply = set(&stage, body).await.expect(200);
    assert_eq!(reply.body, json!({"students": 60, "next": null}));
    assert!(reply.calls <= 5, "{}: session, video, class, two transactions", reply.calls);
    for (n, student) in students.iter().enumerate() {
        assert_eq!(stored(&stage, video, student).await.is_some(), n % 2 == 0, "{n}");
    }
    // One stranger among them, and nobody gets anything.
    let (_, elsewhere) = Stage { course: stage.world.ambient().id(), ..Stage::new().await }
        .student(EnrollmentStatus::Active)
        .await;
    let body =
        json!({"video": video, "enrollments": [students[1].id, elsewhere], "changes": {"rule": "once"}});
    let refused = set(&stage, body).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
    assert_eq!(refused.body["error"]["details"]["enrollments"], json!([elsewhere]));
    assert!(stored(&stage, video, &students[1]).await.is_none());
}

#[tokio::test]
async fn a_class_that_is_more_than_a_page_is_gone_through_request_by_request() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await.id;
    let students = class(&stage, 7).await;
    let (mut pages, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let body = json!({"video": video, "all": true, "changes": {"rule": "once"}, "cursor": cursor, "page_size": 3});
        let reply = set(&stage, body).await.expect(200);
        assert!(reply.calls <= 4, "{}: session, video, class, one transaction", reply.calls);
        pages.push(reply.body["students"].as_u64().unwrap());
        cursor = reply.body["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(pages, [3, 3, 1]);
    for student in &students {
        assert!(stored(&stage, video, student).await.is_some());
    }
}

#[tokio::test]
async fn it_is_the_owners_business_and_bad_input_is_named() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await.id;
    let (student, enrollment) = stage.student(EnrollmentStatus::Active).await;
    let other = stage.world.instructor().await;
    let (path, body) =
        (format!("{PERMISSIONS}/bulk"), json!({"video": video, "all": true, "changes": {"rule": "free"}}));
    stage.app.post(&path, None, body.clone()).await.expect_error(401, "NOT_AUTHENTICATED");
    for caller in [&student, &other] {
        stage.app.post(&path, caller, body.clone()).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
    let ids: Vec<Id<kinds::Enrollment>> = (0..1_001).map(|_| stage.world.ambient().id()).collect();
    for (body, field) in [
        (json!({"video": video, "all": true}), "changes"),
        (json!({"video": video, "changes": {"rule": "free"}}), "enrollments"),
        (json!({"video": video, "all": true, "enrollments": [enrollment], "changes": null}), "enrollments"),
        (json!({"video": video, "enrollments": [], "changes": null}), "enrollments"),
        (json!({"video": video, "enrollments": ids, "changes": null}), "enrollments"),
        (
            json!({"video": video, "all": true, "changes": {"max_speed_override": 17}}),
            "changes.max_speed_override",
        ),
        (json!({"video": video, "all": true, "changes": {"is_override": false}}), "changes.is_override"),
        (json!({"video": video, "all": true, "changes": null, "rule": "free"}), "rule"),
        (json!({"video": video, "all": true, "changes": null, "page_size": 1_001}), "page_size"),
    ] {
        let reply = set(&stage, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    let wrong = json!({"video": video, "course": enrollment, "all": true, "changes": null});
    set(&stage, wrong).await.expect_error(404, "VIDEO_NOT_FOUND");
}
