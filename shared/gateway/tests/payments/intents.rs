//! Payments and disputes.

use gateway::{
    CardState, ChargeStatus, DisputeStatus, Gateway, GatewayError, IntentStatus, Key, NewIntent, Patience,
};
use kernel::Secret;
use stripe_stand_in::{DISPUTE_FEE, fee};

use crate::stage::{ASKS, ASKS_ALWAYS, DECLINED, DISPUTED, POOR, START, Stage, VISA, purchase, secret};

#[tokio::test]
async fn a_payment_leads_from_the_intent_to_the_fee() {
    let stage = Stage::new().await;
    let customer = stage.customer().await;
    let new = NewIntent { customer: Some(&customer), ..purchase(1999) };
    let intent = stage.gateway.create_intent(&new, &Key::new("intent", 1)).await.unwrap();
    assert_eq!((intent.status, intent.minor, intent.received), (IntentStatus::AwaitingMethod, 1999, 0));
    assert_eq!((intent.currency.as_str(), intent.created), ("USD", START));
    assert_eq!(stage.stand_in.pay(&secret(&intent), VISA).unwrap(), "succeeded");

    let paid = stage.gateway.intent(&intent.id).await.unwrap();
    assert_eq!((paid.status, paid.received), (IntentStatus::Succeeded, 1999));
    assert_eq!((paid.order_id.as_deref(), paid.user_id.as_deref()), (Some("order-1"), Some("user-1")));
    assert_eq!(paid.customer.as_deref(), Some(customer.as_str()));
    let charge = paid.charge.unwrap();
    assert_eq!(
        (charge.status, charge.captured, charge.refunded, charge.disputed),
        (ChargeStatus::Succeeded, 1999, 0, false)
    );
    assert_eq!(charge.card, Some(CardState { brand: Some("visa".into()), last4: Some("4242".into()) }));
    // 2.9 % of 19.99 and 30 cents.
    let kept = charge.fee.unwrap();
    assert_eq!((kept.gross, kept.minor, kept.net, kept.currency.as_str()), (1999, 88, 1911, "USD"));
    assert_eq!(stage.news(), ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
}

#[tokio::test]
async fn after_a_declined_card_another_one_pays() {
    let stage = Stage::new().await;
    let intent = stage.intent(5000, "order-1").await;
    for (card, code, reason) in
        [(DECLINED, "card_declined", "generic_decline"), (POOR, "card_declined", "insufficient_funds")]
    {
        let refused = stage.stand_in.pay(&secret(&intent), card).unwrap_err();
        assert_eq!((refused.status, refused.error["code"].as_str()), (402, Some(code)));
        let failed = stage.gateway.intent(&intent.id).await.unwrap();
        assert_eq!((failed.status, failed.received), (IntentStatus::AwaitingMethod, 0));
        let error = failed.error.unwrap();
        assert_eq!((error.code.as_str(), error.reason.as_deref()), (code, Some(reason)));
        assert_eq!(failed.charge.unwrap().status, ChargeStatus::Failed);
    }
    stage.stand_in.pay(&secret(&intent), VISA).unwrap();
    let paid = stage.gateway.intent(&intent.id).await.unwrap();
    assert_eq!((paid.status, paid.error), (IntentStatus::Succeeded, None));
    assert_eq!(stage.news().iter().filter(|kind| *kind == "payment_intent.payment_failed").count(), 2);
    // What is paid can't be paid again.
    assert_eq!(stage.stand_in.pay(&secret(&intent), VISA).unwrap_err().status, 400);
}

#[tokio::test]
async fn the_bank_may_ask_the_person() {
    let stage = Stage::new().await;
    for (order, card, agreed) in
        [("a", ASKS, true), ("b", ASKS, false), ("c", ASKS_ALWAYS, true), ("d", ASKS_ALWAYS, false)]
    {
        let intent = stage.intent(700, order).await;
        assert_eq!(stage.stand_in.pay(&secret(&intent), card).unwrap(), "requires_action");
        assert_eq!(stage.gateway.intent(&intent.id).await.unwrap().status, IntentStatus::AwaitingAction);
        stage.stand_in.authenticate(&intent.id, agreed).unwrap();
        let answered = stage.gateway.intent(&intent.id).await.unwrap();
        let expected = if agreed { IntentStatus::Succeeded } else { IntentStatus::AwaitingMethod };
        assert_eq!(answered.status, expected, "{card}");
        assert_eq!(answered.error.map(|error| error.code).is_some(), !agreed);
    }
}

#[tokio::test]
async fn an_intent_that_is_given_up_can_not_be_paid_and_one_that_is_paid_can_not_be_given_up() {
    let stage = Stage::new().await;
    let intent = stage.intent(700, "a").await;
    let cancelled = stage.gateway.cancel_intent(&intent.id, &Key::new("cancel", "a")).await.unwrap();
    assert_eq!((cancelled.status, cancelled.cancelled_at), (IntentStatus::Cancelled, Some(START)));
    assert_eq!(stage.stand_in.pay(&secret(&intent), VISA).unwrap_err().status, 400);
    let again = stage.gateway.cancel_intent(&intent.id, &Key::new("cancel", "a-again")).await.unwrap();
    assert_eq!(again.status, IntentStatus::Cancelled);

    let paid = stage.paid(700, "b").await;
    let state = stage.gateway.cancel_intent(&paid.id, &Key::new("cancel", "b")).await.unwrap();
    assert_eq!((state.status, state.received), (IntentStatus::Succeeded, 700));
}

#[tokio::test]
async fn what_can_not_be_paid_is_refused() {
    let stage = Stage::new().await;
    let refusal = async |minor, currency| {
        let new = NewIntent { currency, ..purchase(minor) };
        match stage.gateway.create_intent(&new, &Key::new("intent", format!("{minor}{currency}"))).await {
            Err(GatewayError::Refused { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refusal(49, "USD").await, "amount_too_small");
    assert_eq!(refusal(100_000_000, "USD").await, "amount_too_large");
    assert_eq!(refusal(0, "USD").await, "amount_not_payable");
    assert_eq!(refusal(1001, "KWD").await, "amount_not_payable");
    assert_eq!(refusal(1000, "UGX").await, "currency_not_supported");
    assert_eq!(stage.count("payment_intent"), 0);
}

#[tokio::test]
async fn ids_lead_to_no_other_operation() {
    let stage = Stage::new().await;
    stage.paid(700, "a").await;
    for id in [
        "pi_unknown",
        "",
        "../balance_transactions",
        "pi_1/cancel",
        "pi_1?expand[]=x",
        "pi_1%2Fcancel",
        &"a".repeat(256),
    ] {
        let error = stage.gateway.intent(id).await.unwrap_err();
        assert!(error.is_missing(), "{id}: {error}");
        assert!(
            stage.gateway.cancel_intent(id, &Key::new("cancel", "x")).await.unwrap_err().is_missing(),
            "{id}"
        );
        assert!(stage.gateway.dispute(id).await.unwrap_err().is_missing(), "{id}");
        assert!(stage.gateway.subscription(id).await.unwrap_err().is_missing(), "{id}");
    }
}

#[tokio::test]
async fn a_bank_takes_a_payment_back_and_decides() {
    let stage = Stage::new().await;
    for won in [true, false] {
        let intent = stage.intent(3000, &format!("order {won}")).await;
        stage.stand_in.pay(&secret(&intent), DISPUTED).unwrap();
        let news = stage.stand_in.take_events();
        let opened = news.iter().find(|event| event.kind == "charge.dispute.created").unwrap();
        let event = gateway::Event::parse(opened.body.as_bytes()).unwrap();
        assert_eq!(event.subject.intent.as_deref(), Some(intent.id.as_str()));

        let dispute = stage.gateway.dispute(&event.subject.id).await.unwrap();
        assert_eq!(
            (dispute.status, dispute.minor, dispute.currency.as_str()),
            (DisputeStatus::Open, 3000, "USD")
        );
        assert_eq!(
            (dispute.rows[0].gross, dispute.rows[0].fee, dispute.rows[0].category.as_str()),
            (-3000, DISPUTE_FEE, "dispute")
        );
        assert!(stage.gateway.intent(&intent.id).await.unwrap().charge.unwrap().disputed);

        stage.stand_in.close_dispute(&dispute.id, won).unwrap();
        let closed = stage.gateway.dispute(&dispute.id).await.unwrap();
        assert_eq!(closed.status, if won { DisputeStatus::Won } else { DisputeStatus::Lost });
        let back: i64 = closed.rows.iter().map(|row| row.gross).sum();
        assert_eq!(back, if won { 0 } else { -3000 });
        assert!(stage.news().contains(&"charge.dispute.closed".to_owned()));
        assert!(stage.stand_in.close_dispute(&dispute.id, won).is_err());
    }
}

#[tokio::test]
async fn the_balance_is_read_by_pages_and_by_time() {
    let stage = Stage::new().await;
    for order in 0..120 {
        stage.paid(1000 + order, &format!("early {order}")).await;
    }
    stage.days(1);
    let late = stage.paid(5000, "late").await;
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = stage.gateway.balance_page(START, START + 3600, after.as_deref()).await.unwrap();
        assert!(page.rows.len() <= 100);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(rows.len(), 120);
    assert_eq!(rows.iter().map(|row| row.gross).sum::<i64>(), (1000..1120).sum::<i64>());
    assert!(
        rows.iter()
            .all(|row| row.net == row.gross - row.fee && row.fee == fee(row.gross) && row.kind == "charge")
    );
    let next_day = stage.gateway.balance_page(START + 3600, START + 2 * 86_400, None).await.unwrap();
    assert_eq!(next_day.rows[0].source, late.charge.map(|charge| charge.id));
    assert_eq!((next_day.rows.len(), next_day.next), (1, None));
}

/// What localstripe answers with an intent (version 1.15.10, `resources.py`): an older API, without members that this one always has.
#[tokio::test]
async fn an_answer_that_lacks_what_the_api_promises_is_no_success() {
    let intent = serde_json::json!({
        "id": "pi_1", "object": "payment_intent", "amount": 1000, "currency": "usd", "capture_method": "automatic_async",
        "client_secret": "pi_1_secret_1", "created": 1, "customer": null, "invoice": null, "last_payment_error": null,
        "latest_charge": null, "livemode": false, "metadata": {}, "next_action": null, "payment_method": null,
        "status": "requires_payment_method", "charges": {"object": "list", "data": [], "has_more": false, "url": "/v1/charges"},
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(async move || intent.to_string());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let gateway = Gateway::new(Some(base), Secret::new("sk_test".into()), Patience::default());
    let error = gateway.create_intent(&purchase(1000), &Key::new("intent", 1)).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(ref reason) if reason.contains("unreadable")), "{error}");
}
