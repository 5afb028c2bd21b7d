//! A video and its class, as the teacher sees them.

use std::collections::BTreeSet;

use domain::{
    commerce::{Source, SourceKey, Sources},
    course::LessonKind,
    enrollment::EnrollmentStatus,
    playback::AccessRule,
    video::VideoStatus,
};
use futures::{StreamExt as _, stream};
use kernel::{Id, Secret, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::{
    Entity,
    entities::{
        Attendance, Enrollment, Lesson, Section, Video, VideoPermission, VideoProgress, VideoViolations,
    },
};
use testkit::{Reply, fixtures};

use crate::stage::{Stage, VIDEOS, at};

/// Puts one thing of each, a hundred at a time.
async fn put_all<E: Entity>(stage: &Stage, all: impl IntoIterator<Item = E>) {
    stream::iter(all)
        .for_each_concurrent(100, |one| async move { stage.world.store().put(&one).await.unwrap() })
        .await;
}

fn of<E: Entity>(fields: Value) -> E {
    serde_json::from_value(fields).unwrap()
}

/// Students of the stage's course, each a millisecond younger than the one before.
async fn class(stage: &Stage, size: usize) -> Vec<Enrollment> {
    let person = stage.world.student().await;
    let student = |number: usize| {
        stage.world.advance(SignedDuration::from_millis(1));
        Enrollment {
            user_id: stage.world.ambient().id(),
            student_name: Secret::new(format!("Student {number}")),
            ..fixtures::enrollment(&stage.world, &person, stage.course)
        }
    };
    let students: Vec<_> = (0..size).map(student).collect();
    put_all(stage, students.iter().cloned()).await;
    students
}

fn progress(stage: &Stage, video: &Video, student: &Enrollment, part: f64) -> VideoProgress {
    let now = stage.world.ambient().now();
    of(json!({
        "video_id": video.id, "enrollment_id": student.id, "user_id": student.user_id, "progress": part,
        "last_position": 1, "completed": part >= 0.9, "revision": 1, "created_at": now, "updated_at": now,
    }))
}

fn permission(stage: &Stage, video: &Video, student: &Enrollment, rule: AccessRule) -> VideoPermission {
    let now = stage.world.ambient().now();
    of(json!({
        "video_id": video.id, "enrollment_id": student.id, "user_id": student.user_id, "rule": rule,
        "is_override": true, "created_at": now, "updated_at": now,
    }))
}

async fn stats(stage: &Stage, video: &Video) -> Reply {
    stage.app.get(&format!("{}/stats/", at(video.id)), &stage.teacher).await.expect(200)
}

fn column(reply: &Reply, name: &str) -> Vec<Value> {
    reply.body["students"].as_array().unwrap().iter().map(|student| student[name].clone()).collect()
}

#[tokio::test]
async fn a_teacher_sees_rule_progress_and_attendance_of_each_student() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let students = class(&stage, 6).await;
    let now = stage.world.ambient().now();
    put_all(&stage, [0, 1, 2].map(|n| progress(&stage, &video, &students[n], [1.0, 0.9, 0.25][n]))).await;
    let rules =
        [(1, AccessRule::Once), (2, AccessRule::Blocked), (3, AccessRule::Free), (4, AccessRule::Free)];
    put_all(&stage, rules.map(|(n, rule)| permission(&stage, &video, &students[n], rule))).await;
    // Who may not take the course any more stays in the list.
    for (n, status) in [(4, EnrollmentStatus::Suspended), (5, EnrollmentStatus::Expired)] {
        stage.world.store().put(&Enrollment { status, ..students[n].clone() }).await.unwrap();
    }
    let attendance: Attendance = of(json!({
        "section_id": stage.section, "course_id": stage.course, "enrollment_id": students[1].id,
        "user_id": students[1].user_id, "status": "late", "marked_at": now,
    }));
    stage.world.store().put(&attendance).await.unwrap();
    let violations: VideoViolations = of(json!({
        "video_id": video.id, "enrollment_id": students[2].id, "user_id": students[2].user_id, "count": 3, "last_at": now,
    }));
    stage.world.store().put(&violations).await.unwrap();

    let reply = stats(&stage, &video).await;
    assert_eq!(
        reply.body["stats"],
        json!({"total_students": 6, "completed_100": 1, "completed_90": 2, "avg_progress": 0.358_333})
    );
    assert_eq!(column(&reply, "enrollment"), students.iter().map(|one| json!(one.id)).collect::<Vec<_>>());
    assert_eq!(
        column(&reply, "progress"),
        [json!(1.0), json!(0.9), json!(0.25), json!(0.0), json!(0.0), json!(0.0)]
    );
    assert_eq!(column(&reply, "completed"), [true, true, false, false, false, false].map(|flag| json!(flag)));
    assert_eq!(
        column(&reply, "rule"),
        ["free", "once", "blocked", "free", "free", "free"].map(|rule| json!(rule))
    );
    assert_eq!(
        column(&reply, "effective_rule"),
        ["free", "once", "blocked", "free", "blocked", "blocked"].map(|rule| json!(rule))
    );
    assert_eq!(column(&reply, "is_override"), [false, true, true, true, true, false].map(|flag| json!(flag)));
    // The section has this one video: who has completed it was there, unless the teacher says otherwise.
    let present = [json!("present"), json!("late"), Value::Null, Value::Null, Value::Null, Value::Null];
    assert_eq!(column(&reply, "attendance_status"), present);
    assert_eq!(column(&reply, "violations"), [0, 0, 3, 0, 0, 0].map(|count| json!(count)));
    assert_eq!(reply.body["video"]["session"], json!(stage.section));
    assert_eq!(reply.body["next"], Value::Null);
}

