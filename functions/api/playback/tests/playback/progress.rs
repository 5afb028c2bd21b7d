//! Progress that can be trusted.

use domain::video::VideoStatus;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Reply;

use crate::stage::{Stage, assert_refused, limits};

const PATH: &str = "/api/v1/media/video-progress";

pub(crate) async fn report(stage: &Stage, session: Option<&str>, intervals: Value, position: f64) -> Reply {
    let mut body = json!({
        "video": stage.video, "enrollment": stage.enrollment, "intervals": intervals, "last_position": position,
    });
    if let Some(session) = session {
        body["session_id"] = json!(session);
    }
    stage.app.put(PATH, &stage.student, body).await
}

pub(crate) fn shown(reply: &Reply) -> (f64, u64, bool) {
    let body = &reply.body;
    (
        body["progress"].as_f64().unwrap(),
        body["last_position"].as_u64().unwrap(),
        body["completed"].as_bool().unwrap(),
    )
}

#[tokio::test]
async fn who_watches_completes_at_ninety_per_cent() {
    for stage in [Stage::new().await, Stage::on_valkey(limits(1, 2)).await] {
        let session = stage.play("phone").await.expect(200).text("session_id");
        stage.wait(30);
        let reply = report(&stage, Some(&session), json!([[0, 30]]), 30.4).await.expect(200);
        assert_eq!(shown(&reply), (0.3, 30, false));
        assert!(reply.calls <= 5, "{}", reply.calls);
        let view = json!({
            "id": format!("{}.{}", stage.video, stage.enrollment), "video": stage.video, "enrollment": stage.enrollment,
            "student_name": "Ada Lovelace", "progress": 0.3, "last_position": 30, "completed": false,
            "updated_at": stage.world.ambient().now(),
        });
        assert_eq!(reply.body, view);
        stage.wait(60);
        // At one and a half times the speed, which this video allows; without the session's id the live one counts.
        let reply = report(&stage, None, json!([[30, 90]]), 90.0).await.expect(200);
        assert_eq!(shown(&reply), (0.9, 90, true));
    }
}

#[tokio::test]
async fn a_claim_counts_no_more_than_the_time_allows() {
    let stage = Stage::new().await;
    let all = json!([[0, 100]]);
    assert_eq!(
        shown(&report(&stage, None, all.clone(), 100.0).await.expect(200)),
        (0.0, 100, false),
        "never played"
    );
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.wait(20);
    // 20 seconds at 1.5.
    assert_eq!(
        shown(&report(&stage, Some(&session), all.clone(), 100.0).await.expect(200)),
        (0.3, 100, false)
    );
    for _ in 0..5 {
        assert_eq!(
            report(&stage, Some(&session), all.clone(), 100.0).await.expect(200).body["progress"],
            0.3
        );
    }
    stage.wait(40);
    assert_eq!(shown(&report(&stage, Some(&session), all, 100.0).await.expect(200)), (0.9, 100, true));
}

#[tokio::test]
async fn the_seeds_own_report_is_a_claim_too() {
    let stage = Stage::new().await;
    stage.play("phone").await.expect(200);
    stage.wait(10);
    let body = json!({
        "video": stage.video, "enrollment": stage.enrollment, "progress": 1.0, "last_position": 99, "completed": true,
    });
    let path = format!("{PATH}/update_progress/");
    let reply = stage.app.post(&path, &stage.student, body.clone()).await.expect(200);
    assert_eq!(shown(&reply), (0.15, 99, false), "completed is derived, never believed");
    stage.wait(60);
    let reply = stage.app.post(&path, &stage.student, body).await.expect(200);
    assert_eq!(shown(&reply), (1.0, 99, true));
    let least = json!({"video": stage.video, "enrollment": stage.enrollment});
    assert_eq!(shown(&stage.app.post(&path, &stage.student, least).await.expect(200)), (1.0, 99, true));
}

#[tokio::test]
async fn late_reports_of_a_session_that_is_over_count_its_time_only() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    let (token, session) = (reply.text("token"), reply.text("session_id"));
    stage.wait(30);
    stage.send("end", &token).await.expect(200);
    stage.wait(800);
    let mut body = json!({
        "video": stage.video, "enrollment": stage.enrollment, "session_id": session, "intervals": [[0, 100]],
        "last_position": 30, "reported_at": stage.now() - 800,
    });
    let reply = stage.app.put(PATH, &stage.student, body.clone()).await.expect(200);
    assert_eq!(shown(&reply), (0.45, 30, false));
    // A position from before does not replace a later one; one from the future counts as now.
    body["last_position"] = json!(70);
    body["reported_at"] = json!(stage.now() + 1_000_000);
    assert_eq!(shown(&stage.app.put(PATH, &stage.student, body.clone()).await.expect(200)).1, 70);
    body["last_position"] = json!(10);
    body["reported_at"] = json!(stage.now() - 900);
    assert_eq!(shown(&stage.app.put(PATH, &stage.student, body).await.expect(200)).1, 70);
}

