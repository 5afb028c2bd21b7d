//! New orders.

use std::collections::BTreeSet;

use domain::commerce::{
    Amount, OrderNumber, OrderStatus, PaymentMethod, PricedOrder, order_number::series,
    payment::BillingAddress,
};
use jiff::tz::TimeZone;
use kernel::{Id, Timestamp, id::kinds};

use super::{BuyerStats, Order, OrderCounter, Orders, Part, settle::book_sale};
use crate::{
    Condition, StoreError, TransactionError,
    entities::{
        Cart, PromoRule, PromoUse,
        commerce::promo::{Labels, PromoUseState, add_use},
    },
    from_item,
    transaction::wait_for_turn,
};

/// An order that is to be made.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Its identifier: the same for another attempt at the same request.
    pub id: Id<kinds::Order>,
    /// What it comes to.
    pub priced: PricedOrder,
    /// How it is to be paid; [`PaymentMethod::Free`] exactly where nothing is to be paid.
    pub payment_method: PaymentMethod,
    /// To whom the bill goes.
    pub billing_address: BillingAddress,
    /// The promo code's rule as it was read, where one is used.
    pub promo: Option<PromoRule>,
    /// The counter of its series as it was read ([`OrderCounter::key_for`]).
    pub counter: Option<OrderCounter>,
}

/// What became of an order that was to be made.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is looked into at once")]
pub enum Created {
    /// It is made, now or by an earlier attempt at the same request.
    Made(Order),
    /// The cart is not as it was read: read it again.
    CartChanged,
    /// All uses of the promo code are gone, or its rule was changed: read it again.
    PromoChanged,
    /// The buyer has used the promo code as often as he may.
    PromoUsedByBuyer,
}

/// Rounds of counting until an order that races others of its series gives up.
const ROUNDS: u32 = 30;

impl OrderCounter {
    /// The year and the series that count an order of this moment.
    pub fn place_of(order: Id<kinds::Order>, now: Timestamp) -> (i16, char) {
        (now.to_zoned(TimeZone::UTC).year(), series(order))
    }
}

