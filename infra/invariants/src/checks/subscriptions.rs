//! Invariant 3, for subscriptions: what was captured less what went back is the platform's, the tax office's and the gateway's, each invoice
//! is booked once, and nobody has a plan whose last payment went back.

use std::collections::{BTreeMap, BTreeSet};

use domain::commerce::{Account, EntrySet, LedgerEvent, Subject, payment::PaymentStatus};
use kernel::{Id, id::kinds};
use store::entities::SubscriptionInvoice;

use super::money::is_excess;
use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Money, findings };
    let (sets, mut known) = (books.sets_by_id(), BTreeSet::new());
    let ids: BTreeSet<_> = books.subscriptions.iter().map(|subscription| subscription.id).collect();
    for invoice in &books.invoices {
        let subject = format!("subscription {}, invoice {}", invoice.subscription_id, invoice.id);
        notes.demand(ids.contains(&invoice.subscription_id), &subject, "there is no such subscription");
        let id = format!("income:{}", invoice.id);
        let income = sets.get(id.as_str()).map(|stored| &stored.set);
        let captured = income.map(|set| (set.of(Account::GatewayClearing), set.currency()));
        let is_paid = invoice.status == PaymentStatus::Succeeded;
        let paid = is_paid && invoice.amount.minor > 0;
        let expected = paid.then_some((invoice.amount.minor, invoice.amount.currency));
        notes.same(&subject, "what is booked", captured, expected);
        notes.demand(invoice.paid_at.is_some() == is_paid, &subject, "its state and time of payment differ");
        if let Some(set) = income {
            let right = Some(Subject::Subscription(invoice.subscription_id));
            notes.same(&subject, "what its set belongs to", set.subject(), right);
            let shared = -set.of(Account::PlatformRevenue) - set.of(Account::TaxPayable);
            notes.same(&subject, "platform + tax", shared, invoice.amount.minor);
        }
        let most = if is_paid { invoice.amount.minor } else { 0 };
        let what = format!("of {most} paid, {} went back", invoice.returned_minor);
        notes.demand((0..=most).contains(&invoice.returned_minor), &subject, what);
        known.insert(id);
    }
    for stored in books.sets.iter().filter(|stored| stored.set.event() == LedgerEvent::SubscriptionIncome) {
        let id = stored.set.id();
        notes.demand(known.contains(id), id, "it is booked, and there is no such invoice");
    }
    let mut of_subscription: BTreeMap<Id<kinds::Subscription>, Of<'_>> = BTreeMap::new();
    for stored in &books.sets {
        if let Some(Subject::Subscription(id)) = stored.set.subject() {
            of_subscription.entry(id).or_default().sets.push(&stored.set);
        }
    }
    for invoice in &books.invoices {
        of_subscription.entry(invoice.subscription_id).or_default().invoices.push(invoice);
    }
    for (id, of) in &of_subscription {
        of.check(*id, &mut notes);
    }
    for subscription in &books.subscriptions {
        let last = of_subscription.get(&subscription.id).and_then(Of::last_paid);
        let holds =
            !last.is_some_and(SubscriptionInvoice::is_returned) || subscription.state.status.has_ended();
        let what = format!("it is {}, and its last payment went back", subscription.state.status);
        notes.demand(holds, format!("subscription {}", subscription.id), what);
    }
}

/// What is stored of a subscription's money.
#[derive(Default)]
struct Of<'a> {
    sets: Vec<&'a EntrySet>,
    invoices: Vec<&'a SubscriptionInvoice>,
}

impl<'a> Of<'a> {
    /// The newest invoice that has paid for a period.
    fn last_paid(&self) -> Option<&'a SubscriptionInvoice> {
        let paid = self.invoices.iter().copied().filter(|invoice| invoice.paid_a_period());
        paid.max_by_key(|invoice| invoice.created_at)
    }

    /// Debits of an account in the sets of some events.
    fn booked(&self, events: &[LedgerEvent], account: Account) -> i64 {
        let sets = self.sets.iter().filter(|set| events.contains(&set.event()) && !is_excess(set));
        sets.map(|set| set.of(account)).sum()
    }

    fn check(&self, id: Id<kinds::Subscription>, notes: &mut Notes<'_>) {
        use LedgerEvent::{DisputeLost, SubscriptionIncome, SubscriptionRefund};
        let subject = format!("subscription {id}");
        let captured = self.booked(&[SubscriptionIncome], Account::GatewayClearing);
        let refunded = -self.booked(&[SubscriptionRefund], Account::GatewayClearing);
        let lost = -self.booked(&[DisputeLost], Account::CustomerRefunds);
        let returned: i64 = self.invoices.iter().map(|invoice| invoice.returned_minor).sum();
        notes.same(&subject, "what went back of its invoices", returned, refunded + lost);
        let events = [SubscriptionIncome, SubscriptionRefund, DisputeLost];
        let platform = -self.booked(&events, Account::PlatformRevenue);
        let tax = -self.booked(&events, Account::TaxPayable);
        if captured - returned != platform + tax {
            let what =
                format!("captured {captured} - refunded {returned} is not platform {platform} + tax {tax}");
            notes.note(&subject, what);
        }
        self.disputes(&subject, notes);
    }

    /// What a bank took, it gave back, or it was taken from those who had it.
    fn disputes(&self, subject: &str, notes: &mut Notes<'_>) {
        let mut disputes: BTreeMap<&str, (i64, Option<i64>)> = BTreeMap::new();
        for set in &self.sets {
            let (kind, dispute) = set.id().split_once(':').unwrap_or_default();
            let minor = set.of(Account::CustomerRefunds);
            match kind {
                "dispute_opened" => disputes.entry(dispute).or_default().0 += minor,
                "dispute_closed" | "dispute_excess" => {
                    *disputes.entry(dispute).or_default().1.get_or_insert(0) -= minor;
                }
                _ => {}
            }
        }
        for (dispute, (taken, moved)) in disputes {
            let moved = moved.unwrap_or(taken);
            notes.same(format!("{subject}, dispute {dispute}"), "what its end moved", moved, taken);
        }
    }
}
