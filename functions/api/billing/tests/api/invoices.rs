use kernel::SignedDuration;
use serde_json::{Value, json};

use crate::setup::{Stage, VISA};

const INVOICES: &str = "/api/v1/subscription/invoices";

async fn list(stage: &Stage) -> Vec<Value> {
    let reply = stage.app.get(INVOICES, &stage.student().await).await.expect(200);
    assert_eq!(reply.body["next"], json!(null));
    reply.body["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_subscriber_sees_what_he_paid_the_newest_first() {
    let stage = Stage::new().await;
    assert_eq!(list(&stage).await, Vec::<Value>::new());
    let plan = stage.plan("premium", 999, 0).await;
    let subscription = stage.subscribed(&plan, "monthly", VISA).await;
    let first = list(&stage).await.remove(0);
    for (name, value) in [
        ("subscription_id", subscription["id"].clone()),
        ("reason", json!("beginning")),
        ("amount_cents", json!(999)),
        ("refunded_cents", json!(0)),
        ("currency", json!("USD")),
        ("status", json!("completed")),
        ("payment_gateway", json!("stripe")),
        ("created_at", json!("2026-06-01T12:00:00Z")),
        ("completed_at", json!("2026-06-01T12:00:00Z")),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert!(first["id"].as_str().unwrap().starts_with("in_"));
    assert!(first["number"].as_str().unwrap().starts_with("LF-"));
    assert!(first["gateway_transaction_id"].as_str().unwrap().starts_with("ch_"));

    stage.advance(31);
    stage.follow().await;
    let both = list(&stage).await;
    assert_eq!((both.len(), &both[0]["reason"], &both[1]), (2, &json!("renewal"), &first));
}

#[tokio::test]
async fn trials_and_failures_are_in_the_list() {
    let stage = Stage::new().await;
    stage.declined_after_trial().await;
    let found = list(&stage).await;
    let short: Vec<_> = found
        .iter()
        .map(|one| (one["amount_cents"].as_i64().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    assert_eq!(short, [(999, "failed"), (0, "completed")]);
    assert_eq!((&found[0]["attempts"], &found[0]["completed_at"]), (&json!(1), &json!(null)));
    let open = stage.app.post("/api/v1/subscription/payment-method", &stage.student().await, json!({})).await;
    stage.stripe.pay(open.expect(200).body["client_secret"].as_str().unwrap(), VISA).unwrap();
    stage.follow().await;
    assert_eq!(list(&stage).await[0]["status"], "completed");
}

#[tokio::test]
async fn what_went_back_is_told_for_each_invoice() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    let subscription = stage.stored().await;
    let invoice = stage.world.store().subscriptions().invoices(subscription.id).await.unwrap().remove(0);
    let intent = invoice.intent_id.unwrap();
    for (minor, status, back, goes_on) in
        [(400, "completed", 400, "active"), (599, "refunded", 999, "cancelled")]
    {
        stage.stripe.refund(&intent, minor).unwrap();
        let now = stage.world.ambient().now();
        assert!(stage.billing.look_at_refunds(&intent, now).await.unwrap());
        let found = list(&stage).await.remove(0);
        assert_eq!((&found["status"], &found["refunded_cents"]), (&json!(status), &json!(back)));
        assert_eq!(found["amount_cents"], 999);
        assert_eq!(stage.subscription().await["status"], goes_on);
    }
}

#[tokio::test]
async fn it_comes_in_pages_and_only_to_whom_it_belongs() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    stage.world.advance(SignedDuration::from_hours(24 * 130));
    stage.stripe.settle();
    stage.follow().await;
    let student = stage.student().await;
    let (mut path, mut seen, mut calls) = (format!("{INVOICES}?page_size=2"), Vec::new(), Vec::new());
    loop {
        let reply = stage.app.get(&path, &student).await.expect(200);
        calls.push(reply.calls);
        seen.extend(reply.body["results"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        let Some(next) = reply.body["next"].as_str() else { break };
        path = next[next.find("/api/v1").unwrap()..].to_owned();
    }
    assert_eq!((seen.len(), calls.len()), (5, 3), "June to October");
    let mut once = seen.clone();
    once.sort_by_key(ToString::to_string);
    once.dedup();
    assert_eq!(once.len(), seen.len());
    assert!(calls.iter().all(|calls| *calls <= 2), "the session and one query: {calls:?}");

    let other = stage.world.student().await;
    let none = stage.app.get(INVOICES, &other).await.expect(200);
    assert_eq!(none.body["results"], json!([]));
    stage.app.get(INVOICES, None).await.expect(401);
    let first = stage.app.get(&format!("{INVOICES}?page_size=2"), &student).await.expect(200);
    let next = first.text("next");
    let of_other = &next[next.find("/api/v1").unwrap()..];
    stage.app.get(of_other, &other).await.expect_error(400, "INVALID_CURSOR");
    for wrong in ["page_size=0", "page_size=101"] {
        stage.app.get(&format!("{INVOICES}?{wrong}"), &student).await.expect_error(422, "VALIDATION_FAILED");
    }
}