#[tokio::test]
async fn a_class_of_1000_is_one_page_of_few_reads() {
    let stage = Stage::new().await;
    let (video, other) = (stage.video(VideoStatus::Ready).await, stage.video(VideoStatus::Ready).await);
    let students = class(&stage, 1_000).await;
    let (mut watched, mut permissions) = (Vec::new(), Vec::new());
    for (n, student) in students.iter().enumerate() {
        watched.push(progress(&stage, &video, student, n as f64 / 1_000.0));
        watched.push(progress(&stage, &other, student, 1.0));
        permissions.push(permission(&stage, &video, student, AccessRule::Once));
    }
    put_all(&stage, watched).await;
    put_all(&stage, permissions).await;
    let reply = stats(&stage, &video).await;
    // Session, video, class (two calls for more than a megabyte), progress, permissions, violations, marks, section, its videos, and
    // the progress in both of them.
    assert!(reply.calls <= 14, "{}", reply.calls);
    assert_eq!(
        reply.body["stats"],
        json!({"total_students": 1_000, "completed_100": 0, "completed_90": 100, "avg_progress": 0.4995})
    );
    assert_eq!((column(&reply, "enrollment").len(), &reply.body["next"]), (1_000, &Value::Null));
    let present = column(&reply, "attendance_status").iter().filter(|one| **one == "present").count();
    assert_eq!(present, 100, "who has completed both videos");
}

#[tokio::test]
async fn the_numbers_are_those_of_the_whole_class_on_every_page() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let students = class(&stage, 5).await;
    put_all(&stage, students.iter().map(|student| progress(&stage, &video, student, 0.95))).await;
    // The progress of who is in another course counts there.
    let elsewhere = Enrollment {
        id: stage.world.ambient().id(),
        course_id: stage.world.ambient().id(),
        ..students[0].clone()
    };
    put_all(&stage, [progress(&stage, &video, &elsewhere, 1.0)]).await;
    let (mut pages, mut seen) = (0, 0);
    let mut next = Some(format!("{}/stats?page_size=2", at(video.id)));
    while let Some(path) = next {
        let page = stage.app.get(&path, &stage.teacher).await.expect(200);
        assert_eq!(
            page.body["stats"],
            json!({"total_students": 5, "completed_100": 0, "completed_90": 5, "avg_progress": 0.95})
        );
        (pages, seen) = (pages + 1, seen + column(&page, "enrollment").len());
        next = page.body["next"]
            .as_str()
            .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
    }
    assert_eq!((pages, seen), (3, 5));
}

#[tokio::test]
async fn who_has_the_course_by_a_plan_alone_is_blocked_without_the_plan() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let students = class(&stage, 2).await;
    let source = Source { granted_at: stage.world.ambient().now(), item_id: None };
    let by_plan = Enrollment { sources: Some(Sources::of(SourceKey::Plan, source)), ..students[0].clone() };
    stage.world.store().put(&by_plan).await.unwrap();
    let reply = stats(&stage, &video).await;
    assert_eq!(column(&reply, "effective_rule"), [json!("blocked"), json!("free")]);
    assert_eq!(column(&reply, "rule"), [json!("free"), json!("free")]);
}

