//! Subscriptions between our storage and the payment gateway. The gateway's object says how far a subscription is; this crate makes our
//! state follow it, whoever asks for it: a webhook, the subscriber's own request, or the billing job that looks after what both have lost.
//!
//! What is read from the gateway may be old by the time it is written. So our item is read first, the gateway is asked then, and the
//! write happens on the condition that our item is still the one that was read: a state that was asked for later can't be overwritten by
//! one that was asked for earlier.

mod changes;
mod end;
mod invoices;
mod mapping;
mod plans;
mod returns;
mod schedule;

use domain::commerce::{Subscription, SubscriptionStatus, ledger::LedgerError};
use gateway::{Gateway, GatewayError, InvoiceState, InvoiceStatus, Key, SubscriptionState};
use kernel::{Id, Timestamp, id::kinds};
use store::{
    Store, StoreError,
    entities::{SubscriptionPlan, UserSubscription},
};

pub use changes::Changed;
pub use schedule::{UNKNOWN_PATIENCE, next_look};

/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 10;

/// Why our state could not follow the gateway's.
#[derive(Debug, thiserror::Error)]
pub enum BillingError {
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway failed.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The gateway's object can't be one of ours: another price, interval, currency or time than we sell.
    #[error("the subscription {subscription} of the gateway can't be read: {reason}")]
    Foreign {
        /// The gateway's number.
        subscription: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An amount can't be booked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// So much else changes it that no gap was found.
    #[error("the subscription changes too fast")]
    Busy,
}

/// What became of a state that was to be followed.
#[derive(Clone, Debug)]
pub enum Applied {
    /// Our state is this now, or was before.
    Done(Box<UserSubscription>),
    /// The gateway's object is not one of ours: it names no subscription that there is.
    NotOurs,
    /// Our item was changed since it was read, or the gateway is in a state from which nothing can be concluded. Ask again.
    Stale,
}

/// Subscriptions at the gateway.
#[derive(Clone, Debug)]
pub struct Billing {
    store: Store,
    gateway: Gateway,
}

impl Billing {
    /// On this storage and this gateway.
    pub const fn new(store: Store, gateway: Gateway) -> Self {
        Self { store, gateway }
    }

    /// The storage.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The gateway.
    pub const fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Asks the gateway how far a subscription is (`sub_…`), books what was paid for it, and makes our state follow. It may be called any
    /// number of times, from several sides at once, and be killed anywhere. Two calls of the gateway, and one more for each new payment.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn follow(&self, gateway_id: &str, now: Timestamp) -> Result<Applied, BillingError> {
        self.look(gateway_id, now).await.map(|(applied, _)| applied)
    }

    /// As [`Billing::follow`], and gives what the gateway has said: it holds the secret with which the subscriber's browser pays what is open.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn look(
        &self,
        gateway_id: &str,
        now: Timestamp,
    ) -> Result<(Applied, SubscriptionState), BillingError> {
        for _ in 0..ROUNDS {
            // Only the numbers are taken of this one: what it says may be old when our item has been read.
            let first = self.gateway.subscription(gateway_id).await?;
            let Some(ours) = self.ours(&first).await? else { return Ok((Applied::NotOurs, first)) };
            let state = self.gateway.subscription(gateway_id).await?;
            if ours.state.status.has_ended() && is_running(&state) {
                self.end_at_gateway(&ours, gateway_id).await?;
                continue;
            }
            self.close_invoice(&state).await?;
            self.book_all(&ours, gateway_id, now).await?;
            match self.apply(&ours, &state, now).await? {
                Applied::Stale if state.status == gateway::SubscriptionStatus::Other => break,
                Applied::Stale => {}
                applied => return Ok((applied, state)),
            }
        }
        Err(BillingError::Busy)
    }

    /// Takes back the invoice that a subscription which has ended has left open: who still had the page for it before him would pay for
    /// nothing.
    async fn close_invoice(&self, state: &SubscriptionState) -> Result<(), BillingError> {
        let open = state.latest_invoice.as_ref().filter(|invoice| invoice.status == InvoiceStatus::Open);
        if let Some(invoice) = open.filter(|_| has_ended(state)) {
            self.gateway.void_invoice(&invoice.id, &Key::new("void-invoice", &invoice.id)).await?;
        }
        Ok(())
    }

    /// Our subscription that the gateway's object names; `None` when it names none, or another has its place.
    async fn ours(&self, state: &SubscriptionState) -> Result<Option<UserSubscription>, BillingError> {
        let id = state.subscription_id.as_deref().and_then(|id| id.parse::<Id<kinds::Subscription>>().ok());
        let user = state.user_id.as_deref().and_then(|user| user.parse::<Id<kinds::User>>().ok());
        let (Some(id), Some(user)) = (id, user) else { return Ok(None) };
        let found = self.store.subscriptions().find(user, id).await?;
        Ok(found.filter(|found| found.gateway_id.as_ref().is_none_or(|known| *known == state.id)))
    }

    /// Makes the subscription that was read follow a state that the gateway told after that.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn apply(
        &self,
        ours: &UserSubscription,
        state: &SubscriptionState,
        now: Timestamp,
    ) -> Result<Applied, BillingError> {
        let plans = self.store.plans().all().await?;
        let invoice = state.latest_invoice.as_ref();
        apply(&self.store, ours, state, &plans, invoice, now).await
    }
}

