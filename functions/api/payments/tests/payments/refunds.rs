use domain::commerce::{Account, OrderStatus, payment::SetAsideReason};
use futures::future::join_all;
use http::{Method, header};
use serde_json::{Value, json};
use store::entities::Order;
use stripe_stand_in::FaultKind;
use testkit::{Caller, Reply};

use crate::stage::Stage;

async fn refund(stage: &Stage, admin: &Caller, order: &Order, key: &str, body: &Value) -> Reply {
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/admin/orders/{}/refund", order.id))
        .header(header::AUTHORIZATION, format!("Bearer {}", admin.token))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    stage.app.send(request.body(body.to_string().into()).unwrap()).await
}

#[tokio::test]
async fn an_admin_refunds_by_item_and_then_the_rest() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid(2).await;
    let admin = stage.world.admin().await;
    let (one, two) = (order.lines[0].id, order.lines[1].id);
    let part = json!({"items": [{"item_id": one, "amount": 4.00}], "reason": "Half of it was missing."});
    let made = refund(&stage, &admin, &order, "a", &part).await.expect(201);
    assert_eq!((&made.body["amount"], &made.body["status"]), (&json!(4.00), &json!("succeeded")));
    assert_eq!((&made.body["order_status"], stage.enrollments().await), (&json!("partially_refunded"), 2));
    let again = refund(&stage, &admin, &order, "a", &part).await.expect(201);
    assert_eq!((&again.body, stage.at_gateway("refund")), (&made.body, 1), "the same key, the same answer");

    let whole = refund(&stage, &admin, &order, "b", &json!({"items": [{"item_id": two}]})).await.expect(201);
    assert_eq!((&whole.body["amount"], stage.enrollments().await), (&json!(20.00), 1));
    let rest = refund(&stage, &admin, &order, "c", &json!({})).await.expect(201);
    assert_eq!((&rest.body["amount"], &rest.body["order_status"]), (&json!(6.00), &json!("refunded")));
    assert_eq!(stage.enrollments().await, 0);
    refund(&stage, &admin, &order, "d", &json!({})).await.expect_error(409, "ORDER_NOT_PAID");
    stage.deliver_all().await;
    assert_eq!(stage.booked(&order, Account::CreatorPayable(stage.teacher.id)).await, 0);
    assert_eq!((stage.sets(&order).await, stage.asides().await.len()), (5, 0), "sale, fee, three refunds");
    stage.holds().await;
}

#[tokio::test]
async fn what_is_not_refunded() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid(1).await;
    let admin = stage.world.admin().await;
    let item = order.lines[0].id;
    for (number, (body, status, code)) in [
        (json!({"items": [{"item_id": item, "amount": 10.01}]}), 409, "REFUND_TOO_MUCH"),
        (json!({"items": [{"item_id": item, "amount": 0}]}), 422, "VALIDATION_FAILED"),
        (json!({"items": [{"item_id": item, "amount": -1}]}), 422, "VALIDATION_FAILED"),
        (json!({"items": [{"item_id": item, "amount": 1.001}]}), 422, "VALIDATION_FAILED"),
        (json!({"items": [{"item_id": item}, {"item_id": item}]}), 422, "VALIDATION_FAILED"),
        (json!({"items": []}), 422, "VALIDATION_FAILED"),
        (json!({"items": [{"item_id": order.id}]}), 422, "VALIDATION_FAILED"),
        (json!({"amount": 1}), 422, "VALIDATION_FAILED"),
    ]
    .into_iter()
    .enumerate()
    {
        refund(&stage, &admin, &order, &format!("key-{number}"), &body).await.expect_error(status, code);
    }
    refund(&stage, &stage.buyer, &order, "k", &json!({})).await.expect_error(403, "ADMINS_ONLY");
    refund(&stage, &stage.teacher, &order, "k", &json!({})).await.expect_error(403, "ADMINS_ONLY");
    let pending = stage.order(1).await;
    refund(&stage, &admin, &pending, "k", &json!({})).await.expect_error(409, "ORDER_NOT_PAID");
    assert_eq!(stage.at_gateway("refund"), 0);
    stage.holds().await;
}

