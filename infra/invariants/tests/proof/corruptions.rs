//! What can be wrong, each of another kind.

use domain::{
    commerce::{LedgerEvent, OrderStatus, SourceKey, SubscriptionStatus, payment::PaymentStatus},
    enrollment::EnrollmentStatus,
};
use invariants::Invariant;
use kernel::{Ambient, Id, Random};
use serde_json::{Value, json};
use store::entities::{
    Balance, Certificate, Enrollment, EnrollmentGuard, IdempotencyRecord, LearnerStats, LessonProgress,
    Order, OrderCounter, Payment, Player, PromoOfUser, PromoRule, PromoUse, Refund, Session, SetAside,
    StoredSet, SubscriptionInvoice, UserSubscription, Video, VideoTag,
    commerce::{RevenueMonth, order::RefundStatus, promo::PromoUseState},
};

use crate::{Hand, Write, delete, put};

type Corruption = (&'static str, Invariant, fn(&Hand<'_>) -> Vec<Write>);

fn id<T>() -> Id<T> {
    Ambient { random: Random::seeded(99), ..Ambient::system() }.id()
}

/// A thing with another content, also where only its own module may change it.
fn edited<E: store::Entity>(entity: &E, change: impl FnOnce(&mut Value)) -> E {
    let mut value = serde_json::to_value(entity).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

fn add(value: &mut Value, minor: i64) {
    *value = json!(value.as_i64().unwrap() + minor);
}

fn sale(hand: &Hand<'_>) -> StoredSet {
    hand.pick(|stored: &StoredSet| stored.set.id().starts_with("sale:"))
}

fn order(hand: &Hand<'_>, status: OrderStatus) -> Order {
    hand.pick(|order: &Order| order.status == status)
}

/// The enrolment that a line gave which is paid and not refunded.
fn bought(hand: &Hand<'_>) -> Enrollment {
    hand.pick(|enrollment: &Enrollment| enrollment.status == EnrollmentStatus::Active)
}

pub(crate) const ALL: &[Corruption] = &[
    ("a type that its content does not fit", Invariant::Form, |hand| {
        let Write::Put(table, mut item) = put(&order(hand, OrderStatus::Pending)) else { unreachable!() };
        item.remove("total_minor");
        vec![Write::Put(table, item)]
    }),
    ("a place in an index that is another state's", Invariant::Form, |hand| {
        let Write::Put(table, mut item) = put(&order(hand, OrderStatus::Pending)) else { unreachable!() };
        let other = put(&order(hand, OrderStatus::Cancelled));
        let Write::Put(_, other) = other else { unreachable!() };
        item.insert("gsi2pk".into(), other["gsi2pk"].clone());
        vec![Write::Put(table, item)]
    }),
    ("a cent in one entry", Invariant::Ledger, |hand| {
        vec![put(&edited(&sale(hand), |set| add(&mut set["entries"][0]["minor"], 1)))]
    }),
    ("a balance that is a cent off", Invariant::Ledger, |hand| {
        let balance: Balance = hand.pick(|_| true);
        vec![put(&Balance { minor: balance.minor + 1, ..balance })]
    }),
    ("a balance that is gone", Invariant::Ledger, |hand| {
        vec![delete(&hand.pick(|one: &Balance| one.minor != 0))]
    }),
    ("a set that is gone", Invariant::Ledger, |hand| vec![delete(&sale(hand))]),
    ("a set that was added twice to the balances", Invariant::Ledger, |hand| {
        let stored = sale(hand);
        let entry = stored.set.entries()[0];
        let balance: Balance = hand.pick(|one: &Balance| one.account == entry.account);
        vec![put(&Balance { minor: balance.minor + entry.minor, ..balance })]
    }),
    ("a creator's day that is a cent off", Invariant::Ledger, |hand| {
        vec![put(&edited(&hand.pick(|_: &RevenueMonth| true), |month| add(&mut month["day_01_net"], 1)))]
    }),
    ("a course that earned a cent more than its creator", Invariant::Ledger, |hand| {
        vec![put(&edited(&sale(hand), |set| add(&mut set["earnings"][0]["creator_minor"], 1)))]
    }),
    ("an enrolment that is gone", Invariant::Places, |hand| {
        let enrollment = bought(hand);
        let (user_id, course_id) = (enrollment.user_id, enrollment.course_id);
        vec![
            delete(&EnrollmentGuard { user_id, course_id, enrollment_id: enrollment.id }),
            delete(&enrollment),
        ]
    }),
    ("an enrolment that lost what it was bought with", Invariant::Places, |hand| {
        let enrollment = bought(hand);
        let free = domain::commerce::Sources::free();
        vec![put(&Enrollment { sources: Some(free), ..enrollment })]
    }),
    ("an enrolment that ended though it is paid", Invariant::Places, |hand| {
        vec![put(&Enrollment { status: EnrollmentStatus::Expired, ..bought(hand) })]
    }),
    ("a second enrolment of the same purchase", Invariant::Places, |hand| {
        vec![put(&Enrollment { id: id(), ..bought(hand) })]
    }),
    ("an enrolment that outlived its refund", Invariant::Places, |hand| {
        let order: Order = hand.pick(|order: &Order| {
            order.lines.iter().any(|line| order.returned.get(&line.id) == Some(&line.paid_minor))
        });
        let line =
            order.lines.iter().find(|line| order.returned.get(&line.id) == Some(&line.paid_minor)).unwrap();
        let of_line = |one: &Enrollment| one.user_id == order.user_id && one.course_id == line.course_id;
        let enrollment: Enrollment = hand.pick(of_line);
        let source = domain::commerce::Source { granted_at: order.created_at, item_id: Some(line.id) };
        let sources = domain::commerce::Sources::of(SourceKey::Order(order.id), source);
        vec![put(&Enrollment { sources: Some(sources), status: EnrollmentStatus::Active, ..enrollment })]
    }),
    ("an enrolment from nobody's order", Invariant::Places, |hand| {
        let enrollment = bought(hand);
        let mut sources = enrollment.sources();
        let source = *sources.0.values().next().unwrap();
        sources.grant(SourceKey::Order(id()), source);
        vec![put(&Enrollment { sources: Some(sources), ..enrollment })]
    }),
    ("a lesson that is counted and not completed", Invariant::Counters, |hand| {
        let enrollment: Enrollment = hand.pick(|_| true);
        vec![put(&Enrollment { lessons_completed: enrollment.lessons_completed + 1, ..enrollment })]
    }),
    ("a completed lesson that is gone", Invariant::Counters, |hand| {
        vec![delete(&hand.pick(LessonProgress::is_completed))]
    }),
    ("a lesson that is completed and not counted", Invariant::Counters, |hand| {
        let progress: LessonProgress = hand.pick(LessonProgress::is_completed);
        vec![put(&LessonProgress { lesson_id: id(), ..progress })]
    }),
    ("a certificate too many in a learner's counts", Invariant::Counters, |hand| {
        let stats: LearnerStats = hand.pick(|_| true);
        vec![put(&LearnerStats { certificates_earned: stats.certificates_earned + 1, ..stats })]
    }),
    ("a certificate that is taken back and counts", Invariant::Counters, |hand| {
        let certificate: Certificate = hand.pick(|one: &Certificate| one.revoked_at.is_none());
        vec![put(&Certificate { revoked_at: Some(certificate.issued_at), ..certificate })]
    }),
    ("a certificate that is gone", Invariant::Counters, |hand| {
        vec![delete(&hand.pick(|one: &Certificate| one.revoked_at.is_none()))]
    }),
    ("a second certificate of an enrolment", Invariant::Counters, |hand| {
        let certificate: Certificate = hand.pick(|one: &Certificate| one.revoked_at.is_some());
        vec![put(&Certificate { code: "LF-7K3M-9QXA-2D5T".parse().unwrap(), ..certificate })]
    }),
    ("a total that is a cent off", Invariant::Money, |hand| {
        let order = order(hand, OrderStatus::Pending);
        vec![put(&Order { total_minor: order.total_minor + 1, ..order })]
    }),
    ("a cent that moved from the creator to the platform", Invariant::Money, |hand| {
        let change = |set: &mut Value| {
            let entries = set["entries"].as_array_mut().unwrap();
            let of = |entry: &Value, name: &str| entry["account"].as_str().unwrap().starts_with(name);
            entries
                .iter_mut()
                .filter(|entry| of(entry, "platform_revenue"))
                .for_each(|one| add(&mut one["minor"], -1));
            let creator = entries.iter_mut().find(|entry| of(entry, "creator_payable")).unwrap();
            add(&mut creator["minor"], 1);
        };
        vec![put(&edited(&sale(hand), change))]
    }),
    ("a sale that is booked twice", Invariant::Money, |hand| {
        vec![put(&edited(&sale(hand), |set| set["id"] = json!("sale:again")))]
    }),
    ("a payment of a cent more", Invariant::Money, |hand| {
        let mut payment: Payment = hand.pick(|_| true);
        payment.amount.minor += 1;
        vec![put(&payment)]
    }),
    ("a payment that is gone", Invariant::Money, |hand| vec![delete(&hand.pick(|_: &Payment| true))]),
    ("a payment that succeeded beside the one that paid", Invariant::Money, |hand| {
        vec![put(&Payment {
            id: "pi_other".into(),
            ..hand.pick(|one: &Payment| one.status == PaymentStatus::Succeeded)
        })]
    }),
    ("a refund of a cent more", Invariant::Money, |hand| {
        let mut refund: Refund = hand.pick(|one: &Refund| one.status == RefundStatus::Succeeded);
        (refund.amount.minor, refund.lines[0].minor) = (refund.amount.minor + 1, refund.lines[0].minor + 1);
        vec![put(&refund)]
    }),
    ("a refund that is said to have failed", Invariant::Money, |hand| {
        let refund: Refund = hand.pick(|one: &Refund| one.status == RefundStatus::Succeeded);
        vec![put(&Refund { status: RefundStatus::Failed, ..refund })]
    }),
    ("money on its way back that nobody sends", Invariant::Money, |hand| {
        let mut order = order(hand, OrderStatus::Disputed);
        order.lines[0].refunded_minor += 1;
        vec![put(&order)]
    }),
    ("late money that nobody sees", Invariant::Money, |hand| vec![delete(&hand.pick(|_: &SetAside| true))]),
    ("a dispute that gave back a cent less than it took", Invariant::Money, |hand| {
        let won = hand
            .pick(|one: &StoredSet| one.set.id().starts_with("dispute_closed:") && one.earnings.is_empty());
        let change = |set: &mut Value| {
            add(&mut set["entries"][0]["minor"], -1);
            add(&mut set["entries"][1]["minor"], 1);
        };
        vec![put(&edited(&won, change))]
    }),
    ("an invoice of a cent more", Invariant::Money, |hand| {
        let mut invoice: SubscriptionInvoice = hand.pick(|_| true);
        invoice.amount.minor += 1;
        vec![put(&invoice)]
    }),
    ("a cent of an invoice that went back, and nobody knows where", Invariant::Money, |hand| {
        let mut invoice: SubscriptionInvoice = hand.pick(|one: &SubscriptionInvoice| !one.is_returned());
        invoice.returned_minor += 1;
        vec![put(&invoice)]
    }),
    ("a refund of a subscription that is not booked", Invariant::Money, |hand| {
        let refund = hand.pick(|stored: &StoredSet| stored.set.event() == LedgerEvent::SubscriptionRefund);
        vec![delete(&refund)]
    }),
    ("a subscription that goes on, and was not paid in the end", Invariant::Money, |hand| {
        let mut invoice: SubscriptionInvoice = hand.pick(|one: &SubscriptionInvoice| !one.is_returned());
        invoice.returned_minor = invoice.amount.minor;
        vec![put(&invoice)]
    }),
    ("a use that is counted twice", Invariant::Promos, |hand| {
        let rule: PromoRule = hand.pick(|_| true);
        vec![put(&PromoRule { uses: rule.uses + 1, ..rule })]
    }),
    ("a use that a user does not have", Invariant::Promos, |hand| {
        let of_user: PromoOfUser = hand.pick(|_| true);
        vec![put(&PromoOfUser { uses: of_user.uses + 1, ..of_user })]
    }),
    ("a record of a use that is gone", Invariant::Promos, |hand| {
        vec![delete(&hand.pick(|_: &PromoUse| true))]
    }),
    ("a use that is reserved though it is paid", Invariant::Promos, |hand| {
        let record: PromoUse = hand.pick(|one: &PromoUse| one.state == PromoUseState::Used);
        vec![put(&PromoUse { state: PromoUseState::Reserved, ..record })]
    }),
    ("more uses than allowed", Invariant::Promos, |hand| {
        let mut rule: PromoRule = hand.pick(|_| true);
        rule.promo.max_uses = Some(rule.uses - 1);
        vec![put(&rule)]
    }),
    ("a second live subscription", Invariant::Live, |hand| {
        let ended: UserSubscription = hand.pick(|one: &UserSubscription| one.state.status.has_ended());
        let Write::Put(table, item) = put(&ended) else { unreachable!() };
        let mut back = ended;
        back.state.status = SubscriptionStatus::Active;
        let Write::Put(_, mut live) = put(&back) else { unreachable!() };
        live.insert("sk".into(), item["sk"].clone());
        vec![Write::Put(table, live)]
    }),
    ("two families with one refresh token", Invariant::Live, |hand| {
        vec![put(&Session { id: id(), ..hand.pick(|_: &Session| true) })]
    }),
    ("a live play too many", Invariant::Live, |hand| {
        let mut player: Player = hand.pick(|_| true);
        let session = player.sessions["one"].clone();
        player.sessions.insert("two".into(), session);
        vec![put(&player)]
    }),
    ("a paid order that waits for its payment again", Invariant::Forward, |hand| {
        vec![put(&Order { status: OrderStatus::Pending, ..order(hand, OrderStatus::Paid) })]
    }),
    ("a refunded order that is paid again", Invariant::Forward, |hand| {
        vec![put(&Order { status: OrderStatus::Paid, ..order(hand, OrderStatus::Refunded) })]
    }),
    ("an order that was paid before it was made", Invariant::Forward, |hand| {
        let order = order(hand, OrderStatus::Paid);
        let before = order.created_at - kernel::SignedDuration::from_secs(1);
        vec![put(&Order { completed_at: Some(before), ..order })]
    }),
    ("a counter of order numbers that went back", Invariant::Forward, |hand| {
        let counter: OrderCounter = hand.pick(|_| true);
        vec![put(&OrderCounter { last: counter.last - 1, ..counter })]
    }),
    ("a subscription whose end was forgotten", Invariant::Forward, |hand| {
        let mut ended: UserSubscription = hand.pick(|one: &UserSubscription| one.state.status.has_ended());
        ended.state.end_date = None;
        vec![put(&ended)]
    }),
    ("a tag that counts a video too many", Invariant::Counters, |hand| {
        let tag: VideoTag = hand.pick(|_| true);
        vec![put(&VideoTag { usage_count: tag.usage_count + 1, ..tag })]
    }),
    ("a tag that nobody counts any more", Invariant::Counters, |hand| {
        vec![delete(&hand.pick(|tag: &VideoTag| tag.usage_count > 0))]
    }),
    ("a video with a tag that nobody counted", Invariant::Counters, |hand| {
        let mut video: Video = hand.pick(|_| true);
        video.tags.push("uncounted".into());
        vec![put(&video)]
    }),
    ("one answer for two requests", Invariant::SameAnswer, |hand| {
        let record: IdempotencyRecord = hand.pick(|_| true);
        vec![put(&IdempotencyRecord { idempotency_key: "another".into(), ..record })]
    }),
    ("half of an answer", Invariant::SameAnswer, |hand| {
        vec![put(&IdempotencyRecord { status: None, ..hand.pick(|_: &IdempotencyRecord| true) })]
    }),
    ("an order that was answered and is gone", Invariant::Durable, |hand| {
        vec![delete(&order(hand, OrderStatus::Pending))]
    }),
    ("an answer of another amount", Invariant::Durable, |hand| {
        let record: IdempotencyRecord =
            hand.pick(|one: &IdempotencyRecord| one.operation.starts_with("create_order"));
        let response = record.response.as_ref().map(|text| text.replace("18.0", "18.01"));
        vec![put(&IdempotencyRecord { response, ..record })]
    }),
];
