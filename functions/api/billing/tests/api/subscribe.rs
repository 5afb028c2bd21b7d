use domain::commerce::Account;
use futures::future::join_all;
use serde_json::json;
use stripe_stand_in::{FaultKind, fee};

use crate::setup::{Stage, VISA};

#[tokio::test]
async fn a_student_subscribes_pays_and_has_the_features() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    let features = "/api/v1/subscription/features";
    let none = stage.app.get(features, &stage.student).await.expect(200).body;
    assert_eq!((&none["plan_type"], &none["features"]["ad_free"]), (&json!(null), &json!(false)));
    stage.app.get("/api/v1/subscription", &stage.student).await.expect_error(404, "SUBSCRIPTION_NOT_FOUND");

    let begun = stage.subscribe(&plan, "monthly").await;
    assert_eq!((&begun["confirms"], &begun["publishable_key"]), (&json!("payment"), &json!("pk_test_local")));
    assert_eq!(begun["subscription"]["status"], "pending");
    assert_eq!(
        stage.app.get(features, &stage.student).await.body["features"]["ad_free"],
        false,
        "not paid yet"
    );

    stage.stripe.pay(begun["client_secret"].as_str().unwrap(), VISA).unwrap();
    for _ in 0..3 {
        stage.follow().await;
    }
    let paid = stage.subscription().await;
    assert_eq!((&paid["status"], &paid["is_active"]), (&json!("active"), &json!(true)));
    assert_eq!(paid["renewal_date"], "2026-07-01T12:00:00Z");
    let has = stage.app.get(features, &stage.student).await.expect(200).body;
    assert_eq!(
        has["features"],
        json!({"ad_free": true, "premium_content": true, "early_access": false, "hd_streaming": true, "4k_streaming": false})
    );
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999, "once, however often it is told");
    assert_eq!(stage.booked(Account::GatewayFees).await, fee(999));
    assert_eq!(stage.booked(Account::GatewayClearing).await, 999 - fee(999));
}

#[tokio::test]
async fn a_trial_keeps_a_card_and_is_paid_when_it_ends_and_there_is_one_for_each_user() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 14).await;
    let begun = stage.subscribe(&plan, "monthly").await;
    assert_eq!((&begun["confirms"], &begun["subscription"]["is_trial"]), (&json!("setup"), &json!(true)));
    assert_eq!(begun["subscription"]["is_active"], true);
    stage.stripe.pay(begun["client_secret"].as_str().unwrap(), VISA).unwrap();
    stage.advance(15);
    stage.follow().await;
    let paid = stage.subscription().await;
    assert_eq!((&paid["status"], &paid["is_trial"]), (&json!("active"), &json!(false)));
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -999);

    let cancel = json!({"at_period_end": false});
    stage.app.post("/api/v1/subscription/cancel", &stage.student().await, cancel).await.expect(200);
    let again = stage.subscribe(&plan, "monthly").await;
    assert_eq!((&again["confirms"], &again["subscription"]["is_trial"]), (&json!("payment"), &json!(false)));
}

#[tokio::test]
async fn fifty_at_once_are_one() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.promo("ONCE", 50, 100).await;
    let wish = json!({"plan": plan, "interval": "monthly", "promo_code": "ONCE"});
    let all = (0..50).map(|_| stage.app.post("/api/v1/subscription", &stage.student, wish.clone()));
    let replies = join_all(all).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    for reply in &replies {
        assert!(matches!(reply.status.as_u16(), 200 | 201 | 409), "{:#}", reply.body);
    }
    let counts = stage.stripe.counts();
    assert_eq!((counts["subscription"], counts["customer"]), (1, 1));
    let promo = stage.world.store().promos().get(&"ONCE".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(promo.uses, 1);
}

