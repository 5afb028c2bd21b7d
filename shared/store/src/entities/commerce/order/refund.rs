//! Refunds: planned in the order before the gateway is asked, so that never more goes back than was paid; booked, with the places in
//! courses that they end, when the gateway has done them; given up when it has not.

use domain::commerce::{
    Amount, OrderEvent, ledger,
    refund::{self, Refusal, Wish},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Order, Orders, Part, ROUNDS, settle::bookable};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Query, StoreError, Table, TransactionError,
    entities::{AdminAction, GatewayEvent, Reminder, StoredSet},
    from_item,
    transaction::wait_for_turn,
};

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefundStatus {
    /// The gateway is asked.
    Pending,
    /// The money went back.
    Succeeded,
    /// It did not.
    Failed,
}

/// What goes back of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The line.
    pub item_id: Id<kinds::OrderItem>,
    /// Minor units.
    pub minor: i64,
}

/// Money that goes back to a buyer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// Identifier; the idempotency key at the gateway.
    pub id: Id<kinds::Refund>,
    /// The order.
    pub order_id: Id<kinds::Order>,
    /// The buyer.
    pub user_id: Id<kinds::User>,
    /// What goes back of which line.
    pub lines: Vec<RefundLine>,
    /// All of it.
    pub amount: Amount,
    /// State.
    pub status: RefundStatus,
    /// The gateway's number, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// Who asked for it; none where it came from the gateway's own desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Id<kinds::User>>,
    /// Why, in his words.
    #[serde(default)]
    pub reason: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Refund {
    /// What the sort keys of refunds begin with.
    const PREFIX: &'static str = "REFUND#";

    /// The index partition that lists a user's refunds.
    pub(crate) fn by_user(user: Id<kinds::User>) -> String {
        format!("USER#{user}#REFUNDS")
    }

    /// The key of a refund of this order.
    pub fn key_of(order: Id<kinds::Order>, id: Id<kinds::Refund>) -> Key {
        Key::new(super::super::partition_of_order(order), format!("{}{id}", Self::PREFIX))
    }
}

impl Entity for Refund {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "refund";

    fn key(&self) -> Key {
        Self::key_of(self.order_id, self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, Self::by_user(self.user_id), self.id.to_string())]
    }
}

/// Who wants a refund, and why.
#[derive(Clone, Debug)]
pub struct RefundRequest {
    /// The refund's identifier: the same for another attempt at the same request.
    pub id: Id<kinds::Refund>,
    /// What is to go back.
    pub wish: Wish,
    /// The admin who asks, for the log of the admins.
    pub requested_by: Option<AdminAction>,
    /// Why.
    pub reason: String,
}

/// What became of a refund.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is looked into at once")]
pub enum Refunding {
    /// The order as it is now, and the refund: for the next step, or as an earlier attempt made it.
    Done(Order, Refund),
    /// It can't be.
    Refused(Refusal),
    /// There is no such order or refund.
    NotFound,
    /// Who asks is no admin any more.
    NotAdmin,
}

