use serde_json::json;

use crate::setup::{Stage, VISA};

const CANCEL: &str = "/api/v1/subscription/cancel";
const RESUME: &str = "/api/v1/subscription/resume";

#[tokio::test]
async fn it_ends_with_the_period_and_that_can_be_taken_back() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    let post = async |path, body| stage.app.post(path, &stage.student, body).await;
    post(CANCEL, json!({"at_period_end": true})).await.expect_error(404, "SUBSCRIPTION_NOT_FOUND");
    stage.subscribed(&plan, "monthly", VISA).await;
    post(RESUME, json!({})).await.expect_error(409, "SUBSCRIPTION_NOT_ENDING");
    for _ in 0..2 {
        let ending = post(CANCEL, json!({"at_period_end": true})).await.expect(200).body;
        assert_eq!((&ending["cancel_at_period_end"], &ending["is_active"]), (&json!(true), &json!(true)));
        assert_eq!(ending["end_date"], "2026-07-01T12:00:00Z");
    }
    let back = post(RESUME, json!({})).await.expect(200).body;
    assert_eq!((&back["cancel_at_period_end"], &back["end_date"]), (&json!(false), &json!(null)));
    post(CANCEL, json!({"at_period_end": true})).await.expect(200);
    stage.advance(31);
    let student = stage.student().await;
    let over = stage.app.get("/api/v1/subscription", &student).await.expect(200).body;
    assert_eq!(
        (&over["status"], &over["is_active"]),
        (&json!("active"), &json!(false)),
        "before anybody told"
    );
    stage.follow().await;
    let over = stage.app.get("/api/v1/subscription", &student).await.expect(200).body;
    assert_eq!(over["status"], "expired");
    stage.app.post(RESUME, &student, json!({})).await.expect_error(409, "SUBSCRIPTION_ENDED");
}

#[tokio::test]
async fn it_ends_now_and_another_one_may_begin() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "annual", VISA).await;
    let gone = stage.app.post(CANCEL, &stage.student, json!({"at_period_end": false})).await.expect(200).body;
    assert_eq!((&gone["status"], &gone["is_active"]), (&json!("cancelled"), &json!(false)));
    stage
        .app
        .post(CANCEL, &stage.student, json!({"at_period_end": false}))
        .await
        .expect_error(409, "SUBSCRIPTION_ENDED");
    let gateway_id = stage.stored().await.gateway_id.unwrap();
    assert_eq!(stage.stripe.object(&gateway_id).unwrap()["status"], "canceled");
    let again = stage.subscribed(&plan, "monthly", VISA).await;
    assert_eq!(again["status"], "active");
    // What comes late for the one that has ended changes nothing.
    let now = stage.world.ambient().now();
    stage.billing.follow(&gateway_id, now).await.unwrap();
    assert_eq!(stage.subscription().await, again);
}

#[tokio::test]
async fn others_see_and_end_only_their_own() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    let other = stage.world.student().await;
    for (path, body) in [(CANCEL, json!({"at_period_end": false})), (RESUME, json!({}))] {
        stage.app.post(path, &other, body.clone()).await.expect_error(404, "SUBSCRIPTION_NOT_FOUND");
        stage.app.post(path, None, body).await.expect(401);
    }
    assert_eq!(stage.subscription().await["status"], "active");
}