#[tokio::test]
async fn a_hundred_refunds_of_one_item_at_once_give_back_no_more_than_was_paid() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid(1).await;
    let admin = stage.world.admin().await;
    let body = json!({"items": [{"item_id": order.lines[0].id, "amount": 3.00}]});
    let keys: Vec<String> = (0..100).map(|number| format!("key-{number}")).collect();
    let replies = join_all(keys.iter().map(|key| refund(&stage, &admin, &order, key, &body))).await;
    let done = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(done, 3, "three times 3.00 of 10.00");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        assert!(matches!(reply.code(), "REFUND_TOO_MUCH" | "BUSY"), "{}", reply.body);
    }
    assert_eq!((stage.at_gateway("refund"), stage.stored(&order).await.lines[0].refunded_minor), (3, 900));
    stage.deliver_all().await;
    stage.holds().await;
}

#[tokio::test]
async fn a_gateway_that_fails_gives_the_items_back_or_keeps_its_word() {
    for (kind, status, refunds) in [
        (FaultKind::ErrorBefore, 202, 0),
        (FaultKind::ErrorAfter, 201, 1),
        (FaultKind::ErrorKept, 201, 1),
        (FaultKind::HangBefore, 202, 0),
        (FaultKind::HangAfter, 201, 1),
        (FaultKind::TooMany, 202, 0),
    ] {
        let stage = Stage::new().await;
        let (order, _) = stage.paid(1).await;
        let admin = stage.world.admin().await;
        stage.stripe.fail("POST /v1/refunds", kind, 10);
        let first = refund(&stage, &admin, &order, "k", &json!({})).await.expect(status);
        assert_eq!(stage.at_gateway("refund"), refunds, "{kind:?}");
        stage.holds().await;
        stage.stripe.heal();
        let expected = if status == 201 { "succeeded" } else { "pending" };
        assert_eq!(first.body["status"], expected, "{kind:?}");
        // Whoever looks next ends it: another refund is refused, this one goes on.
        refund(&stage, &admin, &order, "other", &json!({})).await.expect(409);
        let all = stage.world.store().orders().refunds(order.id).await.unwrap();
        let [planned] = all.as_slice() else { panic!("{all:?}") };
        let key = kernel::Secret::new("sk_test_local".into());
        let gateway = gateway::Gateway::new(Some(stage.stripe.base()), key, gateway::Patience::default());
        let desk = checkout::Desk::new(stage.world.store().clone(), gateway, stage.world.ambient().clone());
        let order = stage.stored(&order).await;
        desk.finish_refund(&order, planned).await.unwrap();
        stage.deliver_all().await;
        assert_eq!(
            (stage.stored(&order).await.status, stage.at_gateway("refund")),
            (OrderStatus::Refunded, 1),
            "{kind:?}"
        );
        assert_eq!((stage.sets(&order).await, stage.enrollments().await), (3, 0), "{kind:?}");
        stage.holds().await;
    }
}

#[tokio::test]
async fn a_refund_that_the_gateway_refuses_leaves_the_items_as_they_were() {
    let stage = Stage::new().await;
    let (order, intent) = stage.paid(1).await;
    let admin = stage.world.admin().await;
    // The bank has taken the money, and its event has not come yet.
    stage.stripe.open_dispute(&intent).unwrap();
    refund(&stage, &admin, &order, "k", &json!({})).await.expect_error(409, "REFUND_REFUSED");
    assert_eq!(stage.stored(&order).await.lines[0].refunded_minor, 0);
    stage.deliver_all().await;
    refund(&stage, &admin, &order, "later", &json!({})).await.expect_error(409, "ORDER_DISPUTED");
    stage.holds().await;
}

#[tokio::test]
async fn a_refund_that_the_bank_could_not_take_is_set_aside() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid(1).await;
    let admin = stage.world.admin().await;
    refund(&stage, &admin, &order, "k", &json!({})).await.expect(201);
    stage.deliver_all().await;
    let id = stage.world.store().orders().refunds(order.id).await.unwrap()[0].gateway_id.clone().unwrap();
    stage.stripe.fail_refund(&id).unwrap();
    stage.deliver_all().await;
    let asides = stage.asides().await;
    let [aside] = asides.as_slice() else { panic!("{asides:?}") };
    assert_eq!((aside.reason, aside.captured.unwrap().minor), (SetAsideReason::RefundFailed, 1_000));
    assert_eq!(stage.booked(&order, Account::CustomerRefunds).await, -1_000, "it is still the buyer's");
    let path = format!("/api/v1/admin/set-asides/{}/resolve", aside.subject);
    stage.app.post(&path, &admin, json!({"note": " "})).await.expect(422);
    stage.app.post(&path, &admin, json!({"note": "Sent by bank transfer."})).await.expect(200);
    assert_eq!(stage.asides().await.len(), 0);
    stage.holds().await;
}
