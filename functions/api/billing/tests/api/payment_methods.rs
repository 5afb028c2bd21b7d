use domain::commerce::Account;
use serde_json::{Value, json};
use stripe_stand_in::FaultKind;

use crate::setup::{Stage, VISA};

const METHOD: &str = "/api/v1/subscription/payment-method";
/// Another card that pays.
const MASTERCARD: &str = "5555555555554444";
const DECLINED: &str = "4000000000000002";

async fn ask(stage: &Stage) -> Value {
    stage.app.post(METHOD, &stage.student().await, json!({})).await.expect(200).body
}

fn secret(answer: &Value) -> &str {
    answer["client_secret"].as_str().unwrap()
}

/// A student whose renewal failed, on the first day of his grace period.
async fn in_grace() -> Stage {
    let stage = Stage::new().await;
    stage.declined_after_trial().await;
    assert_eq!(stage.subscription().await["status"], "grace_period");
    stage
}

#[tokio::test]
async fn a_failed_payment_is_made_with_another_card_which_is_kept() {
    let stage = in_grace().await;
    let open = ask(&stage).await;
    assert_eq!((&open["confirms"], &open["publishable_key"]), (&json!("payment"), &json!("pk_test_local")));
    assert_eq!(open["subscription"]["status"], "grace_period");
    assert_eq!(secret(&ask(&stage).await), secret(&open), "the same payment, however often it is asked for");
    assert_eq!(stage.stripe.pay(secret(&open), DECLINED).unwrap_err().status, 402);
    assert_eq!(stage.subscription().await["status"], "grace_period");
    stage.stripe.pay(secret(&open), MASTERCARD).unwrap();
    stage.follow().await;
    let paid = stage.subscription().await;
    assert_eq!((&paid["status"], &paid["grace_period_ends_at"]), (&json!("active"), &json!(null)));
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);
    assert_eq!(ask(&stage).await["client_secret"], json!(null), "nothing is open");
    // The renewal is paid with the new card, and the old payment is not collected again.
    stage.advance(31);
    stage.follow().await;
    assert_eq!(stage.subscription().await["status"], "active");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -2 * 999);
}

#[tokio::test]
async fn asking_again_after_the_payment_ends_the_grace_period_when_the_event_is_lost() {
    let stage = in_grace().await;
    stage.stripe.pay(secret(&ask(&stage).await), VISA).unwrap();
    let seen = ask(&stage).await;
    assert_eq!(
        (&seen["subscription"]["status"], &seen["client_secret"], &seen["confirms"]),
        (&json!("active"), &json!(null), &json!(null))
    );
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);
}

#[tokio::test]
async fn a_first_payment_that_was_left_goes_on() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    let begun = stage.subscribe(&plan, "monthly").await;
    let again = ask(&stage).await;
    assert_eq!((secret(&again), &again["confirms"]), (secret(&begun), &json!("payment")));
    assert_eq!(again["subscription"]["has_payment_method"], false);
    stage.stripe.pay(secret(&again), VISA).unwrap();
    let paid = ask(&stage).await;
    assert_eq!(
        (&paid["subscription"]["status"], &paid["subscription"]["has_payment_method"]),
        (&json!("active"), &json!(true))
    );
}

#[tokio::test]
async fn a_beginning_that_was_stopped_goes_on_too() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.stripe.fail("POST /v1/subscriptions", FaultKind::ErrorBefore, 3);
    let wish = json!({"plan": plan, "interval": "monthly"});
    let path = "/api/v1/subscription";
    stage.app.post(path, &stage.student, wish).await.expect_error(503, "GATEWAY_UNAVAILABLE");
    stage.app.post(METHOD, &stage.student, json!({})).await.expect_error(409, "SUBSCRIPTION_IN_PROGRESS");
    stage.world.advance(kernel::SignedDuration::from_mins(31));
    stage.stripe.pay(secret(&ask(&stage).await), VISA).unwrap();
    stage.follow().await;
    assert_eq!(stage.subscription().await["status"], "active");
    assert_eq!(stage.stripe.counts()["subscription"], 1);
}

