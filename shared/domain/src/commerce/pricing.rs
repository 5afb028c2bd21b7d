//! The price of a cart, reckoned on the server from the courses' prices of this moment.

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Amount, BasisPoints, Currency, order::LINES_MAX, promo, promo::Promo, spread, tax::Rates};

/// Why a course of a cart can't be bought now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// Its instructor took it out of the catalogue, or deleted it.
    NotForSale,
    /// The buyer teaches it.
    OwnCourse,
    /// The buyer has it.
    AlreadyEnrolled,
    /// An admin has suspended the buyer's place in it.
    EnrollmentSuspended,
    /// Its price is in another currency than the rest of the cart.
    CurrencyMismatch,
}

/// A course that is to be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Identifier of the order's line to be.
    pub id: Id<kinds::OrderItem>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Its instructor.
    pub instructor_id: Id<kinds::User>,
    /// Its title now.
    pub title: String,
    /// Its price now.
    pub price: Amount,
    /// The creator's share now.
    pub share: BasisPoints,
}

/// A line of an order. All amounts are minor units of the order's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Identifier of the line.
    pub id: Id<kinds::OrderItem>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Its instructor when it was bought.
    pub instructor_id: Id<kinds::User>,
    /// Its title when it was bought.
    pub title: String,
    /// Its price when it was bought.
    pub price_minor: i64,
    /// The line's part of the discount.
    pub discount_minor: i64,
    /// The line's part of the tax.
    pub tax_minor: i64,
    /// What the buyer pays for it: price − discount + tax.
    pub paid_minor: i64,
    /// What went back of it so far, or is on its way back.
    #[serde(default)]
    pub refunded_minor: i64,
    /// The creator's share of what is paid without tax, fixed when it was bought.
    pub share_bp: BasisPoints,
}

impl Line {
    /// What is paid without tax.
    pub const fn net_minor(&self) -> i64 {
        self.price_minor - self.discount_minor
    }

    /// What may still be refunded.
    pub const fn refundable_minor(&self) -> i64 {
        self.paid_minor - self.refunded_minor
    }
}

/// A priced order: its sums are those of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedOrder {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Sum of the prices.
    pub subtotal_minor: i64,
    /// Sum of the discounts.
    pub discount_minor: i64,
    /// Sum of the taxes.
    pub tax_minor: i64,
    /// What the buyer pays: subtotal − discount + tax.
    pub total_minor: i64,
    /// The lines, in the order of the cart.
    pub lines: Vec<Line>,
}

/// Why a cart has no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// It is empty.
    #[error("the cart is empty")]
    Empty,
    /// It has more than [`LINES_MAX`] courses.
    #[error("an order has at most {LINES_MAX} courses")]
    TooManyLines,
    /// Its courses are priced in several currencies.
    #[error("the cart has prices in {0} and in {1}; buy them one after the other")]
    CurrencyMismatch(Currency, Currency),
    /// A price is negative, or the sum is out of range.
    #[error("the price is out of range")]
    OutOfRange,
    /// The promo code can't be used.
    #[error(transparent)]
    Promo(#[from] promo::Refusal),
}

/// A promo code and how often it has been used.
#[derive(Clone, Copy, Debug)]
pub struct PromoInUse<'a> {
    /// The code's rule.
    pub promo: &'a Promo,
    /// Its uses so far.
    pub uses: promo::Uses,
}

/// Prices a cart: the discount is spread over the courses that the code is for, the tax of the buyer's country over what remains, both by
/// largest remainder in proportion to the lines' amounts.
///
/// # Errors
/// [`PricingError`]
pub fn price(
    items: &[Item],
    promo: Option<PromoInUse<'_>>,
    rates: &Rates,
    country: &str,
    now: Timestamp,
) -> Result<PricedOrder, PricingError> {
    let currency = items.first().ok_or(PricingError::Empty)?.price.currency;
    if items.len() > LINES_MAX {
        return Err(PricingError::TooManyLines);
    }
    if let Some(other) = items.iter().find(|item| item.price.currency != currency) {
        return Err(PricingError::CurrencyMismatch(currency, other.price.currency));
    }
    let prices: Vec<i64> = items.iter().map(|item| item.price.minor).collect();
    if prices.iter().any(|price| *price < 0) {
        return Err(PricingError::OutOfRange);
    }
    let subtotal = sum(&prices)?;

    let discounts = match promo {
        Some(PromoInUse { promo, uses }) => {
            let eligible: Vec<i64> = items
                .iter()
                .map(|item| if promo.is_for_course(item.course_id) { item.price.minor } else { 0 })
                .collect();
            let courses: Vec<_> = items.iter().map(|item| item.course_id).collect();
            promo.evaluate(uses, &promo::Target::Courses(&courses), now)?;
            spread(promo.discount_on(Amount::new(sum(&eligible)?, currency))?, &eligible)
        }
        None => vec![0; items.len()],
    };
    let discount = sum(&discounts)?;

    let nets: Vec<i64> = prices.iter().zip(&discounts).map(|(price, discount)| price - discount).collect();
    let tax = rates.of(country).of(subtotal - discount);
    let taxes = spread(tax, &nets);
    let total = (subtotal - discount).checked_add(tax).ok_or(PricingError::OutOfRange)?;

    let lines = items.iter().zip(discounts).zip(taxes).map(|((item, discount), tax)| Line {
        id: item.id,
        course_id: item.course_id,
        instructor_id: item.instructor_id,
        title: item.title.clone(),
        price_minor: item.price.minor,
        discount_minor: discount,
        tax_minor: tax,
        paid_minor: item.price.minor - discount + tax,
        refunded_minor: 0,
        share_bp: item.share,
    });
    Ok(PricedOrder {
        currency,
        subtotal_minor: subtotal,
        discount_minor: discount,
        tax_minor: tax,
        total_minor: total,
        lines: lines.collect(),
    })
}

