//! Who may start to play, and how often at once.

use domain::{
    commerce::{Source, SourceKey, Sources},
    course::CourseStatus,
    enrollment::EnrollmentStatus,
    playback::{AccessRule, PlaybackStatus},
    sweep::SweepKind,
    video::{VideoStatus, Visibility},
};
use futures::future::join_all;
use kernel::{Id, SignedDuration};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use store::entities::{Course, Lesson, playback::Overdue};
use testkit::{fixtures, shop};

use crate::stage::{Stage, assert_refused, limits};

#[tokio::test]
async fn an_enrolled_student_gets_token_policy_and_address() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    assert_eq!(
        reply.calls, 5,
        "session, video and three rows in one, player twice, record and reminder in one"
    );
    assert_eq!(reply.body["expires_at"], stage.now() + 600);
    let policy = json!({
        "allow_seek": false,
        "playback_rate": {"max": 1.5, "ui_control": true},
        "watermark": {"enabled": true, "mode": "overlay", "fields": ["user_id"]},
        "concurrency": {"max_sessions": 1, "max_devices": 2, "max_concurrent_sessions": 1},
    });
    assert_eq!(reply.body["policy"], policy);
    let session: Id<_> = reply.text("session_id").parse().unwrap();
    let record = stage.world.store().playbacks().get(session).await.unwrap().unwrap();
    assert_eq!((record.status, record.enrollment_id), (PlaybackStatus::Active, Some(stage.enrollment)));
}

#[tokio::test]
async fn overrides_of_the_student_are_in_the_policy() {
    let stage = Stage::new().await;
    let change = |permission: &mut store::entities::VideoPermission| {
        permission.allow_skip_override = Some(true);
        permission.max_speed_override = Some(2.0);
        permission.block_speed_control = true;
    };
    stage.permit(AccessRule::Free, change).await;
    let policy = stage.play("phone").await.expect(200).body["policy"].clone();
    assert_eq!(policy["allow_seek"], true);
    assert_eq!(policy["playback_rate"], json!({"max": 1.0, "ui_control": false}));
}

#[tokio::test]
async fn every_refusal_has_the_seeds_code_and_status() {
    let stage = Stage::new().await;
    for status in [
        VideoStatus::Pending,
        VideoStatus::Uploaded,
        VideoStatus::Processing,
        VideoStatus::Failed,
        VideoStatus::Archived,
    ] {
        stage.put_video(|video| video.status = status).await;
        assert_refused(stage.play("phone").await, 403, "video_not_ready");
    }
    stage.put_video(|video| video.course_id = Some(stage.world.ambient().id())).await;
    assert_refused(stage.play("phone").await, 403, "no_session_access");
    stage.put_video(|video| video.deleted_at = Some(stage.world.ambient().now())).await;
    assert_refused(stage.play("phone").await, 404, "video_not_found");
    stage.put_video(|video| video.status = VideoStatus::Published).await;
    stage.permit(AccessRule::Blocked, |_| {}).await;
    assert_refused(stage.play("phone").await, 403, "blocked");
    stage.permit(AccessRule::Once, |_| {}).await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    stage.app.delete(&format!("/api/v1/media/sessions/{session}"), &stage.student).await.expect(204);
    stage.set_completed().await;
    assert_refused(stage.play("phone").await, 403, "already_completed_once");
    stage.permit(AccessRule::Free, |_| {}).await;
    stage.play("phone").await.expect(200);
}

