//! The hours of subscriptions, with the stand-in of the payment gateway and without any webhook: all that is known was found by the job.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use billing::Billing;
use contracts::{Queue, notify::Notify};
use domain::commerce::{Account, Subject, SubscriptionStatus};
use gateway::{Gateway, Patience};
use job_billing::{Context, Task, handle};
use jobs::{Publisher, Sent};
use kernel::{Secret, SignedDuration};
use serde_json::{Value, json};
use store::{
    Key, Update,
    entities::{StoredSet, UserSubscription},
};
use stripe_stand_in::{FaultKind, Settings, StandIn, fee};
use testkit::{App, Caller, World};

const VISA: &str = "4242424242424242";
/// Can be kept, and is declined whenever it is charged.
const FAILS_LATER: &str = "4000000000000341";

struct Stage {
    world: World,
    stripe: StandIn,
    gateway: Gateway,
    app: App,
    context: Context,
    sent: Sent,
    student: Caller,
    plan: String,
}

impl Stage {
    async fn new(trial_days: u16) -> Self {
        let world = World::new().await;
        let stripe = StandIn::start(Settings::test(world.ambient().clock.clone())).await.unwrap();
        let gateway =
            Gateway::new(Some(stripe.base()), Secret::new("sk_test_local".into()), Patience::default());
        let state = api_billing::State::new(world.platform.clone(), gateway.clone(), "pk_test_local");
        let app = world.app(api_billing::router(), state);
        let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
        let context =
            Context::new(world.store().clone(), gateway.clone(), publisher, world.ambient().clone());
        let (admin, student) = (world.admin().await, world.student().await);
        let wish = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999, "trial_days": trial_days});
        let plan = app.post("/api/v1/admin/plans", &admin, wish).await.expect(201).text("id");
        Self { world, stripe, gateway, app, context, sent, student, plan }
    }

    async fn subscribe(&self, card: &str) {
        let wish = json!({"plan": self.plan, "interval": "monthly"});
        let student = self.world.login(self.student.id).await;
        let begun = self.app.post("/api/v1/subscription", &student, wish).await.expect(201).body;
        self.stripe.pay(begun["client_secret"].as_str().unwrap(), card).unwrap();
    }

    /// So much time goes by, with a run of the job every four hours.
    async fn hours(&self, hours: i64) {
        for _ in 0..hours / 4 {
            self.world.advance(SignedDuration::from_hours(4));
            self.stripe.settle();
            handle(&self.context, Task::Cycle).await.unwrap();
        }
    }

    async fn stored(&self) -> UserSubscription {
        self.world.store().subscriptions().latest(self.student.id).await.unwrap().unwrap()
    }

    async fn status(&self) -> SubscriptionStatus {
        self.stored().await.state.status
    }

    async fn income(&self) -> i64 {
        let subject = Subject::Subscription(self.stored().await.id);
        let sets = self.world.store().ledger().of_subject(subject).await.unwrap();
        -sets.iter().map(|set| set.set.of(Account::PlatformRevenue)).sum::<i64>()
    }

    fn mails(&self) -> Vec<Notify> {
        self.sent.take(Queue::Notify).iter().map(|text| contracts::decode(text).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_whole_life_without_a_single_webhook() {
    let stage = Stage::new(14).await;
    stage.subscribe(FAILS_LATER).await;
    assert!(stage.stored().await.state.is_trial);
    stage.hours(14 * 24 + 4).await;
    let failed = stage.stored().await;
    assert_eq!(failed.state.status, SubscriptionStatus::GracePeriod);
    assert!(failed.state.is_live(stage.world.ambient().now()), "the plan goes on");
    let mut reminders = Vec::new();
    for _ in 0..8 {
        stage.hours(24).await;
        reminders.extend(stage.mails());
    }
    let numbers: Vec<_> = reminders
        .iter()
        .map(|mail| match mail {
            Notify::PaymentFailed { reminder, user_id, .. } if *user_id == stage.student.id => {
                Some(*reminder)
            }
            Notify::SubscriptionLapsed { .. } => None,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(numbers, [Some(0), Some(1), Some(2), None], "on the days 0, 3 and 6, and at the end");
    let ended = stage.stored().await;
    assert_eq!((ended.state.status, ended.look_at), (SubscriptionStatus::Cancelled, None));
    let gateway_id = ended.gateway_id.unwrap();
    assert_eq!(stage.stripe.object(&gateway_id).unwrap()["status"], "canceled", "nothing more is collected");
    assert_eq!(stage.income().await, 0);
    stage.hours(48).await;
    assert!(stage.mails().is_empty());
    // He may come back.
    stage.subscribe(VISA).await;
}

#[tokio::test]
async fn renewals_of_which_nobody_told_are_booked_once_each() {
    let stage = Stage::new(0).await;
    stage.subscribe(VISA).await;
    assert_eq!(stage.status().await, SubscriptionStatus::Pending);
    stage.hours(28).await;
    assert_eq!((stage.status().await, stage.income().await), (SubscriptionStatus::Active, 999));
    stage.hours(31 * 24).await;
    assert_eq!((stage.status().await, stage.income().await), (SubscriptionStatus::Active, 2 * 999));
    // The job was off for half a year.
    stage.world.advance(SignedDuration::from_hours(183 * 24));
    stage.stripe.settle();
    stage.hours(4).await;
    assert_eq!(stage.income().await, 8 * 999);
    assert!(stage.mails().is_empty());
}

#[tokio::test]
async fn a_first_payment_that_never_came_frees_the_place() {
    let stage = Stage::new(0).await;
    let wish = json!({"plan": stage.plan, "interval": "monthly"});
    stage.app.post("/api/v1/subscription", &stage.student, wish).await.expect(201);
    stage.hours(28).await;
    assert_eq!(stage.status().await, SubscriptionStatus::Expired);
    stage.subscribe(VISA).await;
}

#[tokio::test]
async fn a_beginning_that_was_stopped_is_given_up_and_what_appears_later_is_ended() {
    let stage = Stage::new(0).await;
    stage.stripe.fail("POST /v1/subscriptions", FaultKind::ErrorAfter, 3);
    let wish = json!({"plan": stage.plan, "interval": "monthly"});
    let reply = stage.app.post("/api/v1/subscription", &stage.student, wish).await;
    reply.expect_error(503, "GATEWAY_UNAVAILABLE");
    stage.hours(4).await;
    assert_eq!(stage.status().await, SubscriptionStatus::Expired);
    let events = stage.stripe.events();
    let made = events.iter().find(|event| event.kind == "customer.subscription.created").unwrap();
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let gateway_id = made["data"]["object"]["id"].as_str().unwrap();
    assert_eq!(stage.stripe.object(gateway_id).unwrap()["status"], "incomplete");
    let billing = Billing::new(stage.world.store().clone(), stage.gateway.clone());
    billing.follow(gateway_id, stage.world.ambient().now()).await.unwrap();
    assert_eq!(stage.stripe.object(gateway_id).unwrap()["status"], "incomplete_expired");
}

#[tokio::test]
async fn an_end_that_was_asked_for_comes_with_the_period() {
    let stage = Stage::new(0).await;
    stage.subscribe(VISA).await;
    stage.hours(28).await;
    let student = stage.world.login(stage.student.id).await;
    let cancel = json!({"at_period_end": true});
    stage.app.post("/api/v1/subscription/cancel", &student, cancel).await.expect(200);
    stage.hours(31 * 24).await;
    assert_eq!((stage.status().await, stage.income().await), (SubscriptionStatus::Expired, 999));
    assert!(stage.mails().is_empty(), "who wanted it is not told that he did not pay");
}

#[tokio::test]
async fn a_gateway_that_is_away_leaves_it_due() {
    let stage = Stage::new(0).await;
    stage.subscribe(VISA).await;
    stage.world.advance(SignedDuration::from_hours(28));
    stage.stripe.fail("GET /v1/subscriptions", FaultKind::ErrorBefore, 3);
    assert!(handle(&stage.context, Task::Cycle).await.is_err());
    handle(&stage.context, Task::Cycle).await.unwrap();
    assert_eq!(stage.status().await, SubscriptionStatus::Active);
}

#[tokio::test]
async fn the_books_agree_until_one_cent_is_missing() {
    let stage = Stage::new(0).await;
    stage.subscribe(VISA).await;
    stage.hours(28).await;
    let date = "2026-06-01".parse().unwrap();
    let task = Task::Reconcile { date: Some(date) };
    handle(&stage.context, task).await.unwrap();
    let report = stage.world.store().reconciliation(date).await.unwrap().unwrap();
    assert_eq!((report.rows, report.difference_count), (1, 0));

    // Somebody tampers with the books: one cent of the fee.
    let charge = charge_of(&stage).await;
    let key: Key = StoredSet::key_of(&format!("fee:{charge}"));
    let wrong = fee(999) - 1;
    let entries = json!([{"account": "gateway_clearing", "minor": -wrong}, {"account": "gateway_fees", "minor": wrong}]);
    stage.world.store().update(Update::of::<StoredSet>(key).set("entries", entries)).await.unwrap();
    assert!(handle(&stage.context, task).await.is_err(), "the alarm counts failed runs");
    let report = stage.world.store().reconciliation(date).await.unwrap().unwrap();
    assert_eq!(report.difference_count, 1);
    let found = &report.differences[0];
    assert_eq!((found.source.as_str(), found.kind.as_str()), (charge.as_str(), "fee"));
    assert_eq!((found.gateway_minor, found.ledger_minor), (Some(fee(999)), Some(wrong)));
}

#[tokio::test]
async fn what_goes_back_of_a_subscription_is_in_both_books() {
    let stage = Stage::new(0).await;
    stage.subscribe(VISA).await;
    stage.hours(28).await;
    let now = stage.world.ambient().now();
    let billing = Billing::new(stage.world.store().clone(), stage.gateway.clone());
    let subscriptions = stage.world.store().subscriptions();
    let invoice = subscriptions.invoices(stage.stored().await.id).await.unwrap().remove(0);
    let intent = invoice.intent_id.unwrap();
    let date = "2026-06-02".parse().unwrap();
    let differences = async || {
        let outcome = handle(&stage.context, Task::Reconcile { date: Some(date) }).await;
        let report = stage.world.store().reconciliation(date).await.unwrap().unwrap();
        assert_eq!(outcome.is_ok(), report.difference_count == 0);
        (report.rows, report.difference_count)
    };
    let refund = stage.stripe.refund(&intent, 200).unwrap();
    assert_eq!(differences().await, (1, 1), "nobody has told of it");
    assert!(billing.look_at_refunds(&intent, now).await.unwrap());
    assert_eq!(differences().await, (1, 0));
    stage.stripe.fail_refund(&refund).unwrap();
    assert!(billing.look_at_refunds(&intent, now).await.unwrap());
    assert_eq!(differences().await, (2, 0));
    let dispute = stage.stripe.open_dispute(&intent).unwrap();
    assert_eq!(differences().await, (3, 2), "the claim and its fee");
    for _ in 0..2 {
        assert!(billing.look_at_dispute(&dispute, now).await.unwrap());
    }
    assert_eq!(differences().await, (3, 0));
    stage.stripe.close_dispute(&dispute, false).unwrap();
    assert!(billing.look_at_dispute(&dispute, now).await.unwrap());
    assert_eq!(differences().await, (3, 0));
    assert_eq!(stage.status().await, SubscriptionStatus::Cancelled);
}

async fn charge_of(stage: &Stage) -> String {
    let subscription = stage.stored().await.id;
    let invoices = stage.world.store().subscriptions().invoices(subscription).await.unwrap();
    let charges: Vec<_> = invoices.into_iter().filter_map(|invoice| invoice.charge_id).collect();
    assert_eq!(charges.len(), 1);
    let _: Value = stage.stripe.object(&charges[0]).unwrap();
    charges[0].clone()
}
