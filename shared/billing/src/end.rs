//! The ends of subscriptions.

use domain::commerce::{Subscription, SubscriptionStatus, subscription::CancelWhen};
use gateway::{GatewayError, Key};
use kernel::{Id, Timestamp, id::kinds};
use store::entities::UserSubscription;

use crate::{Applied, Billing, BillingError, end_key};

impl Billing {
    /// Ends a subscription at the gateway that has ended with us, or is about to, with what it has left to be paid. One that has ended
    /// there, or never was, counts as done.
    pub(crate) async fn end_at_gateway(
        &self,
        ours: &UserSubscription,
        gateway_id: &str,
    ) -> Result<(), BillingError> {
        match self.gateway.cancel_subscription(gateway_id, &end_key(ours.id)).await {
            Ok(state) => self.close_invoice(&state).await,
            Err(error) if error.is_missing() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a subscription at once: at the gateway, so that nothing more is collected, then with us. `state` is what it becomes; with
    /// `tell` the job tells the subscriber. Gives it as it is afterwards; `None` when it was changed meanwhile.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn end(
        &self,
        ours: &UserSubscription,
        state: Subscription,
        tell: bool,
        now: Timestamp,
    ) -> Result<Option<UserSubscription>, BillingError> {
        if let Some(gateway_id) = &ours.gateway_id {
            self.end_at_gateway(ours, gateway_id).await?;
        }
        let look_at = tell.then_some(now);
        let after = UserSubscription { state, change: None, look_at, ..ours.clone() };
        Ok(self.store.subscriptions().change(ours, &after, now).await?)
    }

    /// Ends whatever subscription a user has, at once, at the gateway too; nothing where he has none. It may be called any number of times
    /// and be killed anywhere: what is left of the end comes with the next call.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn end_of_user(&self, user: Id<kinds::User>, now: Timestamp) -> Result<(), BillingError> {
        for _ in 0..crate::ROUNDS {
            let Some(live) = self.store.subscriptions().live(user).await? else { return Ok(()) };
            let Ok(ended) = live.state.cancel(CancelWhen::Now, now) else { return Ok(()) };
            if self.end(&live, ended, false, now).await?.is_some() {
                tracing::info!(subscription = %live.id, "it has ended, since its subscriber goes");
                return Ok(());
            }
        }
        Err(BillingError::Busy)
    }

    /// Ends whatever subscription a user has and deletes him at the gateway, with his name, his address and his cards. Any number of times, it
    /// has its effect once.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn forget_user(&self, user: Id<kinds::User>, now: Timestamp) -> Result<(), BillingError> {
        self.end_of_user(user, now).await?;
        if let Some(customer) = self.store.subscriptions().customer(user).await? {
            let key = Key::new("forget-customer", &customer.customer_id);
            self.gateway.delete_customer(&customer.customer_id, &key).await?;
        }
        Ok(())
    }

    /// Lets a subscription end with its period, or takes that back, and makes our state follow.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn set_ends_with_period(
        &self,
        ours: &UserSubscription,
        gateway_id: &str,
        ends: bool,
        now: Timestamp,
    ) -> Result<Applied, BillingError> {
        let operation = if ends { "cancel-at-period-end" } else { "resume" };
        let key = Key::new(operation, format_args!("{}:{}", ours.id, ours.version));
        let state = self.gateway.set_cancel_at_period_end(gateway_id, ends, &key).await;
        match state {
            Ok(state) => match self.apply(ours, &state, now).await? {
                Applied::Stale => self.follow(gateway_id, now).await,
                applied => Ok(applied),
            },
            // It has ended there; our state has not followed yet.
            Err(GatewayError::Refused { .. }) => self.follow(gateway_id, now).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Gives up a beginning that the gateway never confirmed. Should its object appear later, following it ends it.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn give_up(
        &self,
        ours: &UserSubscription,
        now: Timestamp,
    ) -> Result<Option<UserSubscription>, BillingError> {
        let state = Subscription {
            status: SubscriptionStatus::Expired,
            end_date: Some(now),
            cancelled_at: Some(now),
            ..ours.state.clone()
        };
        self.end(ours, state, false, now).await
    }
}
