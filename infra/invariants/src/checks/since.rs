//! Two readings of the same tables, one after the other: what may never change has not (invariants 1 and 11), and nothing went backwards
//! (invariant 9).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use domain::commerce::{
    OrderEvent, OrderStatus,
    order::{Transition, transition},
    payment::PaymentStatus,
};
use store::{
    Entity,
    entities::{Order, commerce::order::RefundStatus},
};

use crate::{Books, Finding, Invariant, finding::Notes};

/// What changed between two readings and may not have.
pub fn since(before: &Books, after: &Books) -> Vec<Finding> {
    let mut findings = Vec::new();
    ledger(before, after, &mut Notes { invariant: Invariant::Ledger, findings: &mut findings });
    let mut notes = Notes { invariant: Invariant::Forward, findings: &mut findings };
    orders(before, after, &mut notes);
    states(before, after, &mut notes);
    answers(before, after, &mut Notes { invariant: Invariant::SameAnswer, findings: &mut findings });
    findings.sort();
    findings
}

/// Each thing of before with what it is now; one that is gone is told of.
fn pairs<'a, T: Entity>(
    before: &'a [T],
    after: &'a [T],
    notes: &mut Notes<'_>,
) -> Vec<(String, &'a T, &'a T)> {
    let place = |entity: &T| {
        let key = entity.key();
        (key.pk, key.sk)
    };
    let now: BTreeMap<_, &T> = after.iter().map(|entity| (place(entity), entity)).collect();
    let mut found = Vec::new();
    for old in before {
        let (pk, sk) = place(old);
        let subject = format!("{pk} / {sk}");
        match now.get(&(pk, sk)) {
            Some(new) => found.push((subject, old, *new)),
            None => notes.note(subject, "it is gone"),
        }
    }
    found
}

fn ledger(before: &Books, after: &Books, notes: &mut Notes<'_>) {
    for (subject, old, new) in pairs(&before.sets, &after.sets, notes) {
        notes.same(&subject, "the set", &new.set, &old.set);
        notes.same(&subject, "what it means for creators", &new.earnings, &old.earnings);
        for (old, new) in [(old.posted_at, new.posted_at), (old.counted_at, new.counted_at)] {
            notes.demand(
                old.is_none() || old == new,
                &subject,
                format!("it was added at {old:?}, and again at {new:?}"),
            );
        }
    }
}

/// States that an order can be in after it was in this one.
fn reachable(from: OrderStatus) -> BTreeSet<OrderStatus> {
    let (mut found, mut open) = (BTreeSet::from([from]), vec![from]);
    while let Some(state) = open.pop() {
        for event in OrderEvent::ALL {
            if let Ok(Transition::To(next)) = transition(state, event)
                && found.insert(next)
            {
                open.push(next);
            }
        }
    }
    found
}

fn orders(before: &Books, after: &Books, notes: &mut Notes<'_>) {
    for (subject, old, new) in pairs(&before.orders, &after.orders, notes) {
        let (from, to) = (old.status, new.status);
        notes.demand(reachable(from).contains(&to), &subject, format!("it went from {from} to {to}"));
        not_less(&subject, "its version", old.version, new.version, notes);
        let changed = old.version != new.version;
        notes.demand(
            changed || state_of(old) == state_of(new),
            &subject,
            "it changed, and its version did not",
        );
        notes.demand(
            old.completed_at.is_none() || old.completed_at == new.completed_at,
            &subject,
            "it was paid again",
        );
        notes.demand(
            old.payment_id.is_none() || old.payment_id == new.payment_id,
            &subject,
            "another payment has paid it",
        );
        not_less(&subject, "how many courses are granted", old.fulfilled, new.fulfilled, notes);
        for (item, minor) in &old.returned {
            let now = new.returned.get(item).copied().unwrap_or_default();
            not_less(format!("{subject}, item {item}"), "what went back of it", *minor, now, notes);
        }
        notes.same(&subject, "what it sells", sold(new), sold(old));
    }
    for (subject, old, new) in pairs(&before.counters, &after.counters, notes) {
        not_less(subject, "the counter", old.last, new.last, notes);
    }
}