#[tokio::test]
async fn no_report_is_lost_in_a_race() {
    let stage = Stage::new().await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.wait(100);
    let claims = (0..10).map(|part| (f64::from(part) * 9.0, f64::from(part + 1) * 9.0));
    let reports = claims.map(|(from, to)| report(&stage, Some(&session), json!([[from, to]]), to));
    for reply in join_all(reports).await {
        reply.expect(200);
    }
    let path = format!("{PATH}?enrollment={}&video={}", stage.enrollment, stage.video);
    let shown = stage.app.get(&path, &stage.student).await.expect(200).body;
    assert_eq!(
        (&shown["results"][0]["progress"], &shown["results"][0]["completed"]),
        (&json!(0.9), &json!(true))
    );
}

#[tokio::test]
async fn progress_is_reported_and_read_by_its_student_only() {
    let stage = Stage::new().await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    report(&stage, Some(&session), json!([]), 0.0).await.expect(200);
    let stranger = stage.world.student().await;
    let mut body = json!({"video": stage.video, "enrollment": stage.enrollment, "intervals": []});
    assert_refused(stage.app.put(PATH, &stranger, body.clone()).await, 404, "enrollment_not_found");
    let path = format!("{PATH}?enrollment={}", stage.enrollment);
    assert_refused(stage.app.get(&path, &stranger).await, 404, "enrollment_not_found");
    assert_eq!(
        stage.app.get(&path, &stage.student).await.expect(200).body["results"].as_array().unwrap().len(),
        1
    );

    // His own enrolment, another's session, another course's video.
    let own = stage.world.ambient().id();
    stage.enroll(&stranger, own, stage.course, |_| {}).await;
    body["enrollment"] = json!(own);
    body["session_id"] = json!(session);
    assert_refused(stage.app.put(PATH, &stranger, body.clone()).await, 404, "session_not_found");
    body["session_id"] = Value::Null;
    stage.app.put(PATH, &stranger, body.clone()).await.expect(200);
    stage.put_video(|video| video.course_id = None).await;
    assert_refused(stage.app.put(PATH, &stranger, body.clone()).await, 403, "no_session_access");
    body["video"] = json!(stage.world.ambient().id::<()>());
    assert_refused(stage.app.put(PATH, &stranger, body).await, 404, "video_not_found");
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        let video = stage.put_video(|video| video.id = stage.world.ambient().id()).await;
        let body = json!({"video": video, "enrollment": stage.enrollment, "intervals": []});
        stage.app.put(PATH, &stage.student, body).await.expect(200);
    }
    let mut path = format!("{PATH}?enrollment={}&page_size=2", stage.enrollment);
    let mut seen = std::collections::BTreeSet::new();
    for expected in [2, 1] {
        let page = stage.app.get(&path, &stage.student).await.expect(200).body;
        let results = page["results"].as_array().unwrap();
        assert_eq!(results.len(), expected);
        seen.extend(results.iter().map(|item| item["id"].to_string()));
        path = page["next"].as_str().unwrap_or_default().replace(testkit::world::BASE_URL, "");
    }
    assert_eq!((seen.len(), path.as_str()), (3, ""));
    let other = stage.world.ambient().id();
    stage.enroll(&stage.student, other, stage.course, |_| {}).await;
    let path = format!("{PATH}?enrollment={other}&cursor=e30");
    stage.app.get(&path, &stage.student).await.expect_error(400, "INVALID_CURSOR");
    stage.app.get(PATH, &stage.student).await.expect_error(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn malformed_reports_are_refused_by_field() {
    let stage = Stage::new().await;
    for (field, value) in [
        ("intervals", json!([[5, 4]])),
        ("intervals", json!([[-1, 4]])),
        ("intervals", json!([[1]])),
        ("intervals", json!(vec![[0, 1]; 201])),
        ("last_position", json!(-1)),
        ("reported_at", json!(-1)),
        ("completed", json!(true)),
        ("video", json!("1")),
    ] {
        let mut body = json!({"video": stage.video, "enrollment": stage.enrollment, "intervals": []});
        body[field] = value;
        stage.app.put(PATH, &stage.student, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    let body = json!({"video": stage.video, "enrollment": stage.enrollment, "intervals": vec![[0, 1]; 200]});
    stage.app.put(PATH, &stage.student, body).await.expect(200);
    for progress in [json!(1.01), json!(-0.01)] {
        let body = json!({"video": stage.video, "enrollment": stage.enrollment, "progress": progress});
        let path = format!("{PATH}/update_progress");
        stage.app.post(&path, &stage.student, body).await.expect_error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn shares_of_a_short_film_are_those_of_its_milliseconds() {
    let stage = Stage::new().await;
    stage.put_video(|video| video.duration_ms = 5_280).await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.wait(5);
    // 94 per cent; of six whole seconds it would be 83.
    let reply = report(&stage, Some(&session), json!([[0, 5]]), 5.0).await.expect(200);
    assert!(shown(&reply).2);
}

#[tokio::test]
async fn nobody_has_watched_a_video_that_never_played() {
    let stage = Stage::new().await;
    stage
        .put_video(|video| {
            (video.active_version, video.duration_ms, video.status) = (None, 0, VideoStatus::Processing)
        })
        .await;
    assert_refused(report(&stage, None, json!([[0, 10]]), 10.0).await, 403, "video_not_ready");
    let progress = stage.world.store().progress().get(stage.video, stage.enrollment).await.unwrap();
    assert!(progress.is_none());
}