#[tokio::test]
async fn the_card_for_the_time_after_the_trial_can_be_given_later() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 14).await;
    let begun = stage.subscribe(&plan, "monthly").await;
    stage.advance(13);
    let again = ask(&stage).await;
    assert_eq!((secret(&again), &again["confirms"]), (secret(&begun), &json!("setup")));
    assert_eq!(again["subscription"]["has_payment_method"], false);
    stage.stripe.pay(secret(&again), VISA).unwrap();
    let kept = ask(&stage).await;
    assert_eq!(
        (&kept["subscription"]["has_payment_method"], &kept["client_secret"]),
        (&json!(true), &json!(null))
    );
    stage.advance(2);
    stage.follow().await;
    assert_eq!(stage.subscription().await["status"], "active");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);
}

#[tokio::test]
async fn another_card_is_taken_when_the_browser_comes_back_without_any_event() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    let asked = stage.app.post(&format!("{METHOD}?another_card=true"), &stage.student, json!({})).await;
    let asked = asked.expect(200).body;
    let (given, _) = secret(&asked).split_once("_secret_").unwrap();
    stage.stripe.pay(secret(&asked), MASTERCARD).unwrap();
    let brand = async || {
        let gateway_id = stage.stored().await.gateway_id.unwrap();
        let kept = stage.stripe.object(&gateway_id).unwrap()["default_payment_method"].clone();
        stage.stripe.object(kept.as_str().unwrap()).unwrap()["card"]["brand"].clone()
    };
    let path = format!("{METHOD}?setup_intent={given}");

    // Somebody else's subscription is paid with no card of this one, and this one with no other's.
    let other = stage.world.student().await;
    let wish = json!({"plan": plan, "interval": "monthly"});
    stage.app.post("/api/v1/subscription", &other, wish).await.expect(201);
    stage.app.post(&path, &other, json!({})).await.expect(200);
    for wrong in ["seti_none", "../customers", "sub_1"] {
        let path = format!("{METHOD}?setup_intent={wrong}");
        stage.app.post(&path, &stage.student, json!({})).await.expect(200);
    }
    assert_eq!(brand().await, "visa");
    for _ in 0..2 {
        let taken = stage.app.post(&path, &stage.student, json!({})).await.expect(200).body;
        assert_eq!((&taken["client_secret"], brand().await), (&json!(null), json!("mastercard")));
    }
    let long = format!("{METHOD}?setup_intent={}", "s".repeat(256));
    stage.app.post(&long, &stage.student, json!({})).await.expect(422);
}

#[tokio::test]
async fn what_has_ended_can_not_be_paid_any_more() {
    let stage = in_grace().await;
    let open = ask(&stage).await;
    // The answer to taking the invoice back gets lost, and the request is sent again.
    stage.stripe.fail("POST /v1/invoices/*/void", FaultKind::ErrorKept, 1);
    let student = stage.student().await;
    let now = json!({"at_period_end": false});
    stage.app.post("/api/v1/subscription/cancel", &student, now).await.expect(200);
    assert!(stage.stripe.pay(secret(&open), VISA).is_err(), "the page for it may still be open somewhere");
    stage.app.post(METHOD, &student, json!({})).await.expect_error(409, "SUBSCRIPTION_ENDED");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, 0);
}

#[tokio::test]
async fn what_the_gateway_has_ended_can_not_be_paid_either() {
    let stage = in_grace().await;
    let open = ask(&stage).await;
    // The gateway tries the old card on the days 3, 5 and 7, and gives up.
    stage.advance(8);
    stage.follow().await;
    assert_eq!(stage.subscription().await["status"], "cancelled");
    assert!(stage.stripe.pay(secret(&open), VISA).is_err());
}

#[tokio::test]
async fn only_the_subscriber_gets_the_secret() {
    let stage = in_grace().await;
    stage.app.post(METHOD, None, json!({})).await.expect(401);
    let other = stage.world.student().await;
    stage.app.post(METHOD, &other, json!({})).await.expect_error(404, "SUBSCRIPTION_NOT_FOUND");
    stage.stripe.fail("GET /v1/subscriptions", FaultKind::ErrorBefore, 3);
    stage.app.post(METHOD, &stage.student().await, json!({})).await.expect_error(503, "GATEWAY_UNAVAILABLE");
}
