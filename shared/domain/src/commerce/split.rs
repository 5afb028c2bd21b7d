//! Whose a line's money is: tax, the creator's part and the platform's, at the sale and at every refund, exact to the minor unit.

use super::{Line, amount::fraction};

/// The parts of what was paid for a line, in minor units. `tax + creator + platform` is what was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Owed to the tax office.
    pub tax: i64,
    /// Owed to the creator.
    pub creator: i64,
    /// Kept by the platform.
    pub platform: i64,
    /// What the platform would have kept besides, had there been no promo code: its part of the discount.
    pub promotion: i64,
}

impl Parts {
    /// The parts of the whole line. The creator's is his share of price − discount, rounded half away from zero; the platform keeps
    /// the rest, so that the parts sum to what was paid.
    pub const fn of_line(line: &Line) -> Self {
        let net = line.net_minor();
        let creator = line.share_bp.of(net);
        let platform = net - creator;
        let undiscounted = line.price_minor - line.share_bp.of(line.price_minor);
        Self { tax: line.tax_minor, creator, platform, promotion: undiscounted - platform }
    }

    /// The parts of the first `minor` of what was paid for the line: none of 0, all of all. Each part grows with `minor`, so that no
    /// refund takes more than it gives, and the refunds of a line together take exactly the parts of the sale.
    pub const fn of_first(line: &Line, minor: i64) -> Self {
        let (whole, net) = (Self::of_line(line), line.net_minor());
        // First the tax is taken off, then the rest is divided: each step has one rounding (half away from zero) and one rest.
        let tax = fraction(whole.tax, minor, line.paid_minor);
        let net_part = minor - tax;
        let creator = fraction(whole.creator, net_part, net);
        Self {
            tax,
            creator,
            platform: net_part - creator,
            promotion: fraction(whole.promotion, net_part, net),
        }
    }

    /// The parts of what is refunded when the line's refunded amount rises from `before` to `after`.
    pub const fn of_refund(line: &Line, before: i64, after: i64) -> Self {
        let (a, b) = (Self::of_first(line, after), Self::of_first(line, before));
        Self {
            tax: a.tax - b.tax,
            creator: a.creator - b.creator,
            platform: a.platform - b.platform,
            promotion: a.promotion - b.promotion,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::commerce::samples::lines;

    fn plus(a: Parts, b: Parts) -> Parts {
        Parts {
            tax: a.tax + b.tax,
            creator: a.creator + b.creator,
            platform: a.platform + b.platform,
            promotion: a.promotion + b.promotion,
        }
    }

    proptest! {
        #[test]
        fn the_parts_are_the_payment(line in lines()) {
            let Parts { tax, creator, platform, promotion } = Parts::of_line(&line);
            prop_assert_eq!(tax + creator + platform, line.paid_minor);
            prop_assert_eq!(creator, line.share_bp.of(line.net_minor()));
            prop_assert!(tax >= 0 && creator >= 0 && platform >= 0);
            prop_assert!((0..=line.discount_minor).contains(&promotion));
        }

        #[test]
        fn refunds_in_any_steps_take_exactly_what_the_sale_gave(line in lines(), mut steps in prop::collection::vec(0..=1_000i64, 0..12)) {
            steps.sort_unstable();
            let mut stops: Vec<i64> = steps.iter().map(|step| (i128::from(line.paid_minor) * i128::from(*step) / 1_000) as i64).collect();
            stops.push(line.paid_minor);
            let (mut before, mut sum) = (0, Parts::default());
            for after in stops {
                let parts = Parts::of_refund(&line, before, after);
                prop_assert!(parts.tax >= 0 && parts.creator >= 0 && parts.platform >= 0 && parts.promotion >= 0, "{:?}", parts);
                prop_assert_eq!(parts.tax + parts.creator + parts.platform, after - before);
                sum = plus(sum, parts);
                before = after;
            }
            // Of a course that cost nothing in the end there is nothing to refund; its discount stays booked.
            let whole = Parts::of_line(&line);
            let promotion = if line.paid_minor == 0 { 0 } else { whole.promotion };
            prop_assert_eq!(sum, Parts { promotion, ..whole });
        }
    }

    #[test]
    fn a_line_refunded_unit_by_unit_ends_at_exactly_the_share() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..50 {
            let mut line = proptest::strategy::ValueTree::current(&lines().new_tree(&mut runner).unwrap());
            line.price_minor = line.price_minor % 500 + 1;
            line.discount_minor %= line.price_minor;
            line.tax_minor %= line.net_minor() + 1;
            line.paid_minor = line.net_minor() + line.tax_minor;
            let mut sum = Parts::default();
            for minor in 0..line.paid_minor {
                sum = plus(sum, Parts::of_refund(&line, minor, minor + 1));
            }
            assert_eq!(sum, Parts::of_line(&line), "{line:?}");
        }
    }
}
