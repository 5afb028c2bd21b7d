//! Payments of orders.

use domain::commerce::{
    OrderStatus, PaymentMethod, Subject, ledger,
    payment::{PaymentStatus, SetAsideReason},
};
use gateway::{IntentError, IntentState, IntentStatus, Key};
use kernel::{Id, id::kinds};
use store::entities::{
    GatewayEvent, Order, SetAside,
    commerce::order::{Captured, Closed, Settled, Settlement},
};

use crate::{CheckoutError, Desk, amount, order_of};

/// What an intent means for its order.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is looked into at once")]
pub enum Look {
    /// It was paid, and this is what became of the money.
    Settled(Settled),
    /// The last try to pay failed. The order waits for another card.
    Failed(IntentError),
    /// It can't be paid any more; its order is closed.
    GivenUp,
    /// It is not paid so far.
    Waiting(IntentStatus),
    /// It is none of an order.
    NotOurs,
}

/// How an order ends that is not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its buyer does not want it, or the gateway gave its payment up.
    Cancelled,
    /// Its time is over.
    Expired,
}

impl Desk {
    /// Reads an intent and gives its order what it says. An event that told of it is marked as applied in the same transaction where the
    /// order is paid now ([`Settled::Done`]).
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn look_at_intent(
        &self,
        id: &str,
        event: Option<&GatewayEvent>,
    ) -> Result<Look, CheckoutError> {
        let intent = self.gateway.intent(id).await?;
        self.apply_intent(&intent, event).await
    }

    pub(crate) async fn apply_intent(
        &self,
        intent: &IntentState,
        event: Option<&GatewayEvent>,
    ) -> Result<Look, CheckoutError> {
        let Some((user, order)) = order_of(intent) else { return Ok(Look::NotOurs) };
        let now = self.now();
        match (intent.status, &intent.error) {
            (IntentStatus::Succeeded, _) => {
                self.settle(intent, user, order, event.cloned()).await.map(Look::Settled)
            }
            (IntentStatus::AwaitingMethod, Some(error)) => {
                self.store.payments().failed(order, &intent.id, Some(&error.code), now).await?;
                Ok(Look::Failed(error.clone()))
            }
            (IntentStatus::Cancelled, _) => {
                if let Some(found) = self.store.orders().get(user, order).await?
                    && found.intent_id.as_ref() == Some(&intent.id)
                {
                    let ending = if now >= found.pay_by { Ending::Expired } else { Ending::Cancelled };
                    self.close(&found, ending).await?;
                    self.store.payments().failed(order, &intent.id, Some("canceled"), now).await?;
                }
                Ok(Look::GivenUp)
            }
            (status, _) => Ok(Look::Waiting(status)),
        }
    }

    async fn settle(
        &self,
        intent: &IntentState,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        event: Option<GatewayEvent>,
    ) -> Result<Settled, CheckoutError> {
        // Before the order: once the event is marked, nobody comes back for the fee.
        if let Some((charge, fee)) =
            intent.charge.as_ref().and_then(|charge| Some((charge, charge.fee.as_ref()?)))
        {
            self.book_fee(order, &charge.id, (fee.minor, &fee.currency)).await?;
        }
        let captured = Captured {
            payment_id: intent.id.clone(),
            method: PaymentMethod::Card,
            charge_id: intent.charge.as_ref().map(|charge| charge.id.clone()),
            amount: amount(intent.received, &intent.currency)?,
        };
        let settlement = Settlement { captured, event, confirmed_by: None };
        let settled = self.store.orders().settle(user, order, &settlement, self.now()).await?;
        if matches!(settled, Settled::NoOrder) {
            self.set_unknown_aside(&settlement.captured, user, order).await?;
            return Ok(Settled::SetAside(SetAsideReason::NoOrder));
        }
        if let Settled::SetAside(reason) = &settled {
            tracing::error!(%order, intent = intent.id, ?reason, "money was set aside");
        }
        Ok(settled)
    }

    /// Money for an order that there is not.
    async fn set_unknown_aside(
        &self,
        captured: &Captured,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
    ) -> Result<(), CheckoutError> {
        let (now, id) = (self.now(), &captured.payment_id);
        tracing::error!(%order, intent = id, "money for an order that there is not was set aside");
        let set =
            ledger::late_money(Some(Subject::Order(order)), id, (captured.amount, captured.method), now)?;
        let aside = SetAside {
            order_id: Some(order),
            user_id: Some(user),
            intent_id: Some(id.clone()),
            charge_id: captured.charge_id.clone(),
            method: Some(captured.method),
            captured: Some(captured.amount),
            ..SetAside::new(SetAside::of_payment(id), SetAsideReason::NoOrder, now)
        };
        self.store.set_asides().add_money(&aside, &set).await?;
        Ok(())
    }

    /// Ends an order that is not paid: first at the gateway, where it might be paid at this moment, then here. One that turns out to be paid
    /// is settled.
    ///
    /// # Errors
    /// [`CheckoutError`]; [`CheckoutError::UnderWay`] when the gateway can't say yet.
    pub async fn give_up(&self, order: &Order, ending: Ending) -> Result<Closed, CheckoutError> {
        if order.status != OrderStatus::Pending {
            return self.close(order, ending).await;
        }
        if let Some(paid) = self.give_up_intent(order).await? {
            return Ok(paid);
        }
        let closed = self.close(order, ending).await?;
        if let Closed::Done(after) = &closed
            && after.intent_id != order.intent_id
        {
            // The buyer began to pay in between. Money that still comes is set aside.
            self.give_up_intent(after).await?;
        }
        Ok(closed)
    }

    /// Gives up the intent of an order at the gateway; gives the order when it was paid before.
    async fn give_up_intent(&self, order: &Order) -> Result<Option<Closed>, CheckoutError> {
        let Some(intent) = &order.intent_id else { return Ok(None) };
        let state = match self.gateway.cancel_intent(intent, &Key::new("cancel_intent", order.id)).await {
            Ok(state) => state,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match state.status {
            IntentStatus::Cancelled => Ok(None),
            IntentStatus::Succeeded => {
                // Once more, with its charge and fee.
                self.look_at_intent(intent, None).await?;
                let latest = self.store.orders().get(order.user_id, order.id).await?;
                Ok(Some(Closed::Paid(latest.unwrap_or_else(|| order.clone()))))
            }
            _ => Err(CheckoutError::UnderWay),
        }
    }

    async fn close(&self, order: &Order, ending: Ending) -> Result<Closed, CheckoutError> {
        let (orders, now) = (self.store.orders(), self.now());
        let closed = match ending {
            Ending::Cancelled => orders.cancel(order.user_id, order.id, now).await?,
            Ending::Expired => {
                let payment = match &order.intent_id {
                    Some(intent) => self.store.payments().get(order.id, intent).await?,
                    None => None,
                };
                let failed = payment.is_some_and(|payment| payment.status == PaymentStatus::Failed);
                orders.expire(order.user_id, order.id, failed, now).await?
            }
        };
        Ok(closed)
    }
}