#[tokio::test]
async fn only_an_enrolment_of_ones_own_that_gives_access_counts() {
    let stage = Stage::new().await;
    let stranger = stage.world.student().await;
    let body = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    assert_refused(
        stage.app.post(&stage.path("play"), &stranger, body.clone()).await,
        404,
        "enrollment_not_found",
    );
    assert_refused(stage.app.post(&stage.path("play"), None, body).await, 401, "login_required");
    let expired = stage.world.ambient().now();
    for change in [
        (|_, enrollment| enrollment.status = EnrollmentStatus::Suspended)
            as fn(_, &mut store::entities::Enrollment),
        |_, enrollment| enrollment.status = EnrollmentStatus::Expired,
        |now, enrollment| enrollment.expiry_date = Some(now),
    ] {
        stage
            .enroll(&stage.student, stage.enrollment, stage.course, |enrollment| change(expired, enrollment))
            .await;
        assert_refused(stage.play("phone").await, 404, "enrollment_not_found");
    }
    stage
        .enroll(&stage.student, stage.enrollment, stage.course, |e| e.status = EnrollmentStatus::Completed)
        .await;
    stage.play("phone").await.expect(200);
}

#[tokio::test]
async fn what_a_plan_alone_gave_is_closed_when_it_ends_and_what_was_bought_is_not() {
    let stage = Stage::new().await;
    let source = || Source { granted_at: stage.world.ambient().now(), item_id: None };
    let by_plan = Sources::of(SourceKey::Plan, source());
    let has = async |sources: Sources| {
        stage.enroll(&stage.student, stage.enrollment, stage.course, |one| one.sources = Some(sources)).await;
    };
    has(by_plan.clone()).await;
    assert_refused(stage.play("phone").await, 404, "enrollment_not_found");
    let plan = shop::subscribe(&stage.world, &stage.student, true).await;
    let playing = stage.play("phone").await.expect(200);
    stage.send("refresh", &playing.text("token")).await.expect(200);
    shop::lapse(&stage.world, &plan).await;
    assert_refused(stage.play("tv").await, 404, "enrollment_not_found");
    assert_refused(stage.send("refresh", &playing.text("token")).await, 404, "enrollment_not_found");

    stage.send("end", &playing.text("token")).await.expect(200);

    // A plan without such courses opens nothing.
    let basic = shop::subscribe(&stage.world, &stage.student, false).await;
    assert_refused(stage.play("tv").await, 404, "enrollment_not_found");
    shop::lapse(&stage.world, &basic).await;

    let mut bought = by_plan;
    bought.grant(SourceKey::Order(stage.world.ambient().id()), source());
    has(bought).await;
    let playing = stage.play("phone").await.expect(200);
    stage.send("refresh", &playing.text("token")).await.expect(200);
}

#[tokio::test]
async fn a_malformed_request_is_refused_by_field() {
    let stage = Stage::new().await;
    let start = async |change: fn(&mut Value)| {
        let mut body = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
        change(&mut body);
        stage.app.post(&stage.path("play"), &stage.student, body).await
    };
    for change in [
        (|body| body["device_id"] = json!("")) as fn(&mut Value),
        |body| body["device_id"] = json!("d".repeat(129)),
        |body| body["device_id"] = json!(7),
        |body| body["device_id"] = Value::Null,
        |body| body["enrollment_id"] = json!("1"),
        |body| body["max_sessions"] = json!(9),
    ] {
        start(change).await.expect_error(422, "VALIDATION_FAILED");
    }
    start(|body| body["device_id"] = json!("다".repeat(128))).await.expect(200);
    let body = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    stage.app.post("/api/v1/media/videos/7/play", &stage.student, body).await.expect(404);
}

async fn hundred_plays(stage: &Stage, max: usize) {
    let replies = join_all((0..100).map(|_| stage.play("phone"))).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 200);
    assert_eq!(won.len(), max);
    for reply in lost {
        assert_refused(reply, 409, "concurrency_limit_exceeded");
    }
    let live = stage.app.get("/api/v1/media/sessions", &stage.student).await.expect(200);
    assert_eq!(live.body["results"].as_array().unwrap().len(), max);
}

#[tokio::test]
async fn of_a_hundred_plays_exactly_as_many_as_allowed_win() {
    for max in 1..=3 {
        hundred_plays(&Stage::with(limits(max, 1), None).await, max as usize).await;
        hundred_plays(&Stage::on_valkey(limits(max, 1)).await, max as usize).await;
    }
}

