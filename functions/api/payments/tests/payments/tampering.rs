use domain::commerce::{Account, OrderStatus, payment::SetAsideReason};
use kernel::SignedDuration;
use serde_json::json;
use store::{Update, entities::Course};
use testkit::shop;

use crate::stage::{INTENT, Stage, VISA};

#[tokio::test]
async fn a_thousand_changes_of_prices_between_cart_and_payment_give_nothing_away() {
    let mut stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 10_000).await;
    let mut random = 7_u64;
    for round in 0..1_000 {
        stage.buyer = stage.world.student().await;
        // Deterministic, from 0.50 to some 1,000.00.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (asked, later) = (50 + random % 100_000, 50 + (random >> 32) % 100_000);
        let set = async |price| {
            let update = Update::of::<Course>(Course::key_of(course.id)).set("price_minor", price);
            stage.world.store().update_if::<Course>(update).await.unwrap();
        };
        set(asked).await;
        let order = stage.order_of(std::slice::from_ref(&course)).await;
        set(later).await;
        let made = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id})).await.expect(201);
        assert_eq!(
            made.body["amount"],
            json!(asked),
            "round {round}: the order's price, whatever the course costs now"
        );
        if round % 10 == 0 {
            stage.stripe.pay(&made.text("client_secret"), VISA).unwrap();
            stage.deliver_all().await;
            let paid = stage.stored(&order).await;
            assert_eq!((paid.status, paid.total_minor), (OrderStatus::Paid, i64::try_from(asked).unwrap()));
        }
    }
    stage.holds().await;
}

/// An intent of an order that asks for another amount or currency, as somebody with the secret key could make it.
async fn foreign_intent(stage: &Stage, order: &store::entities::Order, minor: i64, currency: &str) -> String {
    let (order_id, user_id) = (order.id.to_string(), order.user_id.to_string());
    let new = gateway::NewIntent {
        minor,
        currency,
        customer: None,
        order_id: &order_id,
        user_id: &user_id,
        description: "tampered",
    };
    let patience = gateway::Patience::default();
    let key = kernel::Secret::new("sk_test_local".into());
    let gateway = gateway::Gateway::new(Some(stage.stripe.base()), key, patience);
    let intent = gateway.create_intent(&new, &gateway::Key::new("foreign", minor)).await.unwrap();
    stage.stripe.pay(intent.client_secret.unwrap().expose(), VISA).unwrap();
    intent.id
}

#[tokio::test]
async fn another_amount_or_currency_grants_nothing_and_is_set_aside_once() {
    for (minor, currency) in [(999, "USD"), (1_001, "USD"), (1_000, "EUR")] {
        let stage = Stage::new().await;
        let order = stage.order(1).await;
        let intent = foreign_intent(&stage, &order, minor, currency).await;
        let notices = stage.stripe.take_events();
        for _ in 0..3 {
            for notice in &notices {
                stage.deliver(notice).await.expect(200);
            }
        }
        assert_eq!((stage.stored(&order).await.status, stage.enrollments().await), (OrderStatus::Pending, 0));
        let asides = stage.asides().await;
        let [aside] = asides.as_slice() else { panic!("{asides:?}") };
        assert_eq!((aside.reason, aside.intent_id.as_ref()), (SetAsideReason::AmountDiffers, Some(&intent)));
        assert_eq!(aside.captured.unwrap().minor, minor);
        stage.holds().await;
    }
}

#[tokio::test]
async fn money_that_comes_too_late_is_set_aside_and_goes_back() {
    let stage = Stage::new().await;
    let order = stage.order(1).await;
    let (intent, secret) = stage.intent(&order).await;
    stage.stripe.pay(&secret, VISA).unwrap();
    stage.world.advance(SignedDuration::from_hours(2));
    let now = stage.world.ambient().now();
    stage.world.store().orders().expire(order.user_id, order.id, false, now).await.unwrap();
    stage.deliver_all().await;
    assert_eq!((stage.stored(&order).await.status, stage.enrollments().await), (OrderStatus::Expired, 0));
    assert_eq!(stage.booked(&order, Account::CustomerRefunds).await, -1_000);
    let buyer = stage.world.login(stage.buyer.id).await;
    let body = json!({"order_id": order.id, "payment_intent_id": intent});
    let told = stage.app.post(crate::stage::CONFIRM, &buyer, body).await;
    assert_eq!(
        told.expect_error(409, "PAYMENT_SET_ASIDE").body["error"]["details"]["reason"],
        "order_closed"
    );

    let admin = stage.world.admin().await;
    let path = "/api/v1/admin/set-asides/";
    stage.app.get(path, &buyer).await.expect(403);
    let listed = stage.app.get(path, &admin).await.expect(200);
    let id = listed.body["results"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(id, format!("payment:{intent}"));
    for _ in 0..2 {
        stage.app.post(&format!("{path}{id}/refund"), &admin, json!({})).await.expect(200);
        stage.deliver_all().await;
    }
    assert_eq!(stage.booked(&order, Account::CustomerRefunds).await, 0);
    assert_eq!((stage.asides().await.len(), stage.at_gateway("refund")), (0, 1));
    let month = store::entities::AdminAction::month_of(stage.world.ambient().now());
    let log = stage.world.store().admin_actions().of_month(&month, None, 10).await.unwrap().items;
    let kinds: Vec<_> = log.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [domain::admin::AdminActionKind::SetAsideReturned], "asked for twice, done once");
    stage
        .app
        .post(&format!("{path}payment:pi_none/refund"), &admin, json!({}))
        .await
        .expect_error(404, "SET_ASIDE_NOT_FOUND");
    stage.holds().await;
}
