//! Videos that their owner keeps from countries and from who is not of age.

use domain::video::{VideoStatus, Visibility};
use jiff::civil::{Date, date};
use kernel::Secret;
use serde_json::json;
use store::entities::Video;
use testkit::{App, Caller, Reply};

use crate::stage::{Stage, assert_refused};

/// The stage's day is the 1st of June 2026: born on it, and a day too late.
const ADULT: Date = date(2008, 6, 1);
const CHILD: Date = date(2008, 6, 2);

async fn put_public(stage: &Stage, change: impl FnOnce(&mut Video)) {
    stage
        .put_video(|video| {
            (video.visibility, video.status) = (Visibility::Public, VideoStatus::Published);
            change(video);
        })
        .await;
}

async fn born(stage: &Stage, who: &Caller, day: Option<Date>) {
    let store = stage.world.store();
    let mut user = store.users().get(who.id).await.unwrap().unwrap();
    user.birthdate = day.map(Secret::new);
    store.put(&user).await.unwrap();
}

/// Plays without an enrolment, each time on the same device.
async fn play(stage: &Stage, app: &App, who: Option<&Caller>) -> Reply {
    let device = format!("{:?}", who.map(|caller| caller.id));
    app.post(&stage.path("play"), who, json!({"device_id": device})).await
}

async fn end(stage: &Stage, who: Option<&Caller>, playing: &Reply) {
    stage.app.post(&stage.path("end"), who, json!({"token": playing.text("token")})).await.expect(200);
}

#[tokio::test]
async fn in_a_blocked_country_nobody_plays_but_the_owner() {
    let stage = Stage::new().await;
    put_public(&stage, |video| video.geo_restrictions = ["CN", "KR"].map(String::from).into()).await;
    let korea = stage.app.from_country("KR");
    for who in [None, Some(&stage.student)] {
        assert_refused(play(&stage, &korea, who).await, 403, "country_blocked");
        let elsewhere = play(&stage, &stage.app.from_country("DE"), who).await.expect(200);
        end(&stage, who, &elsewhere).await;
        // CloudFront does not know where this one is; the next one has not asked it.
        let unknown = play(&stage, &stage.app.from_somewhere(), who).await.expect(200);
        end(&stage, who, &unknown).await;
        assert_refused(play(&stage, &stage.app, who).await, 403, "country_unknown");
    }
    play(&stage, &korea, Some(&stage.teacher)).await.expect(200);
    let enrolled = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    let refused = korea.post(&stage.path("play"), &stage.student, enrolled).await;
    assert_eq!(
        refused.calls, 1,
        "the video with his rows; the session is remembered, the country costs nothing"
    );
    assert_refused(refused, 403, "country_blocked");
    let enrolled = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    stage.app.from_country("DE").post(&stage.path("play"), &stage.student, enrolled).await.expect(200);
}

#[tokio::test]
async fn who_moves_to_a_blocked_country_plays_no_longer_than_his_cookies_work() {
    let stage = Stage::new().await;
    put_public(&stage, |_| {}).await;
    let germany = stage.app.from_country("DE");
    let playing = play(&stage, &germany, None).await.expect(200);
    let token = json!({"token": playing.text("token")});
    put_public(&stage, |video| video.geo_restrictions = ["KR".to_owned()].into()).await;
    germany.post(&stage.path("refresh"), None, token.clone()).await.expect(200);
    let korea = stage.app.from_country("KR");
    assert_refused(korea.post(&stage.path("refresh"), None, token).await, 403, "country_blocked");
    let enrolled = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    let playing = germany.post(&stage.path("play"), &stage.student, enrolled).await.expect(200);
    let token = json!({"token": playing.text("token")});
    assert_refused(korea.post(&stage.path("refresh"), &stage.student, token).await, 403, "country_blocked");
}

#[tokio::test]
async fn a_viewer_does_not_say_himself_where_he_is() {
    let stage = Stage::new().await;
    put_public(&stage, |video| video.geo_restrictions = ["KR".to_owned()].into()).await;
    let ours = Some(testkit::world::ORIGIN_VERIFY);
    for (proof, country, code) in [
        (None, "DE", "country_unknown"),
        (Some("a guess"), "DE", "country_unknown"),
        (ours, "KR", "country_blocked"),
    ] {
        let body = json!({"device_id": format!("{proof:?}")}).to_string();
        let request = http::Request::post(stage.path("play")).header("content-type", "application/json");
        let mut request = request.header("cloudfront-viewer-country", country);
        if let Some(proof) = proof {
            request = request.header("x-origin-verify", proof);
        }
        // Without the distribution's proof the header says nothing.
        assert_refused(stage.app.send(request.body(body.into()).unwrap()).await, 403, code);
    }
}

#[tokio::test]
async fn what_is_for_adults_asks_for_a_login_and_a_date_of_birth() {
    let stage = Stage::new().await;
    put_public(&stage, |video| video.age_restricted = true).await;
    assert_refused(play(&stage, &stage.app, None).await, 401, "login_required");
    for (day, expected) in [(None, "birthdate_required"), (Some(CHILD), "age_restricted")] {
        born(&stage, &stage.student, day).await;
        assert_refused(stage.play("phone").await, 403, expected);
        let refused = play(&stage, &stage.app, Some(&stage.student)).await;
        assert_eq!(refused.calls, 2, "the video and the date of birth; the session is remembered");
        assert_refused(refused, 403, expected);
    }
    born(&stage, &stage.student, Some(ADULT)).await;
    let playing = play(&stage, &stage.app, Some(&stage.student)).await.expect(200);
    end(&stage, Some(&stage.student), &playing).await;
    // The owner has never said how old he is.
    play(&stage, &stage.app, Some(&stage.teacher)).await.expect(200);

    // A student of the course too, and one who comes of age may watch from the day on, in UTC.
    born(&stage, &stage.student, Some(CHILD)).await;
    assert_refused(stage.play("phone").await, 403, "age_restricted");
    stage.wait(12 * 3600 - 1);
    let student = stage.world.login(stage.student.id).await;
    let body = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    assert_refused(stage.app.post(&stage.path("play"), &student, body.clone()).await, 403, "age_restricted");
    stage.wait(1);
    let playing = stage.app.post(&stage.path("play"), &student, body).await.expect(200);
    assert_eq!(playing.calls, 5, "the date of birth is one; the session is remembered");
    let token = json!({"token": playing.text("token")});
    born(&stage, &stage.student, None).await;
    assert_refused(stage.app.post(&stage.path("refresh"), &student, token).await, 403, "birthdate_required");
}