#[tokio::test]
async fn another_device_is_one_too_many() {
    for stage in [Stage::with(limits(9, 2), None).await, Stage::on_valkey(limits(9, 2)).await] {
        stage.play("phone").await.expect(200);
        stage.play("tablet").await.expect(200);
        assert_refused(stage.play("television").await, 409, "device_limit_exceeded");
        stage.wait(660);
        // Tokens of access live longer than devices keep their place.
        stage.play("television").await.expect(200);
    }
}

#[tokio::test]
async fn the_owner_plays_without_an_enrolment() {
    let stage = Stage::new().await;
    let body = json!({"device_id": "desk"});
    let reply = stage.app.post(&stage.path("play"), &stage.teacher, body.clone()).await.expect(200);
    let token = json!({"token": reply.text("token")});
    stage.app.post(&stage.path("refresh"), &stage.teacher, token).await.expect(200);
    stage.put_video(|video| video.status = VideoStatus::Processing).await;
    assert_refused(stage.app.post(&stage.path("play"), &stage.teacher, body).await, 403, "video_not_ready");
}

#[tokio::test]
async fn a_private_video_plays_for_nobody_else() {
    let stage = Stage::new().await;
    let body = json!({"device_id": "phone"});
    let play = async |who| stage.app.call(http::Method::POST, &stage.path("play"), who, Some(&body)).await;
    assert_refused(play(Some(&stage.student)).await, 403, "no_session_access");
    assert_refused(play(None).await, 401, "login_required");
    stage.put_video(|video| video.course_id = None).await;
    assert_refused(play(Some(&stage.student)).await, 404, "video_not_found");
    assert_refused(play(None).await, 404, "video_not_found");
}

#[tokio::test]
async fn a_public_video_plays_for_everybody_once_it_is_published() {
    let stage = Stage::new().await;
    let visitor =
        async |device: &str| stage.app.post(&stage.path("play"), None, json!({"device_id": device})).await;
    for visibility in [Visibility::Public, Visibility::Unlisted] {
        let device = format!("phone-{visibility:?}");
        stage.put_video(|video| video.visibility = visibility).await;
        assert_refused(visitor(&device).await, 403, "video_not_ready");
        stage
            .put_video(|video| (video.visibility, video.status) = (visibility, VideoStatus::Published))
            .await;
        let reply = visitor(&device).await.expect(200);
        assert!(reply.calls <= 6, "{}", reply.calls);
        let token = json!({"token": reply.text("token")});
        for action in ["heartbeat", "refresh"] {
            stage.app.post(&stage.path(action), None, token.clone()).await.expect(200);
            let other = stage.app.post(&stage.path(action), &stage.student, token.clone()).await;
            assert_refused(other, 401, "user_mismatch");
        }
        assert_refused(visitor(&device).await, 409, "concurrency_limit_exceeded");
        stage.app.post(&stage.path("end"), None, token).await.expect(200);
        visitor(&device).await.expect(200);
    }
    stage.app.post(&stage.path("play"), &stage.student, json!({"device_id": "phone"})).await.expect(200);
}

#[tokio::test]
async fn visitors_of_one_address_open_sessions_at_a_limited_rate() {
    let stage = Stage::new().await;
    stage
        .put_video(|video| (video.visibility, video.status) = (Visibility::Public, VideoStatus::Published))
        .await;
    let play = async |address: &str, number: u32| {
        let context = json!({
            "accountId": "1", "apiId": "1", "stage": "$default", "requestId": "1", "timeEpoch": 0,
            "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": address, "userAgent": "test"},
        });
        let body = json!({"device_id": format!("{address}-{number}")}).to_string();
        let request = http::Request::post(stage.path("play"));
        let request =
            request.extension(RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap()));
        stage.app.send(request.body(body.into()).unwrap()).await
    };
    for number in 0..60 {
        play("203.0.113.7", number).await.expect(200);
    }
    let refused = play("203.0.113.7", 60).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.headers["retry-after"], "60");
    assert!(play("203.0.113.8", 0).await.expect(200).calls <= 7);
    stage.wait(60);
    play("203.0.113.7", 61).await.expect(200);
}

