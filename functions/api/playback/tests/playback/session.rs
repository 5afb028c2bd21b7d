//! A play that goes on, and how it ends.

use domain::playback::{AccessRule, PlaybackStatus};
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::Id;
use serde_json::{Value, json};

use crate::{
    cookies::cookies,
    stage::{Stage, assert_refused, limits},
};

async fn both() -> [Stage; 2] {
    [Stage::new().await, Stage::on_valkey(limits(1, 2)).await]
}

#[tokio::test]
async fn heartbeats_keep_a_session_alive_and_its_place_taken() {
    for stage in both().await {
        let token = stage.play("phone").await.expect(200).text("token");
        stage.wait(590);
        let reply = stage.send("heartbeat", &token).await.expect(200);
        assert!(reply.calls <= 4, "session, enrolment, player twice: {}", reply.calls);
        assert_eq!(
            (&reply.body["status"], &reply.body["expires_at"]),
            (&json!("ok"), &json!(stage.now() + 600))
        );
        stage.wait(20);
        assert_refused(stage.play("phone").await, 409, "concurrency_limit_exceeded");
        assert_refused(stage.send("heartbeat", &token).await, 401, "token_expired");
    }
}

#[tokio::test]
async fn refresh_gives_a_new_token_new_cookies_and_the_policy_of_now() {
    for stage in both().await {
        let first = stage.play("phone").await.expect(200);
        stage.wait(540);
        stage.permit(AccessRule::Free, |permission| permission.allow_skip_override = Some(true)).await;
        // A new version does not take away the one that plays.
        let video = stage.put_video(|video| video.active_version = Some(2)).await;
        let video = stage.world.store().videos().get(video).await.unwrap().unwrap();
        stage.world.store().put(&testkit::fixtures::version(&video)).await.unwrap();
        let second = stage.send("refresh", &first.text("token")).await.expect(200);
        assert!(second.calls <= 8, "{}: one of them for the version that was replaced", second.calls);
        assert_eq!(second.body["session_id"], first.body["session_id"]);
        assert_eq!(second.body["expires_at"], stage.now() + 600);
        assert_eq!(second.body["policy"]["allow_seek"], true);
        assert_eq!(second.body["play_url"], first.body["play_url"]);
        assert_ne!(
            cookies(&second.headers)["CloudFront-Policy"],
            cookies(&first.headers)["CloudFront-Policy"]
        );
        stage.wait(300);
        assert_refused(stage.send("heartbeat", &first.text("token")).await, 401, "token_expired");
        stage.send("heartbeat", &second.text("token")).await.expect(200);
    }
}

#[tokio::test]
async fn a_play_stays_with_its_version_until_that_is_given_up() {
    for stage in both().await {
        let play_url = |reply: &testkit::Reply| reply.text("play_url");
        let first = stage.play("phone").await.expect(200);
        let video = stage.put_video(|video| video.active_version = Some(2)).await;
        let video = stage.world.store().videos().get(video).await.unwrap().unwrap();
        let mut version = testkit::fixtures::version(&video);
        version.idle_since = Some(stage.world.ambient().now());
        stage.world.store().put(&version).await.unwrap();
        stage.wait(500);
        let second = stage.send("refresh", &first.text("token")).await.expect(200);
        assert_eq!(play_url(&second), play_url(&first));
        // From the moment of the switch on, who begins begins with the new one.
        let other = stage.world.student().await;
        stage.send("end", &second.text("token")).await.expect(200);
        let new = stage.play("phone").await.expect(200);
        assert!(play_url(&new).ends_with("/2/master.m3u8"), "{}", play_url(&new));
        drop(other);

        // Its time is over: who goes on does so with the one that plays, and gets no more cookies for the other.
        version.retired_at = Some(stage.world.ambient().now());
        stage.world.store().put(&version).await.unwrap();
        stage.send("end", &new.text("token")).await.expect(200);
        stage.put_video(|video| video.active_version = Some(1)).await;
        let old = stage.play("phone").await.expect(200);
        stage.put_video(|video| video.active_version = Some(2)).await;
        let moved = stage.send("refresh", &old.text("token")).await.expect(200);
        assert!(play_url(&moved).ends_with("/2/master.m3u8"), "{}", play_url(&moved));
        let policy = &cookies(&moved.headers)["CloudFront-Policy"];
        assert_ne!(policy, &cookies(&old.headers)["CloudFront-Policy"]);
        // The new token is one of the new version.
        stage.wait(100);
        let stays = stage.send("refresh", &moved.text("token")).await.expect(200);
        assert_eq!(play_url(&stays), play_url(&moved));
    }
}

