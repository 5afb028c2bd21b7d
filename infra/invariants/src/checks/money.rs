//! Invariant 3, for orders: what was captured less what was refunded is the creators', the platform's, the tax office's and the gateway's;
//! by the ledger's sets, and by the orders, payments and refunds that they are of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::commerce::{
    Account, Amount, Currency, EntrySet, LedgerEvent, Line, Subject, ledger, payment::PaymentStatus,
    payment::SetAsideReason, split::Parts,
};
use kernel::{Id, id::kinds};
use store::entities::{
    Order, Payment, Refund, SetAside, StoredSet, commerce::order::RefundStatus,
    commerce::reminder::ReminderKind,
};

use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Money, findings };
    let mut of_order: BTreeMap<Id<kinds::Order>, Of<'_>> = BTreeMap::new();
    for order in &books.orders {
        of_order.entry(order.id).or_default().order = Some(order);
    }
    for stored in &books.sets {
        if let Some(Subject::Order(order)) = stored.set.subject() {
            of_order.entry(order).or_default().sets.push(&stored.set);
        }
    }
    for payment in &books.payments {
        of_order.entry(payment.order_id).or_default().payments.push(payment);
    }
    for refund in &books.refunds {
        of_order.entry(refund.order_id).or_default().refunds.push(refund);
    }
    let asides: HashMap<&str, &SetAside> =
        books.set_asides.iter().map(|aside| (aside.subject.as_str(), aside)).collect();
    for (id, of) in &of_order {
        match of.order {
            Some(order) => of.check(order, &asides, &mut notes),
            None => of.without_order(*id, &mut notes),
        }
    }
    let reminded: BTreeSet<_> = books
        .reminders
        .iter()
        .filter(|reminder| reminder.kind == ReminderKind::Refund)
        .filter_map(|reminder| reminder.refund_id)
        .collect();
    for refund in books.refunds.iter().filter(|refund| refund.status == RefundStatus::Pending) {
        let what = "it is under way, and no reminder guarantees that it ends";
        notes.demand(reminded.contains(&refund.id), format!("refund {}", refund.id), what);
    }
    late_money(books, &asides, &mut notes);
}

/// What is stored of an order.
#[derive(Default)]
struct Of<'a> {
    order: Option<&'a Order>,
    sets: Vec<&'a EntrySet>,
    payments: Vec<&'a Payment>,
    refunds: Vec<&'a Refund>,
}