#[tokio::test]
async fn a_preview_lesson_plays_while_its_course_is_published() {
    let stage = Stage::new().await;
    let lesson = stage.world.ambient().id();
    stage.put_video(|video| video.lesson_id = Some(lesson)).await;
    let put = async |is_preview: bool| {
        let now = stage.world.ambient().now();
        let lesson: Result<Lesson, _> = serde_json::from_value(json!({
            "id": lesson, "course_id": stage.course, "section_id": stage.world.ambient().id::<()>(), "kind": "video",
            "title": "Ownership", "video_id": stage.video, "is_preview": is_preview, "created_at": now, "updated_at": now,
        }));
        stage.world.store().put(&lesson.unwrap()).await.unwrap();
    };
    let play = async || stage.app.post(&stage.path("play"), None, json!({"device_id": "phone"})).await;
    put(false).await;
    assert_refused(play().await, 401, "login_required");
    put(true).await;
    assert!(play().await.expect(200).calls <= 7);
    stage.put_course(CourseStatus::Draft).await;
    assert_refused(play().await, 401, "login_required");
}

#[tokio::test]
async fn a_preview_lesson_of_a_course_that_shares_the_video_plays_too() {
    let stage = Stage::new().await;
    let (world, store) = (&stage.world, stage.world.store());
    let teacher = world.instructor().await;
    let shares = Course { status: CourseStatus::Published, ..fixtures::course(world, &teacher) };
    let lesson = Lesson {
        video_id: Some(stage.video),
        is_preview: true,
        ..fixtures::lesson(world, shares.id, world.ambient().id())
    };
    store.put(&lesson).await.unwrap();
    let play = async || stage.app.post(&stage.path("play"), None, json!({"device_id": "phone"})).await;
    let put = async |status| store.put(&Course { status, ..shares.clone() }).await.unwrap();
    put(CourseStatus::Published).await;
    assert_refused(play().await, 401, "login_required");
    stage
        .put_video(|video| {
            video.shared_with.insert(shares.id);
            video.shared_lessons.insert(format!("{}/{}", shares.id, lesson.id));
        })
        .await;
    play().await.expect(200);
    put(CourseStatus::Draft).await;
    assert_refused(play().await, 401, "login_required");
    put(CourseStatus::Published).await;
    // The lesson shows something else by now.
    store.put(&Lesson { video_id: None, ..lesson.clone() }).await.unwrap();
    assert_refused(play().await, 401, "login_required");
    store.put(&Lesson { is_preview: false, ..lesson }).await.unwrap();
    assert_refused(play().await, 401, "login_required");
}

#[tokio::test]
async fn a_play_that_ends_without_a_word_is_found_by_the_janitor() {
    let stage = Stage::new().await;
    let session = stage.play("phone").await.expect(200).text("session_id");
    let store = stage.world.store();
    let now = || stage.world.ambient().now();
    stage.wait(659);
    assert!(store.sweeps().due(SweepKind::Playback, now(), 10).await.unwrap().is_empty());
    stage.wait(1);
    let due = store.sweeps().due(SweepKind::Playback, now(), 10).await.unwrap();
    assert_eq!((due.len(), due[0].subject.as_str()), (1, session.as_str()));
    let id: Id<_> = session.parse().unwrap();
    let early = now() - SignedDuration::from_secs(61);
    let until = now() - SignedDuration::from_secs(60);
    assert_eq!(store.playbacks().expire_overdue(id, early).await.unwrap(), Overdue::Until(until));
    for _ in 0..2 {
        assert_eq!(store.playbacks().expire_overdue(id, now()).await.unwrap(), Overdue::Over);
        let record = store.playbacks().get(id).await.unwrap().unwrap();
        assert_eq!((record.status, record.ended_at), (PlaybackStatus::Expired, Some(until)));
    }
}
