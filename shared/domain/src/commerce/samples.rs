//! Carts and lines for the tests of commerce.

use std::collections::BTreeSet;

use kernel::{Id, Timestamp};
use proptest::{collection::vec, option, prelude::*};

use super::{
    Amount, BasisPoints, Currency, Line, PricedOrder, Promo,
    pricing::{Item, PromoInUse, price},
    promo::{Discount, Uses},
    tax::Rates,
};

/// The moment of all tests.
pub(super) const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// The same identifier for the same number.
pub(super) fn id<T>(number: u32) -> Id<T> {
    format!("01933b7a-3c5e-7000-8000-4f2d{number:08x}").parse().unwrap()
}

pub(super) fn item(number: u32, minor: i64, currency: &str) -> Item {
    Item {
        id: id(number),
        course_id: id(number),
        instructor_id: id(number),
        title: format!("Course {number}"),
        price: Amount::new(minor, currency.parse().unwrap()),
        share: BasisPoints::from_percent(70),
    }
}

/// A code for everything, valid now.
pub(super) fn promo(discount: Discount) -> Promo {
    Promo {
        code: "SUMMER2026".parse().unwrap(),
        discount,
        valid_from: NOW,
        valid_until: Timestamp::MAX,
        max_uses: None,
        max_uses_per_user: 1,
        plans: BTreeSet::new(),
        courses: BTreeSet::new(),
        is_active: true,
    }
}

/// A cart that has a price.
#[derive(Clone, Debug)]
pub(super) struct Cart {
    pub(super) items: Vec<Item>,
    pub(super) promo: Option<Promo>,
    pub(super) tax: BasisPoints,
}

impl Cart {
    pub(super) fn order(&self) -> PricedOrder {
        let rates = Rates::new([("KR".to_owned(), self.tax)]);
        let promo = self.promo.as_ref().map(|promo| PromoInUse { promo, uses: Uses::default() });
        price(&self.items, promo, &rates, "KR", NOW).unwrap()
    }
}

fn shares() -> impl Strategy<Value = BasisPoints> {
    prop_oneof![
        3 => (0..=10_000u16).prop_map(|points| BasisPoints::try_from(points).unwrap()),
        1 => Just(BasisPoints::from_percent(70)),
        1 => Just(BasisPoints::ZERO),
        1 => Just(BasisPoints::WHOLE),
    ]
}

/// Carts of one currency, often of one with no or three decimals; some courses share an instructor.
pub(super) fn carts() -> impl Strategy<Value = Cart> {
    let currencies = prop_oneof![
        Just("USD".to_owned()),
        Just("JPY".to_owned()),
        Just("KRW".to_owned()),
        Just("BHD".to_owned()),
        (0..10_000usize).prop_map(|pick| {
            let all: Vec<_> = Currency::all().collect();
            all[pick % all.len()].to_string()
        }),
    ];
    let prices = prop_oneof![0..20i64, 0..20_000i64, 0..=9_999_999_999i64];
    let discounts = prop_oneof![
        (1..=100i64).prop_map(|percent| (true, percent)),
        (1..=50_000i64).prop_map(|minor| (false, minor))
    ];
    (currencies, vec((prices, shares(), 0..3u32), 1..=50), option::of((discounts, 1..=60usize)), shares())
        .prop_map(|(currency, courses, promo_of, tax)| {
            let items: Vec<Item> = (1..)
                .zip(courses)
                .map(|(number, (price, share, instructor))| Item {
                    instructor_id: id(instructor),
                    share,
                    ..item(number, price, &currency)
                })
                .collect();
            let promo = promo_of.map(|((is_percentage, value), eligible)| {
                let mut promo = promo(if is_percentage {
                    Discount::Percentage { percent: u8::try_from(value).unwrap() }
                } else {
                    Discount::Fixed { minor: value, currency: currency.parse().unwrap() }
                });
                // For the first few courses, or for all.
                if eligible < items.len() {
                    promo.courses = items.iter().take(eligible).map(|item| item.course_id).collect();
                }
                promo
            });
            Cart { items, promo, tax }
        })
}

/// A line of such a cart.
pub(super) fn lines() -> impl Strategy<Value = Line> {
    carts().prop_map(|cart| cart.order().lines.swap_remove(0))
}
