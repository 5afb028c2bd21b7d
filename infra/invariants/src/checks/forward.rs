//! Invariant 9, as far as one reading shows it: what is stored of a thing is what the rules of the domain lead to, and nothing that came later
//! was taken back. [`super::since`] compares two readings.

use std::collections::{BTreeMap, BTreeSet};

use domain::commerce::{LedgerEvent, OrderStatus, PaymentMethod, Subject, SubscriptionStatus};
use kernel::{Id, id::kinds};
use store::entities::{Order, UserSubscription};

use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Forward, findings };
    let disputed = open_disputes(books);
    let late: BTreeSet<_> = books
        .sets
        .iter()
        .filter(|stored| stored.set.event() == LedgerEvent::LateMoney)
        .filter_map(|stored| match stored.set.subject() {
            Some(Subject::Order(order)) => Some(order),
            _ => None,
        })
        .collect();
    for order in &books.orders {
        let disputes = disputed.get(&order.id).copied().unwrap_or_default();
        state(order, (disputes, late.contains(&order.id)), &mut notes);
        times(order, &mut notes);
    }
    numbers(books, &mut notes);
    books.subscriptions.iter().for_each(|subscription| subscribed(subscription, &mut notes));
}

/// Disputes of each order that the ledger has opened and not closed.
fn open_disputes(books: &Books) -> BTreeMap<Id<kinds::Order>, usize> {
    let mut open: BTreeMap<Id<kinds::Order>, BTreeSet<&str>> = BTreeMap::new();
    for (events, opens) in [
        (&[LedgerEvent::DisputeOpened][..], true),
        (&[LedgerEvent::DisputeWon, LedgerEvent::DisputeLost], false),
    ] {
        for set in books.sets.iter().map(|stored| &stored.set).filter(|set| events.contains(&set.event())) {
            let (Some(Subject::Order(order)), Some((_, dispute))) = (set.subject(), set.id().split_once(':'))
            else {
                continue;
            };
            let disputes = open.entry(order).or_default();
            if opens {
                disputes.insert(dispute);
            } else {
                disputes.remove(dispute);
            }
        }
    }
    open.into_iter().map(|(order, disputes)| (order, disputes.len())).collect()
}

/// The state is the one that what happened leads to.
fn state(order: &Order, (disputes, late): (usize, bool), notes: &mut Notes<'_>) {
    let subject = format!("order {}", order.id);
    let status = order.status;
    let returned: i64 = order.returned.values().sum();
    let paid = order.completed_at.is_some();
    notes.same(&subject, &format!("whether it was paid ({status})"), status.was_paid(), paid);
    let unpaid_trace = order.payment_id.is_some() || returned > 0 || order.fulfilled > 0;
    notes.demand(
        paid || !unpaid_trace,
        &subject,
        format!("it is {status}, and was paid, refunded or granted before"),
    );
    let by_payment = order.payment_method != PaymentMethod::Free;
    notes.demand(
        !paid || order.payment_id.is_some() == by_payment,
        &subject,
        "it is paid, and not by its way of payment",
    );
    notes.same(&subject, "whether it is free", order.total_minor == 0, !by_payment);
    notes.demand(order.fulfilled <= order.lines.len(), &subject, "more courses are granted than it has");
    if !paid {
        return;
    }
    let undisputed = match (returned, order.total_minor) {
        (0, _) => OrderStatus::Paid,
        (back, total) if back >= total => OrderStatus::Refunded,
        _ => OrderStatus::PartiallyRefunded,
    };
    let claimed = disputes > 0 && undisputed != OrderStatus::Refunded;
    // Where more money came than the order's, it may be that which is disputed.
    let right = if claimed {
        status == OrderStatus::Disputed || late && status == undisputed
    } else {
        status == undisputed
    };
    let what =
        format!("it is {status}, with {returned} of {} back and {disputes} open disputes", order.total_minor);
    notes.demand(right, &subject, what);
}

fn times(order: &Order, notes: &mut Notes<'_>) {
    let subject = format!("order {}", order.id);
    let completed = order.completed_at.unwrap_or(order.created_at);
    let in_order =
        order.created_at <= completed && completed <= order.updated_at && order.created_at <= order.pay_by;
    let times = (order.created_at, order.completed_at, order.updated_at);
    notes.demand(in_order, &subject, format!("its times are not in order: {times:?}"));
    // Each change of an order raises its version: that of its state at least, and each refund.
    let pending = order.status == OrderStatus::Pending || order.payment_method == PaymentMethod::Free;
    let least = if pending { 1 } else { 2 } + u64::from(!order.returned.is_empty());
    notes.demand(
        order.version >= least,
        &subject,
        format!("its version is {}, at least {least}", order.version),
    );
}

/// The orders of each number of a series.
type Numbered = BTreeMap<u32, Vec<Id<kinds::Order>>>;

/// The numbers of a series are all there are up to the counter's, each once.
fn numbers(books: &Books, notes: &mut Notes<'_>) {
    let mut series: BTreeMap<(i16, char), Numbered> = BTreeMap::new();
    for order in &books.orders {
        let number = order.order_number;
        let of_series = series.entry((number.year, number.series)).or_default();
        of_series.entry(number.number).or_default().push(order.id);
    }
    for counter in &books.counters {
        let subject = format!("order numbers {}-{}", counter.year, counter.series);
        let numbers = series.remove(&(counter.year, counter.series)).unwrap_or_default();
        for (number, orders) in numbers.iter().filter(|(_, orders)| orders.len() > 1) {
            notes.note(&subject, format!("{number} is the number of {orders:?}"));
        }
        let missing: Vec<_> =
            (1..=counter.last).filter(|number| !numbers.contains_key(number)).take(5).collect();
        notes.demand(missing.is_empty(), &subject, format!("{missing:?} are missing"));
        let highest = numbers.last_key_value().map_or(0, |(number, _)| *number);
        notes.same(&subject, "the counter", counter.last, highest);
    }
    for ((year, series), numbers) in series {
        notes.note(
            format!("order numbers {year}-{series}"),
            format!("there is no counter, and {} orders", numbers.len()),
        );
    }
}

fn subscribed(subscription: &UserSubscription, notes: &mut Notes<'_>) {
    let subject = format!("subscription {}", subscription.id);
    let state = &subscription.state;
    let status = state.status;
    let grace = status == SubscriptionStatus::GracePeriod;
    notes.same(
        &subject,
        &format!("whether it has a grace period ({status})"),
        state.grace_period_ends_at.is_some(),
        grace,
    );
    let ends = status.has_ended() || state.cancel_at_period_end;
    notes.same(&subject, &format!("whether it has an end ({status})"), state.end_date.is_some(), ends);
    notes.demand(state.period_start <= state.renewal_date, &subject, "its period ends before it begins");
    notes.demand(
        !state.is_trial || status == SubscriptionStatus::Active,
        &subject,
        format!("it is {status}, and in its trial"),
    );
    notes.demand(
        subscription.created_at <= subscription.updated_at,
        &subject,
        "it was changed before it was made",
    );
    let change = !status.has_ended() || subscription.change.is_none();
    notes.demand(change, &subject, "it has ended, and its plan is being changed");
}