#[tokio::test]
async fn refresh_checks_access_again() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    stage.permit(AccessRule::Blocked, |_| {}).await;
    let refused = stage.send("refresh", &token).await;
    assert!(cookies(&refused.headers).is_empty());
    assert_refused(refused, 403, "blocked");
    stage.permit(AccessRule::Free, |_| {}).await;
    stage
        .enroll(&stage.student, stage.enrollment, stage.course, |e| e.expiry_date = Some(e.enrolled_at))
        .await;
    assert_refused(stage.send("refresh", &token).await, 404, "enrollment_not_found");
}

#[tokio::test]
async fn what_a_teacher_blocks_ends_with_the_next_heartbeat() {
    for stage in both().await {
        let token = stage.play("phone").await.expect(200).text("token");
        // What may be watched once can be watched to its end.
        stage.permit(AccessRule::Once, |_| {}).await;
        stage.set_completed().await;
        stage.send("heartbeat", &token).await.expect(200);
        stage.permit(AccessRule::Blocked, |_| {}).await;
        assert_refused(stage.send("heartbeat", &token).await, 403, "blocked");
        stage.permit(AccessRule::Free, |_| {}).await;
        assert_refused(stage.send("heartbeat", &token).await, 409, "session_not_active");
        assert_refused(stage.send("refresh", &token).await, 409, "session_not_active");
        stage.play("phone").await.expect(200);
    }
}

#[tokio::test]
async fn the_end_of_an_enrolment_ends_the_play_with_the_next_heartbeat() {
    for stage in both().await {
        let token = stage.play("phone").await.expect(200).text("token");
        stage
            .enroll(&stage.student, stage.enrollment, stage.course, |e| e.expiry_date = Some(e.enrolled_at))
            .await;
        assert_refused(stage.send("heartbeat", &token).await, 404, "enrollment_not_found");
        stage.enroll(&stage.student, stage.enrollment, stage.course, |_| {}).await;
        assert_refused(stage.send("heartbeat", &token).await, 409, "session_not_active");
    }
}

#[tokio::test]
async fn a_token_fits_one_video_user_device_and_session_only() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    let (token, session) = (reply.text("token"), reply.text("session_id"));
    let other = stage.put_video(|video| video.id = stage.world.ambient().id()).await;
    let stranger = stage.world.student().await;
    for action in ["heartbeat", "refresh", "end", "events"] {
        let mut body = json!({"token": token});
        if action == "events" {
            body["events"] = json!([]);
        }
        let path = format!("/api/v1/media/videos/{other}/{action}");
        assert_refused(stage.app.post(&path, &stage.student, body.clone()).await, 401, "video_mismatch");
        assert_refused(
            stage.app.post(&stage.path(action), &stranger, body.clone()).await,
            401,
            "user_mismatch",
        );
        let alone =
            stage.app.post(&stage.path(action), None, json!({"token": "e30.e30.e30", "events": []})).await;
        assert!(matches!(alone.status.as_u16(), 401 | 422));
        if action != "events" {
            body["device_id"] = json!("tablet");
            assert_refused(
                stage.app.post(&stage.path(action), &stage.student, body).await,
                401,
                "device_mismatch",
            );
            let body = json!({"token": token, "session_id": Id::<()>::from_uuid(uuid::Uuid::nil())});
            assert_refused(
                stage.app.post(&stage.path(action), &stage.student, body).await,
                401,
                "session_mismatch",
            );
        }
    }
    for action in ["heartbeat", "refresh"] {
        assert_refused(
            stage.app.post(&stage.path(action), None, json!({"token": token})).await,
            401,
            "user_mismatch",
        );
        let all = json!({"token": token, "session_id": session, "device_id": "phone"});
        stage.app.post(&stage.path(action), &stage.student, all).await.expect(200);
    }
}

