//! Subscriptions to plans (seed 003, UserSubscription): their states, and how they follow what the payment gateway says.

use std::fmt;

use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::BillingInterval;

/// How long a plan goes on after a payment failed (seed 003).
pub const GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Days of the grace period on which the subscriber is reminded: at once, and before it ends.
pub const DUNNING_DAYS: [u8; 3] = [0, 3, 6];

/// State of a subscription (seed 003).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Its first payment is awaited.
    Pending,
    /// Paid, or in its trial.
    Active,
    /// A payment failed; the plan goes on for [`GRACE`].
    GracePeriod,
    /// Ended before its time: at the subscriber's wish, or because it was not paid.
    Cancelled,
    /// Ended with its period, or never began.
    Expired,
    /// Halted by the gateway.
    Suspended,
}

impl SubscriptionStatus {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Active, Self::GracePeriod, Self::Cancelled, Self::Expired, Self::Suspended];

    /// Its name in keys and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::GracePeriod => "grace_period",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
        }
    }

    /// Whether it has ended for good. A user has at most one subscription that has not.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Cancelled | Self::Expired)
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// State of the gateway's object (Stripe API, `Subscription.status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayStatus {
    /// The first payment is awaited.
    Incomplete,
    /// The first payment did not come in time.
    IncompleteExpired,
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed; the gateway tries again.
    PastDue,
    /// A payment failed; the gateway tries no more.
    Unpaid,
    /// Ended.
    Canceled,
    /// The trial ended without a way to pay.
    Paused,
}

/// What the gateway's newest object says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayObject {
    /// Its state.
    pub status: GatewayStatus,
    /// The plan that its price stands for.
    pub plan_id: Id<kinds::Plan>,
    /// The interval of that price.
    pub interval: BillingInterval,
    /// First moment of the current period.
    pub period_start: Timestamp,
    /// The moment after it.
    pub period_end: Timestamp,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A subscription's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// State.
    pub status: SubscriptionStatus,
    /// The plan.
    pub plan_id: Id<kinds::Plan>,
    /// How often it is paid.
    pub interval: BillingInterval,
    /// Whether it is in its trial.
    pub is_trial: bool,
    /// When it began.
    pub start_date: Timestamp,
    /// First moment of the current period.
    pub period_start: Timestamp,
    /// Next payment: the moment after the current period.
    pub renewal_date: Timestamp,
    /// When it ends or ended; none while it goes on.
    pub end_date: Option<Timestamp>,
    /// When its end was asked for, or came.
    pub cancelled_at: Option<Timestamp>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// End of the grace period.
    pub grace_period_ends_at: Option<Timestamp>,
}

/// When a subscription is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelWhen {
    /// At once.
    Now,
    /// With the period that is paid.
    PeriodEnd,
}

/// Why a subscription is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has ended.
    #[error("the subscription has ended; subscribe again")]
    Ended,
    /// It has not begun, or is halted.
    #[error("the subscription is {0}; finish its payment first")]
    NotActive(SubscriptionStatus),
    /// There is no end to take back.
    #[error("the subscription is not about to end")]
    NotEnding,
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ended => "SUBSCRIPTION_ENDED",
            Self::NotActive(_) => "SUBSCRIPTION_NOT_ACTIVE",
            Self::NotEnding => "SUBSCRIPTION_NOT_ENDING",
        }
    }
}

impl Subscription {
    /// A subscription that the gateway has just made.
    pub fn new(object: &GatewayObject, now: Timestamp) -> Self {
        let fresh = Self {
            status: SubscriptionStatus::Pending,
            plan_id: object.plan_id,
            interval: object.interval,
            is_trial: false,
            start_date: object.period_start,
            period_start: object.period_start,
            renewal_date: object.period_end,
            end_date: None,
            cancelled_at: None,
            cancel_at_period_end: false,
            grace_period_ends_at: None,
        };
        fresh.follow(object, now)
    }

    /// Whether it gives the plan's benefits now (seed 003, `is_active`).
    pub fn is_live(&self, now: Timestamp) -> bool {
        match self.status {
            // The end that was asked for comes with the hour, not with the gateway's message.
            SubscriptionStatus::Active => !self.cancel_at_period_end || now < self.renewal_date,
            SubscriptionStatus::GracePeriod => self.grace_period_ends_at.is_some_and(|end| now < end),
            _ => false,
        }
    }

