//! Another price for a running subscription: paid first, then changed, and each only once.

use gateway::{
    Change, GatewayError, Interval, InvoiceStatus, Key, PlanChange, SubscriptionState, SubscriptionStatus,
};
use stripe_stand_in::FaultKind;

use crate::{
    stage::{DAY, START, Stage},
    subscriptions::active,
};

fn change<'a>(running: &'a SubscriptionState, price: &'a str, change: Change) -> PlanChange<'a> {
    PlanChange {
        subscription: &running.id,
        item: &running.item,
        customer: &running.customer,
        price,
        currency: "USD",
        description: "Premium to Pro",
        change,
    }
}

#[tokio::test]
async fn an_upgrade_is_paid_at_once_and_the_period_stays() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    let pro = stage.price("pro", 1999, Interval::Month).await;
    let upgrade = change(&running, &pro.id, Change::SamePeriod { charge: 640 });
    let changed = stage.gateway.change_plan(&upgrade, &Key::new("change", 1)).await.unwrap();
    assert_eq!((changed.price.minor, changed.period_end), (Some(1999), running.period_end));
    let invoices = stage.gateway.invoices_of(&running.id, None).await.unwrap().rows;
    assert_eq!((invoices[0].paid, invoices[0].reason.as_deref()), (640, Some("manual")));
    stage.days(28);
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().latest_invoice.unwrap().paid, 1999);
}

#[tokio::test]
async fn who_does_not_pay_keeps_what_he_has_and_owes_nothing() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    let pro = stage.price("pro", 1999, Interval::Month).await;
    let yearly = stage.price("pro-year", 19_999, Interval::Year).await;
    for (n, (price, what)) in
        [(&pro.id, Change::SamePeriod { charge: 640 }), (&yearly.id, Change::NewPeriod { credit: 300 })]
            .into_iter()
            .enumerate()
    {
        stage.stand_in.decline_next("insufficient_funds");
        let error = stage
            .gateway
            .change_plan(&change(&running, price, what), &Key::new("change", n))
            .await
            .unwrap_err();
        assert!(
            matches!(error, GatewayError::Declined { reason: Some(ref reason), .. } if reason == "insufficient_funds"),
            "{error}"
        );
        let same = stage.gateway.subscription(&running.id).await.unwrap();
        assert_eq!((same.status, same.price.minor), (SubscriptionStatus::Active, Some(999)));
        assert_eq!(same.period_end, running.period_end);
        let newest = &stage.gateway.invoices_of(&running.id, None).await.unwrap().rows[0];
        assert_eq!((newest.status, newest.paid), (InvoiceStatus::Void, 0));
    }
    // Nothing of it comes with the next renewal.
    stage.days(28);
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().latest_invoice.unwrap().paid, 999);
}

#[tokio::test]
async fn a_downgrade_costs_nothing() {
    let stage = Stage::new().await;
    let running = active(&stage, 1999).await;
    let basic = stage.price("basic", 499, Interval::Month).await;
    let downgrade = change(&running, &basic.id, Change::SamePeriod { charge: 0 });
    let changed = stage.gateway.change_plan(&downgrade, &Key::new("change", 1)).await.unwrap();
    assert_eq!(changed.price.minor, Some(499));
    assert_eq!(stage.gateway.invoices_of(&running.id, None).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn another_interval_begins_a_new_period_less_the_credit() {
    let stage = Stage::new().await;
    let running = active(&stage, 1000).await;
    let yearly = stage.price("premium-year", 10_000, Interval::Year).await;
    stage.days(10);
    let longer = change(&running, &yearly.id, Change::NewPeriod { credit: 640 });
    let changed = stage.gateway.change_plan(&longer, &Key::new("change", 1)).await.unwrap();
    assert_eq!((changed.period_start, changed.period_end), (START + 10 * DAY, START + 375 * DAY));
    let invoice = changed.latest_invoice.unwrap();
    assert_eq!((invoice.paid, invoice.reason.as_deref()), (9360, Some("subscription_update")));
    stage.days(365);
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().latest_invoice.unwrap().paid, 10_000);
}

#[tokio::test]
async fn an_invoice_that_is_paid_counts_whatever_the_answer_was() {
    let steps = ["POST /v1/invoices/*/finalize", "POST /v1/invoices/*/pay"];
    for (step, kind) in
        steps.into_iter().flat_map(|step| [(step, FaultKind::ErrorKept), (step, FaultKind::ErrorAfter)])
    {
        let stage = Stage::new().await;
        let running = active(&stage, 999).await;
        let pro = stage.price("pro", 1999, Interval::Month).await;
        stage.stand_in.fail(step, kind, 3);
        let upgrade = change(&running, &pro.id, Change::SamePeriod { charge: 640 });
        let changed = stage.gateway.change_plan(&upgrade, &Key::new("change", 1)).await.unwrap();
        assert_eq!((changed.price.minor, stage.count("charge")), (Some(1999), 2), "{step}");
    }
}

#[tokio::test]
async fn a_change_that_broke_off_at_any_step_goes_on_and_is_paid_once() {
    let steps =
        ["POST /v1/invoices", "POST /v1/invoiceitems", "POST /v1/subscriptions/", "GET /v1/subscriptions/"];
    for step in steps {
        let stage = Stage::new().await;
        let running = active(&stage, 999).await;
        let pro = stage.price("pro", 1999, Interval::Month).await;
        let upgrade = change(&running, &pro.id, Change::SamePeriod { charge: 640 });
        let key = Key::new("change", 1);
        stage.stand_in.fail(step, FaultKind::ErrorAfter, 3);
        let error = stage.gateway.change_plan(&upgrade, &key).await.unwrap_err();
        assert!(error.is_retryable(), "{step}: {error}");
        let changed = stage.gateway.change_plan(&upgrade, &key).await.unwrap();
        assert_eq!(changed.price.minor, Some(1999), "{step}");
        let extra = stage.gateway.invoices_of(&running.id, None).await.unwrap().rows;
        assert_eq!(extra.iter().map(|invoice| invoice.paid).collect::<Vec<_>>(), [640, 999], "{step}");
        assert_eq!(stage.count("charge"), 2, "{step}");
    }
}
