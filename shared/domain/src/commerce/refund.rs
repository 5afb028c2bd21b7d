//! Refunds: what may go back of an order, and how an amount without items is spread over them.

use std::collections::BTreeSet;

use kernel::{Id, id::kinds};

use super::{Line, OrderEvent, OrderStatus, spread};

/// What an admin wants to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// All that remains.
    All,
    /// Of these lines so much in minor units; none is all that remains of the line.
    Items(Vec<(Id<kinds::OrderItem>, Option<i64>)>),
}

/// What goes back of one line. The store raises the line's `refunded_minor` from `before` to `after`, on the condition that it is `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line.
    pub item_id: Id<kinds::OrderItem>,
    /// Place of the line in the order.
    pub index: usize,
    /// What went back of it before.
    pub before: i64,
    /// What has gone back of it with this refund.
    pub after: i64,
    /// Whether nothing remains: the line no longer gives a right to the course.
    pub is_whole: bool,
}

impl Part {
    /// What goes back.
    pub const fn minor(&self) -> i64 {
        self.after - self.before
    }
}

/// Why nothing is refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The order is not one of which money can go back.
    #[error("an order that is {0} can't be refunded")]
    Status(OrderStatus),
    /// All of it, or of the line, has gone back, or there was nothing to pay.
    #[error("nothing remains to be refunded")]
    NothingLeft,
    /// The order has no such line.
    #[error("the order has no item {0}")]
    NoSuchItem(Id<kinds::OrderItem>),
    /// A line is named twice.
    #[error("item {0} is named twice")]
    Twice(Id<kinds::OrderItem>),
    /// The amount is not positive.
    #[error("the amount must be positive")]
    NotPositive,
    /// More than remains.
    #[error("at most {most} minor units of item {item} can be refunded")]
    TooMuch {
        /// The line.
        item: Id<kinds::OrderItem>,
        /// What remains of it.
        most: i64,
    },
}

/// What a wish means for an order's lines.
///
/// # Errors
/// [`Refusal`]
pub fn plan(status: OrderStatus, lines: &[Line], wish: &Wish) -> Result<Vec<Part>, Refusal> {
    // The gateway refuses to refund a charge that its buyer's bank has claimed.
    if !matches!(status, OrderStatus::Paid | OrderStatus::PartiallyRefunded) {
        return Err(Refusal::Status(status));
    }
    let parts = match wish {
        Wish::All => allocate(lines, lines.iter().map(Line::refundable_minor).sum()),
        Wish::Items(items) => {
            let mut seen = BTreeSet::new();
            let parts = items.iter().map(|(id, minor)| {
                if !seen.insert(*id) {
                    return Err(Refusal::Twice(*id));
                }
                let index = lines.iter().position(|line| line.id == *id).ok_or(Refusal::NoSuchItem(*id))?;
                let most = lines[index].refundable_minor();
                match minor.unwrap_or(most) {
                    0 if minor.is_none() => Err(Refusal::NothingLeft),
                    ..=0 => Err(Refusal::NotPositive),
                    minor if minor > most => Err(Refusal::TooMuch { item: *id, most }),
                    minor => Ok(part(index, &lines[index], minor)),
                }
            });
            parts.collect::<Result<Vec<_>, _>>()?
        }
    };
    if parts.is_empty() { Err(Refusal::NothingLeft) } else { Ok(parts) }
}

/// Spreads an amount that names no items (a dispute, a refund made at the gateway's own desk) over what remains of the lines. More
/// than remains is taken as all that remains: compare the sum of the parts with `minor`.
pub fn allocate(lines: &[Line], minor: i64) -> Vec<Part> {
    let remaining: Vec<i64> = lines.iter().map(Line::refundable_minor).collect();
    let minor = minor.clamp(0, remaining.iter().sum());
    let parts = spread(minor, &remaining).into_iter().enumerate();
    parts.filter(|(_, minor)| *minor > 0).map(|(index, minor)| part(index, &lines[index], minor)).collect()
}

const fn part(index: usize, line: &Line, minor: i64) -> Part {
    let after = line.refunded_minor + minor;
    Part { item_id: line.id, index, before: line.refunded_minor, after, is_whole: after == line.paid_minor }
}

/// What these parts are to the order, whose lines are as they were before.
pub fn event(lines: &[Line], parts: &[Part]) -> OrderEvent {
    let remaining: i64 = lines.iter().map(Line::refundable_minor).sum();
    if remaining > parts.iter().map(Part::minor).sum() {
        OrderEvent::RefundedPart
    } else {
        OrderEvent::RefundedAll
    }
}