impl Orders<'_> {
    /// Plans a refund: raises what goes back of the lines on the condition of the order's version, and writes the refund, with the line in the
    /// log of the admins where one of them asks, in one transaction.
    /// Ask the gateway afterwards, with the refund's identifier as idempotency key; then [`Self::settle_refund`] or [`Self::fail_refund`].
    /// A refund with this identifier that is there is given as it is.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so much else changes that this finds no gap.
    pub async fn begin_refund(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        request: &RefundRequest,
        now: Timestamp,
    ) -> Result<Refunding, StoreError> {
        for round in 0..ROUNDS {
            let Some(order) = self.fulfil(user, order, now).await? else { return Ok(Refunding::NotFound) };
            if let Some(earlier) = self.refund(order.id, request.id).await? {
                return Ok(Refunding::Done(order, earlier));
            }
            let parts = match refund::plan(order.status, &order.lines, &request.wish) {
                Ok(parts) => parts,
                Err(refusal) => return Ok(Refunding::Refused(refusal)),
            };
            let mut after = order.next(now);
            for part in &parts {
                if let Some(line) = after.lines.get_mut(part.index) {
                    line.refunded_minor = part.after;
                }
            }
            let refund = Refund {
                id: request.id,
                order_id: order.id,
                user_id: user,
                lines: parts
                    .iter()
                    .map(|part| RefundLine { item_id: part.item_id, minor: part.minor() })
                    .collect(),
                amount: Amount::new(parts.iter().map(refund::Part::minor).sum(), order.currency),
                status: RefundStatus::Pending,
                gateway_id: None,
                requested_by: request.requested_by.as_ref().map(|action| action.admin_id),
                reason: request.reason.clone(),
                created_at: now,
                updated_at: now,
            };
            let mut transaction = self
                .0
                .transaction()
                .put_when(Part::Order, &after, Some(order.unchanged()))
                .put_new(Part::Refund, &refund)
                .put(Part::Rest, &Reminder::of_refund(&refund));
            if let Some(action) = &request.requested_by {
                let action = action.clone().with("refund_id", refund.id).with("amount", refund.amount);
                transaction = transaction.by_admin((Part::Admin, Part::Rest), &action);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Refunding::Done(after, refund)),
                Err(TransactionError::Failed { label: Part::Admin, .. }) => return Ok(Refunding::NotAdmin),
                Err(TransactionError::Failed { .. }) => wait_for_turn(round).await,
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Books a refund that the gateway has done: the order's state with its buyer's counts, the refund, the ledger's set, and the end of the
    /// places in courses whose whole price went back (unless they were completed), in one transaction. Any number of times, it has its effect
    /// once.
    ///
    /// # Errors
    /// As [`Self::begin_refund`].
    pub async fn settle_refund(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        id: Id<kinds::Refund>,
        (gateway_id, event): (Option<&str>, Option<&GatewayEvent>),
        now: Timestamp,
    ) -> Result<Refunding, StoreError> {
        for round in 0..ROUNDS {
            let (Some(before), Some(refund)) = (self.get(user, order).await?, self.refund(order, id).await?)
            else {
                return Ok(Refunding::NotFound);
            };
            if refund.status == RefundStatus::Succeeded {
                return Ok(Refunding::Done(before, refund));
            }
            let back: Vec<_> = refund.lines.iter().map(|line| (line.item_id, line.minor)).collect();
            let parts = before.returned_now(&back);
            let event_of = |all| if all { OrderEvent::RefundedAll } else { OrderEvent::RefundedPart };
            let mut after = before.after_return(&parts, event_of, now);
            if refund.status == RefundStatus::Failed {
                // The gateway did it after all: what was given up counts again.
                after.move_refunded(&refund, 1);
            }
            let set = bookable(ledger::refund(before.for_ledger(), id, &parts, now))?;
            let enrollments = self.to_revoke(&before, &parts).await?;
            let done = Refund {
                status: RefundStatus::Succeeded,
                gateway_id: gateway_id.map(str::to_owned).or_else(|| refund.gateway_id.clone()),
                updated_at: now,
                ..refund.clone()
            };
            let same = Condition::equals("status", refund.status);
            let mut transaction = self
                .write_return(self.0.transaction(), (&before, &after), &enrollments, now)
                .put_when(Part::Refund, &done, Some(same))
                .delete(Part::Rest, Table::Commerce, Reminder::of_refund(&refund).key(), None)
                .put_new(Part::Rest, &StoredSet::of_return(set, &before.lines, &parts));
            if let Some(event) = event {
                transaction = transaction.put_new(Part::Event, event);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Refunding::Done(after, done)),
                Err(TransactionError::Failed { label: Part::Event, .. }) => {
                    return Ok(Refunding::Done(before, refund));
                }
                Err(TransactionError::Failed { .. }) => wait_for_turn(round).await,
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Gives up a refund that the gateway has not done: the lines can be refunded again. Nothing where it has succeeded or failed before.
    ///
    /// # Errors
    /// As [`Self::begin_refund`].
    pub async fn fail_refund(
        &self,
        user: Id<kinds::User>,
        order: Id<kinds::Order>,
        id: Id<kinds::Refund>,
        now: Timestamp,
    ) -> Result<Refunding, StoreError> {
        for round in 0..ROUNDS {
            let (Some(before), Some(refund)) = (self.get(user, order).await?, self.refund(order, id).await?)
            else {
                return Ok(Refunding::NotFound);
            };
            if refund.status != RefundStatus::Pending {
                return Ok(Refunding::Done(before, refund));
            }
            let mut after = before.next(now);
            after.move_refunded(&refund, -1);
            let reminder = Reminder::of_refund(&refund).key();
            let failed = Refund { status: RefundStatus::Failed, updated_at: now, ..refund };
            let pending = Condition::equals("status", RefundStatus::Pending);
            let transaction = self
                .0
                .transaction()
                .put_when(Part::Order, &after, Some(before.unchanged()))
                .put_when(Part::Refund, &failed, Some(pending))
                .delete(Part::Rest, Table::Commerce, reminder, None);
            match transaction.commit().await {
                Ok(()) => return Ok(Refunding::Done(after, failed)),
                Err(TransactionError::Failed { item: Some(item), label: Part::Refund }) => {
                    return Ok(Refunding::Done(before, from_item(*item)?));
                }
                Err(TransactionError::Failed { .. }) => wait_for_turn(round).await,
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// A refund of an order: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refund(
        &self,
        order: Id<kinds::Order>,
        id: Id<kinds::Refund>,
    ) -> Result<Option<Refund>, StoreError> {
        self.0.get(Refund::key_of(order, id), Consistency::Strong).await
    }

    /// The refunds of an order, the oldest first, at most a hundred: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn refunds(&self, order: Id<kinds::Order>) -> Result<Vec<Refund>, StoreError> {
        let query = Query::partition(super::super::partition_of_order(order)).prefix(Refund::PREFIX);
        Ok(self.0.query(query).await?.items)
    }
}

impl Order {
    /// Adds what a refund takes of the lines to what is on its way back, or takes it off.
    fn move_refunded(&mut self, refund: &Refund, sign: i64) {
        for back in &refund.lines {
            if let Some(line) = self.lines.iter_mut().find(|line| line.id == back.item_id) {
                line.refunded_minor += sign * back.minor;
            }
        }
    }
}
