use domain::{
    commerce::{
        Account, OrderStatus, SourceKey,
        refund::{Refusal, Wish},
    },
    enrollment::EnrollmentStatus,
};
use futures::future::join_all;
use kernel::{Id, id::kinds};
use store::{
    Update,
    entities::{
        Enrollment, Order, Refund,
        commerce::order::{DisputeOutcome, RefundRequest, RefundStatus, Refunding},
    },
};
use testkit::shop;

use crate::stage::Stage;

impl Stage {
    async fn begin(&self, order: &Order, wish: Wish) -> Result<(Order, Refund), Refusal> {
        let request =
            RefundRequest { id: self.world.ambient().id(), wish, requested_by: None, reason: String::new() };
        let now = self.world.ambient().now();
        match self.world.store().orders().begin_refund(self.buyer.id, order.id, &request, now).await.unwrap()
        {
            Refunding::Done(order, refund) => Ok((order, refund)),
            Refunding::Refused(why) => Err(why),
            Refunding::NotFound | Refunding::NotAdmin => unreachable!(),
        }
    }

    async fn settle_refund(&self, refund: &Refund) -> (Order, Refund) {
        let (orders, now) = (self.world.store().orders(), self.world.ambient().now());
        let settled =
            orders.settle_refund(self.buyer.id, refund.order_id, refund.id, (Some("re_1"), None), now).await;
        match settled.unwrap() {
            Refunding::Done(order, refund) => (order, refund),
            other => unreachable!("{other:?}"),
        }
    }

    /// A paid order of two courses, 10.00 and 20.00.
    async fn paid(&self) -> Order {
        let courses = shop::courses(&self.world, &self.teacher, 2).await;
        let order = shop::order(&self.world, &self.buyer, &courses).await;
        shop::pay(&self.world, &order).await
    }

    async fn balance(&self, order: Id<kinds::Order>, account: Account) -> i64 {
        self.sets(order).await.iter().map(|set| set.of(account)).sum()
    }
}

#[tokio::test]
async fn a_refund_of_one_course_ends_the_place_in_it_and_takes_the_share_back() {
    let stage = Stage::new().await;
    let order = stage.paid().await;
    let wish = Wish::Items(vec![(order.lines[0].id, None)]);
    let (planned, refund) = stage.begin(&order, wish).await.unwrap();
    assert_eq!((refund.amount, planned.status), (shop::cents(1_000), OrderStatus::Paid));
    assert_eq!(stage.learner().await, (2, 2, 0), "the place stays until the money went back");

    for _ in 0..2 {
        let (after, refund) = stage.settle_refund(&refund).await;
        assert_eq!((after.status, refund.status), (OrderStatus::PartiallyRefunded, RefundStatus::Succeeded));
    }
    let ended = stage.enrollment(order.lines[0].course_id).await.unwrap();
    assert_eq!((ended.status, ended.sources().is_empty()), (EnrollmentStatus::Expired, true));
    assert_eq!(stage.learner().await, (2, 1, 0));
    assert_eq!(stage.balance(order.id, Account::CreatorPayable(stage.teacher.id)).await, -1_400);
    assert_eq!(stage.balance(order.id, Account::GatewayClearing).await, 2_000);

    let (_, rest) = stage.begin(&order, Wish::All).await.unwrap();
    let (after, _) = stage.settle_refund(&rest).await;
    assert_eq!(after.status, OrderStatus::Refunded);
    assert_eq!(stage.learner().await, (2, 0, 0));
    for account in
        [Account::GatewayClearing, Account::PlatformRevenue, Account::CreatorPayable(stage.teacher.id)]
    {
        assert_eq!(stage.balance(order.id, account).await, 0, "{account}");
    }
    assert_eq!(stage.begin(&order, Wish::All).await.unwrap_err(), Refusal::Status(OrderStatus::Refunded));
    let stats = stage.buyer_stats().await;
    assert_eq!((stats.orders(OrderStatus::Refunded), stats.orders(OrderStatus::Paid)), (1, 0));
}

#[tokio::test]
async fn of_a_hundred_refunds_at_once_no_more_goes_back_than_was_paid() {
    let stage = Stage::new().await;
    let order = stage.paid().await;
    let item = order.lines[0].id;
    let tries = join_all((0..100).map(|_| stage.begin(&order, Wish::Items(vec![(item, Some(300))])))).await;
    let begun: Vec<_> = tries.into_iter().filter_map(Result::ok).collect();
    assert_eq!(begun.len(), 3, "three times 3.00 of 10.00");
    join_all(begun.iter().map(|(_, refund)| stage.settle_refund(refund))).await;
    let after = stage.order(order.id).await;
    assert_eq!((after.lines[0].refunded_minor, after.returned[&item]), (900, 900));
    assert_eq!(stage.balance(order.id, Account::GatewayClearing).await, 2_100);
    assert_eq!(stage.learner().await, (2, 2, 0), "a part of the price remains");
}