fn sum(amounts: &[i64]) -> Result<i64, PricingError> {
    amounts.iter().try_fold(0_i64, |sum, amount| sum.checked_add(*amount)).ok_or(PricingError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::commerce::{
        promo::{Discount, Uses},
        samples::{NOW, carts, id, item, promo},
    };

    fn priced(items: &[Item], promo: Option<&Promo>, tax: u16) -> Result<PricedOrder, PricingError> {
        let rates = Rates::new([("US".to_owned(), tax.try_into().unwrap())]);
        let promo = promo.map(|promo| PromoInUse { promo, uses: Uses::default() });
        price(items, promo, &rates, "US", NOW)
    }

    #[test]
    fn discount_and_tax_are_spread_over_the_lines() {
        let items = [item(1, 8_999, "USD"), item(2, 7_999, "USD")];
        let order = priced(&items, Some(&promo(Discount::Percentage { percent: 10 })), 1_000).unwrap();
        assert_eq!(
            (order.subtotal_minor, order.discount_minor, order.tax_minor, order.total_minor),
            (16_998, 1_699, 1_530, 16_829)
        );
        let lines: Vec<_> =
            order.lines.iter().map(|line| (line.discount_minor, line.tax_minor, line.paid_minor)).collect();
        assert_eq!(lines, [(899, 810, 8_910), (800, 720, 7_919)]);
    }

    #[test]
    fn a_fixed_discount_takes_no_more_than_the_courses_it_is_for_cost() {
        let items = [item(1, 500, "USD"), item(2, 7_999, "USD")];
        let mut promo = promo(Discount::Fixed { minor: 1_000, currency: Currency::USD });
        promo.courses.insert(id(1));
        let order = priced(&items, Some(&promo), 0).unwrap();
        assert_eq!(order.lines.iter().map(|line| line.discount_minor).collect::<Vec<_>>(), [500, 0]);
        assert_eq!(order.total_minor, 7_999);
    }

    #[test]
    fn what_has_no_price() {
        let dollars = |minor| item(1, minor, "USD");
        let won = promo(Discount::Fixed { minor: 1, currency: "KRW".parse().unwrap() });
        for (items, promo, error) in [
            (vec![], None, PricingError::Empty),
            (vec![dollars(1); LINES_MAX + 1], None, PricingError::TooManyLines),
            (
                vec![dollars(1), item(2, 1, "JPY")],
                None,
                PricingError::CurrencyMismatch(Currency::USD, "JPY".parse().unwrap()),
            ),
            (vec![dollars(-1)], None, PricingError::OutOfRange),
            (vec![dollars(i64::MAX), dollars(1)], None, PricingError::OutOfRange),
            (
                vec![dollars(1)],
                Some(&won),
                PricingError::Promo(promo::Refusal::Currency("KRW".parse().unwrap())),
            ),
        ] {
            assert_eq!(priced(&items, promo, 0), Err(error));
        }
        assert_eq!(
            priced(&[dollars(i64::MAX)], None, 1),
            Err(PricingError::OutOfRange),
            "the tax does not fit"
        );
        assert!(priced(&vec![dollars(1); LINES_MAX], None, 0).is_ok());
    }

    proptest! {
        #[test]
        fn the_sums_are_exact_in_any_currency(cart in carts()) {
            let order = cart.order();
            let sum = |of: fn(&Line) -> i64| order.lines.iter().map(of).sum::<i64>();
            prop_assert_eq!(order.lines.len(), cart.items.len());
            prop_assert_eq!(sum(|line| line.price_minor), order.subtotal_minor);
            prop_assert_eq!(sum(|line| line.discount_minor), order.discount_minor);
            prop_assert_eq!(sum(|line| line.tax_minor), order.tax_minor);
            prop_assert_eq!(sum(|line| line.paid_minor), order.total_minor);
            prop_assert_eq!(order.total_minor, order.subtotal_minor - order.discount_minor + order.tax_minor);
            prop_assert_eq!(order.tax_minor, cart.tax.of(order.subtotal_minor - order.discount_minor));
            for (line, item) in order.lines.iter().zip(&cart.items) {
                prop_assert_eq!((line.price_minor, order.currency), (item.price.minor, item.price.currency));
                prop_assert!((0..=line.price_minor).contains(&line.discount_minor));
                prop_assert!((0..=line.net_minor()).contains(&line.tax_minor));
                prop_assert!(line.paid_minor >= 0 && line.refundable_minor() == line.paid_minor);
                let eligible = cart.promo.as_ref().is_some_and(|promo| promo.is_for_course(line.course_id));
                prop_assert!(eligible || line.discount_minor == 0);
            }
        }
    }
}