impl Of<'_> {
    fn of_event(&self, event: LedgerEvent) -> impl Iterator<Item = &EntrySet> {
        self.sets.iter().copied().filter(move |set| set.event() == event)
    }

    /// What the accounts got by the sale, its refunds and lost disputes: credits positive.
    fn owned(&self) -> BTreeMap<Account, i64> {
        let mut owned = BTreeMap::new();
        let events = [LedgerEvent::Sale, LedgerEvent::Refund, LedgerEvent::DisputeLost];
        let sets = self.sets.iter().filter(|set| events.contains(&set.event()));
        for entry in sets.filter(|set| !is_excess(set)).flat_map(|set| set.entries()) {
            if is_owner(entry.account) {
                *owned.entry(entry.account).or_default() -= entry.minor;
            }
        }
        owned.retain(|_, minor| *minor != 0);
        owned
    }

    fn without_order(&self, order: Id<kinds::Order>, notes: &mut Notes<'_>) {
        // Money for an order that there is not is set aside; the fee for it is booked.
        let stray = self.sets.iter().filter(|set| {
            !matches!(
                set.event(),
                LedgerEvent::LateMoney
                    | LedgerEvent::LateMoneyReturned
                    | LedgerEvent::GatewayFee
                    | LedgerEvent::DisputeOpened
                    | LedgerEvent::DisputeWon
            )
        });
        let stray: Vec<_> = stray.map(|set| set.id()).collect();
        notes.demand(
            stray.is_empty(),
            order,
            format!("there is no such order, and the ledger has {stray:?}"),
        );
        let things = self.payments.len() + self.refunds.len();
        notes.demand(
            things == 0,
            order,
            format!("there is no such order, and {things} payments and refunds of it"),
        );
    }

    fn check(&self, order: &Order, asides: &HashMap<&str, &SetAside>, notes: &mut Notes<'_>) {
        let subject = format!("order {} ({})", order.id, order.order_number);
        lines(order, &subject, notes);
        // Money that no order was waiting for may be in any currency, and the gateway takes its fee in that of the account.
        for set in self.sets.iter().filter(|set| {
            matches!(set.event(), LedgerEvent::Sale | LedgerEvent::Refund | LedgerEvent::DisputeLost)
        }) {
            notes.same(set.id(), "its currency", set.currency(), order.currency);
        }
        self.sale(order, &subject, notes);
        self.payment(order, asides, &subject, notes);
        self.refunds(order, &subject, notes);
        self.disputes(order, notes);
        self.equation(order, &subject, notes);
    }

    /// The sale is booked exactly where the order was paid, and as its lines say.
    fn sale(&self, order: &Order, subject: &str, notes: &mut Notes<'_>) {
        let booked: Vec<_> = self.of_event(LedgerEvent::Sale).collect();
        let at = order.completed_at.unwrap_or(order.created_at);
        let expected = match ledger::sale(order.for_ledger(), at) {
            Ok(set) => Some(set).filter(|set| order.status.was_paid() && !set.is_empty()),
            Err(error) => return notes.note(subject, format!("its sale can't be booked: {error}")),
        };
        match (booked.as_slice(), expected) {
            ([], None) => {}
            ([], Some(_)) => {
                notes.note(subject, format!("it is {}, and its sale is not booked", order.status))
            }
            ([set], Some(expected)) => {
                notes.same(set.id(), "what is booked", set.entries(), expected.entries());
                notes.same(set.id(), "its id", set.id(), expected.id());
            }
            (sets, expected) => {
                let ids: Vec<_> = sets.iter().map(|set| set.id()).collect();
                notes.note(
                    subject,
                    format!("{ids:?} are booked as its sale, should be {}", u8::from(expected.is_some())),
                );
            }
        }
    }

    /// What paid it is a payment that succeeded, of exactly its total; other money was set aside.
    fn payment(
        &self,
        order: &Order,
        asides: &HashMap<&str, &SetAside>,
        subject: &str,
        notes: &mut Notes<'_>,
    ) {
        let paying = order.payment_id.as_deref();
        if order.status.was_paid() && order.total_minor > 0 {
            let payment = self.payments.iter().find(|payment| Some(payment.id.as_str()) == paying);
            match payment {
                Some(payment) => {
                    let subject = format!("{subject}, payment {}", payment.id);
                    notes.same(&subject, "its state", payment.status, PaymentStatus::Succeeded);
                    notes.same(&subject, "its charge", &payment.charge_id, &order.charge_id);
                }
                None => notes.note(
                    subject,
                    format!("it is {}, and its payment {paying:?} is not there", order.status),
                ),
            }
        }
        for payment in &self.payments {
            let subject = format!("{subject}, payment {}", payment.id);
            notes.same(&subject, "its amount", payment.amount, order.total());
            notes.same(&subject, "its buyer", payment.user_id, order.user_id);
            let pays = order.status.was_paid() && Some(payment.id.as_str()) == paying;
            let set_aside = asides.contains_key(SetAside::of_payment(&payment.id).as_str());
            let explained = payment.status != PaymentStatus::Succeeded || pays || set_aside;
            notes.demand(explained, &subject, "it succeeded, and neither paid the order nor was set aside");
        }
    }

    /// What went back is what succeeded refunds and lost disputes took, and each is booked once.
    fn refunds(&self, order: &Order, subject: &str, notes: &mut Notes<'_>) {
        let clearing = ledger::clearing(order.payment_method);
        let booked: HashMap<&str, &EntrySet> =
            self.of_event(LedgerEvent::Refund).map(|set| (set.id(), set)).collect();
        let (mut back, mut under_way) = (0, BTreeMap::<Id<kinds::OrderItem>, i64>::new());
        let mut known = BTreeSet::new();
        for refund in &self.refunds {
            let subject = format!("{subject}, refund {}", refund.id);
            let lines: i64 = refund.lines.iter().map(|line| line.minor).sum();
            notes.same(&subject, "its amount", refund.amount, Amount::new(lines, order.currency));
            let id = format!("refund:{}", refund.id);
            let set = booked.get(id.as_str());
            match refund.status {
                RefundStatus::Succeeded => {
                    let minor = set.map(|set| -set.of(clearing));
                    notes.same(&subject, "what is booked", minor, Some(refund.amount.minor));
                    back += refund.amount.minor;
                }
                status => notes.demand(set.is_none(), &subject, format!("it is {status:?}, and booked")),
            }
            if refund.status == RefundStatus::Pending {
                refund
                    .lines
                    .iter()
                    .for_each(|line| *under_way.entry(line.item_id).or_default() += line.minor);
            }
            known.insert(id);
        }
        let stray: Vec<_> = booked.keys().filter(|id| !known.contains(**id)).collect();
        notes.demand(
            stray.is_empty(),
            subject,
            format!("{stray:?} are booked, and no such refunds are there"),
        );
        for line in &order.lines {
            let returned = order.returned.get(&line.id).copied().unwrap_or_default();
            let expected = returned + under_way.get(&line.id).copied().unwrap_or_default();
            let subject = format!("{subject}, item {}", line.id);
            notes.same(&subject, "what went back of it, or is to", line.refunded_minor, expected);
        }
        let lost: i64 = self
            .of_event(LedgerEvent::DisputeLost)
            .filter(|set| !is_excess(set))
            .map(|set| -set.of(Account::CustomerRefunds))
            .sum();
        notes.same(subject, "what went back of its lines", order.returned.values().sum::<i64>(), back + lost);
    }

    /// What a bank took, it gave back, or it was taken from those who had it.
    fn disputes(&self, order: &Order, notes: &mut Notes<'_>) {
        let mut opened: BTreeMap<&str, i64> = BTreeMap::new();
        let mut closed: BTreeMap<&str, i64> = BTreeMap::new();
        for set in &self.sets {
            let (kind, dispute) = set.id().split_once(':').unwrap_or_default();
            let minor = set.of(Account::CustomerRefunds);
            match kind {
                "dispute_opened" => *opened.entry(dispute).or_default() += minor,
                "dispute_closed" | "dispute_excess" => *closed.entry(dispute).or_default() -= minor,
                _ => {}
            }
        }
        for (dispute, minor) in closed {
            let taken = opened.get(dispute).copied().unwrap_or_default();
            let subject = format!("order {}, dispute {dispute}", order.id);
            notes.same(subject, "what its end moved", minor, taken);
        }
    }

    /// captured − refunded = creators + platform + tax + fees.
    fn equation(&self, order: &Order, subject: &str, notes: &mut Notes<'_>) {
        let mut expected: BTreeMap<Account, i64> = BTreeMap::new();
        let (mut captured, mut refunded) = (0, 0);
        if order.status.was_paid() {
            for line in &order.lines {
                let returned = order.returned.get(&line.id).copied().unwrap_or_default();
                captured += line.paid_minor;
                refunded += returned;
                let (all, back) = (Parts::of_line(line), Parts::of_first(line, returned));
                for (account, minor) in [
                    (Account::TaxPayable, all.tax - back.tax),
                    (Account::CreatorPayable(line.instructor_id), all.creator - back.creator),
                    (Account::PlatformRevenue, all.platform + all.promotion - back.platform - back.promotion),
                    (Account::Promotions, back.promotion - all.promotion),
                ] {
                    *expected.entry(account).or_default() += minor;
                }
            }
        }
        expected.retain(|_, minor| *minor != 0);
        let owned = self.owned();
        for account in owned.keys().chain(expected.keys()).collect::<BTreeSet<_>>() {
            let of = |all: &BTreeMap<Account, i64>| all.get(account).copied().unwrap_or_default();
            notes.same(
                format!("{subject}, {account}"),
                "what it has of the order",
                of(&owned),
                of(&expected),
            );
        }
        // The gateway's fee is in both sides: what the platform keeps less, the gateway has.
        let fee: i64 = self.of_event(LedgerEvent::GatewayFee).map(|set| set.of(Account::GatewayFees)).sum();
        let of = |account| owned.get(&account).copied().unwrap_or_default();
        let tax = of(Account::TaxPayable);
        let platform = of(Account::PlatformRevenue) + of(Account::Promotions) - fee;
        let creators: i64 = owned
            .iter()
            .filter(|(account, _)| matches!(account, Account::CreatorPayable(_)))
            .map(|(_, minor)| minor)
            .sum();
        if captured - refunded != creators + platform + tax + fee {
            let what = format!(
                "captured {captured} - refunded {refunded} is not creators {creators} + platform {platform} + tax {tax} + fees {fee} \
                 ({})",
                order.currency
            );
            notes.note(subject, what);
        }
    }
}

