//! Lost answers, hangs and doubles: the same key is one effect.

use std::time::Duration;

use futures::future::join_all;
use gateway::{Gateway, GatewayError, IntentStatus, Key, NewRefund, Patience, RefundReason};
use kernel::Secret;
use stripe_stand_in::FaultKind;

use crate::stage::{Stage, client, purchase};

const ONCE: [FaultKind; 5] = [
    FaultKind::ErrorBefore,
    FaultKind::ErrorAfter,
    FaultKind::TooMany,
    FaultKind::Locked,
    FaultKind::HangAfter,
];

#[tokio::test]
async fn whatever_happens_to_an_answer_there_is_one_payment_and_one_refund() {
    for (n, kind) in ONCE.into_iter().chain([FaultKind::HangBefore]).enumerate() {
        let stage = Stage::new().await;
        let gateway = client(&stage.stand_in, Duration::from_secs(1));
        stage.stand_in.fail("POST /v1/payment_intents", kind, 1);
        let intent = gateway.create_intent(&purchase(1000), &Key::new("intent", n)).await.unwrap();
        assert_eq!(stage.count("payment_intent"), 1, "{kind:?}");
        stage.stand_in.pay(intent.client_secret.as_ref().unwrap().expose(), "4242424242424242").unwrap();

        stage.stand_in.fail("POST /v1/refunds", kind, 1);
        let new = NewRefund {
            intent: &intent.id,
            minor: 400,
            currency: "USD",
            refund_id: "r1",
            order_id: "order-1",
            reason: RefundReason::Duplicate,
        };
        gateway.create_refund(&new, &Key::new("refund", "r1")).await.unwrap();
        stage.stand_in.fail("GET /v1/payment_intents", kind, 1);
        assert_eq!(gateway.intent(&intent.id).await.unwrap().charge.unwrap().refunded, 400, "{kind:?}");
        assert_eq!(stage.count("refund"), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn when_all_tries_fail_the_outcome_is_unknown_and_asking_later_gives_it() {
    let stage = Stage::new().await;
    stage.stand_in.fail("POST /v1/payment_intents", FaultKind::ErrorAfter, 3);
    let key = Key::new("intent", 1);
    let error = stage.gateway.create_intent(&purchase(1000), &key).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unknown(_)) && error.is_retryable(), "{error}");
    stage.gateway.create_intent(&purchase(1000), &key).await.unwrap();
    assert_eq!(stage.count("payment_intent"), 1);
}

#[tokio::test]
async fn a_failure_that_the_gateway_keeps_is_never_taken_for_a_success() {
    let stage = Stage::new().await;
    stage.stand_in.fail("POST /v1/payment_intents", FaultKind::ErrorKept, 1);
    let key = Key::new("intent", 1);
    for _ in 0..2 {
        assert!(matches!(
            stage.gateway.create_intent(&purchase(1000), &key).await,
            Err(GatewayError::Unknown(_))
        ));
    }
    assert_eq!(stage.count("payment_intent"), 1);
    // Another key is another intent, and only one of the two can be paid by whoever has its secret.
    stage.gateway.create_intent(&purchase(1000), &key.part("again")).await.unwrap();
    assert_eq!(stage.count("payment_intent"), 2);
}

#[tokio::test]
async fn a_read_that_fails_leaves_nothing_open() {
    let stage = Stage::new().await;
    let intent = stage.intent(1000, "a").await;
    stage.stand_in.fail("GET ", FaultKind::ErrorBefore, 3);
    assert!(matches!(stage.gateway.intent(&intent.id).await, Err(GatewayError::Unreachable(_))));
    assert_eq!(stage.gateway.intent(&intent.id).await.unwrap().status, IntentStatus::AwaitingMethod);

    let patience = Patience { attempt: Duration::from_secs(1), total: Duration::from_millis(500) };
    let nobody = Gateway::new(Some("http://127.0.0.1:9".into()), Secret::new("sk".into()), patience);
    assert!(matches!(nobody.intent(&intent.id).await, Err(GatewayError::Unreachable(_))));
    assert!(matches!(
        nobody.create_intent(&purchase(1000), &Key::new("i", 1)).await,
        Err(GatewayError::Unknown(_))
    ));
}

#[tokio::test]
async fn a_wrong_account_key_is_refused_and_never_shown() {
    let stage = Stage::new().await;
    let gateway =
        Gateway::new(Some(stage.stand_in.base()), Secret::new("sk_live_hunter2".into()), Patience::default());
    let error = gateway.create_intent(&purchase(1000), &Key::new("intent", 1)).await.unwrap_err();
    assert!(matches!(error, GatewayError::Refused { status: 401, .. }));
    assert!(!format!("{error} {error:?} {gateway:?}").contains("hunter2"));
}

#[tokio::test]
async fn fifty_requests_with_one_key_are_one_payment() {
    let stage = Stage::with(|settings| settings.latency = Duration::from_millis(50)).await;
    let key = Key::new("intent", 1);
    let all = join_all((0..50).map(async |_| stage.gateway.create_intent(&purchase(1000), &key).await)).await;
    let ids: Vec<String> = all.into_iter().map(|made| made.unwrap().id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(stage.count("payment_intent"), 1);
    assert_eq!(stage.news(), ["payment_intent.created"]);
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let stage = Stage::new().await;
    let key = Key::new("intent", 1);
    let first = stage.gateway.create_intent(&purchase(1000), &key).await.unwrap();
    assert_eq!(stage.gateway.create_intent(&purchase(1000), &key).await.unwrap().id, first.id);
    let error = stage.gateway.create_intent(&purchase(999), &key).await.unwrap_err();
    assert!(
        matches!(error, GatewayError::Refused { ref code, .. } if code == "idempotency_error"),
        "{error}"
    );
    assert_eq!(stage.count("payment_intent"), 1);
    // A key of more than 255 characters is not sent.
    let long = Key::new("intent", "x".repeat(300));
    assert!(matches!(
        stage.gateway.create_intent(&purchase(1000), &long).await,
        Err(GatewayError::Refused { .. })
    ));
}