#[tokio::test]
async fn a_token_that_we_did_not_make_is_refused() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    let (head, rest) = token.split_once('.').unwrap();
    let (payload, _) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"playback+jwt"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoicGxheWJhY2srand0In0.{payload}.");
    let claims: Value = {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    };
    let sign = |kind: &str, secret: &str| {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(kind.to_owned());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    assert_eq!(
        sign("playback+jwt", &"s".repeat(64)).len(),
        token.len(),
        "the forgeries differ in one thing each"
    );
    let forgeries = [
        sign("playback+jwt", &"x".repeat(64)),
        sign("JWT", &"s".repeat(64)),
        unsigned,
        format!("{head}.{payload}.AAAA"),
        stage.student.token.clone(),
        "x".repeat(4096),
    ];
    for forgery in forgeries {
        assert_refused(stage.send("heartbeat", &forgery).await, 401, "invalid_token");
    }
    stage.send("heartbeat", &"x".repeat(4097)).await.expect_error(422, "VALIDATION_FAILED");
    stage.send("heartbeat", "").await.expect_error(422, "VALIDATION_FAILED");
    let unknown = json!({"token": token, "policy": {}});
    stage
        .app
        .post(&stage.path("heartbeat"), &stage.student, unknown)
        .await
        .expect_error(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn the_end_frees_the_place_and_takes_the_cookies_back() {
    for stage in both().await {
        let reply = stage.play("phone").await.expect(200);
        let (token, session) = (reply.text("token"), reply.text("session_id"));
        for _ in 0..2 {
            let ended = stage.send("end", &token).await.expect(200);
            assert_eq!(ended.body["status"], "ended");
            let taken = cookies(&ended.headers);
            assert_eq!(taken.len(), 3);
            for (value, attributes) in taken.values() {
                assert_eq!(value, "");
                assert!(attributes.starts_with(&format!("Path=/hls/videos/{}/1/; Max-Age=0;", stage.video)));
            }
        }
        for action in ["heartbeat", "refresh"] {
            assert_refused(stage.send(action, &token).await, 409, "session_not_active");
        }
        assert_refused(stage.report(&token, json!([])).await, 409, "session_not_active");
        let record = stage.world.store().playbacks().get(session.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(record.status, PlaybackStatus::Ended);
        stage.play("phone").await.expect(200);
    }
}

#[tokio::test]
async fn a_browser_that_leaves_may_end_without_a_login() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    stage.app.post(&stage.path("end"), None, json!({"token": token})).await.expect(200);
    stage.play("phone").await.expect(200);
}

#[tokio::test]
async fn a_user_sees_his_sessions_and_ends_one() {
    for stage in both().await {
        let reply = stage.play("phone").await.expect(200);
        let (token, session) = (reply.text("token"), reply.text("session_id"));
        let live = stage.app.get("/api/v1/media/sessions/", &stage.student).await.expect(200).body;
        let expected = json!({
            "id": session, "video_id": stage.video, "device_id": "phone", "started_at": stage.now(),
            "last_seen": stage.now(), "expires_at": stage.now() + 600,
        });
        assert_eq!(live["results"], json!([expected]));
        let path = format!("/api/v1/media/sessions/{session}");
        let stranger = stage.world.student().await;
        assert_eq!(stage.app.get("/api/v1/media/sessions", &stranger).await.body["results"], json!([]));
        assert_refused(stage.app.delete(&path, &stranger).await, 404, "session_not_found");
        stage.send("heartbeat", &token).await.expect(200);
        stage.app.delete(&path, &stage.student).await.expect(204);
        for action in ["heartbeat", "refresh"] {
            assert_refused(stage.send(action, &token).await, 409, "session_not_active");
        }
        assert_refused(stage.report(&token, json!([])).await, 409, "session_not_active");
        assert_refused(stage.app.delete(&path, &stage.student).await, 404, "session_not_found");
        assert_eq!(stage.app.get("/api/v1/media/sessions", &stage.student).await.body["results"], json!([]));
    }
}

#[tokio::test]
async fn sessions_are_for_who_is_logged_in() {
    let stage = Stage::new().await;
    for (method, path) in [
        (Method::GET, "/api/v1/media/sessions".to_owned()),
        (Method::DELETE, format!("/api/v1/media/sessions/{}", stage.video)),
        (Method::GET, format!("/api/v1/media/video-progress?enrollment={}", stage.enrollment)),
        (Method::PUT, "/api/v1/media/video-progress".to_owned()),
        (Method::POST, "/api/v1/media/video-progress/update_progress".to_owned()),
    ] {
        stage.app.call(method, &path, None, None).await.expect_error(401, "NOT_AUTHENTICATED");
    }
}