/// Makes the subscription that was read follow a state that the gateway told after that. One transaction where it changes something.
///
/// # Errors
/// [`BillingError::Foreign`] for an object that is none of ours, and those of storage.
pub async fn apply(
    store: &Store,
    ours: &UserSubscription,
    state: &SubscriptionState,
    plans: &[SubscriptionPlan],
    latest_invoice: Option<&InvoiceState>,
    now: Timestamp,
) -> Result<Applied, BillingError> {
    let Some((object, plan)) = mapping::read(state, plans)? else { return Ok(Applied::Stale) };
    let mut after = ours.clone();
    after.state = ours.state.follow(&object, now);
    if !ours.state.status.has_ended() {
        after.plan_type = plan.plan.plan_type;
        after.price = mapping::price(state)?;
        after.gateway_id = Some(state.id.clone());
        after.item_id = Some(state.item.clone());
        after.customer_id.clone_from(&state.customer);
        after.has_payment_method = state.has_card;
    }
    if let (Some(promo), Some(invoice)) = (&mut after.promo, latest_invoice)
        && let Some(paid) = invoices::paid(invoice)
        && promo.paid.is_none()
        // What ended unpaid has given its use back.
        && !ours.state.status.has_ended()
    {
        (promo.paid, promo.invoice_id) = (Some(paid), Some(invoice.id.clone()));
    }
    if after.state.status != SubscriptionStatus::GracePeriod {
        after.reminders_sent = 0;
    }
    // What has ended is changed no more; what a change has cost is booked in any case.
    if after.state.status.has_ended() {
        after.change = None;
    }
    if after == *ours {
        return Ok(Applied::Done(Box::new(after)));
    }
    after.look_at = look_after(&ours.state, &after, now);
    let done = store.subscriptions().change(ours, &after, now).await?;
    if let Some(done) = &done {
        tracing::info!(subscription = %done.id, status = %done.state.status, "the subscription follows the gateway");
    }
    Ok(done.map_or(Applied::Stale, |done| Applied::Done(Box::new(done))))
}

/// When the job is to look at a subscription that came from `before` to its state. Who was not paid and has ended gets a mail.
fn look_after(before: &Subscription, after: &UserSubscription, now: Timestamp) -> Option<Timestamp> {
    let ended = after.state.status.has_ended();
    match before.status {
        SubscriptionStatus::GracePeriod if ended => Some(now),
        _ if ended && before.status.has_ended() => after.look_at,
        _ => next_look(after, now),
    }
}

/// Whether the gateway still collects, or may do so.
const fn is_running(state: &SubscriptionState) -> bool {
    !has_ended(state) && !matches!(state.status, gateway::SubscriptionStatus::Other)
}

/// Whether it has ended at the gateway for good.
const fn has_ended(state: &SubscriptionState) -> bool {
    matches!(state.status, gateway::SubscriptionStatus::Cancelled | gateway::SubscriptionStatus::Expired)
}

/// The key with which a subscription is ended at the gateway for good.
fn end_key(id: Id<kinds::Subscription>) -> Key {
    Key::new("end-subscription", id)
}