fn state_of(order: &Order) -> impl PartialEq + use<> {
    let refunded: Vec<_> = order.lines.iter().map(|line| line.refunded_minor).collect();
    (
        order.status,
        order.completed_at,
        order.fulfilled,
        order.returned.clone(),
        refunded,
        order.intent_id.clone(),
    )
}

/// What is fixed when an order is made.
fn sold(order: &Order) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let line = |line: &domain::commerce::Line| {
        let of = (line.id, line.course_id, line.instructor_id, line.share_bp);
        (of, line.price_minor, line.discount_minor, line.tax_minor, line.paid_minor)
    };
    order.lines.iter().map(line).collect()
}

fn states(before: &Books, after: &Books, notes: &mut Notes<'_>) {
    for (subject, old, new) in pairs(&before.payments, &after.payments, notes) {
        let back = old.status == PaymentStatus::Succeeded && new.status != PaymentStatus::Succeeded;
        notes.demand(!back, subject, format!("it had succeeded, and is {:?}", new.status));
    }
    for (subject, old, new) in pairs(&before.invoices, &after.invoices, notes) {
        let back = old.status == PaymentStatus::Succeeded && new.status != PaymentStatus::Succeeded;
        notes.demand(!back, &subject, format!("it was paid, and is {:?}", new.status));
        let what = format!("{} of it had gone back, and {} has", old.returned_minor, new.returned_minor);
        notes.demand(old.returned_minor <= new.returned_minor, &subject, what);
    }
    for (subject, old, new) in pairs(&before.refunds, &after.refunds, notes) {
        let right = match old.status {
            RefundStatus::Pending => true,
            RefundStatus::Succeeded => new.status == RefundStatus::Succeeded,
            // The gateway may have done it after all.
            RefundStatus::Failed => new.status != RefundStatus::Pending,
        };
        notes.demand(right, subject, format!("it was {:?}, and is {:?}", old.status, new.status));
    }
    let now: BTreeMap<_, _> = after.subscriptions.iter().map(|one| (one.id, one)).collect();
    for old in &before.subscriptions {
        let subject = format!("subscription {}", old.id);
        let Some(new) = now.get(&old.id) else {
            // A beginning that the gateway refused is taken back.
            notes.demand(old.gateway_id.is_none(), subject, "it is gone");
            continue;
        };
        let (from, to) = (old.state.status, new.state.status);
        notes.demand(!from.has_ended() || from == to, &subject, format!("it was {from}, and is {to}"));
        let begun = from == domain::commerce::SubscriptionStatus::Pending
            || to != domain::commerce::SubscriptionStatus::Pending;
        notes.demand(begun, &subject, format!("it was {from}, and is {to}"));
        not_less(&subject, "its version", old.version, new.version, notes);
        not_less(
            &subject,
            "the beginning of its period",
            old.state.period_start,
            new.state.period_start,
            notes,
        );
    }
}

fn answers(before: &Books, after: &Books, notes: &mut Notes<'_>) {
    // Old ones are forgotten in time.
    let now: BTreeMap<_, _> = after.answers.iter().map(|record| (record.key().pk, record)).collect();
    for old in before.answers.iter().filter(|record| record.response.is_some()) {
        let Some(new) = now.get(&old.key().pk).filter(|new| new.created_at == old.created_at) else {
            continue;
        };
        let subject = old.key().pk;
        notes.same(subject, "the answer", (&new.status, &new.response), (&old.status, &old.response));
    }
}

fn not_less<T: PartialOrd + Display>(
    subject: impl Display,
    what: &str,
    old: T,
    new: T,
    notes: &mut Notes<'_>,
) {
    notes.demand(new >= old, subject, format!("{what} was {old}, and is {new}"));
}
