//! What follows from what was written.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use std::collections::HashMap;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use contracts::{Queue, notify::Notify};
use domain::commerce::{Account, Currency, refund::Wish};
use invariants::Circumstances;
use job_ledger::Context;
use jobs::{Publisher, Sent};
use kernel::SignedDuration;
use serde_dynamo::Item;
use store::{
    Table,
    entities::{
        Order,
        commerce::order::{DisputeOutcome, RefundRequest},
    },
};
use testkit::{Caller, World, shop};

struct Stage {
    world: World,
    context: Context,
    sent: Sent,
    teacher: Caller,
    buyer: Caller,
    seen: HashMap<String, Item>,
}

fn nothing() -> Item {
    serde_dynamo::to_item(HashMap::<String, String>::new()).unwrap()
}

/// An image as the stream gives it: through JSON, as Lambda does.
fn record(old: Option<&Item>, new: Option<&Item>) -> EventRecord {
    let template = include_str!("../../../../events/dynamodb/security-event.json");
    let mut record = serde_json::from_str::<Event>(template).unwrap().records.remove(0);
    record.event_name = if old.is_none() { "INSERT".into() } else { "MODIFY".into() };
    record.change.old_image = old.cloned().unwrap_or_else(nothing);
    record.change.new_image = new.cloned().unwrap_or_else(nothing);
    record
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
        let context = Context::new(world.store().clone(), world.ambient().clone(), publisher);
        let (teacher, buyer) = (world.instructor().await, world.student().await);
        Self { world, context, sent, teacher, buyer, seen: HashMap::new() }
    }

    /// What the stream would give for all that was written to the commerce table since the last look.
    async fn records(&mut self) -> Vec<EventRecord> {
        let (mut records, mut start) = (Vec::new(), None);
        loop {
            let page = self.world.store().audit_page(Table::Commerce, start).await.unwrap();
            for item in page.items {
                let item: Item =
                    serde_dynamo::to_item(serde_dynamo::from_item::<_, serde_json::Value>(item).unwrap())
                        .unwrap();
                let key = format!("{:?}{:?}", item.get("pk"), item.get("sk"));
                let old = self.seen.insert(key, item.clone());
                if old.as_ref() != Some(&item) {
                    records.push(record(old.as_ref(), Some(&item)));
                }
            }
            start = page.next;
            if start.is_none() {
                return records;
            }
        }
    }

    /// Handles everything since the last look three times, as a stream may.
    async fn follow(&mut self) {
        let records = self.records().await;
        for _ in 0..3 {
            job_ledger::handle(&self.context, records.clone()).await.unwrap();
        }
    }

    fn mails(&self) -> Vec<(String, Notify)> {
        let texts = self.sent.take(Queue::Notify);
        let mut mails: Vec<_> = texts
            .iter()
            .map(|text| contracts::receive::<Notify>(text).unwrap())
            .map(|received| (received.event_id.to_string(), received.message))
            .collect();
        mails.dedup();
        mails.sort_by_key(|(id, _)| id.clone());
        mails.dedup();
        mails
    }

    async fn balance(&self, account: Account) -> i64 {
        self.world.store().ledger().balance(account, Currency::USD).await.unwrap()
    }

    /// All that must hold, balances without delay among it.
    async fn holds(&self) {
        let circumstances = Circumstances {
            posting_time: Some(SignedDuration::ZERO),
            ..Circumstances::of_test(self.world.ambient().now())
        };
        let found = invariants::check(self.world.store(), &circumstances).await.unwrap();
        assert!(found.is_empty(), "{found:#?}");
    }

    async fn order(&self, courses: u64) -> Order {
        let courses = shop::courses(&self.world, &self.teacher, courses).await;
        shop::order(&self.world, &self.buyer, &courses).await
    }
}

