//! The payment of an order: money that came becomes places in courses, once.

use std::collections::BTreeSet;

use domain::commerce::{
    Amount, EntrySet, LedgerError, OrderEvent, OrderStatus, PaymentMethod, Subject, ledger,
    order::{Transition, transition},
    payment::{PaymentStatus, SetAsideReason},
};
use kernel::{Id, Timestamp, id::kinds};
use sha2::{Digest as _, Sha256};

use super::{BuyerStats, Order, Orders, Part, ROUNDS};
use crate::{
    Entity as _, StoreError, Table, Transaction, TransactionError,
    entities::{AdminAction, GatewayEvent, Payment, SetAside, StoredSet, commerce::promo::use_reserved},
    from_item,
    transaction::wait_for_turn,
};

/// Money that came for an order.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The payment intent's number, or that of a bank transfer ([`Payment::id_of_transfer`]).
    pub payment_id: String,
    /// How it came.
    pub method: PaymentMethod,
    /// The gateway's number of the charge.
    pub charge_id: Option<String>,
    /// How much came.
    pub amount: Amount,
}

/// A payment that is to be settled.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// What came.
    pub captured: Captured,
    /// The event that told of it, which is marked as applied in the same transaction; none where the browser or an admin told.
    pub event: Option<GatewayEvent>,
    /// Who confirmed it by hand, for the log of the admins.
    pub confirmed_by: Option<AdminAction>,
}

/// What became of a payment.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The order is paid now, and all of its courses are granted.
    Done(Order),
    /// This payment had paid it before.
    Already(Order),
    /// Nothing is granted for it; a person must look at the money.
    SetAside(SetAsideReason),
    /// The user has no such order.
    NoOrder,
    /// Who confirmed it is no admin any more.
    NotAdmin,
}

/// A set that can't be made of an order is a fault of what is stored.
pub(super) fn bookable(set: Result<EntrySet, LedgerError>) -> Result<EntrySet, StoreError> {
    set.map_err(|error| StoreError::Malformed { kind: Order::TYPE, reason: error.to_string() })
}

