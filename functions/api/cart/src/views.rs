//! Carts as the API shows them (seed 001 §4.4).

use domain::commerce::{
    Amount, Currency, Money, PricedOrder, PricingError, PromoCode, pricing, pricing::Unavailable, tax::Rates,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Basket, CartLine, Course};

/// A course of a cart or of a wish list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CartCourse {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    /// Null where the course is gone.
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: Option<String>,
    /// Its price now; null where it is not for sale.
    price: Option<Money>,
    /// Its price before a discount; the price where there is none.
    original_price: Option<Money>,
    #[schema(example = "USD")]
    currency: Currency,
    thumbnail: String,
}

impl CartCourse {
    /// A course that is for sale at `price`, or is not where there is none; what was noted of it where it is gone.
    pub(crate) fn new(
        id: Id<kinds::Course>,
        (title, currency): (&str, Currency),
        course: Option<&Course>,
        price: Option<Amount>,
    ) -> Self {
        let course = course.filter(|course| course.deleted_at.is_none() && course.retired_at.is_none());
        let original =
            course.and_then(|course| course.original_price_minor).and_then(|minor| minor.try_into().ok());
        let original =
            |price: Amount| Amount::new(original.unwrap_or(price.minor).max(price.minor), price.currency);
        Self {
            id,
            title: course.map_or(title, |course| &course.title).to_owned(),
            slug: course.map(|course| course.slug.clone()),
            price: price.map(Money),
            original_price: price.map(original).map(Money),
            currency: price.map_or(currency, |price| price.currency),
            thumbnail: course.map(|course| course.thumbnail.clone()).unwrap_or_default(),
        }
    }
}

/// A course in a cart.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CartItemView {
    pub(crate) id: Id<kinds::CartItem>,
    course: CartCourse,
    added_at: Timestamp,
    /// Its price when it was added.
    price_at_adding: Money,
    /// Whether it costs something else now.
    price_changed: bool,
    /// Whether it can be bought now. What can't is left out of the totals.
    available: bool,
    /// Why it can't.
    unavailable_reason: Option<Unavailable>,
}

impl CartItemView {
    /// A line as it is in this basket.
    pub(crate) fn new(line: &CartLine, basket: &Basket) -> Self {
        let offer = basket.offer(line);
        let at_adding = Amount::new(i64::try_from(line.price_minor).unwrap_or(i64::MAX), line.currency);
        Self {
            id: line.id,
            course: CartCourse::new(
                line.course_id,
                (&line.title, line.currency),
                basket.courses.get(&line.course_id),
                offer.ok(),
            ),
            added_at: line.added_at,
            price_at_adding: Money(at_adding),
            price_changed: offer.is_ok_and(|price| price != at_adding),
            available: offer.is_ok(),
            unavailable_reason: offer.err(),
        }
    }
}

/// The promo code of a cart.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CartPromo {
    code: PromoCode,
    /// Whether it takes something off now.
    applied: bool,
    discount_amount: Money,
    /// Why it does not, by the stable code of the error.
    #[schema(example = "PROMO_EXPIRED")]
    refusal: Option<&'static str>,
}

/// A cart.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CartView {
    id: Id<kinds::Cart>,
    items: Vec<CartItemView>,
    /// Courses that can be bought.
    #[schema(example = 2)]
    total_items: usize,
    /// What they cost.
    total_price: Money,
    /// What they cost before their discounts.
    total_original_price: Money,
    /// What their discounts save.
    total_discount: Money,
    currency: Currency,
    promo: Option<CartPromo>,
    /// What they cost with the promo code, without tax.
    total_to_pay: Money,
}

/// What a basket comes to, without tax: with its promo code where that holds, and why it does not.
pub(crate) fn reckon(
    basket: &Basket,
    now: Timestamp,
) -> (Option<PricedOrder>, Option<domain::commerce::promo::Refusal>) {
    // Numbers of lines mean nothing here.
    let items = basket.items(Id::from_uuid(basket.cart.user_id.uuid()));
    let price = |promo| pricing::price(&items, promo, &Rates::default(), "", now);
    match price(basket.promo_in_use()) {
        Ok(priced) => (Some(priced), None),
        Err(PricingError::Promo(why)) => (price(None).ok(), Some(why)),
        Err(_) => (None, None),
    }
}

impl CartView {
    /// A cart as it is now.
    pub(crate) fn new(basket: &Basket, now: Timestamp) -> Self {
        let currency = basket.cart.lines.first().map_or(Currency::USD, |line| line.currency);
        let money = |minor| Money(Amount::new(minor, currency));
        let (priced, refusal) = reckon(basket, now);
        let items: Vec<_> = basket.cart.lines.iter().map(|line| CartItemView::new(line, basket)).collect();
        let originals = items.iter().filter_map(|item| item.course.original_price);
        let original: i64 = originals.map(|original| original.0.minor).sum();
        let (subtotal, discount) =
            priced.map_or((0, 0), |priced| (priced.subtotal_minor, priced.discount_minor));
        let promo = basket.cart.promo_code.clone().map(|code| CartPromo {
            code,
            applied: discount > 0,
            discount_amount: money(discount),
            refusal: match &basket.promo {
                Some(_) => refusal.map(domain::commerce::promo::Refusal::code),
                None => Some("PROMO_NOT_FOUND"),
            },
        });
        Self {
            id: basket.cart.id(),
            total_items: items.iter().filter(|item| item.available).count(),
            items,
            total_price: money(subtotal),
            total_original_price: money(original),
            total_discount: money(original - subtotal),
            currency,
            promo,
            total_to_pay: money(subtotal - discount),
        }
    }
}