#[tokio::test]
async fn a_sale_and_its_refund_reach_balances_and_months_once_and_mail_once() {
    let mut stage = Stage::new().await;
    let order = stage.order(2).await;
    stage.follow().await;
    assert_eq!(stage.mails(), [], "an open order is no news");
    let order = shop::pay(&stage.world, &order).await;
    stage.follow().await;
    assert_eq!(stage.balance(Account::GatewayClearing).await, 3_000);
    assert_eq!(stage.balance(Account::CreatorPayable(stage.teacher.id)).await, -2_100);
    let mails = stage.mails();
    let [(_, receipt)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*receipt, Notify::OrderPaid { user_id: stage.buyer.id, order_id: order.id });

    let (orders, now) = (stage.world.store().orders(), stage.world.ambient().now());
    let request = RefundRequest {
        id: stage.world.ambient().id(),
        wish: Wish::All,
        requested_by: None,
        reason: String::new(),
    };
    orders.begin_refund(order.user_id, order.id, &request, now).await.unwrap();
    orders.settle_refund(order.user_id, order.id, request.id, (Some("re_1"), None), now).await.unwrap();
    stage.follow().await;
    assert_eq!(stage.balance(Account::GatewayClearing).await, 0);
    assert_eq!(stage.balance(Account::CreatorPayable(stage.teacher.id)).await, 0);
    let months = stage
        .world
        .store()
        .revenue()
        .months(stage.teacher.id, Currency::USD, ("2026-06", "2026-06"))
        .await
        .unwrap();
    let [month] = months.as_slice() else { panic!("{months:?}") };
    let day = month.days()[&1];
    assert_eq!((day.sales, day.refunds, day.net_minor, day.creator_minor), (2, 2, 0, 0));
    assert_eq!(month.courses().len(), 2);
    let mails = stage.mails();
    let [(_, refunded)] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(matches!(refunded, Notify::OrderRefunded { refund_id, .. } if *refund_id == request.id));
    stage.holds().await;
}

#[tokio::test]
async fn an_order_by_transfer_tells_where_the_money_goes_and_once() {
    let mut stage = Stage::new().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 1).await;
    let order = shop::order_by_transfer(&stage.world, &stage.buyer, &courses).await;
    stage.follow().await;
    let mails = stage.mails();
    let [(_, told)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*told, Notify::OrderTransferAwaited { user_id: stage.buyer.id, order_id: order.id });
    let now = stage.world.ambient().now();
    stage.world.store().orders().cancel(order.user_id, order.id, now).await.unwrap();
    stage.follow().await;
    assert_eq!(stage.mails(), []);
}

#[tokio::test]
async fn a_claim_of_the_bank_is_told_to_the_buyer() {
    let mut stage = Stage::new().await;
    let order = stage.order(1).await;
    let order = shop::pay(&stage.world, &order).await;
    stage.follow().await;
    stage.mails();
    let (store, now) = (stage.world.store().clone(), stage.world.ambient().now());
    let orders = store.orders();
    let claim = ("dp_1", shop::cents(1_000));
    orders.open_dispute(order.user_id, order.id, claim, None, now).await.unwrap();
    stage.follow().await;
    let mails = stage.mails();
    let [(_, told)] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(*told, Notify::OrderDisputed { user_id: stage.buyer.id, order_id: order.id });
    orders
        .close_dispute(order.user_id, order.id, (claim.0, claim.1, DisputeOutcome::Lost), None, now)
        .await
        .unwrap();
    stage.follow().await;
    assert_eq!(stage.mails(), []);
    assert_eq!(stage.balance(Account::CustomerRefunds).await, 0);
    stage.holds().await;
}

#[tokio::test]
async fn records_in_any_order_end_at_the_same_balances() {
    let mut stage = Stage::new().await;
    for _ in 0..4 {
        stage.buyer = stage.world.student().await;
        let order = stage.order(3).await;
        shop::pay(&stage.world, &order).await;
    }
    let mut records = stage.records().await;
    records.reverse();
    for chunk in records.chunks(3) {
        job_ledger::handle(&stage.context, chunk.to_vec()).await.unwrap();
    }
    let teacher = stage.teacher.id;
    assert_eq!(stage.balance(Account::CreatorPayable(teacher)).await, -4 * 4_200);
    stage.holds().await;
}

#[tokio::test]
async fn a_corrupted_set_is_parked_and_its_neighbours_go_on() {
    let mut stage = Stage::new().await;
    let order = stage.order(1).await;
    shop::pay(&stage.world, &order).await;
    let mut records = stage.records().await;
    let place = records.iter().position(|record| {
        matches!(record.change.new_image.get("type"), Some(serde_dynamo::AttributeValue::S(kind)) if kind == "ledger_set")
    });
    let mut bad = records[place.unwrap()].clone();
    bad.change.new_image.insert("entries".into(), serde_dynamo::AttributeValue::S("x".into()));
    records.push(bad);
    let sorted = job_ledger::sort(&records);
    assert_eq!((sorted.sets.len(), sorted.unreadable.len()), (1, 1), "{:?}", sorted.unreadable);
}

#[test]
fn the_sample_is_a_set_of_today() {
    let sample = include_str!("../../../../events/dynamodb/ledger-set.json");
    let sorted = job_ledger::sort(&serde_json::from_str::<Event>(sample).unwrap().records);
    let [stored] = sorted.sets.as_slice() else { panic!("{:?}", sorted.unreadable) };
    assert_eq!((stored.set.id(), stored.earnings.len()), ("sale:01933b7a-3c5e-7000-8000-00000000f001", 1));
}