#[tokio::test]
async fn who_has_one_gets_no_second_and_what_is_pending_goes_on() {
    let stage = Stage::new().await;
    let (basic, premium) = (stage.plan("basic", 499, 0).await, stage.plan("premium", 999, 0).await);
    let first = stage.subscribe(&basic, "monthly").await;
    let wish = |plan: &str| json!({"plan": plan, "interval": "monthly"});
    let path = "/api/v1/subscription";
    let same = stage.app.post(path, &stage.student, wish(&basic)).await.expect(200).body;
    assert_eq!(
        (&same["client_secret"], &same["subscription"]["id"]),
        (&first["client_secret"], &first["subscription"]["id"])
    );
    stage.app.post(path, &stage.student, wish(&premium)).await.expect_error(409, "SUBSCRIPTION_PENDING");
    stage.stripe.pay(first["client_secret"].as_str().unwrap(), VISA).unwrap();
    stage.follow().await;
    stage.app.post(path, &stage.student, wish(&premium)).await.expect_error(409, "ALREADY_SUBSCRIBED");
}

#[tokio::test]
async fn what_can_not_be_subscribed_to() {
    let stage = Stage::new().await;
    let wish = json!({"name": "Basic", "plan_type": "basic", "price_monthly_cents": 499});
    let monthly = stage.app.post("/api/v1/admin/plans", &stage.admin, wish).await.expect(201).text("id");
    let path = "/api/v1/subscription";
    let ask = async |body| stage.app.post(path, &stage.student, body).await;
    ask(json!({"plan": monthly, "interval": "annual"})).await.expect_error(422, "PLAN_NOT_OFFERED");
    ask(json!({"plan": stage.student.id, "interval": "monthly"})).await.expect_error(404, "PLAN_NOT_FOUND");
    ask(json!({"plan": monthly, "interval": "weekly"})).await.expect_error(422, "VALIDATION_FAILED");
    ask(json!({"plan": monthly, "interval": "monthly", "price": 1}))
        .await
        .expect_error(422, "VALIDATION_FAILED");
    let wish = json!({"plan": monthly, "interval": "monthly", "promo_code": "NOBODYS"});
    ask(wish).await.expect_error(404, "PROMO_NOT_FOUND");
    stage.app.post(path, None, json!({"plan": monthly, "interval": "monthly"})).await.expect(401);
    let retire = json!({"is_active": false});
    stage.app.patch(&format!("/api/v1/admin/plans/{monthly}"), &stage.admin, retire).await.expect(200);
    ask(json!({"plan": monthly, "interval": "monthly"})).await.expect_error(404, "PLAN_NOT_FOUND");
    assert_eq!(stage.stripe.counts().get("subscription"), None);
}

#[tokio::test]
async fn an_answer_that_got_lost_is_one_subscription() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.stripe.fail("POST /v1/subscriptions", FaultKind::ErrorAfter, 1);
    stage.subscribe(&plan, "monthly").await;
    assert_eq!(stage.stripe.counts()["subscription"], 1);
}

#[tokio::test]
async fn a_gateway_that_is_away_leaves_nothing_that_stops_the_next_attempt() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.stripe.fail("POST /v1/subscriptions", FaultKind::ErrorBefore, 3);
    let wish = json!({"plan": plan, "interval": "monthly"});
    let path = "/api/v1/subscription";
    stage.app.post(path, &stage.student, wish.clone()).await.expect_error(503, "GATEWAY_UNAVAILABLE");
    stage.app.post(path, &stage.student, wish.clone()).await.expect_error(409, "SUBSCRIPTION_IN_PROGRESS");
    stage.world.advance(kernel::SignedDuration::from_mins(31));
    let caller = stage.student().await;
    stage.app.post(path, &caller, wish).await.expect(200);
    assert_eq!(stage.stripe.counts()["subscription"], 1);
}

#[tokio::test]
async fn a_renewal_that_fails_begins_the_grace_period_and_a_payment_ends_it() {
    let stage = Stage::new().await;
    stage.declined_after_trial().await;
    let student = stage.student().await;
    let failed = stage.app.get("/api/v1/subscription", &student).await.expect(200).body;
    assert_eq!((&failed["status"], &failed["is_active"]), (&json!("grace_period"), &json!(true)));
    assert_eq!(failed["grace_period_ends_at"], "2026-06-22T12:00:00Z", "seven days");
    assert_eq!(stage.booked(Account::PlatformRevenue).await, 0);
    let subscription = stage.stored().await;
    let invoices = stage.world.store().subscriptions().invoices(subscription.id).await.unwrap();
    assert!(
        invoices.iter().any(|invoice| invoice.attempts == 1 && invoice.paid_at.is_none()),
        "{invoices:?}"
    );
}
