//! Promo codes (seed 003, PromotionalCode): when one may be used, for what, and how much it takes off.

use std::{collections::BTreeSet, fmt, str::FromStr};

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Amount, BasisPoints, Currency};

/// Longest code, in characters (seed 003).
pub const CODE_MAX: usize = 50;
/// Plans and courses that a code can be restricted to; it bounds the code's item.
pub const RESTRICTIONS_MAX: usize = 200;

/// A promo code: 1 to 50 of A–Z, 0–9, `-` and `_`. Buyers may type it in lower case and with spaces around.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "SUMMER2026")]
pub struct PromoCode(String);

/// The text is no promo code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {CODE_MAX} characters of A to Z, 0 to 9, - and _")]
pub struct InvalidPromoCode;

impl PromoCode {
    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PromoCode {
    type Err = InvalidPromoCode;

    fn from_str(text: &str) -> Result<Self, InvalidPromoCode> {
        let code = text.trim().to_ascii_uppercase();
        let valid =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(valid) {
            Ok(Self(code))
        } else {
            Err(InvalidPromoCode)
        }
    }
}

impl TryFrom<String> for PromoCode {
    type Error = InvalidPromoCode;

    fn try_from(text: String) -> Result<Self, InvalidPromoCode> {
        text.parse()
    }
}

impl From<PromoCode> for String {
    fn from(code: PromoCode) -> Self {
        code.0
    }
}

impl fmt::Display for PromoCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a code takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "discount_type", rename_all = "snake_case")]
pub enum Discount {
    /// So many percent, 1 to 100. Rounded towards zero to the minor unit, as seed 003 does it.
    Percentage {
        /// The percentage.
        percent: u8,
    },
    /// A fixed amount, at most the price.
    Fixed {
        /// The amount in minor units.
        minor: i64,
        /// Its currency; orders of another can't use the code.
        currency: Currency,
    },
}

/// A promo code's rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Promo {
    /// The code.
    pub code: PromoCode,
    /// What it takes off.
    #[serde(flatten)]
    pub discount: Discount,
    /// First moment of its time.
    pub valid_from: Timestamp,
    /// The moment after its time.
    pub valid_until: Timestamp,
    /// Uses by all together; none is no limit.
    pub max_uses: Option<u32>,
    /// Uses by one user.
    pub max_uses_per_user: u32,
    /// Plans that it is for. Where plans and courses are both empty, it is for everything; otherwise for what is listed.
    #[serde(default)]
    pub plans: BTreeSet<Id<kinds::Plan>>,
    /// Courses that it is for.
    #[serde(default)]
    pub courses: BTreeSet<Id<kinds::Course>>,
    /// Whether an admin has it switched on.
    pub is_active: bool,
}

/// How often a code has been used; reserved uses of unpaid orders count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// By all.
    pub total: u32,
    /// By this user.
    pub by_user: u32,
}

/// What a code is to be used for.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The courses of a cart: one that the code is for is enough.
    Courses(&'a [Id<kinds::Course>]),
    /// A plan.
    Plan(Id<kinds::Plan>),
}

/// Why a code can't be used. Each has a stable code for the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Switched off.
    #[error("this promo code is switched off; use another one")]
    Inactive,
    /// Its time has not begun.
    #[error("this promo code is valid from {0}")]
    NotYet(Timestamp),
    /// Its time is over.
    #[error("this promo code was valid until {0}; use another one")]
    Expired(Timestamp),
    /// All its uses are gone.
    #[error("this promo code has been used up; use another one")]
    UsedUp,
    /// The user has used it as often as he may.
    #[error("you have used this promo code already; use another one")]
    UsedByYou,
    /// It is for other things.
    #[error("this promo code is for other courses or plans")]
    NotApplicable,
    /// It takes off an amount of another currency.
    #[error("this promo code is for prices in {0}")]
    Currency(Currency),
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Inactive => "PROMO_INACTIVE",
            Self::NotYet(_) => "PROMO_NOT_YET_VALID",
            Self::Expired(_) => "PROMO_EXPIRED",
            Self::UsedUp => "PROMO_USED_UP",
            Self::UsedByYou => "PROMO_USED_BY_YOU",
            Self::NotApplicable => "PROMO_NOT_APPLICABLE",
            Self::Currency(_) => "PROMO_CURRENCY_MISMATCH",
        }
    }
}

/// Why a rule can't be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPromo {
    /// The percentage is not 1 to 100.
    #[error("the percentage must be from 1 to 100")]
    Percent,
    /// The fixed discount is not positive.
    #[error("the discount must be positive")]
    Minor,
    /// It ends before it begins.
    #[error("valid_until must be after valid_from")]
    Window,
    /// A limit of 0.
    #[error("a limit of uses must be at least 1")]
    Limit,
    /// More than [`RESTRICTIONS_MAX`].
    #[error("a code can be restricted to at most {RESTRICTIONS_MAX} plans and courses")]
    TooManyRestrictions,
}

