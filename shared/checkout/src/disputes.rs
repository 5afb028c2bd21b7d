//! Disputes of payments of orders.

use domain::commerce::{
    Subject, ledger,
    payment::SetAsideReason,
    refund::{Part, allocate},
};
use gateway::{DisputeState, DisputeStatus, IntentStatus};
use store::entities::{
    Order, SetAside,
    commerce::order::{DisputeOutcome, RefundStatus},
};

use crate::{CheckoutError, Desk, Refunded, amount, order_of};

/// What a dispute means for its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disputed {
    /// Nothing moved.
    Nothing,
    /// It is written down.
    Applied,
    /// It is none of an order.
    NotOurs,
}

impl Desk {
    /// Reads a dispute and gives its order what it says; the fees that came with it are booked.
    ///
    /// # Errors
    /// [`CheckoutError`].
    pub async fn look_at_dispute(&self, id: &str) -> Result<Disputed, CheckoutError> {
        let dispute = self.gateway.dispute(id).await?;
        let Some(intent) = &dispute.intent else { return Ok(Disputed::NotOurs) };
        let intent = self.gateway.intent(intent).await?;
        let Some((user, order)) = order_of(&intent) else { return Ok(Disputed::NotOurs) };
        for row in &dispute.rows {
            self.book_fee(order, &row.id, (row.fee, &row.currency)).await?;
        }
        let outcome = match dispute.status {
            DisputeStatus::Inquiry | DisputeStatus::Closed | DisputeStatus::Other => {
                return Ok(Disputed::Nothing);
            }
            DisputeStatus::Open | DisputeStatus::UnderReview => None,
            DisputeStatus::Won => Some(DisputeOutcome::Won),
            DisputeStatus::Lost => Some(DisputeOutcome::Lost),
        };
        if intent.status == IntentStatus::Succeeded {
            // The dispute may be told of before the payment.
            self.apply_intent(&intent, None).await?;
        }
        let found = self.store.orders().get(user, order).await?;
        match found.filter(|found| found.payment_id.as_ref() == Some(&intent.id)) {
            Some(order) => self.apply_dispute(&order, &dispute, outcome).await?,
            None => self.apply_late_dispute(Subject::Order(order), &intent.id, &dispute, outcome).await?,
        }
        Ok(Disputed::Applied)
    }

    async fn apply_dispute(
        &self,
        order: &Order,
        dispute: &DisputeState,
        outcome: Option<DisputeOutcome>,
    ) -> Result<(), CheckoutError> {
        let (orders, now) = (self.store.orders(), self.now());
        let claimed = amount(dispute.minor, &dispute.currency)?;
        // An end may be told of before the beginning: both are booked, in this order.
        let opened = orders.open_dispute(order.user_id, order.id, (&dispute.id, claimed), None, now).await?;
        let (Some(outcome), Some(opened)) = (outcome, opened) else { return Ok(()) };
        if self.store.ledger().get(&format!("dispute_closed:{}", dispute.id)).await?.is_some() {
            return Ok(());
        }
        let opened = match outcome {
            DisputeOutcome::Lost => self.end_refunds(opened).await?,
            DisputeOutcome::Won => opened,
        };
        orders.close_dispute(order.user_id, order.id, (&dispute.id, claimed, outcome), None, now).await?;
        let covered: i64 = allocate(&opened.lines, claimed.minor).iter().map(Part::minor).sum();
        if outcome == DisputeOutcome::Lost && covered < claimed.minor {
            tracing::error!(order = %order.id, dispute = dispute.id, "a bank took more than the order had left");
            let aside = SetAside {
                order_id: Some(order.id),
                user_id: Some(order.user_id),
                intent_id: dispute.intent.clone(),
                charge_id: Some(dispute.charge.clone()),
                captured: Some(claimed),
                ..SetAside::new(format!("dispute:{}", dispute.id), SetAsideReason::DisputeUnmatched, now)
            };
            self.store.set_asides().add(&aside).await?;
        }
        Ok(())
    }

    /// Brings refunds that are under way to their end, and gives the order after that: what a bank takes can't be told from what is on its way
    /// back before. The gateway refuses what it has not made yet, since a bank claims the money.
    async fn end_refunds(&self, order: Order) -> Result<Order, CheckoutError> {
        let refunds = self.store.orders().refunds(order.id).await?;
        let mut after = None;
        for refund in refunds.iter().filter(|refund| refund.status == RefundStatus::Pending) {
            if let Refunded::UnderWay(..) = self.finish_refund(&order, refund).await? {
                return Err(store::StoreError::Throttled.into());
            }
            after = self.store.orders().get(order.user_id, order.id).await?;
        }
        Ok(after.unwrap_or(order))
    }

    /// A dispute of money that no order was waiting for: it belongs to the buyer already.
    async fn apply_late_dispute(
        &self,
        subject: Subject,
        intent: &str,
        dispute: &DisputeState,
        outcome: Option<DisputeOutcome>,
    ) -> Result<(), CheckoutError> {
        let (sets, now) = (self.store.ledger(), self.now());
        let claimed = amount(dispute.minor, &dispute.currency)?;
        sets.add(&ledger::dispute_opened(subject, &dispute.id, claimed, now)?).await?;
        match outcome {
            Some(DisputeOutcome::Won) => {
                sets.add(&ledger::dispute_won(subject, &dispute.id, claimed, now)?).await?;
            }
            Some(DisputeOutcome::Lost) => {
                let note = "The buyer's bank kept the money.";
                self.store.set_asides().settle(&SetAside::of_payment(intent), note, now).await?;
            }
            None => {}
        }
        Ok(())
    }
}