fn is_owner(account: Account) -> bool {
    matches!(
        account,
        Account::TaxPayable | Account::CreatorPayable(_) | Account::PlatformRevenue | Account::Promotions
    )
}

/// What a bank took beyond the order is the platform's loss, and nothing of the order's.
pub(super) fn is_excess(set: &EntrySet) -> bool {
    set.id().starts_with("dispute_excess:")
}

/// The order's sums are those of its lines.
fn lines(order: &Order, subject: &str, notes: &mut Notes<'_>) {
    let sum = |of: fn(&Line) -> i64| order.lines.iter().map(of).sum::<i64>();
    for (what, stored, expected) in [
        ("its subtotal", order.subtotal_minor, sum(|line| line.price_minor)),
        ("its discount", order.discount_minor, sum(|line| line.discount_minor)),
        ("its tax", order.tax_minor, sum(|line| line.tax_minor)),
        ("its total", order.total_minor, sum(|line| line.paid_minor)),
        ("its total", order.total_minor, order.subtotal_minor - order.discount_minor + order.tax_minor),
    ] {
        notes.same(subject, what, stored, expected);
    }
    for line in &order.lines {
        let subject = format!("{subject}, item {}", line.id);
        let paid = line.price_minor - line.discount_minor + line.tax_minor;
        notes.same(&subject, "what is paid for it", line.paid_minor, paid);
        let returned = order.returned.get(&line.id).copied().unwrap_or_default();
        let in_order = 0 <= returned && returned <= line.paid_minor && line.refunded_minor <= line.paid_minor;
        let what =
            format!("of {} paid, {returned} went back, {} are to", line.paid_minor, line.refunded_minor);
        notes.demand(in_order, &subject, what);
    }
    let strange: Vec<_> =
        order.returned.keys().filter(|id| order.lines.iter().all(|line| line.id != **id)).collect();
    notes.demand(
        strange.is_empty(),
        subject,
        format!("money went back of {strange:?}, which it does not have"),
    );
}