#[tokio::test]
async fn a_refund_that_fails_can_be_asked_for_again_and_books_exactly_in_any_order() {
    let stage = Stage::new().await;
    let order = stage.paid().await;
    let item = order.lines[0].id;
    let part = |minor| Wish::Items(vec![(item, Some(minor))]);
    let (_, first) = stage.begin(&order, part(333)).await.unwrap();
    let (_, second) = stage.begin(&order, part(334)).await.unwrap();
    let (orders, now) = (stage.world.store().orders(), stage.world.ambient().now());
    orders.fail_refund(stage.buyer.id, order.id, first.id, now).await.unwrap();
    assert_eq!(stage.begin(&order, part(667)).await.unwrap_err(), Refusal::TooMuch { item, most: 666 });
    let (_, third) = stage.begin(&order, part(666)).await.unwrap();
    stage.settle_refund(&third).await;
    stage.settle_refund(&second).await;
    assert_eq!(stage.balance(order.id, Account::CreatorPayable(stage.teacher.id)).await, -1_400);
    assert_eq!(stage.balance(order.id, Account::GatewayClearing).await, 2_000);
    assert_eq!(stage.enrollment(order.lines[0].course_id).await.unwrap().status, EnrollmentStatus::Expired);
    assert_eq!(orders.refunds(order.id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn who_has_another_reason_or_has_completed_the_course_keeps_it() {
    let stage = Stage::new().await;
    let order = stage.paid().await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let gifted = stage.enrollment(order.lines[0].course_id).await.unwrap();
    let mut sources = gifted.sources();
    sources.grant(SourceKey::Admin, domain::commerce::Source { granted_at: now, item_id: None });
    let update = Update::of::<Enrollment>(Enrollment::key_of(stage.buyer.id, gifted.id));
    store.update(update.set("sources", &sources).add("access_revision", 1)).await.unwrap();
    let completed = stage.enrollment(order.lines[1].course_id).await.unwrap();
    let update = Update::of::<Enrollment>(Enrollment::key_of(stage.buyer.id, completed.id));
    store.update(update.set("completed_at", now)).await.unwrap();

    let (_, refund) = stage.begin(&order, Wish::All).await.unwrap();
    stage.settle_refund(&refund).await;
    let gifted = stage.enrollment(order.lines[0].course_id).await.unwrap();
    assert_eq!(gifted.status, EnrollmentStatus::Active);
    assert_eq!(gifted.sources().0.into_keys().collect::<Vec<_>>(), [SourceKey::Admin]);
    assert_eq!(stage.enrollment(order.lines[1].course_id).await.unwrap().status, EnrollmentStatus::Active);
    assert_eq!(stage.learner().await, (2, 2, 0));
}

#[tokio::test]
async fn who_buys_again_after_a_refund_has_his_old_place() {
    let stage = Stage::new().await;
    let order = stage.paid().await;
    let (_, refund) = stage.begin(&order, Wish::All).await.unwrap();
    stage.settle_refund(&refund).await;
    let course = stage.world.store().courses().get(order.lines[0].course_id).await.unwrap().unwrap();
    let before = stage.enrollment(course.id).await.unwrap();
    let again = shop::order(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    shop::pay(&stage.world, &again).await;
    let after = stage.enrollment(course.id).await.unwrap();
    assert_eq!((after.id, after.status), (before.id, EnrollmentStatus::Active));
    assert_eq!((stage.learner().await, stage.students(&course).await), ((2, 1, 0), 1));
}

#[tokio::test]
async fn a_dispute_leaves_access_until_it_is_lost() {
    let stage = Stage::new().await;
    let (orders, now) = (stage.world.store().orders(), stage.world.ambient().now());
    for (outcome, status, active) in
        [(DisputeOutcome::Won, OrderStatus::Paid, 2), (DisputeOutcome::Lost, OrderStatus::Refunded, 2)]
    {
        let order = stage.paid().await;
        let dispute = format!("dp_{}", order.id.uuid().simple());
        let claimed = (dispute.as_str(), order.total());
        for _ in 0..2 {
            let open = orders.open_dispute(stage.buyer.id, order.id, claimed, None, now).await.unwrap();
            assert_eq!(open.unwrap().status, OrderStatus::Disputed);
        }
        let learner = stage.learner().await;
        for _ in 0..2 {
            let closing = (dispute.as_str(), order.total(), outcome);
            orders.close_dispute(stage.buyer.id, order.id, closing, None, now).await.unwrap();
        }
        assert_eq!(stage.order(order.id).await.status, status);
        let kept = if outcome == DisputeOutcome::Won { learner.1 } else { learner.1 - 2 };
        assert_eq!((stage.learner().await.1, kept), (active, active));
        let left = if outcome == DisputeOutcome::Won { 3_000 } else { 0 };
        assert_eq!(stage.balance(order.id, Account::GatewayClearing).await, left);
        assert_eq!(stage.balance(order.id, Account::CustomerRefunds).await, 0);
    }
}
