use std::collections::BTreeSet;

use domain::{
    admin::AdminActionKind,
    commerce::{
        Account, OrderStatus, SourceKey, Subject,
        payment::{PaymentStatus, SetAsideReason},
        refund::Wish,
    },
    enrollment::EnrollmentStatus,
};
use futures::future::join_all;
use kernel::{Id, SignedDuration};
use store::{
    Consistency, Update,
    entities::{
        AdminAction, Cart, Course, Enrollment, GatewayEvent, Reminder, SetAside,
        commerce::{
            order::{Closed, Created, RefundRequest, Refunding, Settled, Settlement},
            reminder::{ReminderKind, SHARDS},
        },
        enrollment::Enrolled,
    },
};
use testkit::{World, fixtures, shop};

use crate::stage::Stage;

async fn reminders(world: &World, kind: ReminderKind) -> Vec<Reminder> {
    let far = world.ambient().now() + SignedDuration::from_hours(24 * 30);
    let mut found = Vec::new();
    for shard in 0..SHARDS {
        found.extend(world.store().reminders().due(kind, shard, far, 100).await.unwrap());
    }
    found
}

#[tokio::test]
async fn a_payment_becomes_places_in_courses_with_all_that_counts_them() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 2).await;
    let order = shop::order(&stage.world, &stage.buyer, &courses).await;
    assert_eq!((order.status, order.total()), (OrderStatus::Pending, shop::cents(3_000)));
    assert_eq!(reminders(&stage.world, ReminderKind::Unpaid).await.len(), 1);
    assert_eq!(stage.learner().await, (0, 0, 0), "nothing is given before it is paid");

    let paid = shop::pay(&stage.world, &order).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    stage.assert_granted(&stage.order(order.id).await).await;
    assert_eq!(stage.learner().await, (2, 2, 0));
    assert_eq!((stage.students(&courses[0]).await, stage.students_of_teacher().await), (1, 2));
    let stats = stage.buyer_stats().await;
    assert_eq!(
        (stats.order_count, stats.orders(OrderStatus::Paid), stats.orders(OrderStatus::Pending)),
        (1, 1, 0)
    );
    let cart = stage.world.store().carts().get(stage.buyer.id, stage.world.ambient().now()).await.unwrap();
    assert!(cart.lines.is_empty() && cart.open_order.is_none());
    assert!(reminders(&stage.world, ReminderKind::Unpaid).await.is_empty());
    let sets = stage.sets(order.id).await;
    assert_eq!(sets.len(), 1);
    // 70 % of 10.00 and of 20.00.
    assert_eq!(sets[0].of(Account::CreatorPayable(stage.teacher.id)), -2_100);
    assert_eq!((sets[0].of(Account::GatewayClearing), sets[0].of(Account::PlatformRevenue)), (3_000, -900));
    let payments = stage.world.store().payments().of_order(order.id).await.unwrap();
    assert_eq!((payments.len(), payments[0].status), (1, PaymentStatus::Succeeded));
}

#[tokio::test]
async fn a_payment_that_is_told_of_again_and_from_all_sides_at_once_has_its_effect_once() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 3).await;
    let order = shop::order(&stage.world, &stage.buyer, &courses).await;
    let now = stage.world.ambient().now();
    let mut by_webhook = shop::payment(&order, "pi_1");
    by_webhook.event =
        Some(GatewayEvent { id: "evt_1".into(), kind: "payment_intent.succeeded".into(), applied_at: now });
    let by_browser = shop::payment(&order, "pi_1");
    let orders = || stage.world.store().orders();
    let (user, id) = (stage.buyer.id, order.id);
    let racers = (0..20).map(|number| {
        let settlement = if number % 2 == 0 { by_webhook.clone() } else { by_browser.clone() };
        let orders = orders();
        async move { orders.settle(user, id, &settlement, now).await.unwrap() }
    });
    let outcomes = join_all(racers).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Settled::Done(_))).count();
    let already = outcomes.iter().filter(|outcome| matches!(outcome, Settled::Already(_))).count();
    assert_eq!((done, already), (1, 19));
    assert_eq!(stage.learner().await, (3, 3, 0));
    assert_eq!((stage.students(&courses[2]).await, stage.students_of_teacher().await), (1, 3));
    assert_eq!(stage.sets(id).await.len(), 1);
    assert_eq!(stage.buyer_stats().await.orders(OrderStatus::Paid), 1);
}

