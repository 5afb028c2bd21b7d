//! Never more goes back than was taken.

use futures::future::join_all;
use gateway::{GatewayError, Key, NewRefund, RefundReason, RefundStatus};
use proptest::prelude::*;

use crate::stage::{Stage, VISA, secret};

fn refund<'a>(intent: &'a str, minor: i64, id: &'a str) -> NewRefund<'a> {
    NewRefund {
        intent,
        minor,
        currency: "USD",
        refund_id: id,
        order_id: "order-1",
        reason: RefundReason::RequestedByCustomer,
    }
}

#[tokio::test]
async fn parts_go_back_until_nothing_is_left() {
    let stage = Stage::new().await;
    let paid = stage.paid(1000, "order-1").await;
    let part =
        stage.gateway.create_refund(&refund(&paid.id, 300, "r1"), &Key::new("refund", "r1")).await.unwrap();
    assert_eq!(
        (part.minor, part.status, part.refund_id.as_deref()),
        (300, RefundStatus::Succeeded, Some("r1"))
    );
    assert_eq!(stage.gateway.refund(&part.id).await.unwrap(), part);
    let too_much = stage
        .gateway
        .create_refund(&refund(&paid.id, 701, "r2"), &Key::new("refund", "r2"))
        .await
        .unwrap_err();
    assert!(matches!(too_much, GatewayError::Refused { status: 400, .. }), "{too_much}");
    let rest =
        stage.gateway.create_refund(&refund(&paid.id, 700, "r3"), &Key::new("refund", "r3")).await.unwrap();
    let more =
        stage.gateway.create_refund(&refund(&paid.id, 1, "r4"), &Key::new("refund", "r4")).await.unwrap_err();
    assert!(
        matches!(more, GatewayError::Refused { ref code, .. } if code == "charge_already_refunded"),
        "{more}"
    );
    let list = stage.gateway.refunds_of(&paid.id).await.unwrap();
    assert_eq!(list, [rest, part]);
    assert_eq!(stage.gateway.intent(&paid.id).await.unwrap().charge.unwrap().refunded, 1000);
    assert_eq!(stage.news().iter().filter(|kind| *kind == "charge.refunded").count(), 2);
}

#[tokio::test]
async fn a_refund_that_the_bank_can_not_take_comes_back() {
    let stage = Stage::new().await;
    let paid = stage.paid(1000, "order-1").await;
    let made =
        stage.gateway.create_refund(&refund(&paid.id, 1000, "r1"), &Key::new("refund", "r1")).await.unwrap();
    stage.stand_in.fail_refund(&made.id).unwrap();
    let failed = stage.gateway.refund(&made.id).await.unwrap();
    assert_eq!(
        (failed.status, failed.failure.as_deref()),
        (RefundStatus::Failed, Some("lost_or_stolen_card"))
    );
    assert_eq!(stage.gateway.intent(&paid.id).await.unwrap().charge.unwrap().refunded, 0);
    stage.gateway.create_refund(&refund(&paid.id, 1000, "r2"), &Key::new("refund", "r2")).await.unwrap();
}

#[tokio::test]
async fn what_the_bank_took_back_is_not_paid_back_too() {
    let stage = Stage::new().await;
    let paid = stage.paid(1000, "order-1").await;
    stage.stand_in.open_dispute(&paid.id).unwrap();
    let error = stage
        .gateway
        .create_refund(&refund(&paid.id, 100, "r1"), &Key::new("refund", "r1"))
        .await
        .unwrap_err();
    assert!(matches!(error, GatewayError::Refused { ref code, .. } if code == "charge_disputed"), "{error}");
}

#[tokio::test]
async fn a_hundred_refunds_at_once_give_back_what_was_taken_and_no_more() {
    let stage = Stage::new().await;
    let paid = stage.paid(1000, "order-1").await;
    let ids: Vec<String> = (0..100).map(|n| format!("r{n}")).collect();
    let all = ids.iter().map(async |id| {
        stage.gateway.create_refund(&refund(&paid.id, 150, id), &Key::new("refund", id)).await
    });
    let given = join_all(all).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(given, 6);
    assert_eq!(stage.gateway.intent(&paid.id).await.unwrap().charge.unwrap().refunded, 900);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_sum_of_all_refunds_is_that_of_the_model(amounts in prop::collection::vec(1..600_i64, 1..12), fail in 0..12_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stage = Stage::new().await;
            let intent = stage.intent(1000, "order-1").await;
            stage.stand_in.pay(&secret(&intent), VISA).unwrap();
            let mut left = 1000;
            for (n, amount) in amounts.iter().enumerate() {
                let id = format!("r{n}");
                let made = stage.gateway.create_refund(&refund(&intent.id, *amount, &id), &Key::new("refund", &id)).await;
                prop_assert_eq!(made.is_ok(), *amount <= left);
                if let Ok(made) = made {
                    left -= amount;
                    if n == fail {
                        stage.stand_in.fail_refund(&made.id).unwrap();
                        left += amount;
                    }
                }
                let charge = stage.gateway.intent(&intent.id).await.unwrap().charge.unwrap();
                prop_assert_eq!(charge.captured - charge.refunded, left);
                let rows = stage.gateway.balance_page(0, i64::MAX, None).await.unwrap().rows;
                prop_assert_eq!(rows.iter().map(|row| row.gross).sum::<i64>(), left);
            }
            Ok(())
        })?;
    }
}
