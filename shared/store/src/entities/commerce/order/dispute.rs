//! Disputes: the buyer's bank claims the money. Access stays until the bank has decided for the buyer.

use domain::commerce::{
    Amount, OrderEvent, Subject, ledger,
    order::{Transition, transition},
    refund::allocate,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Order, Orders, Part, ROUNDS, settle::bookable};
use crate::{
    StoreError, TransactionError,
    entities::{GatewayEvent, StoredSet},
    transaction::wait_for_turn,
};

/// What a bank has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeOutcome {
    /// For the platform.
    Won,
    /// For the buyer.
    Lost,
}

impl Orders<'_> {
    /// Writes down that the buyer's bank has claimed so much of an order: its state with its buyer's counts, and the ledger's set, in one
    /// transaction. `None` where the user has no such order, or it was never paid. Any number of times, it has its effect once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_dispute(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        (dispute, amount): (&str, Amount),
        event: Option<&GatewayEvent>,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        for round in 0..ROUNDS {
            let Some(before) = self.get(user, order).await? else { return Ok(None) };
            let mut after = before.next(now);
            match transition(before.status, OrderEvent::DisputeOpened) {
                Ok(Transition::To(status)) => after.status = status,
                Ok(Transition::Same) => {}
                Err(_) => return Ok(None),
            }
            let subject = Subject::Order(order);
            let set = bookable(ledger::dispute_opened(subject, dispute, amount, now))?;
            let mut transaction = self
                .write_return(self.0.transaction(), (&before, &after), &[], now)
                .put_new(Part::Refund, &StoredSet::from(set));
            if let Some(event) = event {
                transaction = transaction.put_new(Part::Event, event);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Some(after)),
                Err(TransactionError::Failed { label: Part::Order, .. }) => wait_for_turn(round).await,
                // The set or the event is there: it was written down before.
                Err(TransactionError::Failed { .. }) => return Ok(Some(before)),
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Writes down what the bank has decided. Won: the order is as it was before. Lost: as a refund of the claimed amount, spread over what
    /// remains of the lines, with the end of places in courses of which nothing remains. One transaction; any number of times, it has its
    /// effect once. `None` where the user has no such order, or it was never paid.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_dispute(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        (dispute, amount, outcome): (&str, Amount, DisputeOutcome),
        event: Option<&GatewayEvent>,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        for round in 0..ROUNDS {
            let Some(before) = self.fulfil(user, order, now).await? else { return Ok(None) };
            if !before.status.was_paid() {
                return Ok(None);
            }
            let (after, sets, enrollments) = match outcome {
                DisputeOutcome::Won => {
                    let mut after = before.next(now);
                    let partly_refunded = !before.returned.is_empty();
                    if let Ok(Transition::To(status)) =
                        transition(before.status, OrderEvent::DisputeWon { partly_refunded })
                    {
                        after.status = status;
                    }
                    let set = ledger::dispute_won(Subject::Order(order), dispute, amount, now);
                    (after, vec![StoredSet::from(bookable(set)?)], Vec::new())
                }
                DisputeOutcome::Lost => {
                    let planned = allocate(&before.lines, amount.minor);
                    let back: Vec<_> = planned.iter().map(|part| (part.item_id, part.minor())).collect();
                    let parts = before.returned_now(&back);
                    let event_of = |all| OrderEvent::DisputeLost { all };
                    let mut after = before.after_return(&parts, event_of, now);
                    for part in &planned {
                        if let Some(line) = after.lines.get_mut(part.index) {
                            line.refunded_minor = part.after;
                        }
                    }
                    let enrollments = self.to_revoke(&before, &parts).await?;
                    let set = bookable(ledger::dispute_lost(before.for_ledger(), dispute, &parts, now))?;
                    let mut sets = vec![StoredSet::of_return(set, &before.lines, &parts)];
                    // What went back before can't be taken from the lines again.
                    let excess = amount.minor - planned.iter().map(|part| part.minor()).sum::<i64>();
                    if excess > 0 {
                        let excess = Amount::new(excess, amount.currency);
                        let set = ledger::dispute_excess(Subject::Order(order), dispute, excess, now);
                        sets.push(StoredSet::from(bookable(set)?));
                    }
                    (after, sets, enrollments)
                }
            };
            let mut transaction =
                self.write_return(self.0.transaction(), (&before, &after), &enrollments, now);
            for set in &sets {
                transaction = transaction.put_new(Part::Refund, set);
            }
            if let Some(event) = event {
                transaction = transaction.put_new(Part::Event, event);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Some(after)),
                Err(TransactionError::Failed { label: Part::Refund | Part::Event, .. }) => {
                    return Ok(Some(before));
                }
                Err(TransactionError::Failed { .. }) => wait_for_turn(round).await,
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
