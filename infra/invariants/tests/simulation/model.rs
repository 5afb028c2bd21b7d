//! What should be, in a few lines: orders, what was paid for them and went back. It believes what the platform has promised and what the
//! gateway has done; all the rest it reckons itself.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Id, id::kinds};

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Card,
    Transfer,
    Free,
}

/// A course of an order, in cents.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: Id<kinds::OrderItem>,
    /// Number of the course.
    pub(crate) course: usize,
    pub(crate) paid: i64,
    pub(crate) returned: i64,
}

/// An order that the platform has promised.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: Id<kinds::Order>,
    /// Number of the buyer.
    pub(crate) buyer: usize,
    pub(crate) method: Method,
    pub(crate) lines: Vec<Line>,
    pub(crate) promo: Option<String>,
    pub(crate) paid: bool,
    /// Money of a bank transfer that came when it was closed, as far as it has not gone back.
    pub(crate) late: Option<i64>,
    /// The client secret of its payment.
    pub(crate) secret: Option<String>,
    /// The dispute that is open.
    pub(crate) dispute: Option<String>,
}

impl Order {
    pub(crate) fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.paid).sum()
    }

    pub(crate) fn intent(&self) -> Option<&str> {
        self.secret.as_deref().and_then(|secret| secret.split("_secret_").next())
    }

    /// All that is left goes back.
    pub(crate) fn return_all(&mut self) {
        self.lines.iter_mut().for_each(|line| line.returned = line.paid);
    }
}

/// A subscription that the platform has promised.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: Id<kinds::Subscription>,
    pub(crate) buyer: usize,
    pub(crate) secret: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) orders: Vec<Order>,
    pub(crate) subscriptions: Vec<Subscription>,
}

/// 70 % of an amount, halves rounded up: what a creator gets of a course that was sold for it.
fn share(minor: i64) -> i64 {
    (minor * 7 + 5) / 10
}

impl Model {
    /// The courses that a buyer has, by number.
    pub(crate) fn access(&self, buyer: usize) -> BTreeSet<usize> {
        let paid = self.orders.iter().filter(|order| order.buyer == buyer && order.paid);
        let held =
            paid.flat_map(|order| &order.lines).filter(|line| line.paid == 0 || line.returned < line.paid);
        held.map(|line| line.course).collect()
    }

    /// What the creators of courses have earned, by the number of the creator.
    pub(crate) fn earned(&self, creator_of: impl Fn(usize) -> usize) -> BTreeMap<usize, i64> {
        let mut earned = BTreeMap::new();
        for line in self.orders.iter().filter(|order| order.paid).flat_map(|order| &order.lines) {
            let all = share(line.paid);
            // Of a part that went back, the part of the share, halves rounded up.
            let back =
                if line.paid == 0 { 0 } else { (2 * all * line.returned + line.paid) / (2 * line.paid) };
            *earned.entry(creator_of(line.course)).or_default() += all - back;
        }
        earned.retain(|_, minor| *minor != 0);
        earned
    }

    /// Money of bank transfers that is there.
    pub(crate) fn at_bank(&self) -> i64 {
        let transfers = self.orders.iter().filter(|order| order.paid && order.method == Method::Transfer);
        let held: i64 = transfers.flat_map(|order| &order.lines).map(|line| line.paid - line.returned).sum();
        held + self.late()
    }

    /// Money of bank transfers that no order was waiting for.
    pub(crate) fn late(&self) -> i64 {
        self.orders.iter().filter_map(|order| order.late).sum()
    }
}