#[tokio::test]
async fn an_order_of_25_courses_is_granted_to_the_end_whoever_begins_it() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 25).await;
    let order = shop::order(&stage.world, &stage.buyer, &courses).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let settlement = shop::payment(&order, "pi_1");
    let racers =
        join_all((0..5).map(|_| async {
            store.orders().settle(stage.buyer.id, order.id, &settlement, now).await.unwrap()
        }));
    racers.await;
    let paid = stage.order(order.id).await;
    assert_eq!((paid.status, paid.is_fulfilled()), (OrderStatus::Paid, true));
    stage.assert_granted(&paid).await;
    assert_eq!((stage.learner().await, stage.students_of_teacher().await), ((25, 25, 0), 25));
    assert!(reminders(&stage.world, ReminderKind::Unfulfilled).await.is_empty());
    assert_eq!(stage.sets(order.id).await.len(), 1);
}

#[tokio::test]
async fn a_large_order_that_was_killed_after_its_payment_is_found_by_its_reminder() {
    let stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 45).await;
    let order = shop::order(&stage.world, &stage.buyer, &courses).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let settlement = shop::payment(&order, "pi_1");
    {
        // Killed as soon as the first of three transactions is there.
        let settling = store.orders();
        let settling = settling.settle(stage.buyer.id, order.id, &settlement, now);
        tokio::pin!(settling);
        while store.orders().get(stage.buyer.id, order.id).await.unwrap().unwrap().fulfilled == 0 {
            tokio::select! {
                biased;
                _ = &mut settling => unreachable!("the look at the order comes between its steps"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    let cut = stage.order(order.id).await;
    assert_eq!((cut.status, cut.is_fulfilled()), (OrderStatus::Paid, false));
    let found = reminders(&stage.world, ReminderKind::Unfulfilled).await;
    assert_eq!(found.len(), 1);
    let whole = store.orders().fulfil(found[0].user_id, found[0].order_id, now).await.unwrap().unwrap();
    stage.assert_granted(&whole).await;
    assert_eq!((stage.learner().await, stage.students_of_teacher().await), ((45, 45, 0), 45));
    assert!(reminders(&stage.world, ReminderKind::Unfulfilled).await.is_empty());
    // Once more, by the event that comes again.
    let again = store.orders().settle(stage.buyer.id, order.id, &settlement, now).await.unwrap();
    assert!(matches!(again, Settled::Already(_)));
    assert_eq!(stage.learner().await, (45, 45, 0));
}

#[tokio::test]
async fn who_had_the_course_for_free_has_two_reasons_to_take_it_and_one_place() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 0).await;
    let store = stage.world.store();
    let enrollment = Enrollment {
        instructor_id: Some(stage.teacher.id),
        ..fixtures::enrollment(&stage.world, &stage.buyer, course.id)
    };
    assert!(matches!(store.enrollments().enroll_free(&enrollment).await.unwrap(), Enrolled::Made(_)));
    store.update(Update::of::<Course>(Course::key_of(course.id)).set("price_minor", 5_000)).await.unwrap();
    let course = store.courses().get(course.id).await.unwrap().unwrap();
    let order = shop::fill_cart(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    // The API does not sell what one has; two browsers may.
    assert!(
        store
            .carts()
            .basket(stage.buyer.id, None, order.updated_at)
            .await
            .unwrap()
            .offer(&order.lines[0])
            .is_err()
    );
    let free = Course { price_minor: Some(5_000), ..shop::course(&stage.world, &stage.teacher, 5_000).await };
    store.carts().clear(stage.buyer.id, order.updated_at).await.unwrap();
    let order = shop::order(&stage.world, &stage.buyer, std::slice::from_ref(&free)).await;
    let other = Enrollment {
        instructor_id: Some(stage.teacher.id),
        ..fixtures::enrollment(&stage.world, &stage.buyer, free.id)
    };
    store.update(Update::of::<Course>(Course::key_of(free.id)).set("price_minor", 0)).await.unwrap();
    assert!(matches!(store.enrollments().enroll_free(&other).await.unwrap(), Enrolled::Made(_)));
    shop::pay(&stage.world, &order).await;
    let enrolled = stage.enrollment(free.id).await.unwrap();
    assert_eq!(enrolled.id, other.id);
    let keys: BTreeSet<_> = enrolled.sources().0.into_keys().collect();
    assert_eq!(keys, BTreeSet::from([SourceKey::Free, SourceKey::Order(order.id)]));
    assert_eq!((stage.students(&free).await, stage.learner().await), (1, (2, 2, 0)));
}

#[tokio::test]
async fn another_amount_grants_nothing_and_is_set_aside_with_the_money_booked_as_the_buyers() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 5_000).await;
    let order = shop::order(&stage.world, &stage.buyer, &[course]).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let mut wrong = shop::payment(&order, "pi_1");
    wrong.captured.amount = shop::cents(4_999);
    for _ in 0..2 {
        let outcome = store.orders().settle(stage.buyer.id, order.id, &wrong, now).await.unwrap();
        assert!(matches!(outcome, Settled::SetAside(SetAsideReason::AmountDiffers)), "{outcome:?}");
    }
    assert_eq!(
        (stage.learner().await, stage.order(order.id).await.status),
        ((0, 0, 0), OrderStatus::Pending)
    );
    let asides = store.set_asides().open(None, 10).await.unwrap().items;
    assert_eq!(asides.len(), 1);
    assert_eq!(
        (asides[0].captured, asides[0].expected),
        (Some(shop::cents(4_999)), Some(shop::cents(5_000)))
    );
    let sets = stage.sets(order.id).await;
    assert_eq!((sets.len(), sets[0].of(Account::CustomerRefunds)), (1, -4_999));
    assert!(store.set_asides().settle(&asides[0].subject, "sent back", now).await.unwrap());
    assert!(store.set_asides().open(None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn who_is_no_admin_confirms_nothing() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 5_000).await;
    let order = shop::order(&stage.world, &stage.buyer, &[course]).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let kind = AdminActionKind::TransferConfirmed;
    let action = AdminAction::now(stage.world.ambient(), stage.buyer.id, "203.0.113.7", kind);
    let settlement = Settlement { confirmed_by: Some(action.clone()), ..shop::payment(&order, "transfer_1") };
    let settle = async || store.orders().settle(stage.buyer.id, order.id, &settlement, now).await.unwrap();
    assert!(matches!(settle().await, Settled::NotAdmin));
    assert_eq!(stage.order(order.id).await.status, OrderStatus::Pending);
    store.orders().cancel(stage.buyer.id, order.id, now).await.unwrap();
    assert!(matches!(settle().await, Settled::NotAdmin), "nor what came too late");
    let request = RefundRequest {
        id: stage.world.ambient().id(),
        wish: Wish::All,
        requested_by: Some(action.clone()),
        reason: String::new(),
    };
    let other = shop::course(&stage.world, &stage.teacher, 5_000).await;
    let paid = shop::order(&stage.world, &stage.buyer, &[other]).await;
    let paid = shop::pay(&stage.world, &paid).await;
    let refused = store.orders().begin_refund(stage.buyer.id, paid.id, &request, now).await.unwrap();
    assert!(matches!(refused, Refunding::NotAdmin), "{refused:?}");
    assert_eq!(stage.order(paid.id).await.lines[0].refunded_minor, 0);
    assert!(store.set_asides().open(None, 10).await.unwrap().items.is_empty());
    let month = AdminAction::month_of(now);
    assert!(store.admin_actions().of_month(&month, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn money_for_a_cancelled_order_and_money_that_comes_twice_are_set_aside() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 5_000).await;
    let order = shop::order(&stage.world, &stage.buyer, &[course]).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let orders = store.orders();
    assert!(matches!(orders.cancel(stage.buyer.id, order.id, now).await.unwrap(), Closed::Done(_)));
    assert!(matches!(orders.cancel(stage.buyer.id, order.id, now).await.unwrap(), Closed::Already(_)));
    let late = orders.settle(stage.buyer.id, order.id, &shop::payment(&order, "pi_1"), now).await.unwrap();
    assert!(matches!(late, Settled::SetAside(SetAsideReason::OrderClosed)));
    assert_eq!(
        (stage.learner().await, stage.order(order.id).await.status),
        ((0, 0, 0), OrderStatus::Cancelled)
    );

    let Created::Made(second) = shop::try_order(&stage.world, &stage.buyer).await else { unreachable!() };
    shop::pay(&stage.world, &second).await;
    assert!(matches!(orders.cancel(stage.buyer.id, second.id, now).await.unwrap(), Closed::Paid(_)));
    let twice = orders.settle(stage.buyer.id, second.id, &shop::payment(&second, "pi_2"), now).await.unwrap();
    assert!(matches!(twice, Settled::SetAside(SetAsideReason::PaidTwice)));
    assert_eq!(store.set_asides().open(None, 10).await.unwrap().items.len(), 2);
    assert_eq!(stage.learner().await, (1, 1, 0));
    let (unknown, money) = (Id::from_uuid(stage.buyer.id.uuid()), shop::payment(&second, "pi_3"));
    let nothing = orders.settle(stage.buyer.id, unknown, &money, now).await.unwrap();
    assert!(matches!(nothing, Settled::NoOrder));
}

#[tokio::test]
async fn of_a_cancellation_and_a_payment_at_the_same_moment_one_wins_whole() {
    let stage = Stage::new().await;
    let teacher = &stage.teacher;
    for round in 0..10 {
        let course = shop::course(&stage.world, teacher, 1_000).await;
        let order = shop::order(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
        let (orders, now) = (stage.world.store().orders(), stage.world.ambient().now());
        let settlement = shop::payment(&order, &format!("pi_{round}"));
        let (closed, settled) = tokio::join!(
            orders.cancel(stage.buyer.id, order.id, now),
            orders.settle(stage.buyer.id, order.id, &settlement, now),
        );
        let enrolled = stage.enrollment(course.id).await.is_some();
        match (closed.unwrap(), settled.unwrap()) {
            (Closed::Done(_), Settled::SetAside(SetAsideReason::OrderClosed)) => assert!(!enrolled),
            (Closed::Paid(_), Settled::Done(_)) => assert!(enrolled),
            other => unreachable!("{other:?}"),
        }
        stage.world.store().carts().clear(stage.buyer.id, now).await.unwrap();
    }
}

#[tokio::test]
async fn an_order_that_costs_nothing_is_paid_and_granted_when_it_is_made() {
    let stage = Stage::new().await;
    let mut courses = Vec::new();
    for _ in 0..25 {
        courses.push(shop::course(&stage.world, &stage.teacher, 0).await);
    }
    let order = shop::order(&stage.world, &stage.buyer, &courses).await;
    assert_eq!((order.status, order.is_fulfilled()), (OrderStatus::Paid, true));
    stage.assert_granted(&order).await;
    assert_eq!(stage.learner().await, (25, 25, 0));
    assert!(stage.sets(order.id).await.is_empty(), "nothing moves");
    let cart: Option<Cart> =
        stage.world.store().get(Cart::key_of(stage.buyer.id), Consistency::Strong).await.unwrap();
    assert!(cart.unwrap().lines.is_empty());
    assert!(reminders(&stage.world, ReminderKind::Unpaid).await.is_empty());
    assert!(reminders(&stage.world, ReminderKind::Unfulfilled).await.is_empty());
}

#[tokio::test]
async fn a_course_that_was_deleted_while_its_order_was_open_is_told_to_a_person() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    let order = shop::order(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let gone = Update::of::<Course>(Course::key_of(course.id)).set("deleted_at", now);
    store.update(gone).await.unwrap();
    shop::pay(&stage.world, &order).await;
    assert_eq!(stage.enrollment(course.id).await.unwrap().status, EnrollmentStatus::Active);
    let asides = store.set_asides().open(None, 10).await.unwrap().items;
    assert_eq!(
        asides.iter().map(|aside: &SetAside| aside.reason).collect::<Vec<_>>(),
        [SetAsideReason::CourseGone]
    );
    assert_eq!(store.ledger().of_subject(Subject::Order(order.id)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn numbers_of_orders_have_no_gaps_in_their_series() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    let buyers = join_all((0..60).map(|_| stage.world.student())).await;
    let courses = [course];
    let orders = join_all(buyers.iter().map(|buyer| shop::order(&stage.world, buyer, &courses))).await;
    let mut numbers: Vec<_> =
        orders.iter().map(|order| (order.order_number.series, order.order_number.number)).collect();
    numbers.sort_unstable();
    let mut series: Vec<char> = numbers.iter().map(|(series, _)| *series).collect();
    series.dedup();
    for letter in series {
        let of_it: Vec<u32> =
            numbers.iter().filter(|(series, _)| *series == letter).map(|(_, number)| *number).collect();
        assert_eq!(of_it, (1..=of_it.len() as u32).collect::<Vec<_>>(), "series {letter}");
    }
}

#[tokio::test]
async fn the_ledger_is_added_to_the_balances_once() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    let order = shop::order(&stage.world, &stage.buyer, &[course]).await;
    shop::pay(&stage.world, &order).await;
    let (ledger, now) = (stage.world.store().ledger(), stage.world.ambient().now());
    let set = stage.sets(order.id).await.remove(0);
    let posted = join_all((0..10).map(|_| ledger.post(&set, now))).await;
    assert_eq!(posted.into_iter().filter(|posted| *posted.as_ref().unwrap()).count(), 1);
    for entry in set.entries() {
        assert_eq!(ledger.balance(entry.account, set.currency()).await.unwrap(), entry.minor);
    }
    assert_eq!(
        ledger.balance(Account::CreatorPayable(stage.teacher.id), order.currency).await.unwrap(),
        -700
    );
}
