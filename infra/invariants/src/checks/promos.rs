//! Invariant 5: the uses of a promo code are its records of uses, for all together and for each user, within the limits.

use std::collections::{BTreeMap, HashMap};

use domain::commerce::{Amount, PromoCode};
use kernel::{Id, id::kinds};
use store::entities::{PromoUse, commerce::promo::PromoUseState};

use crate::{Books, Finding, Invariant, finding::Notes};

/// What a use is for, as it should be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expected {
    user: Id<kinds::User>,
    discount: Amount,
    state: PromoUseState,
}

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Promos, findings };
    let mut by_code: BTreeMap<&PromoCode, Vec<&PromoUse>> = BTreeMap::new();
    for record in &books.promo_uses {
        by_code.entry(&record.code).or_default().push(record);
    }
    let mut of_users: HashMap<(&PromoCode, Id<kinds::User>), u32> =
        books.promo_users.iter().map(|one| ((&one.code, one.user_id), one.uses)).collect();
    for rule in &books.promos {
        let code = &rule.promo.code;
        let records = by_code.remove(code).unwrap_or_default();
        let subject = format!("promo code {code}");
        notes.same(&subject, "its count of uses", rule.uses as usize, records.len());
        // An admin may lower a limit below the uses that there are; from then on there are no more.
        let after_change = |used: &[&PromoUse]| {
            rule.revision == 1 || used.iter().any(|one| one.created_at > rule.updated_at)
        };
        if let Some(most) = rule.promo.max_uses.filter(|most| records.len() > *most as usize) {
            notes.demand(
                !after_change(&records),
                &subject,
                format!("{} uses, at most {most}", records.len()),
            );
        }
        let mut users: BTreeMap<_, Vec<&PromoUse>> = BTreeMap::new();
        records.iter().for_each(|record| users.entry(record.user_id).or_default().push(record));
        for (user, records) in users {
            let subject = format!("{subject}, user {user}");
            let counted = of_users.remove(&(code, user)).unwrap_or_default();
            notes.same(&subject, "the count of uses", counted as usize, records.len());
            let most = rule.promo.max_uses_per_user;
            if records.len() > most as usize {
                notes.demand(
                    !after_change(&records),
                    &subject,
                    format!("{} uses, at most {most}", records.len()),
                );
            }
        }
    }
    for (code, records) in by_code {
        notes
            .note(format!("promo code {code}"), format!("there is no such code, and {} uses", records.len()));
    }
    for ((code, user), uses) in of_users {
        notes.same(format!("promo code {code}, user {user}"), "the count of uses", uses, 0);
    }
    subjects(books, &mut notes);
}

/// Each use is that of what was bought with it, and of nothing else.
fn subjects(books: &Books, notes: &mut Notes<'_>) {
    let mut expected: BTreeMap<(&PromoCode, String), Expected> = BTreeMap::new();
    for order in books.orders.iter().filter(|order| !order.status.is_closed_unpaid()) {
        let Some(code) = &order.promo_code else { continue };
        let state = if order.status.was_paid() { PromoUseState::Used } else { PromoUseState::Reserved };
        let discount = Amount::new(order.discount_minor, order.currency);
        expected.insert((code, order.id.to_string()), Expected { user: order.user_id, discount, state });
    }
    for subscription in &books.subscriptions {
        let Some(promo) = &subscription.promo else { continue };
        if promo.paid.is_none() && subscription.state.status.has_ended() {
            continue;
        }
        let state = if promo.paid.is_some() { PromoUseState::Used } else { PromoUseState::Reserved };
        let use_of_it = Expected { user: subscription.user_id, discount: promo.discount, state };
        expected.insert((&promo.code, subscription.id.to_string()), use_of_it);
    }
    for record in &books.promo_uses {
        let stored = Expected { user: record.user_id, discount: record.discount, state: record.state };
        let subject = format!("promo code {}, use for {}", record.code, record.subject);
        match expected.remove(&(&record.code, record.subject.clone())) {
            Some(right) => notes.same(subject, "the record", stored, right),
            None => notes.note(subject, "nothing was bought with it"),
        }
    }
    for ((code, subject), right) in expected {
        notes.note(
            format!("promo code {code}, use for {subject}"),
            format!("there is no record, should be {right:?}"),
        );
    }
}