impl Orders<'_> {
    /// Settles a payment of an order. The order's transition to paid, its place and counts, the ledger's set, the enrolments with all their
    /// counts, the cart's lines, the promo code's use, the payment's record and the event's marker are one transaction; an order of more than
    /// 20 courses is granted in steps, and a reminder that is written in the first of them guarantees the last.
    ///
    /// It may come any number of times, from several sides at once, and be killed anywhere: it has its effect once. An amount or a currency
    /// that differs from the order's, or money for an order that is closed, is set aside and booked as the buyer's; nothing is granted.
    ///
    /// Three calls for up to 20 courses that are new to the buyer, and a fourth where he has some of them.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so much else changes that this finds no gap.
    pub async fn settle(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let Some(mut order) = self.get(user, id).await? else { return Ok(Settled::NoOrder) };
        for round in 0..ROUNDS {
            let captured = &settlement.captured;
            let reason = match transition(order.status, OrderEvent::Paid) {
                Ok(Transition::To(_)) if captured.amount != order.total() => SetAsideReason::AmountDiffers,
                Ok(Transition::To(_)) => match self.pay(&order, settlement, now).await {
                    Ok(paid) => return self.grant_rest(paid, now).await.map(Settled::Done),
                    Err(TransactionError::Failed { label: Part::Order, item: Some(item) }) => {
                        order = from_item(*item)?;
                        continue;
                    }
                    Err(TransactionError::Failed { label: Part::Event, .. }) => {
                        return Ok(Settled::Already(order));
                    }
                    Err(TransactionError::Failed { label: Part::Admin, .. }) => return Ok(Settled::NotAdmin),
                    Err(TransactionError::Failed { .. }) => {
                        wait_for_turn(round).await;
                        continue;
                    }
                    Err(TransactionError::Store(error)) => return Err(error),
                },
                Ok(Transition::Same) if order.payment_id.as_ref() == Some(&captured.payment_id) => {
                    return self.grant_rest(order, now).await.map(Settled::Already);
                }
                Ok(Transition::Same) => SetAsideReason::PaidTwice,
                Err(_) => SetAsideReason::OrderClosed,
            };
            return self.set_aside(&order, reason, settlement, now).await;
        }
        Err(StoreError::Throttled)
    }

    /// Grants the courses of a paid order that are not granted yet: for who finds its reminder. `None` where the user has no such order.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub async fn fulfil(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Order>,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        match self.get(user, id).await? {
            Some(order) if order.status.was_paid() => self.grant_rest(order, now).await.map(Some),
            found => Ok(found),
        }
    }

    /// The transaction that pays a pending order.
    async fn pay(
        &self,
        order: &Order,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<Order, TransactionError<Part>> {
        let Captured { payment_id, charge_id, .. } = &settlement.captured;
        let lines = order.next_lines();
        let facts = self.facts(order, lines, Some(payment_id)).await?;
        let mut after = order.next(now);
        after.status = OrderStatus::Paid;
        after.completed_at = Some(now);
        after.payment_id = Some(payment_id.clone());
        after.charge_id.clone_from(charge_id);
        after.fulfilled += lines.len();

        let payment = facts.payment.clone().unwrap_or_else(|| Payment::new(order, payment_id.clone(), now));
        let payment = payment.succeeded(charge_id.clone(), now);
        let courses: BTreeSet<_> = order.lines.iter().map(|line| line.course_id).collect();
        let transaction = self
            .0
            .transaction()
            .hot()
            .put_when(Part::Order, &after, Some(order.unchanged()))
            .update(Part::Rest, BuyerStats::counted(order.user_id, Some(order.status), after.status, now))
            .delete(Part::Rest, Table::Commerce, order.unpaid_reminder().key(), None)
            .put(Part::Rest, &payment);
        let mut transaction = book_sale(transaction, &after, now)?;
        if let Some(event) = &settlement.event {
            transaction = transaction.put_new(Part::Event, event);
        }
        if let Some(action) = &settlement.confirmed_by {
            transaction = transaction.by_admin((Part::Admin, Part::Rest), action);
        }
        if let Some(cart) = &facts.cart
            && let Some(emptier) = cart.after_purchase(order.id, &courses, now)
        {
            transaction = transaction.put_when(Part::Cart, &emptier, Some(cart.unchanged()));
        }
        if let Some(code) = &order.promo_code {
            transaction = transaction.update(Part::Rest, use_reserved(code, &order.id.to_string(), now));
        }
        if !after.is_fulfilled() {
            transaction = transaction.put(Part::Rest, &after.unfulfilled_reminder());
        }
        facts.grant(transaction, order, lines, now).commit().await?;
        Ok(after)
    }

    /// The steps of a paid order after the first.
    pub(super) async fn grant_rest(&self, mut order: Order, now: Timestamp) -> Result<Order, StoreError> {
        let mut round = 0;
        while !order.is_fulfilled() {
            let lines = order.next_lines();
            let facts = self.facts(&order, lines, None).await?;
            let mut after = order.next(now);
            after.fulfilled += lines.len();
            let mut transaction =
                self.0.transaction().hot().put_when(Part::Order, &after, Some(order.unchanged()));
            if after.is_fulfilled() {
                let reminder = order.unfulfilled_reminder().key();
                transaction = transaction.delete(Part::Rest, Table::Commerce, reminder, None);
            }
            match facts.grant(transaction, &order, lines, now).commit().await {
                Ok(()) => order = after,
                Err(TransactionError::Failed { label: Part::Order, item: Some(item) }) => {
                    order = from_item(*item)?;
                }
                Err(TransactionError::Failed { .. }) if round < ROUNDS => {
                    wait_for_turn(round).await;
                    round += 1;
                }
                Err(TransactionError::Failed { .. }) => return Err(StoreError::Throttled),
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Ok(order)
    }

    /// Writes down that money came for which nothing is granted, once for each payment: what a person sees of it, the ledger's set, and the
    /// payment's record in one transaction, with the line in the log of the admins where one of them told.
    async fn set_aside(
        &self,
        order: &Order,
        reason: SetAsideReason,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let Captured { payment_id, method, charge_id, amount } = &settlement.captured;
        let aside = SetAside {
            order_id: Some(order.id),
            user_id: Some(order.user_id),
            intent_id: Some(payment_id.clone()),
            charge_id: charge_id.clone(),
            method: Some(*method),
            captured: Some(*amount),
            expected: Some(order.total()),
            ..SetAside::new(SetAside::of_payment(payment_id), reason, now)
        };
        let set = ledger::late_money(Some(Subject::Order(order.id)), payment_id, (*amount, *method), now);
        let mut transaction =
            self.0.transaction().put_new("aside", &aside).put_new("set", &StoredSet::from(bookable(set)?));
        if let Some(payment) = self.0.payments().get(order.id, payment_id).await? {
            transaction = transaction.put("payment", &payment.succeeded(charge_id.clone(), now));
        }
        if let Some(action) = &settlement.confirmed_by {
            transaction = transaction.by_admin(("admin", "log"), action);
        }
        match transaction.commit().await {
            Err(TransactionError::Failed { label: "admin", .. }) => Ok(Settled::NotAdmin),
            Ok(()) | Err(TransactionError::Failed { .. }) => Ok(Settled::SetAside(reason)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }
}

/// Adds the ledger's set of a sale; none where nothing moves.
pub(super) fn book_sale<'a>(
    transaction: Transaction<'a, Part>,
    order: &Order,
    now: Timestamp,
) -> Result<Transaction<'a, Part>, StoreError> {
    let set = bookable(ledger::sale(order.for_ledger(), now))?;
    Ok(if set.is_empty() {
        transaction
    } else {
        transaction.put_new(Part::Rest, &StoredSet::of_sale(set, &order.lines))
    })
}

impl Payment {
    /// The record of a payment that begins: of an order, by its number at the gateway.
    pub fn new(order: &Order, id: String, now: Timestamp) -> Self {
        Self {
            id,
            order_id: order.id,
            order_number: order.order_number,
            user_id: order.user_id,
            method: order.payment_method,
            amount: order.total(),
            status: PaymentStatus::Pending,
            charge_id: None,
            failure_code: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The number of a bank transfer for an order, which has no intent: the same for the same reference of the bank, so that the same money
    /// is counted once, and other money as other.
    pub fn id_of_transfer(order: Id<kinds::Order>, reference: &str) -> String {
        let digest = Sha256::digest(reference);
        let first = digest.iter().take(8).fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        format!("transfer_{order}_{first:016x}")
    }

    /// Whether the gateway has a part in it.
    pub fn is_at_gateway(&self) -> bool {
        self.method == PaymentMethod::Card
    }

    fn succeeded(self, charge_id: Option<String>, now: Timestamp) -> Self {
        Self { status: PaymentStatus::Succeeded, charge_id, failure_code: None, updated_at: now, ..self }
    }
}
