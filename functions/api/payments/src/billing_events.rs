//! Events of subscriptions and their invoices.

use billing::{Billing, BillingError};
use checkout::Desk;
use gateway::Event;
use http_kit::{ApiError, ApiResult};
use kernel::Timestamp;

use crate::refusals::{gateway_unavailable, refused_by_gateway};

/// Something of a subscription changed: our state follows the gateway's, and what was paid is booked. An event that names no subscription is
/// about none of ours.
pub(crate) async fn changed(desk: &Desk, event: &Event, now: Timestamp) -> ApiResult<()> {
    let Some(subscription) = &event.subject.subscription else { return Ok(()) };
    let billing = Billing::new(desk.store().clone(), desk.gateway().clone());
    billing.follow(subscription, now).await.map(|_| ()).map_err(failed)
}

/// Money of a payment went back: of a subscription's invoice, or of none of ours.
pub(crate) async fn refunded(desk: &Desk, intent: &str, now: Timestamp) -> ApiResult<()> {
    let billing = Billing::new(desk.store().clone(), desk.gateway().clone());
    billing.look_at_refunds(intent, now).await.map(|_| ()).map_err(failed)
}

/// A bank claims a payment, or has decided: of a subscription's invoice, or of none of ours.
pub(crate) async fn disputed(desk: &Desk, dispute: &str, now: Timestamp) -> ApiResult<()> {
    let billing = Billing::new(desk.store().clone(), desk.gateway().clone());
    billing.look_at_dispute(dispute, now).await.map(|_| ()).map_err(failed)
}

/// A subscriber has given a card: his subscription is paid with it from now on, where it was given for that.
pub(crate) async fn card_given(desk: &Desk, setup_intent: &str, now: Timestamp) -> ApiResult<()> {
    let billing = Billing::new(desk.store().clone(), desk.gateway().clone());
    billing.take_card(setup_intent, None, now).await.map(|_| ()).map_err(failed)
}

fn failed(error: BillingError) -> ApiError {
    match error {
        BillingError::Store(error) => error.into(),
        BillingError::Gateway(error) => refused_by_gateway(error),
        // The gateway sends the event again, and the billing job looks too.
        error @ BillingError::Busy => gateway_unavailable(error),
        error @ (BillingError::Foreign { .. } | BillingError::Ledger(_)) => ApiError::internal(error),
    }
}
