use domain::{admin::AdminActionKind, commerce::Account};
use futures::future::join_all;
use serde_json::json;
use store::entities::AdminAction;

use crate::setup::{Stage, VISA};

const CODES: &str = "/api/v1/admin/promo-codes";
const VALIDATE: &str = "/api/v1/promo-codes/validate";

#[tokio::test]
async fn a_code_takes_something_off_the_first_payment_and_its_numbers_say_so() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.promo("SUMMER", 25, 10).await;
    let asked =
        stage.app.post(VALIDATE, &stage.student, json!({"code": " summer ", "plan": plan})).await.expect(200);
    assert_eq!((&asked.body["valid"], &asked.body["code"]), (&json!(true), &json!("SUMMER")));
    assert_eq!((&asked.body["discount_cents"], &asked.body["final_price_cents"]), (&json!(249), &json!(750)));
    let wish = json!({"plan": plan, "interval": "monthly", "promo_code": "SUMMER"});
    let begun = stage.app.post("/api/v1/subscription", &stage.student, wish).await.expect(201).body;
    stage.stripe.pay(begun["client_secret"].as_str().unwrap(), VISA).unwrap();
    stage.follow().await;
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -750);
    let report = stage.app.get(&format!("{CODES}/SUMMER"), &stage.admin).await.expect(200).body;
    assert_eq!(
        report["statistics"],
        json!({"total_uses": 1, "unique_users": 1, "is_complete": true,
            "amounts": [{"currency": "USD", "total_discount_cents": 249, "revenue_cents": 750}]})
    );
    stage.advance(31);
    stage.follow().await;
    assert_eq!(stage.booked(Account::PlatformRevenue).await, -(750 + 999), "the second payment is whole");
    let asked = stage.student().await;
    let asked = stage.app.post(VALIDATE, &asked, json!({"code": "SUMMER", "plan": plan})).await.expect(200);
    assert_eq!((&asked.body["valid"], &asked.body["error"]), (&json!(false), &json!("PROMO_USED_BY_YOU")));

    // What is given back of the first payment, at the gateway's own desk, is no revenue of the code; the second payment never was.
    for invoice in stage.world.store().subscriptions().invoices(stage.stored().await.id).await.unwrap() {
        let (intent, whole) = (invoice.intent_id.as_deref().unwrap(), invoice.amount.minor);
        stage.stripe.refund(intent, if whole == 750 { 300 } else { whole }).unwrap();
        stage.billing.look_at_refunds(intent, stage.world.ambient().now()).await.unwrap();
    }
    let admin = stage.world.login(stage.admin.id).await;
    let report = stage.app.get(&format!("{CODES}/SUMMER"), &admin).await.expect(200).body;
    assert_eq!(report["statistics"]["amounts"][0]["revenue_cents"], 450);
}

#[tokio::test]
async fn a_use_that_was_never_paid_is_free_again() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.promo("LAST", 10, 1).await;
    let wish = json!({"plan": plan, "interval": "monthly", "promo_code": "LAST"});
    stage.app.post("/api/v1/subscription", &stage.student, wish.clone()).await.expect(201);
    let other = stage.world.student().await;
    stage.app.post("/api/v1/subscription", &other, wish.clone()).await.expect_error(422, "PROMO_USED_UP");
    let cancel = json!({"at_period_end": false});
    stage.app.post("/api/v1/subscription/cancel", &stage.student, cancel).await.expect(200);
    stage.app.post("/api/v1/subscription", &other, wish).await.expect(201);
}

#[tokio::test]
async fn the_last_use_is_one_of_many_subscribers() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.promo("FEW", 10, 3).await;
    let students = join_all((0..12).map(|_| stage.world.student())).await;
    let wish = json!({"plan": plan, "interval": "monthly", "promo_code": "FEW"});
    let replies =
        join_all(students.iter().map(|who| stage.app.post("/api/v1/subscription", who, wish.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 3);
    let rule = stage.world.store().promos().get(&"FEW".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(rule.uses, 3);
}

#[tokio::test]
async fn admins_make_change_and_delete_codes_and_each_is_logged() {
    let stage = Stage::new().await;
    stage.promo("TENOFF", 10, 5).await;
    let path = format!("{CODES}/TENOFF");
    let second = kernel::SignedDuration::from_secs(1);
    stage.world.advance(second);
    let changed =
        stage.app.patch(&path, &stage.admin, json!({"max_uses": 6, "is_active": false})).await.expect(200);
    assert_eq!((&changed.body["max_uses"], &changed.body["is_active"]), (&json!(6), &json!(false)));
    let listed = stage.app.get(CODES, &stage.admin).await.expect(200);
    assert_eq!(listed.body["results"][0]["code"], "TENOFF");
    stage.world.advance(second);
    stage.app.delete(&path, &stage.admin).await.expect(204);
    stage.app.get(&path, &stage.admin).await.expect_error(404, "PROMO_NOT_FOUND");
    let month = AdminAction::month_of(stage.world.ambient().now());
    let log = stage.world.store().admin_actions().of_month(&month, None, 10).await.unwrap().items;
    let kinds: Vec<_> = log.iter().rev().map(|line| line.kind).collect();
    use AdminActionKind::{PromoChanged, PromoCreated, PromoDeleted};
    assert_eq!(kinds, [PromoCreated, PromoChanged, PromoDeleted]);
    assert!(log.iter().all(|line| line.details["promo_code"] == "TENOFF"));
}

#[tokio::test]
async fn what_is_no_code_and_who_may_not() {
    let stage = Stage::new().await;
    let base = json!({
        "code": "GOOD", "discount_type": "percentage", "discount_value": 10,
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z",
    });
    for (field, value) in [
        ("code", json!("TEN OFF")),
        ("discount_type", json!("gift")),
        ("discount_value", json!(0)),
        ("discount_value", json!(101)),
        ("valid_until", json!("2026-01-01T00:00:00Z")),
        ("max_uses", json!(0)),
        ("max_uses_per_user", json!(0)),
        ("free", json!(true)),
    ] {
        let mut wish = base.clone();
        wish[field] = value;
        let reply = stage.app.post(CODES, &stage.admin, wish).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    stage.app.post(CODES, &stage.student, base.clone()).await.expect_error(403, "ADMINS_ONLY");
    stage.app.get(CODES, None).await.expect(401);
    stage.app.post(CODES, &stage.admin, base.clone()).await.expect(201);
    stage.app.post(CODES, &stage.admin, base).await.expect_error(409, "PROMO_EXISTS");
}

#[tokio::test]
async fn who_guesses_codes_has_to_wait() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    let ask = async || stage.app.post(VALIDATE, &stage.student, json!({"code": "GUESS", "plan": plan})).await;
    for _ in 0..20 {
        assert_eq!(ask().await.expect(200).body["error"], "PROMO_NOT_FOUND");
    }
    ask().await.expect_error(429, "RATE_LIMITED");
}
