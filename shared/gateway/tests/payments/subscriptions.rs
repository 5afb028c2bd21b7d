//! Subscriptions from the first payment to the end.

use gateway::{
    Gateway, GatewayError, Interval, InvoiceStatus, Key, NewSubscription, SubscriptionState,
    SubscriptionStatus,
};
use stripe_stand_in::{FaultKind, RETRY_DAYS};

use crate::stage::{DAY, DECLINED, START, Stage, VISA};

/// 2026-02-28T12:00:00Z and 2026-03-31T12:00:00Z: the month after the 31st of January ends on its last day.
const FEBRUARY_END: i64 = START + 28 * DAY;

async fn begin(
    gateway: &Gateway,
    customer: &str,
    price: &str,
    change: impl FnOnce(&mut NewSubscription<'_>),
) -> SubscriptionState {
    let mut new = NewSubscription {
        customer,
        price,
        trial_days: None,
        first_discount: None,
        subscription_id: "subscription-1",
        user_id: "user-1",
    };
    change(&mut new);
    gateway.create_subscription(&new, &Key::new("subscription", "subscription-1")).await.unwrap()
}

pub async fn active(stage: &Stage, minor: i64) -> SubscriptionState {
    let (customer, price) = (stage.customer().await, stage.price("premium", minor, Interval::Month).await);
    let made = begin(&stage.gateway, &customer, &price.id, |_| ()).await;
    stage.stand_in.pay(made.client_secret.as_ref().unwrap().expose(), VISA).unwrap();
    stage.gateway.subscription(&made.id).await.unwrap()
}

#[tokio::test]
async fn a_subscription_runs_once_it_is_paid_and_is_renewed_each_month() {
    let stage = Stage::new().await;
    let (customer, price) = (stage.customer().await, stage.price("premium", 999, Interval::Month).await);
    let made = begin(&stage.gateway, &customer, &price.id, |_| ()).await;
    assert_eq!((made.status, made.setup_only), (SubscriptionStatus::Incomplete, false));
    assert_eq!(made.latest_invoice.as_ref().unwrap().status, InvoiceStatus::Open);
    let secret = made.client_secret.unwrap();
    assert_eq!(stage.stand_in.pay(secret.expose(), DECLINED).unwrap_err().status, 402);
    assert_eq!(stage.gateway.subscription(&made.id).await.unwrap().status, SubscriptionStatus::Incomplete);
    stage.stand_in.pay(secret.expose(), VISA).unwrap();

    let running = stage.gateway.subscription(&made.id).await.unwrap();
    assert_eq!(
        (running.status, running.period_start, running.period_end),
        (SubscriptionStatus::Active, START, FEBRUARY_END)
    );
    assert_eq!(
        (running.subscription_id.as_deref(), running.user_id.as_deref()),
        (Some("subscription-1"), Some("user-1"))
    );
    assert_eq!((running.price.minor, running.price.interval), (Some(999), Some(Interval::Month)));
    let news = stage.news();
    for kind in [
        "customer.subscription.created",
        "invoice.payment_failed",
        "invoice.paid",
        "customer.subscription.updated",
    ] {
        assert!(news.iter().any(|name| name == kind), "{kind}: {news:?}");
    }

    stage.days(28);
    let renewed = stage.gateway.subscription(&made.id).await.unwrap();
    assert_eq!((renewed.status, renewed.period_start), (SubscriptionStatus::Active, FEBRUARY_END));
    let invoices = stage.gateway.invoices_of(&made.id, None).await.unwrap().rows;
    let paid: Vec<_> = invoices
        .iter()
        .map(|invoice| (invoice.paid, invoice.reason.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(paid, [(999, "subscription_cycle"), (999, "subscription_create")]);
    let newest = stage.gateway.invoice(&invoices[0].id).await.unwrap();
    assert_eq!(
        (newest.status, newest.remaining, newest.paid_at),
        (InvoiceStatus::Paid, 0, Some(FEBRUARY_END))
    );
    assert_eq!((newest.lines[0].minor, newest.lines[0].start), (999, FEBRUARY_END));
    assert_eq!(newest.subscription.as_deref(), Some(made.id.as_str()));
    let payment = stage.gateway.intent(newest.intent.as_deref().unwrap()).await.unwrap();
    assert_eq!(payment.received, 999);
}

#[tokio::test]
async fn invoices_come_in_pages() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    stage.days(365 * 3);
    let first = stage.gateway.invoices_of(&running.id, None).await.unwrap();
    let second = stage.gateway.invoices_of(&running.id, first.next.as_deref()).await.unwrap();
    assert_eq!((first.rows.len(), second.next), (24, None));
    let mut starts: Vec<i64> =
        first.rows.iter().chain(&second.rows).map(|invoice| invoice.lines[0].start).collect();
    // No month twice, none left out.
    assert!(starts.is_sorted_by(|later, earlier| later > earlier));
    starts.dedup();
    assert_eq!(starts.len(), 36);
}

#[tokio::test]
async fn a_promo_code_lowers_the_first_payment_only() {
    let stage = Stage::new().await;
    let (customer, price) = (stage.customer().await, stage.price("premium", 1000, Interval::Month).await);
    let made = begin(&stage.gateway, &customer, &price.id, |new| {
        new.first_discount = Some((250, "USD", "WELCOME25"))
    })
    .await;
    let first = made.latest_invoice.unwrap();
    assert_eq!((first.subtotal, first.total, first.due), (1000, 750, 750));
    stage.stand_in.pay(made.client_secret.unwrap().expose(), VISA).unwrap();
    stage.days(28);
    let second = stage.gateway.subscription(&made.id).await.unwrap().latest_invoice.unwrap();
    assert_eq!((second.total, second.paid), (1000, 1000));
}

#[tokio::test]
async fn a_trial_costs_nothing_and_ends_with_a_payment_or_without_a_card() {
    for with_card in [true, false] {
        let stage = Stage::new().await;
        let (customer, price) = (stage.customer().await, stage.price("premium", 1000, Interval::Year).await);
        let made = begin(&stage.gateway, &customer, &price.id, |new| {
            new.trial_days = Some(14);
            new.first_discount = Some((250, "USD", "WELCOME25"));
        })
        .await;
        assert_eq!(
            (made.status, made.setup_only, made.trial_end),
            (SubscriptionStatus::Trialing, true, Some(START + 14 * DAY))
        );
        assert_eq!(made.latest_invoice.unwrap().paid, 0);
        if with_card {
            assert_eq!(stage.stand_in.pay(made.client_secret.unwrap().expose(), VISA).unwrap(), "succeeded");
        }
        stage.days(13);
        assert_eq!(stage.gateway.subscription(&made.id).await.unwrap().status, SubscriptionStatus::Trialing);
        stage.days(1);
        let after = stage.gateway.subscription(&made.id).await.unwrap();
        if with_card {
            assert_eq!(
                (after.status, after.period_end),
                (SubscriptionStatus::Active, START + (14 + 365) * DAY)
            );
            // The trial did not use the promo code up.
            assert_eq!(after.latest_invoice.unwrap().paid, 750);
        } else {
            assert_eq!(after.status, SubscriptionStatus::Cancelled);
            assert!(stage.news().contains(&"customer.subscription.deleted".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_failed_renewal_is_tried_again_and_after_the_last_time_it_ends() {
    for recovers in [true, false] {
        let stage = Stage::new().await;
        let running = active(&stage, 999).await;
        stage.stand_in.decline_next("insufficient_funds");
        stage.days(28);
        let late = stage.gateway.subscription(&running.id).await.unwrap();
        assert_eq!(late.status, SubscriptionStatus::PastDue);
        let invoice = late.latest_invoice.unwrap();
        assert_eq!((invoice.status, invoice.attempts, invoice.paid), (InvoiceStatus::Open, 1, 0));
        assert_eq!(invoice.next_attempt, Some(FEBRUARY_END + RETRY_DAYS[0] * DAY));
        assert!(stage.news().contains(&"invoice.payment_failed".to_owned()));
        if recovers {
            stage.days(RETRY_DAYS[0]);
            let back = stage.gateway.subscription(&running.id).await.unwrap();
            assert_eq!((back.status, back.latest_invoice.unwrap().paid), (SubscriptionStatus::Active, 999));
        } else {
            RETRY_DAYS.iter().for_each(|_| stage.stand_in.decline_next("insufficient_funds"));
            stage.days(RETRY_DAYS[RETRY_DAYS.len() - 1]);
            assert_eq!(
                stage.gateway.subscription(&running.id).await.unwrap().status,
                SubscriptionStatus::Cancelled
            );
            assert_eq!(stage.gateway.invoice(&invoice.id).await.unwrap().next_attempt, None);
        }
    }
}

#[tokio::test]
async fn the_subscriber_may_pay_an_overdue_invoice_himself() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    stage.stand_in.decline_next("insufficient_funds");
    stage.days(28);
    let late = stage.gateway.subscription(&running.id).await.unwrap();
    stage.stand_in.pay(late.client_secret.unwrap().expose(), "5555555555554444").unwrap();
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().status, SubscriptionStatus::Active);
    // It is not collected a second time.
    stage.days(7);
    assert_eq!(stage.gateway.invoices_of(&running.id, None).await.unwrap().rows.len(), 2);
    assert_eq!(stage.count("charge"), 3);
}

#[tokio::test]
async fn a_subscription_ends_with_its_period_unless_that_is_taken_back() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    let ending =
        stage.gateway.set_cancel_at_period_end(&running.id, true, &Key::new("end", 1)).await.unwrap();
    assert_eq!((ending.status, ending.cancel_at_period_end), (SubscriptionStatus::Active, true));
    let resumed =
        stage.gateway.set_cancel_at_period_end(&running.id, false, &Key::new("resume", 1)).await.unwrap();
    assert!(!resumed.cancel_at_period_end);
    stage.days(28);
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().status, SubscriptionStatus::Active);
    stage.gateway.set_cancel_at_period_end(&running.id, true, &Key::new("end", 2)).await.unwrap();
    stage.days(31);
    let ended = stage.gateway.subscription(&running.id).await.unwrap();
    assert_eq!((ended.status, ended.ended_at), (SubscriptionStatus::Cancelled, Some(ended.period_end)));
    let too_late =
        stage.gateway.set_cancel_at_period_end(&running.id, false, &Key::new("resume", 2)).await.unwrap_err();
    assert!(matches!(too_late, GatewayError::Refused { .. }));
}

#[tokio::test]
async fn a_subscription_that_is_cancelled_now_is_not_paid_any_more() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    stage.stand_in.fail("DELETE ", FaultKind::ErrorAfter, 1);
    let ended = stage.gateway.cancel_subscription(&running.id, &Key::new("cancel", 1)).await.unwrap();
    assert_eq!((ended.status, ended.ended_at), (SubscriptionStatus::Cancelled, Some(START)));
    let again = stage.gateway.cancel_subscription(&running.id, &Key::new("cancel", 2)).await.unwrap();
    assert_eq!(again.status, SubscriptionStatus::Cancelled);
    stage.days(60);
    assert_eq!(stage.count("charge"), 1);
}

#[tokio::test]
async fn what_is_never_paid_expires_after_a_day() {
    let stage = Stage::new().await;
    let (customer, price) = (stage.customer().await, stage.price("premium", 999, Interval::Month).await);
    let made = begin(&stage.gateway, &customer, &price.id, |_| ()).await;
    stage.days(1);
    let expired = stage.gateway.subscription(&made.id).await.unwrap();
    assert_eq!(expired.status, SubscriptionStatus::Expired);
    assert_eq!(expired.latest_invoice.unwrap().status, InvoiceStatus::Void);
    assert!(stage.stand_in.pay(made.client_secret.unwrap().expose(), VISA).is_err());
}

#[tokio::test]
async fn what_is_archived_is_not_sold_any_more() {
    let stage = Stage::new().await;
    let (customer, price) = (stage.customer().await, stage.price("premium", 999, Interval::Month).await);
    let archived = stage.gateway.archive_price(&price.id, &Key::new("archive", 1)).await.unwrap();
    assert!(!archived.active);
    stage.gateway.update_product(&price.product, "Premium", false, &Key::new("product", 2)).await.unwrap();
    let new = NewSubscription {
        customer: &customer,
        price: &price.id,
        trial_days: None,
        first_discount: None,
        subscription_id: "s",
        user_id: "u",
    };
    assert!(stage.gateway.create_subscription(&new, &Key::new("subscription", 1)).await.is_err());
    assert_eq!(stage.count("subscription"), 0);
}
