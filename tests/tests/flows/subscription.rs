//! A plan from its trial to its end, and one whose payment fails.

use serde_json::{Value, json};

use crate::stack::{Person, Stack, card, text};

/// Begins a plan by the month.
async fn subscribe(student: &Person, plan: &Value) -> Value {
    student.post("/subscription", json!({"plan": plan["id"], "interval": "monthly"})).await.ok()
}

/// What a change to another plan costs now.
async fn preview(student: &Person, plan: &Value) -> Value {
    student.get(&format!("/subscription/change-preview?plan={}", text(plan, "id"))).await.ok()
}

#[tokio::test]
async fn a_plan_is_tried_changed_cancelled_resumed_and_paid() {
    let stack = Stack::open();
    let (admin, student) = (stack.admin().await, stack.student().await);
    let [small, large] = stack.plans(&admin).await;
    let begun = subscribe(&student, &small).await;
    assert_eq!(begun["confirms"], "setup", "the card for the time after the trial");
    let trial = &begun["subscription"];
    assert_eq!((&trial["status"], &trial["is_trial"]), (&json!("active"), &json!(true)));
    stack.give_card(&begun, card::PAYS).await.expect_success();
    assert_eq!(preview(&student, &large).await["charge_cents"], 0, "a trial goes on");

    let ending = student.post("/subscription/cancel", json!({"at_period_end": true})).await.ok();
    assert_eq!((&ending["status"], &ending["cancel_at_period_end"]), (&json!("active"), &json!(true)));
    let path = format!("/subscription/change-preview?plan={}", text(&large, "id"));
    assert_eq!(student.get(&path).await.code(), "SUBSCRIPTION_ENDING");
    let resumed = student.post("/subscription/resume", None).await.ok();
    assert_eq!((&resumed["is_active"], &resumed["cancel_at_period_end"]), (&json!(true), &json!(false)));

    stack.end_period(&student).await;
    let paid = student.sees_plan("paid", |plan| plan["is_trial"] == false).await;
    assert_eq!((&paid["status"], &paid["price_cents"]), (&json!("active"), &small["price_monthly_cents"]));

    // The difference for a period of which some seconds are gone.
    let shown = preview(&student, &large).await;
    let monthly = |plan: &Value| plan["price_monthly_cents"].as_i64().unwrap();
    let (charge, difference) = (shown["charge_cents"].as_i64().unwrap(), monthly(&large) - monthly(&small));
    assert!((difference - 2..=difference).contains(&charge), "{shown}");
    let agree = |charge: i64| json!({"plan": large["id"], "charge_cents": charge, "previewed_at": shown["previewed_at"]});
    let other = student.post("/subscription/change", agree(charge - 1)).await;
    assert_eq!((other.status.as_u16(), other.code()), (409, "PRICE_CHANGED"));
    let changed = student.post("/subscription/change", agree(charge)).await.ok();
    assert_eq!((&changed["plan_id"], &changed["price_cents"]), (&large["id"], &large["price_monthly_cents"]));

    let invoices = student.get("/subscription/invoices").await.ok();
    let mut invoices = invoices["results"].as_array().unwrap().iter();
    let invoice = invoices.find(|one| one["reason"] == "change").expect("an invoice of the change");
    assert_eq!((&invoice["status"], &invoice["amount_cents"]), (&json!("completed"), &json!(charge)));

    let ended = student.post("/subscription/cancel", json!({"at_period_end": false})).await.ok();
    assert_eq!((&ended["status"], &ended["is_active"]), (&json!("cancelled"), &json!(false)));
    // The next one has no trial.
    let begun = subscribe(&student, &small).await;
    assert_eq!(
        (&begun["confirms"], &begun["subscription"]["status"]),
        (&json!("payment"), &json!("pending"))
    );
    stack.give_card(&begun, card::PAYS).await.expect_success();
    student.sees_plan("active", |plan| plan["status"] == "active").await;
}

#[tokio::test]
async fn a_renewal_that_fails_is_told_and_paid_with_another_card() {
    let stack = Stack::open();
    let (admin, student) = (stack.admin().await, stack.student().await);
    let [plan, _] = stack.plans(&admin).await;
    let begun = subscribe(&student, &plan).await;
    stack.give_card(&begun, card::FAILS_LATER).await.expect_success();
    stack.end_period(&student).await;
    let grace = student.sees_plan("not paid", |plan| plan["status"] == "grace_period").await;
    assert_eq!(grace["is_active"], true);
    assert!(grace["grace_period_ends_at"].is_string(), "{grace}");
    stack.bill().await;
    let mail = stack.mail(&student.email, "Your payment failed").await;
    assert!(mail.text.contains(&text(&plan, "name")), "{}", mail.text);

    let open = student.post("/subscription/payment-method", None).await.ok();
    assert_eq!(open["confirms"], "payment", "the invoice that is not paid");
    stack.give_card(&open, card::PAYS).await.expect_success();
    let paid = student.sees_plan("paid", |plan| plan["status"] == "active").await;
    assert_eq!((&paid["grace_period_ends_at"], &paid["has_payment_method"]), (&Value::Null, &json!(true)));
}
