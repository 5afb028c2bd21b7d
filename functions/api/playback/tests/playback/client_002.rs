//! The calls of seed 002's player in its order, and every field of an answer that its code reads (`playback.ts`, `types.ts`,
//! `usePlaybackSession.ts`, `usePlaybackEvents.ts`, `StudentVideoPlayer.tsx`).

use http::{Method, header};
use serde_json::{Value, json};
use testkit::{Reply, shape::assert_shape};

use crate::{
    cookies::cookies,
    stage::{Stage, assert_refused},
};

/// `PlaybackStartResponse` and `PlaybackPolicy`.
#[track_caller]
fn assert_play(body: &Value) {
    let fields = [
        ("token", "string"),
        ("session_id", "string"),
        ("expires_at", "number"),
        ("policy", "object"),
        ("play_url", "string"),
    ];
    assert_shape(body, &fields);
    let policy = &body["policy"];
    let fields = [
        ("allow_seek", "boolean"),
        ("playback_rate", "object"),
        ("watermark", "object"),
        ("concurrency", "object"),
    ];
    assert_shape(policy, &fields);
    assert_shape(&policy["playback_rate"], &[("max", "number"), ("ui_control", "boolean")]);
    let fields = [("enabled", "boolean"), ("mode", "'overlay' | 'burnin'"), ("fields", "array")];
    assert_shape(&policy["watermark"], &fields);
    let fields = [("max_devices", "number"), ("max_concurrent_sessions", "number")];
    assert_shape(&policy["concurrency"], &fields);
}

/// `PLAYBACK_ENDPOINTS`, with the slash at the end that it sends.
fn endpoint(stage: &Stage, action: &str) -> String {
    format!("/api/v1/media/videos/{}/{action}/", stage.video)
}

/// `navigator.sendBeacon`: a body and its type, and no `Authorization`, which a beacon can't carry.
async fn beacon(stage: &Stage, body: Value) -> Reply {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(endpoint(stage, "events"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(axum::body::Body::from(body.to_string()))
        .unwrap();
    stage.app.send(request).await
}

#[tokio::test]
async fn a_play_of_its_player_from_beginning_to_end() {
    let stage = Stage::new().await;
    let post = async |action: &str, body: Value| {
        stage.app.post(&endpoint(&stage, action), &stage.student, body).await
    };
    // getDeviceId(), as it makes one.
    let body = json!({"enrollment_id": stage.enrollment, "device_id": "web:chrome:8f1d3b19a2c44e18e4b1c2d3"});
    let play = post("play", body).await.expect(200);
    assert_play(&play.body);
    assert!(play.body["expires_at"].as_i64().unwrap() > stage.now() + 60, "it refreshes in the last minute");
    assert!(play.text("play_url").starts_with("https://"), "resolvePlayUrl takes it as it is");
    let (token, session_id) = (play.text("token"), play.text("session_id"));

    // flush(false) every five seconds: six kinds, with and without a payload.
    let now = stage.now();
    let events = json!([
        {"type": "play_start", "occurred_at": now},
        {"type": "seek_attempt", "payload": {"from": 1.5, "to": 95.25}, "occurred_at": now},
        {"type": "speed_change_attempt", "payload": {"to": 2}, "occurred_at": now},
        {"type": "visibility_change", "payload": {"state": "visible"}, "occurred_at": now},
        {"type": "pause", "occurred_at": now},
        {"type": "ended", "occurred_at": now},
    ]);
    let stored = post("events", json!({"token": token, "events": events})).await.expect(200);
    assert_shape(&stored.body, &[("stored", "number")]);
    assert_eq!(stored.body["stored"], 6);

    // heartbeat() and refresh() with the token and the session, as both of them are sent.
    for _ in 0..12 {
        stage.wait(45);
        post("heartbeat", json!({"token": token, "session_id": session_id})).await.expect(200);
    }
    let refreshed = post("refresh", json!({"token": token, "session_id": session_id})).await.expect(200);
    assert_play(&refreshed.body);
    // It takes the whole answer over only where both of these are there.
    assert_eq!(refreshed.body["session_id"], json!(session_id));
    assert!(!cookies(&refreshed.headers).is_empty());
    let token = refreshed.text("token");

    // updateVideoProgress(), under the path of its lectures.
    let body = json!({
        "video": stage.video, "enrollment": stage.enrollment, "progress": 0.95, "last_position": 95, "completed": true,
    });
    for path in
        ["/api/v1/lectures/video-progress/update_progress/", "/api/v1/media/video-progress/update_progress/"]
    {
        let progress = stage.app.post(path, &stage.student, body.clone()).await.expect(200);
        let fields = [
            ("id", "id"),
            ("video", "id"),
            ("enrollment", "id"),
            ("progress", "number"),
            ("last_position", "number"),
            ("completed", "boolean"),
            ("updated_at", "string"),
            ("student_name", "string | undefined"),
        ];
        assert_shape(&progress.body, &fields);
        assert_eq!((&progress.body["progress"], &progress.body["completed"]), (&json!(0.95), &json!(true)));
    }

    post("end", json!({"token": token, "session_id": session_id})).await.expect(200);
    let refused = post("heartbeat", json!({"token": token, "session_id": session_id})).await;
    assert_refused(refused, 409, "session_not_active");
}

#[tokio::test]
async fn a_beacon_without_a_login_is_stored_as_long_as_its_play_lives() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    let body = json!({
        "token": token,
        "events": [{"type": "visibility_change", "payload": {"state": "hidden"}, "occurred_at": stage.now()}],
    });
    // The token proves whose play it is; the login would only repeat it.
    assert_eq!(beacon(&stage, body.clone()).await.expect(200).body, json!({"stored": 1}));
    // A token alone opens nothing else: neither the picture nor more time.
    for action in ["heartbeat", "refresh"] {
        let reply = stage.app.post(&endpoint(&stage, action), None, json!({"token": token})).await;
        assert_refused(reply, 401, "user_mismatch");
    }
    stage.send("end", &token).await.expect(200);
    assert_refused(beacon(&stage, body.clone()).await, 409, "session_not_active");
    let mut forged = body;
    forged["token"] = json!(format!("{token}x"));
    assert_refused(beacon(&stage, forged).await, 401, "invalid_token");
}

#[tokio::test]
async fn every_refusal_says_its_code_where_the_player_reads_it() {
    let stage = Stage::new().await;
    stage.permit(domain::playback::AccessRule::Blocked, |_| {}).await;
    let refused = stage.play("phone").await.expect_error(403, "blocked");
    assert_shape(&refused.body, &[("detail", "'blocked'"), ("error", "object")]);
    let fields = [("code", "'blocked'"), ("message", "string"), ("status", "number"), ("details", "object")];
    assert_shape(&refused.body["error"], &fields);
}

#[tokio::test]
async fn a_video_of_another_site_is_not_streamed() {
    let stage = Stage::new().await;
    let link = domain::link::VideoLink::Youtube { id: "dQw4w9WgXcQ".into() };
    stage.put_video(|video| (video.link, video.active_version) = (Some(link), None)).await;
    assert_refused(stage.play("phone").await, 409, "video_external");
    let body = json!({"video": stage.video, "enrollment": stage.enrollment, "progress": 1.0});
    let reply = stage.app.post("/api/v1/media/video-progress/update_progress", &stage.student, body).await;
    assert_refused(reply, 409, "video_external");
    // Who may not watch it learns no more than of any other.
    stage.permit(domain::playback::AccessRule::Blocked, |_| {}).await;
    assert_refused(stage.play("phone").await, 403, "blocked");
}