/// Money that no order was waiting for is booked as the buyer's, and a person sees it.
fn late_money(books: &Books, asides: &HashMap<&str, &SetAside>, notes: &mut Notes<'_>) {
    let sets = books.sets_by_id();
    for StoredSet { set, .. } in books.sets.iter().filter(|one| one.set.event() == LedgerEvent::LateMoney) {
        let of = set.id().strip_prefix("late:").unwrap_or_default();
        let subjects = [SetAside::of_payment(of), format!("refund:{of}")];
        let aside = subjects.iter().find_map(|subject| asides.get(subject.as_str()));
        let seen = aside.and_then(|aside| aside.captured);
        notes.same(set.id(), "what a person sees of it", seen, Some(credit(set, set.currency())));
    }
    for aside in &books.set_asides {
        let of = aside.subject.split_once(':').map(|(_, of)| of).unwrap_or_default();
        let id = match aside.reason {
            SetAsideReason::AmountDiffers
            | SetAsideReason::OrderClosed
            | SetAsideReason::PaidTwice
            | SetAsideReason::NoOrder
            | SetAsideReason::RefundFailed => format!("late:{of}"),
            SetAsideReason::RefundUnmatched => format!("refund:{of}"),
            SetAsideReason::CourseGone | SetAsideReason::DisputeUnmatched => continue,
        };
        let moved = aside.captured.is_some_and(|captured| captured.minor > 0);
        let booked = !moved || sets.contains_key(id.as_str());
        notes.demand(
            booked,
            &aside.subject,
            format!("{:?} were set aside, and {id} is not booked", aside.captured),
        );
    }
}

fn credit(set: &EntrySet, currency: Currency) -> Amount {
    Amount::new(-set.of(Account::CustomerRefunds), currency)
}