/// Whether a refund ends the access to the course: when all of the line went back, unless the course was completed before. Who has
/// completed a course keeps what he learned it from; the refund is then the admin's goodwill.
pub const fn ends_access(is_whole: bool, course_completed: bool) -> bool {
    is_whole && !course_completed
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::commerce::samples::{Cart, carts, id, item};

    fn lines(prices: &[i64]) -> Vec<Line> {
        let items = (1..).zip(prices).map(|(number, price)| item(number, *price, "USD")).collect();
        Cart { items, promo: None, tax: Default::default() }.order().lines
    }

    fn apply(lines: &mut [Line], parts: &[Part]) {
        for part in parts {
            assert_eq!((lines[part.index].id, lines[part.index].refunded_minor), (part.item_id, part.before));
            lines[part.index].refunded_minor = part.after;
        }
    }

    #[test]
    fn whole_orders_lines_and_parts_of_lines() {
        let mut lines = lines(&[1_000, 0, 500]);
        let wish = Wish::Items(vec![(id(1), Some(300))]);
        let parts = plan(OrderStatus::Paid, &lines, &wish).unwrap();
        assert_eq!(parts, [Part { item_id: id(1), index: 0, before: 0, after: 300, is_whole: false }]);
        assert_eq!(event(&lines, &parts), OrderEvent::RefundedPart);
        apply(&mut lines, &parts);

        let rest = plan(OrderStatus::PartiallyRefunded, &lines, &Wish::Items(vec![(id(1), None)])).unwrap();
        assert_eq!((rest[0].minor(), rest[0].is_whole), (700, true));

        let all = plan(OrderStatus::PartiallyRefunded, &lines, &Wish::All).unwrap();
        assert_eq!(
            all.iter().map(|part| (part.index, part.minor(), part.is_whole)).collect::<Vec<_>>(),
            [(0, 700, true), (2, 500, true)]
        );
        assert_eq!(event(&lines, &all), OrderEvent::RefundedAll);
        apply(&mut lines, &all);
        assert_eq!(plan(OrderStatus::PartiallyRefunded, &lines, &Wish::All), Err(Refusal::NothingLeft));
    }

    #[test]
    fn what_is_refused() {
        let lines = lines(&[1_000, 0]);
        let one = |number, minor| Wish::Items(vec![(id(number), minor)]);
        for (wish, refusal) in [
            (one(1, Some(1_001)), Refusal::TooMuch { item: id(1), most: 1_000 }),
            (one(1, Some(0)), Refusal::NotPositive),
            (one(1, Some(-1)), Refusal::NotPositive),
            (one(2, None), Refusal::NothingLeft),
            (one(2, Some(1)), Refusal::TooMuch { item: id(2), most: 0 }),
            (one(3, None), Refusal::NoSuchItem(id(3))),
            (Wish::Items(vec![]), Refusal::NothingLeft),
            (Wish::Items(vec![(id(1), Some(1)), (id(1), Some(1))]), Refusal::Twice(id(1))),
        ] {
            assert_eq!(plan(OrderStatus::Paid, &lines, &wish), Err(refusal), "{wish:?}");
        }
        for status in OrderStatus::ALL {
            let may = matches!(status, OrderStatus::Paid | OrderStatus::PartiallyRefunded);
            assert_eq!(plan(status, &lines, &Wish::All).is_ok(), may, "{status}");
        }
    }

    #[test]
    fn only_a_whole_refund_of_an_unfinished_course_ends_its_access() {
        let ends = [(true, false), (true, true), (false, false), (false, true)]
            .map(|(whole, completed)| ends_access(whole, completed));
        assert_eq!(ends, [true, false, false, false]);
    }

    proptest! {
        #[test]
        fn no_sequence_gives_back_more_than_was_paid(cart in carts(), wishes in vec((0..60usize, any::<Option<i32>>()), 0..40)) {
            let mut lines = cart.order().lines;
            let mut back = 0;
            for (pick, minor) in wishes {
                let line = lines[pick % lines.len()].id;
                let wish = if pick == 59 { Wish::All } else { Wish::Items(vec![(line, minor.map(i64::from))]) };
                if let Ok(parts) = plan(OrderStatus::PartiallyRefunded, &lines, &wish) {
                    prop_assert!(parts.iter().all(|part| part.minor() > 0));
                    back += parts.iter().map(Part::minor).sum::<i64>();
                    apply(&mut lines, &parts);
                }
                prop_assert!(lines.iter().all(|line| (0..=line.paid_minor).contains(&line.refunded_minor)));
                prop_assert_eq!(back, lines.iter().map(|line| line.refunded_minor).sum::<i64>());
            }
        }

        #[test]
        fn an_amount_without_items_is_spread_exactly(cart in carts(), minor in -10..=1_000_000i64) {
            let mut lines = cart.order().lines;
            let total: i64 = lines.iter().map(|line| line.paid_minor).sum();
            let parts = allocate(&lines, minor);
            prop_assert_eq!(parts.iter().map(Part::minor).sum::<i64>(), minor.clamp(0, total));
            let expected = if minor >= total { OrderEvent::RefundedAll } else { OrderEvent::RefundedPart };
            prop_assert_eq!(event(&lines, &parts), expected);
            apply(&mut lines, &parts);
            prop_assert!(lines.iter().all(|line| line.refunded_minor <= line.paid_minor));
        }
    }
}