    /// The state that the gateway's newest object says. Following the same object again changes nothing; one that has ended stays
    /// ended, whatever comes late.
    #[must_use]
    pub fn follow(&self, object: &GatewayObject, now: Timestamp) -> Self {
        use SubscriptionStatus as S;
        if self.status.has_ended() {
            return self.clone();
        }
        let mut next = Self {
            plan_id: object.plan_id,
            interval: object.interval,
            is_trial: object.status == GatewayStatus::Trialing,
            period_start: object.period_start,
            renewal_date: object.period_end,
            cancel_at_period_end: object.cancel_at_period_end,
            end_date: object.cancel_at_period_end.then_some(object.period_end),
            cancelled_at: object.cancel_at_period_end.then(|| self.cancelled_at.unwrap_or(now)),
            grace_period_ends_at: None,
            ..self.clone()
        };
        let grace = || self.grace_period_ends_at.unwrap_or_else(|| after(now, GRACE));
        match object.status {
            GatewayStatus::Incomplete => next.status = S::Pending,
            GatewayStatus::Trialing | GatewayStatus::Active => next.status = S::Active,
            GatewayStatus::PastDue | GatewayStatus::Unpaid => {
                next.status = S::GracePeriod;
                next.grace_period_ends_at = Some(grace());
            }
            GatewayStatus::Paused => next.status = S::Suspended,
            GatewayStatus::IncompleteExpired => next.end(S::Expired, object.ended_at.unwrap_or(now)),
            GatewayStatus::Canceled => {
                let ended = object.ended_at.unwrap_or(now);
                let in_time = object.cancel_at_period_end && ended >= object.period_end;
                next.end(if in_time { S::Expired } else { S::Cancelled }, ended);
            }
        }
        next
    }

    /// What time alone does: a grace period without a payment ends as cancelled (seed 003, `process_expired_grace_periods`), an end that
    /// was asked for comes with the period as expired. None where nothing changes.
    pub fn lapse(&self, now: Timestamp) -> Option<Self> {
        let mut next = self.clone();
        match (self.status, self.grace_period_ends_at) {
            (SubscriptionStatus::GracePeriod, Some(end)) if end <= now => {
                next.end(SubscriptionStatus::Cancelled, end)
            }
            (SubscriptionStatus::Active, _) if self.cancel_at_period_end && self.renewal_date <= now => {
                next.end(SubscriptionStatus::Expired, self.renewal_date);
            }
            _ => return None,
        }
        Some(next)
    }

    /// Ends it at the subscriber's wish. To ask again for the same changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Ended`]; [`Refusal::NotActive`] for the end of a period that was never paid.
    pub fn cancel(&self, when: CancelWhen, now: Timestamp) -> Result<Self, Refusal> {
        if self.status.has_ended() {
            return Err(Refusal::Ended);
        }
        let mut next = self.clone();
        match when {
            CancelWhen::Now => next.end(SubscriptionStatus::Cancelled, now),
            CancelWhen::PeriodEnd if self.status == SubscriptionStatus::Active => {
                next.cancel_at_period_end = true;
                next.end_date = Some(self.renewal_date);
                next.cancelled_at = self.cancelled_at.or(Some(now));
            }
            CancelWhen::PeriodEnd => return Err(Refusal::NotActive(self.status)),
        }
        Ok(next)
    }

    /// Takes back an end that was asked for and has not come.
    ///
    /// # Errors
    /// [`Refusal::Ended`], [`Refusal::NotEnding`]
    pub fn resume(&self, now: Timestamp) -> Result<Self, Refusal> {
        if self.status.has_ended() || self.cancel_at_period_end && self.renewal_date <= now {
            return Err(Refusal::Ended);
        }
        if !self.cancel_at_period_end {
            return Err(Refusal::NotEnding);
        }
        Ok(Self { cancel_at_period_end: false, end_date: None, cancelled_at: None, ..self.clone() })
    }

    /// Whether its plan may be changed now.
    ///
    /// # Errors
    /// [`Refusal::Ended`]; [`Refusal::NotActive`] while a payment is open.
    pub fn may_change(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status {
            SubscriptionStatus::Active if self.is_live(now) => Ok(()),
            SubscriptionStatus::Active | SubscriptionStatus::Cancelled | SubscriptionStatus::Expired => {
                Err(Refusal::Ended)
            }
            status => Err(Refusal::NotActive(status)),
        }
    }

    /// How many reminders of [`DUNNING_DAYS`] are due by now.
    pub fn reminders_due(&self, now: Timestamp) -> usize {
        match (self.status, self.grace_period_ends_at) {
            (SubscriptionStatus::GracePeriod, Some(end)) => {
                let passed = GRACE.saturating_sub(end.duration_since(now));
                DUNNING_DAYS
                    .iter()
                    .filter(|day| passed >= SignedDuration::from_hours(i64::from(**day) * 24))
                    .count()
            }
            _ => 0,
        }
    }

    fn end(&mut self, status: SubscriptionStatus, at: Timestamp) {
        self.status = status;
        self.is_trial = false;
        self.end_date = Some(at);
        self.cancelled_at = self.cancelled_at.or(Some(at));
        self.grace_period_ends_at = None;
    }
}

/// End of a trial that begins now; none where the plan has no trial or the user has had one.
pub fn trial_end(trial_days: u16, had_trial: bool, now: Timestamp) -> Option<Timestamp> {
    (trial_days > 0 && !had_trial).then(|| after(now, SignedDuration::from_hours(i64::from(trial_days) * 24)))
}

fn after(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