#[tokio::test]
async fn the_nested_path_answers_for_its_course_and_section_alone() {
    let stage = Stage::new().await;
    let (video, students) = (stage.video(VideoStatus::Ready).await, class(&stage, 2).await);
    let nested = |course: Id<kinds::Course>, section: Id<kinds::Section>| {
        format!("/api/v1/media/lectures/{course}/sessions/{section}/videos/{}", video.id)
    };
    let path = nested(stage.course, stage.section);
    let shown = stage.app.get(&format!("{path}/"), &stage.teacher).await.expect(200);
    assert_eq!(shown.body, stage.app.get(&at(video.id), &stage.teacher).await.expect(200).body);
    let whole = stage.app.get(&format!("{path}/stats/"), &stage.teacher).await.expect(200);
    assert_eq!(whole.body, stats(&stage, &video).await.body);
    assert_eq!(column(&whole, "enrollment").len(), students.len());
    let nobody = stage.world.ambient().id();
    for wrong in [nested(nobody, stage.section), nested(stage.course, stage.world.ambient().id())] {
        stage.app.get(&wrong, &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.get(&format!("{wrong}/stats"), &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
}

#[tokio::test]
async fn each_course_that_shows_a_video_has_its_own_class() {
    let stage = Stage::new().await;
    let (video, own) = (stage.video(VideoStatus::Ready).await, class(&stage, 2).await);
    let (copy, section, now) =
        (stage.world.ambient().id(), stage.world.ambient().id(), stage.world.ambient().now());
    let lesson = Lesson {
        kind: LessonKind::Video,
        video_id: Some(video.id),
        ..fixtures::lesson(&stage.world, copy, section)
    };
    let of_copy = Section {
        id: section,
        course_id: copy,
        title: "Copy".into(),
        description: String::new(),
        lesson_order: vec![lesson.id],
        created_at: now,
        updated_at: now,
    };
    put_all(&stage, [lesson.clone()]).await;
    put_all(&stage, [of_copy]).await;
    let shared = Video {
        shared_with: BTreeSet::from([copy]),
        shared_lessons: BTreeSet::from([format!("{copy}/{}", lesson.id)]),
        ..video.clone()
    };
    stage.world.store().put(&shared).await.unwrap();
    let elsewhere = Enrollment { id: stage.world.ambient().id(), course_id: copy, ..own[0].clone() };
    put_all(&stage, [elsewhere.clone()]).await;
    put_all(&stage, [progress(&stage, &video, &elsewhere, 1.0)]).await;

    assert_eq!(stats(&stage, &shared).await.body["stats"]["total_students"], 2);
    let path = format!("{}/stats?course={copy}", at(video.id));
    let reply = stage.app.get(&path, &stage.teacher).await.expect(200);
    assert_eq!(column(&reply, "enrollment"), [json!(elsewhere.id)]);
    assert_eq!(reply.body["stats"]["completed_100"], 1);
    assert_eq!(column(&reply, "attendance_status"), [json!("present")], "the copy's section shows it");
    let wrong = format!("{}/stats?course={}", at(video.id), stage.section);
    stage.app.get(&wrong, &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
}

#[tokio::test]
async fn the_class_is_a_table_for_spreadsheets() {
    let stage = Stage::new().await;
    let (video, students) = (stage.video(VideoStatus::Ready).await, class(&stage, 2).await);
    let formula =
        Enrollment { student_name: Secret::new("=HYPERLINK(\"x\"), 김".into()), ..students[0].clone() };
    put_all(&stage, [formula]).await;
    put_all(&stage, [progress(&stage, &video, &students[0], 0.5)]).await;
    let reply = stage.app.get(&format!("{}/stats.csv", at(video.id)), &stage.teacher).await.expect(200);
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        reply.headers["content-disposition"],
        format!("attachment; filename=\"video-{}.csv\"", video.id)
    );
    let text = reply.body.as_str().unwrap().strip_prefix('\u{feff}').unwrap();
    let rows: Vec<_> = text.lines().collect();
    assert!(rows[0].starts_with("student_name,student_id,enrollment,"));
    let (name, id) = ("\"'=HYPERLINK(\"\"x\"\"), 김\"", students[0].id);
    assert_eq!(rows[1], format!("{name},{},{id},active,,50.0,false,free,false,free,0", students[0].user_id));
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn statistics_are_the_owners_business() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let (student, _) = stage.student(EnrollmentStatus::Active).await;
    let other = stage.world.instructor().await;
    for path in [format!("{}/stats", at(video.id)), format!("{}/stats.csv", at(video.id))] {
        stage.app.get(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
        stage.app.get(&path, &student).await.expect_error(404, "VIDEO_NOT_FOUND");
        stage.app.get(&path, &other).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
    let path = format!("{VIDEOS}/{}/stats", stage.section);
    stage.app.get(&path, &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
    // Outside of courses there is no class.
    let alone = Video { course_id: None, section_id: None, ..stage.video(VideoStatus::Ready).await };
    stage.world.store().put(&alone).await.unwrap();
    let reply = stats(&stage, &alone).await;
    assert_eq!((&reply.body["stats"]["total_students"], &reply.body["students"]), (&json!(0), &json!([])));
}
