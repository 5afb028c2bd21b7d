use domain::commerce::Account;
use futures::future::join_all;
use serde_json::{Value, json};
use stripe_stand_in::FaultKind;

use crate::setup::{Stage, VISA};

const CHANGE: &str = "/api/v1/subscription/change";

async fn preview(stage: &Stage, plan: &str, interval: &str) -> Value {
    let path = format!("/api/v1/subscription/change-preview?plan={plan}&interval={interval}");
    let student = stage.student().await;
    stage.app.get(&path, &student).await.expect(200).body
}

fn agreement(preview: &Value) -> Value {
    json!({
        "plan": preview["plan"], "interval": preview["interval"], "charge_cents": preview["charge_cents"],
        "previewed_at": preview["previewed_at"],
    })
}

#[tokio::test]
async fn an_upgrade_is_charged_as_it_was_shown_and_keeps_the_period() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 999, 0).await, stage.plan("premium", 1_499, 0).await);
    stage.subscribed(&basic, "monthly", VISA).await;
    stage.advance(15);
    let shown = preview(&stage, &premium, "monthly").await;
    assert_eq!(
        (&shown["charge_cents"], &shown["price_cents"]),
        (&json!(250), &json!(1_499)),
        "half of June is left"
    );
    assert_eq!(shown["new_period"], false);
    // What was agreed to counts, also a minute later.
    stage.world.advance(kernel::SignedDuration::from_mins(1));
    let student = stage.student().await;
    let changed = stage.app.post(CHANGE, &student, agreement(&shown)).await.expect(200).body;
    assert_eq!((&changed["plan_type"], &changed["price_cents"]), (&json!("premium"), &json!(1_499)));
    assert_eq!(changed["renewal_date"], "2026-07-01T12:00:00Z");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -(999 + 250));
}

#[tokio::test]
async fn a_downgrade_gives_nothing_back() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 999, 0).await, stage.plan("premium", 1_499, 0).await);
    stage.subscribed(&premium, "monthly", VISA).await;
    let shown = preview(&stage, &basic, "monthly").await;
    assert_eq!(shown["charge_cents"], 0);
    let changed = stage.app.post(CHANGE, &stage.student, agreement(&shown)).await.expect(200).body;
    assert_eq!(changed["plan_type"], "basic");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -1_499);
}

#[tokio::test]
async fn another_interval_begins_a_period_and_takes_off_the_rest_of_the_old_one() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    stage.advance(15);
    let shown = preview(&stage, &plan, "annual").await;
    assert_eq!((&shown["charge_cents"], &shown["new_period"]), (&json!(9_490), &json!(true)));
    let student = stage.student().await;
    let changed = stage.app.post(CHANGE, &student, agreement(&shown)).await.expect(200).body;
    assert_eq!(
        (&changed["interval"], &changed["renewal_date"]),
        (&json!("annual"), &json!("2027-06-16T12:00:00Z"))
    );
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -(999 + 9_490));
}

#[tokio::test]
async fn who_does_not_pay_keeps_what_he_has() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 999, 0).await, stage.plan("premium", 1_499, 0).await);
    stage.subscribed(&basic, "monthly", VISA).await;
    for interval in ["monthly", "annual"] {
        let shown = preview(&stage, &premium, interval).await;
        stage.stripe.decline_next("insufficient_funds");
        stage.app.post(CHANGE, &stage.student, agreement(&shown)).await.expect_error(402, "PAYMENT_DECLINED");
        let kept = stage.subscription().await;
        assert_eq!((&kept["plan_type"], &kept["interval"]), (&json!("basic"), &json!("monthly")));
        assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);
    }
}

#[tokio::test]
async fn what_was_not_shown_is_not_charged() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 999, 0).await, stage.plan("premium", 1_499, 0).await);
    let path = format!("/api/v1/subscription/change-preview?plan={premium}");
    stage.app.get(&path, &stage.student).await.expect_error(404, "SUBSCRIPTION_NOT_FOUND");
    stage.subscribed(&basic, "monthly", VISA).await;
    let shown = preview(&stage, &premium, "monthly").await;
    let mut less = agreement(&shown);
    less["charge_cents"] = json!(shown["charge_cents"].as_i64().unwrap() - 1);
    stage.app.post(CHANGE, &stage.student, less).await.expect_error(409, "PRICE_CHANGED");
    let path = format!("/api/v1/subscription/change-preview?plan={basic}");
    stage.app.get(&path, &stage.student).await.expect_error(409, "SAME_PLAN");
    stage.world.advance(kernel::SignedDuration::from_mins(31));
    let student = stage.student().await;
    stage.app.post(CHANGE, &student, agreement(&shown)).await.expect_error(409, "PREVIEW_EXPIRED");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);
}

#[tokio::test]
async fn ten_agreements_and_a_lost_answer_are_charged_once() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 999, 0).await, stage.plan("premium", 1_499, 0).await);
    stage.subscribed(&basic, "monthly", VISA).await;
    let shown = preview(&stage, &premium, "monthly").await;
    stage.stripe.fail("POST /v1/invoices", FaultKind::ErrorAfter, 2);
    let replies = join_all((0..10).map(|_| stage.app.post(CHANGE, &stage.student, agreement(&shown)))).await;
    assert!(replies.iter().any(|reply| reply.status == 200), "{replies:?}");
    // Whoever was too slow may ask again, or the job goes on with it.
    stage.follow().await;
    assert_eq!(stage.subscription().await["plan_type"], "premium");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -(999 + 500));
}
