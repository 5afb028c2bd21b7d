//! When the billing job has to look at a subscription again.

use domain::commerce::{
    SubscriptionStatus,
    subscription::{DUNNING_DAYS, GRACE},
};
use kernel::{SignedDuration, Timestamp};
use store::entities::UserSubscription;

/// How long the gateway's answer to a beginning or a change is awaited before the job asks. Idempotency keys live for 24 hours
/// (<https://docs.stripe.com/api/idempotent_requests>).
pub const UNKNOWN_PATIENCE: SignedDuration = SignedDuration::from_mins(30);
/// What is left to the webhook after a renewal is due: Stripe finalises the invoice of a renewal after about an hour
/// (<https://docs.stripe.com/billing/invoices/subscription#update-data>).
const RENEWAL_PATIENCE: SignedDuration = SignedDuration::from_hours(2);
/// The gateway gives a first payment up after 23 hours (Stripe, "Subscription statuses").
const PENDING_PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// Between two looks at what should have moved and has not.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// When to look next; none where it has ended.
pub fn next_look(subscription: &UserSubscription, now: Timestamp) -> Option<Timestamp> {
    let state = &subscription.state;
    if state.status.has_ended() {
        return None;
    }
    if let Some(change) = &subscription.change {
        return Some(later(now, change.agreed_at + UNKNOWN_PATIENCE));
    }
    Some(match state.status {
        SubscriptionStatus::Pending if subscription.gateway_id.is_none() => {
            later(now, subscription.created_at + UNKNOWN_PATIENCE)
        }
        SubscriptionStatus::Pending => later(now, subscription.created_at + PENDING_PATIENCE),
        SubscriptionStatus::GracePeriod => {
            let end = state.grace_period_ends_at.unwrap_or(now);
            let reminder = DUNNING_DAYS.get(subscription.reminders_sent);
            // Not put off: what is due at once is done with the next run.
            reminder.map_or(end, |day| end - GRACE + SignedDuration::from_hours(24 * i64::from(*day)))
        }
        SubscriptionStatus::Active => later(now, state.renewal_date + RENEWAL_PATIENCE),
        SubscriptionStatus::Suspended | SubscriptionStatus::Cancelled | SubscriptionStatus::Expired => {
            now + SignedDuration::from_hours(24)
        }
    })
}

/// This time, or in an hour where it is over.
fn later(now: Timestamp, at: Timestamp) -> Timestamp {
    if at > now { at } else { now + AGAIN }
}
