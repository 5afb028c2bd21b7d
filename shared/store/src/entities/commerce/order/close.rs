//! Orders that end without a payment.

use domain::commerce::{
    OrderEvent,
    order::{Transition, transition},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{BuyerStats, Order, Orders, Part, ROUNDS};
use crate::{
    Entity as _, StoreError, Table, TransactionError, entities::commerce::promo::remove_use, from_item,
    transaction::wait_for_turn,
};

/// What became of an order that was to be closed.
#[derive(Clone, Debug)]
pub enum Closed {
    /// It is closed now.
    Done(Order),
    /// It was closed before.
    Already(Order),
    /// It has been paid.
    Paid(Order),
    /// The user has no such order.
    NoOrder,
}

impl Orders<'_> {
    /// Cancels a pending order; its promo code is free again. A payment at the gateway must have been cancelled before, or be such that its
    /// money is set aside when it comes. A read and a transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cancel(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        self.close(user, id, OrderEvent::Cancelled, now).await
    }

    /// Ends a pending order whose time is over; as failed where the last try to pay it had failed. As [`Self::cancel`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
        payment_failed: bool,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        let event = if payment_failed { OrderEvent::Failed } else { OrderEvent::Expired };
        self.close(user, id, event, now).await
    }

    async fn close(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
        event: OrderEvent,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        let Some(mut order) = self.get(user, id).await? else { return Ok(Closed::NoOrder) };
        for round in 0..ROUNDS {
            let mut after = order.next(now);
            after.status = match transition(order.status, event) {
                Ok(Transition::To(status)) => status,
                Ok(Transition::Same) => return Ok(Closed::Already(order)),
                Err(_) => return Ok(Closed::Paid(order)),
            };
            let mut transaction = self
                .0
                .transaction()
                .hot()
                .put_when(Part::Order, &after, Some(order.unchanged()))
                .update(Part::Rest, BuyerStats::counted(user, Some(order.status), after.status, now))
                .delete(Part::Rest, Table::Commerce, order.unpaid_reminder().key(), None);
            if let Some(code) = &order.promo_code {
                transaction = remove_use(transaction, Part::Promo, code, user, &id.to_string());
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Closed::Done(after)),
                Err(TransactionError::Failed { label: Part::Order, item: Some(item) }) => {
                    order = from_item(*item)?;
                    wait_for_turn(round).await;
                }
                Err(TransactionError::Failed { item, .. }) => return Err(StoreError::ConditionFailed(item)),
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
