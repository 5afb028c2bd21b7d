//! Changes of plan: agreed, written down, made at the gateway, followed.

use gateway::{Change, GatewayError, Key, PlanChange};
use kernel::Timestamp;
use store::entities::{UserSubscription, commerce::subscription::PendingChange};

use crate::{Applied, Billing, BillingError, next_look};

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It is made.
    Done(Box<UserSubscription>),
    /// The card was declined, in these words. Nothing was charged, and the plan is the one before.
    Declined(String),
    /// The gateway does not allow it. Nothing was charged, and the plan is the one before.
    Refused(GatewayError),
    /// The subscription was changed meanwhile.
    Meanwhile,
}

impl Billing {
    /// Makes the change that a subscription has agreed to, with the key of that agreement: whoever goes on with it, and however often, it
    /// is charged once.
    ///
    /// # Errors
    /// [`BillingError`]; when the gateway's answer is not certain, the change stays agreed and the job goes on with it.
    pub async fn make_change(
        &self,
        ours: &UserSubscription,
        change: &PendingChange,
        now: Timestamp,
    ) -> Result<Changed, BillingError> {
        let (Some(subscription), Some(item)) = (&ours.gateway_id, &ours.item_id) else {
            return Ok(Changed::Meanwhile);
        };
        let description = format!("Change of plan to {} {}", change.price, interval(change));
        let plan_change = PlanChange {
            subscription,
            item,
            customer: &ours.customer_id,
            price: &change.price_id,
            currency: change.price.currency.code(),
            description: &description,
            change: match change.new_period {
                false => Change::SamePeriod { charge: change.charge_minor },
                true => Change::NewPeriod { credit: change.price.minor - change.charge_minor },
            },
        };
        let made = self.gateway.change_plan(&plan_change, &Key::new("change-plan", change.id)).await;
        let outcome = match made {
            Ok(_) => None,
            Err(GatewayError::Declined { message, .. }) => Some(Changed::Declined(message)),
            Err(error @ GatewayError::Refused { .. }) => Some(Changed::Refused(error)),
            Err(error) => return Err(error.into()),
        };
        // Our plan is the new one before the agreement goes: who asks in between must not agree to it once more. What was charged is
        // booked in any case.
        let followed = self.follow(subscription, now).await?;
        let cleared = self.clear_change(ours, change, now).await?;
        Ok(match (outcome, followed, cleared) {
            (Some(failed), ..) => failed,
            (None, Applied::Done(_), Some(after)) => Changed::Done(Box::new(after)),
            _ => Changed::Meanwhile,
        })
    }

    /// Lets a subscription be paid with the card that its subscriber has given for it, and makes our state follow. `false` where the card was
    /// given for none, for another than `of`, or for one that has ended.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn take_card(
        &self,
        setup_intent: &str,
        of: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, BillingError> {
        match self.gateway.use_card(setup_intent, of).await {
            Ok(Some(subscription)) => self.follow(&subscription, now).await.map(|_| true),
            Ok(None) | Err(GatewayError::Refused { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes an agreement off the subscription, and gives it as it is then; `None` when it has another one.
    async fn clear_change(
        &self,
        ours: &UserSubscription,
        change: &PendingChange,
        now: Timestamp,
    ) -> Result<Option<UserSubscription>, BillingError> {
        for _ in 0..crate::ROUNDS {
            let found = self.store.subscriptions().find(ours.user_id, ours.id).await?;
            let Some(found) = found else { return Ok(None) };
            match &found.change {
                // Another one who went on with it was faster.
                None => return Ok(Some(found)),
                Some(other) if other.id != change.id => return Ok(None),
                Some(_) => {}
            }
            let mut after = UserSubscription { change: None, ..found.clone() };
            after.look_at = next_look(&after, now);
            let cleared = self.store.subscriptions().change(&found, &after, now).await?;
            if cleared.is_some() {
                return Ok(cleared);
            }
        }
        Err(BillingError::Busy)
    }
}

const fn interval(change: &PendingChange) -> &'static str {
    match change.interval {
        domain::commerce::BillingInterval::Monthly => "a month",
        domain::commerce::BillingInterval::Annual => "a year",
    }
}
