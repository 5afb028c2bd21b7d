use domain::commerce::{Account, OrderStatus};
use futures::future::join_all;
use serde_json::json;
use testkit::shop;

use crate::stage::{CONFIRM, DECLINED, INTENT, Stage, VISA};

#[tokio::test]
async fn a_buyer_pays_and_has_his_courses_before_the_gateway_tells() {
    let stage = Stage::new().await;
    let order = stage.order(2).await;
    let made = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id})).await.expect(201);
    assert_eq!(made.calls, 3, "the session anew, the order, one transaction");
    assert_eq!((&made.body["amount"], &made.body["currency"]), (&json!(3_000), &json!("usd")));
    assert_eq!(made.body["publishable_key"], "pk_test_local");
    let (intent, secret) = (made.text("payment_intent_id"), made.text("client_secret"));
    assert!(secret.starts_with(&intent));
    let kept = stage.stripe.object(&intent).unwrap();
    assert_eq!(kept["metadata"], json!({"order_id": order.id, "user_id": stage.buyer.id}));

    let early = stage.confirm(&order, &intent).await.expect(200);
    assert_eq!(early.body["status"], "requires_payment_method");
    stage.stripe.pay(&secret, VISA).unwrap();
    let done = stage.confirm(&order, &intent).await.expect(200);
    assert_eq!(
        done.body,
        json!({"order_id": order.id, "status": "succeeded", "message": "Payment processed successfully"})
    );
    assert_eq!(done.calls, 5, "the order, the fee, the order again, one batch, one transaction");
    assert_eq!((stage.enrollments().await, stage.sets(&order).await), (2, 2));
    let again = stage.confirm(&order, &intent).await.expect(200);
    assert_eq!((again.calls, &again.body), (1, &done.body));

    for notice in stage.stripe.take_events() {
        let told = stage.deliver(&notice).await.expect(200);
        assert!(told.calls <= 5, "{}: {}", notice.kind, told.calls);
    }
    assert_eq!((stage.enrollments().await, stage.sets(&order).await), (2, 2));
    assert_eq!(stage.booked(&order, Account::CreatorPayable(stage.teacher.id)).await, -2_100);
    stage.holds().await;

    let listed = stage.app.get("/api/v1/payments/transactions/", &stage.buyer).await.expect(200);
    let [one] = listed.body["results"].as_array().unwrap().as_slice() else { panic!("{}", listed.body) };
    assert_eq!((&one["status"], &one["id"]), (&json!("succeeded"), &json!(intent)));
    assert_eq!(one["amount"], json!(30.00));
    assert!(one["transaction_id"].as_str().unwrap().starts_with("ch_"));
    let other = stage.world.student().await;
    let none = stage.app.get("/api/v1/payments/transactions/", &other).await.expect(200);
    assert_eq!(none.body["results"], json!([]));
}

#[tokio::test]
async fn a_declined_card_leaves_the_order_open_for_another() {
    let stage = Stage::new().await;
    let order = stage.order(1).await;
    let (intent, secret) = stage.intent(&order).await;
    stage.stripe.pay(&secret, DECLINED).unwrap_err();
    let failed = stage.confirm(&order, &intent).await.expect_error(402, "PAYMENT_FAILED");
    assert_eq!(failed.body["error"]["details"]["code"], "card_declined");
    stage.deliver_all().await;
    assert_eq!(stage.stored(&order).await.status, OrderStatus::Pending);
    assert_eq!(stage.enrollments().await, 0);
    assert_eq!(stage.intent(&order).await, (intent.clone(), secret.clone()), "the same payment");
    stage.stripe.pay(&secret, VISA).unwrap();
    stage.deliver_all().await;
    assert_eq!(stage.stored(&order).await.status, OrderStatus::Paid);
    stage.holds().await;
}

#[tokio::test]
async fn fifty_double_clicks_are_one_payment() {
    let stage = Stage::new().await;
    let order = stage.order(1).await;
    let clicks = (0..50).map(|_| async {
        // A browser that is told to wait does so.
        for _ in 0..40 {
            let reply = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id})).await;
            if reply.status != 503 {
                return reply.expect(201).text("client_secret");
            }
        }
        panic!("never answered")
    });
    let secrets: std::collections::BTreeSet<_> = join_all(clicks).await.into_iter().collect();
    assert_eq!((secrets.len(), stage.at_gateway("payment_intent")), (1, 1));
    stage.holds().await;
}

#[tokio::test]
async fn two_browsers_confirm_while_the_gateway_tells() {
    for _ in 0..10 {
        let stage = Stage::new().await;
        let (order, intent) = stage.charged(3).await;
        let notices = stage.stripe.take_events();
        let told = join_all(notices.iter().map(|notice| stage.deliver(notice)));
        let (one, two, told) =
            tokio::join!(stage.confirm(&order, &intent), stage.confirm(&order, &intent), told);
        assert_eq!(one.expect(200).body["status"], "succeeded");
        assert_eq!(two.expect(200).body["status"], "succeeded");
        told.into_iter().for_each(|reply| drop(reply.expect(200)));
        assert_eq!((stage.enrollments().await, stage.sets(&order).await), (3, 2), "the sale and the fee");
        stage.holds().await;
    }
}

#[tokio::test]
async fn what_is_not_payable() {
    let stage = Stage::new().await;
    let order = stage.order(1).await;
    let other = stage.world.student().await;
    stage.app.post(INTENT, &other, json!({"order_id": order.id})).await.expect_error(404, "ORDER_NOT_FOUND");
    stage.app.post(INTENT, None, json!({"order_id": order.id})).await.expect(401);
    stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id, "amount": 1})).await.expect(422);
    let (intent, _) = stage.intent(&order).await;
    let body = json!({"order_id": order.id, "payment_intent_id": intent});
    stage.app.post(CONFIRM, &other, body).await.expect_error(404, "ORDER_NOT_FOUND");
    for wrong in ["pi_other", "../refunds", "pi/../x"] {
        stage.confirm(&order, wrong).await.expect_error(404, "PAYMENT_NOT_FOUND");
    }
    stage.world.advance(kernel::SignedDuration::from_mins(60));
    let buyer = stage.world.login(stage.buyer.id).await;
    stage.app.post(INTENT, &buyer, json!({"order_id": order.id})).await.expect_error(409, "ORDER_CLOSED");

    let cheap = shop::course(&stage.world, &stage.teacher, 49).await;
    let stage_order = shop::order(&stage.world, &other, &[cheap]).await;
    let other = stage.world.login(other.id).await;
    stage
        .app
        .post(INTENT, &other, json!({"order_id": stage_order.id}))
        .await
        .expect_error(409, "AMOUNT_NOT_PAYABLE");
}