impl Orders<'_> {
    /// Makes an order from the cart that was read, in one transaction: the order with its number, the counter that gives it, the buyer's
    /// counts, the use of the promo code below its limits, the reminder of its end, and the cart, which names it as its open one. An order
    /// with nothing to pay is paid in that transaction and granted as [`Self::settle`] does it.
    ///
    /// One transaction, one read more with nothing to pay, and another transaction for each order of its series that was faster.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many orders are made that this finds no gap.
    pub async fn create(&self, cart: &Cart, new: NewOrder, now: Timestamp) -> Result<Created, StoreError> {
        let (year, series) = OrderCounter::place_of(new.id, now);
        let mut counter = new.counter.clone();
        for round in 0..ROUNDS {
            let last = counter.as_ref().map(|counter| counter.last);
            let number = OrderNumber { year, series, number: last.map_or(1, |last| last.saturating_add(1)) };
            let order = new.order(cart.user_id, number, now);
            match self.try_create(cart, &new, &order, last, now).await {
                Ok(()) => return self.grant_if_paid(order, now).await.map(Created::Made),
                Err(TransactionError::Failed { label: Part::Order, item: Some(item) }) => {
                    let order: Order = from_item(*item)?;
                    return self.grant_if_paid(order, now).await.map(Created::Made);
                }
                Err(TransactionError::Failed { label: Part::Counter, item }) => {
                    counter = item.map(|item| from_item(*item)).transpose()?;
                }
                Err(TransactionError::Failed { label: Part::Promo, .. }) => return Ok(Created::PromoChanged),
                Err(TransactionError::Failed { label: Part::PromoOfUser, .. }) => {
                    return Ok(Created::PromoUsedByBuyer);
                }
                Err(TransactionError::Failed { label: Part::Cart, .. }) => return Ok(Created::CartChanged),
                // An enrolment of a free order changed while it was read.
                Err(TransactionError::Failed { .. }) => {}
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(round).await;
        }
        Err(StoreError::Throttled)
    }

    async fn grant_if_paid(&self, order: Order, now: Timestamp) -> Result<Order, StoreError> {
        if order.status.was_paid() { self.grant_rest(order, now).await } else { Ok(order) }
    }

    async fn try_create(
        &self,
        cart: &Cart,
        new: &NewOrder,
        order: &Order,
        last: Option<u32>,
        now: Timestamp,
    ) -> Result<(), TransactionError<Part>> {
        let free = order.status == OrderStatus::Paid;
        let OrderNumber { year, series, number } = order.order_number;
        let counter = OrderCounter { year, series, last: number };
        let counted = last.map_or(Condition::NotExists, |last| Condition::equals("last", last));
        let courses: BTreeSet<_> = order.lines.iter().map(|line| line.course_id).collect();
        let mut after = Cart { open_order: Some(order.id), revision: cart.revision + 1, ..cart.clone() };
        if free {
            after = after.after_purchase(order.id, &courses, now).unwrap_or(after);
            after.revision = cart.revision + 1;
        }
        let mut transaction = self
            .0
            .transaction()
            .hot()
            // The order before the cart: another attempt at the same request finds what the first one made.
            .put_new(Part::Order, order)
            .put_when(Part::Cart, &after, Some(cart.unchanged()))
            .put_when(Part::Counter, &counter, Some(counted))
            .update(Part::Rest, BuyerStats::counted(order.user_id, None, order.status, now));
        if let Some(rule) = &new.promo {
            let record = PromoUse {
                code: rule.promo.code.clone(),
                subject: order.id.to_string(),
                user_id: order.user_id,
                discount: Amount::new(order.discount_minor, order.currency),
                state: if free { PromoUseState::Used } else { PromoUseState::Reserved },
                created_at: now,
                updated_at: now,
            };
            let labels = Labels { rule: Part::Promo, of_user: Part::PromoOfUser, record: Part::Promo };
            transaction = add_use(transaction, labels, rule, &record);
        }
        if !free {
            return transaction.put(Part::Rest, &order.unpaid_reminder()).commit().await;
        }
        let lines = order.lines.get(..order.fulfilled).unwrap_or_default();
        let facts = self.facts(order, lines, None).await?;
        let mut transaction = book_sale(transaction, order, now)?;
        if !order.is_fulfilled() {
            transaction = transaction.put(Part::Rest, &order.unfulfilled_reminder());
        }
        facts.grant(transaction, order, lines, now).commit().await
    }
}

impl NewOrder {
    /// What is to be paid.
    pub fn total(&self) -> Amount {
        Amount::new(self.priced.total_minor, self.priced.currency)
    }

    fn order(&self, user_id: Id<kinds::User>, order_number: OrderNumber, now: Timestamp) -> Order {
        let PricedOrder { currency, subtotal_minor, discount_minor, tax_minor, total_minor, lines } =
            self.priced.clone();
        let free = self.payment_method == PaymentMethod::Free;
        let wait = self.payment_method.expiry().unwrap_or_default();
        Order {
            id: self.id,
            user_id,
            order_number,
            status: if free { OrderStatus::Paid } else { OrderStatus::Pending },
            payment_method: self.payment_method,
            currency,
            fulfilled: if free { lines.len().min(super::grant::LINES_PER_STEP) } else { 0 },
            lines,
            returned: Default::default(),
            subtotal_minor,
            discount_minor,
            tax_minor,
            total_minor,
            promo_code: self.promo.as_ref().map(|rule| rule.promo.code.clone()),
            billing_address: self.billing_address.clone(),
            intent_id: None,
            payment_id: None,
            charge_id: None,
            version: 1,
            pay_by: now + wait,
            created_at: now,
            completed_at: free.then_some(now),
            updated_at: now,
        }
    }
}