impl Promo {
    /// Checks a rule before it is stored.
    ///
    /// # Errors
    /// [`InvalidPromo`]
    pub fn check(&self) -> Result<(), InvalidPromo> {
        match self.discount {
            Discount::Percentage { percent } if !(1..=100).contains(&percent) => {
                return Err(InvalidPromo::Percent);
            }
            Discount::Fixed { minor, .. } if minor <= 0 => return Err(InvalidPromo::Minor),
            _ => {}
        }
        if self.valid_until <= self.valid_from {
            return Err(InvalidPromo::Window);
        }
        if self.max_uses == Some(0) || self.max_uses_per_user == 0 {
            return Err(InvalidPromo::Limit);
        }
        if self.plans.len() + self.courses.len() > RESTRICTIONS_MAX {
            return Err(InvalidPromo::TooManyRestrictions);
        }
        Ok(())
    }

    /// Whether the code may be used once more for this, now. The same limits are conditions of the write that uses it.
    ///
    /// # Errors
    /// [`Refusal`], the first reason in the order of seed 003: state, time, total limit, what it is for, the user's limit.
    pub fn evaluate(&self, uses: Uses, target: &Target<'_>, now: Timestamp) -> Result<(), Refusal> {
        if !self.is_active {
            return Err(Refusal::Inactive);
        }
        if now < self.valid_from {
            return Err(Refusal::NotYet(self.valid_from));
        }
        if now >= self.valid_until {
            return Err(Refusal::Expired(self.valid_until));
        }
        if self.max_uses.is_some_and(|most| uses.total >= most) {
            return Err(Refusal::UsedUp);
        }
        let applies = match target {
            Target::Courses(courses) => courses.iter().any(|course| self.is_for_course(*course)),
            Target::Plan(plan) => self.is_for_plan(*plan),
        };
        if !applies {
            return Err(Refusal::NotApplicable);
        }
        if uses.by_user >= self.max_uses_per_user {
            return Err(Refusal::UsedByYou);
        }
        Ok(())
    }

    /// Whether it is for this course.
    pub fn is_for_course(&self, course: Id<kinds::Course>) -> bool {
        self.is_for_everything() || self.courses.contains(&course)
    }

    /// Whether it is for this plan.
    pub fn is_for_plan(&self, plan: Id<kinds::Plan>) -> bool {
        self.is_for_everything() || self.plans.contains(&plan)
    }

    fn is_for_everything(&self) -> bool {
        self.plans.is_empty() && self.courses.is_empty()
    }

    /// What it takes off a price, in minor units: from 0 to the price.
    ///
    /// # Errors
    /// [`Refusal::Currency`] for a fixed discount of another currency.
    pub fn discount_on(&self, price: Amount) -> Result<i64, Refusal> {
        match self.discount {
            Discount::Percentage { percent } => {
                Ok(BasisPoints::from_percent(percent).of_truncated(price.minor))
            }
            Discount::Fixed { minor, currency } if currency == price.currency => Ok(minor.min(price.minor)),
            Discount::Fixed { currency, .. } => Err(Refusal::Currency(currency)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::commerce::samples::{NOW, id, promo};

    const TENTH: Discount = Discount::Percentage { percent: 10 };

    #[test]
    fn codes_are_typed_in_any_case() {
        for (text, code) in [
            (" summer2026 ", Some("SUMMER2026")),
            ("a", Some("A")),
            ("TEN_OFF-2", Some("TEN_OFF-2")),
            (&"A".repeat(50), Some("A".repeat(50).as_str())),
            (&"A".repeat(51), None),
            ("", None),
            ("TEN OFF", None),
            ("TEN#OFF", None),
            ("SOMMÉR", None),
        ] {
            assert_eq!(text.parse::<PromoCode>().ok().as_ref().map(PromoCode::as_str), code, "{text}");
        }
    }

    #[test]
    fn each_reason_and_its_limits() {
        let second = |seconds: i64| Timestamp::from_second(NOW.as_second() + seconds).unwrap();
        let base = Promo {
            valid_until: second(10),
            max_uses: Some(3),
            max_uses_per_user: 2,
            courses: BTreeSet::from([id(1)]),
            ..promo(TENTH)
        };
        let uses = |total, by_user| Uses { total, by_user };
        let (right, wrong) = ([id(2), id(1)], [id(2)]);
        for (rule, uses, courses, now, result) in [
            (base.clone(), uses(2, 1), &right[..], second(0), Ok(())),
            (base.clone(), uses(2, 1), &right, second(9), Ok(())),
            (base.clone(), uses(2, 1), &right, second(10), Err(Refusal::Expired(second(10)))),
            (base.clone(), uses(2, 1), &right, second(-1), Err(Refusal::NotYet(NOW))),
            (base.clone(), uses(3, 1), &right, NOW, Err(Refusal::UsedUp)),
            (base.clone(), uses(2, 2), &right, NOW, Err(Refusal::UsedByYou)),
            (base.clone(), uses(0, 0), &wrong, NOW, Err(Refusal::NotApplicable)),
            (base.clone(), uses(0, 0), &[], NOW, Err(Refusal::NotApplicable)),
            (
                Promo { is_active: false, ..base.clone() },
                uses(9, 9),
                &wrong,
                second(99),
                Err(Refusal::Inactive),
            ),
            (Promo { max_uses: None, ..base }, uses(u32::MAX, 0), &right, NOW, Ok(())),
        ] {
            assert_eq!(rule.evaluate(uses, &Target::Courses(courses), now), result);
        }
    }

    #[test]
    fn restrictions_to_plans_and_courses() {
        let free = promo(TENTH);
        let plans = Promo { plans: BTreeSet::from([id(1)]), ..free.clone() };
        let courses = Promo { courses: BTreeSet::from([id(1)]), ..free.clone() };
        let both = Promo { plans: plans.plans.clone(), ..courses.clone() };
        for (rule, plan_1, plan_2, course_1, course_2) in [
            (&free, true, true, true, true),
            (&plans, true, false, false, false),
            (&courses, false, false, true, false),
            (&both, true, false, true, false),
        ] {
            let plan = |number| rule.evaluate(Uses::default(), &Target::Plan(id(number)), NOW).is_ok();
            let course =
                |number| rule.evaluate(Uses::default(), &Target::Courses(&[id(number)]), NOW).is_ok();
            assert_eq!(
                (plan(1), plan(2), course(1), course(2)),
                (plan_1, plan_2, course_1, course_2),
                "{rule:?}"
            );
        }
    }

    #[test]
    fn what_it_takes_off() {
        let fixed = Discount::Fixed { minor: 1_000, currency: Currency::USD };
        for (discount, minor, currency, off) in [
            (TENTH, 999, "USD", Ok(99)),
            (TENTH, 9, "JPY", Ok(0)),
            (Discount::Percentage { percent: 100 }, 999, "KRW", Ok(999)),
            (fixed, 1_499, "USD", Ok(1_000)),
            (fixed, 499, "USD", Ok(499)),
            (fixed, 0, "USD", Ok(0)),
            (fixed, 1_499, "EUR", Err(Refusal::Currency(Currency::USD))),
        ] {
            let price = Amount::new(minor, currency.parse().unwrap());
            assert_eq!(promo(discount).discount_on(price), off, "{discount:?} of {price}");
        }
    }

    #[test]
    fn rules_that_make_no_sense() {
        let base = promo(TENTH);
        for (rule, result) in [
            (base.clone(), Ok(())),
            (promo(Discount::Percentage { percent: 100 }), Ok(())),
            (promo(Discount::Percentage { percent: 0 }), Err(InvalidPromo::Percent)),
            (promo(Discount::Percentage { percent: 101 }), Err(InvalidPromo::Percent)),
            (promo(Discount::Fixed { minor: 0, currency: Currency::USD }), Err(InvalidPromo::Minor)),
            (Promo { valid_until: base.valid_from, ..base.clone() }, Err(InvalidPromo::Window)),
            (Promo { max_uses: Some(0), ..base.clone() }, Err(InvalidPromo::Limit)),
            (Promo { max_uses_per_user: 0, ..base.clone() }, Err(InvalidPromo::Limit)),
            (Promo { courses: (0..200).map(id).collect(), ..base.clone() }, Ok(())),
            (
                Promo { courses: (0..200).map(id).collect(), plans: [id(1)].into(), ..base },
                Err(InvalidPromo::TooManyRestrictions),
            ),
        ] {
            assert_eq!(rule.check(), result, "{rule:?}");
        }
    }

    #[test]
    fn storage_reads_back_what_it_wrote() {
        let rule = Promo {
            plans: [id(1)].into(),
            ..promo(Discount::Fixed { minor: 5, currency: "BHD".parse().unwrap() })
        };
        let json = serde_json::to_string(&rule).unwrap();
        assert!(json.contains(r#""discount_type":"fixed","minor":5,"currency":"BHD""#), "{json}");
        assert_eq!(serde_json::from_str::<Promo>(&json).unwrap(), rule);
    }

    proptest! {
        #[test]
        fn never_more_than_the_price(minor in 0..=i64::MAX, percent in 1..=100u8, fixed in 1..=i64::MAX) {
            let price = Amount::new(minor, Currency::USD);
            for discount in [Discount::Percentage { percent }, Discount::Fixed { minor: fixed, currency: Currency::USD }] {
                prop_assert!((0..=minor).contains(&promo(discount).discount_on(price).unwrap()));
            }
        }
    }
}
