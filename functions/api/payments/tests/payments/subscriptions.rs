//! What goes back of subscriptions, as the gateway tells it: refunds of its desk, and disputes.

use domain::commerce::{Account, Subject, payment::SetAsideReason};
use gateway::{Gateway, Patience};
use kernel::{Secret, SignedDuration};
use serde_json::{Value, json};
use store::entities::{SubscriptionInvoice, UserSubscription};
use stripe_stand_in::{DISPUTE_FEE, FaultKind, fee};
use testkit::{App, Caller};

use crate::stage::{Stage, VISA};

/// A shop in which the buyer has a plan for 9.99 a month, paid and told.
struct Subscribed {
    stage: Stage,
    billing: App,
}

impl Subscribed {
    /// Before anybody told of the payment.
    async fn untold() -> Self {
        let stage = Stage::new().await;
        let key = Secret::new("sk_test_local".into());
        let gateway = Gateway::new(Some(stage.stripe.base()), key, Patience::default());
        let state = api_billing::State::new(stage.world.platform.clone(), gateway, "pk_test_local");
        let billing = stage.world.app(api_billing::router(), state);
        let admin = stage.world.admin().await;
        let wish = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999});
        let plan = billing.post("/api/v1/admin/plans", &admin, wish).await.expect(201).text("id");
        let wish = json!({"plan": plan, "interval": "monthly"});
        let begun = billing.post("/api/v1/subscription", &stage.buyer, wish).await.expect(201).body;
        stage.stripe.pay(begun["client_secret"].as_str().unwrap(), VISA).unwrap();
        Self { stage, billing }
    }

    async fn new() -> Self {
        let subscribed = Self::untold().await;
        subscribed.stage.deliver_all().await;
        assert_eq!(subscribed.status().await, "active");
        subscribed
    }

    async fn caller(&self) -> Caller {
        self.stage.world.login(self.stage.buyer.id).await
    }

    async fn status(&self) -> Value {
        let caller = self.caller().await;
        self.billing.get("/api/v1/subscription", &caller).await.expect(200).body["status"].clone()
    }

    async fn stored(&self) -> UserSubscription {
        let subscriptions = self.stage.world.store().subscriptions();
        subscriptions.latest(self.stage.buyer.id).await.unwrap().unwrap()
    }

    /// The oldest first.
    async fn invoices(&self) -> Vec<SubscriptionInvoice> {
        let id = self.stored().await.id;
        let mut found = self.stage.world.store().subscriptions().invoices(id).await.unwrap();
        found.sort_by_key(|invoice| invoice.created_at);
        found
    }

    async fn intent(&self, number: usize) -> String {
        self.invoices().await[number].intent_id.clone().unwrap()
    }

    /// What the subscription's sets come to, of the accounts that can have something of it.
    async fn booked(&self) -> [i64; 4] {
        let subject = Subject::Subscription(self.stored().await.id);
        let sets = self.stage.world.store().ledger().of_subject(subject).await.unwrap();
        assert!(sets.iter().all(|stored| stored.set.verify().is_ok()));
        let accounts = [
            Account::PlatformRevenue,
            Account::GatewayFees,
            Account::GatewayClearing,
            Account::CustomerRefunds,
        ];
        accounts.map(|account| sets.iter().map(|stored| stored.set.of(account)).sum())
    }

    fn at_gateway(&self, id: &str) -> Value {
        self.stage.stripe.object(id).unwrap()["status"].clone()
    }
}

#[tokio::test]
async fn a_part_that_goes_back_is_booked_and_the_plan_stays_until_all_has() {
    let subscribed = Subscribed::new().await;
    let intent = subscribed.intent(0).await;
    let charged = fee(999);
    subscribed.stage.stripe.refund(&intent, 300).unwrap();
    let events = subscribed.stage.stripe.take_events();
    assert!(events.len() > 1);
    for event in events.iter().chain(&events) {
        subscribed.stage.deliver(event).await.expect(200);
    }
    assert_eq!(subscribed.booked().await, [-699, charged, 699 - charged, 0]);
    assert_eq!(subscribed.status().await, "active");
    subscribed.stage.holds().await;

    subscribed.stage.stripe.refund(&intent, 699).unwrap();
    subscribed.stage.deliver_all().await;
    assert_eq!(subscribed.booked().await, [0, charged, -charged, 0]);
    assert_eq!(subscribed.status().await, "cancelled", "what is not paid is not used");
    let gateway_id = subscribed.stored().await.gateway_id.unwrap();
    assert_eq!(subscribed.at_gateway(&gateway_id), "canceled", "and is not charged again");
    assert_eq!(subscribed.invoices().await[0].returned_minor, 999);
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn a_refund_that_is_told_before_its_payment_is_booked_after_it() {
    let subscribed = Subscribed::untold().await;
    let before = subscribed.stage.stripe.take_events();
    let paid = before.iter().find(|event| event.kind == "payment_intent.succeeded").unwrap();
    let body: Value = serde_json::from_str(&paid.body).unwrap();
    subscribed.stage.stripe.refund(body["data"]["object"]["id"].as_str().unwrap(), 999).unwrap();
    for event in subscribed.stage.stripe.take_events().iter().chain(before.iter().rev()) {
        subscribed.stage.deliver(event).await.expect(200);
    }
    assert_eq!(subscribed.booked().await, [0, fee(999), -fee(999), 0]);
    assert_eq!(subscribed.status().await, "cancelled");
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn an_older_payment_goes_back_and_the_plan_stays() {
    let subscribed = Subscribed::new().await;
    subscribed.stage.world.advance(SignedDuration::from_hours(24 * 31));
    subscribed.stage.stripe.settle();
    subscribed.stage.deliver_all().await;
    assert_eq!(subscribed.invoices().await.len(), 2);
    subscribed.stage.stripe.refund(&subscribed.intent(0).await, 999).unwrap();
    subscribed.stage.deliver_all().await;
    assert_eq!((subscribed.status().await, subscribed.booked().await[0]), (json!("active"), -999));
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn an_end_that_the_gateway_did_not_hear_comes_with_the_next_delivery() {
    let subscribed = Subscribed::new().await;
    subscribed.stage.stripe.refund(&subscribed.intent(0).await, 999).unwrap();
    subscribed.stage.stripe.fail("DELETE ", FaultKind::ErrorBefore, 3);
    let event = subscribed.stage.stripe.take_events().remove(0);
    subscribed.stage.deliver(&event).await.expect_error(503, "GATEWAY_UNAVAILABLE");
    assert_eq!((subscribed.status().await, subscribed.booked().await[0]), (json!("active"), 0));
    subscribed.stage.deliver(&event).await.expect(200);
    assert_eq!((subscribed.status().await, subscribed.booked().await[0]), (json!("cancelled"), 0));
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn a_dispute_takes_the_money_at_once_and_the_plan_when_it_is_lost() {
    for won in [true, false] {
        let subscribed = Subscribed::new().await;
        let intent = subscribed.intent(0).await;
        let kept = fee(999) + DISPUTE_FEE;
        let dispute = subscribed.stage.stripe.open_dispute(&intent).unwrap();
        subscribed.stage.deliver_all().await;
        assert_eq!(subscribed.booked().await, [-999, kept, -kept, 999]);
        assert_eq!(subscribed.status().await, "active", "until the bank has decided");
        subscribed.stage.holds().await;

        subscribed.stage.stripe.close_dispute(&dispute, won).unwrap();
        let events = subscribed.stage.stripe.take_events();
        for event in events.iter().rev().chain(&events) {
            subscribed.stage.deliver(event).await.expect(200);
        }
        let (booked, status) = (subscribed.booked().await, subscribed.status().await);
        if won {
            assert_eq!((booked, status), ([-999, kept, 999 - kept, 0], json!("active")));
        } else {
            assert_eq!((booked, status), ([0, kept, -kept, 0], json!("cancelled")));
        }
        assert_eq!(subscribed.stage.asides().await.len(), 0);
        subscribed.stage.holds().await;
    }
}

#[tokio::test]
async fn the_end_of_a_dispute_that_is_told_before_its_beginning() {
    let subscribed = Subscribed::new().await;
    let dispute = subscribed.stage.stripe.open_dispute(&subscribed.intent(0).await).unwrap();
    subscribed.stage.stripe.close_dispute(&dispute, false).unwrap();
    let mut events = subscribed.stage.stripe.take_events();
    events.reverse();
    for event in &events {
        subscribed.stage.deliver(event).await.expect(200);
    }
    let kept = fee(999) + DISPUTE_FEE;
    assert_eq!(subscribed.booked().await, [0, kept, -kept, 0]);
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn a_refund_that_no_bank_takes_is_the_subscribers_and_what_a_bank_takes_beyond_is_the_platforms_loss() {
    let subscribed = Subscribed::new().await;
    let intent = subscribed.intent(0).await;
    let refund = subscribed.stage.stripe.refund(&intent, 200).unwrap();
    subscribed.stage.deliver_all().await;
    subscribed.stage.stripe.fail_refund(&refund).unwrap();
    subscribed.stage.deliver_all().await;
    let charged = fee(999);
    assert_eq!(subscribed.booked().await, [-799, charged, 999 - charged, -200]);
    let asides = subscribed.stage.asides().await;
    assert_eq!(asides.len(), 1);
    assert_eq!(
        (asides[0].reason, asides[0].user_id),
        (SetAsideReason::RefundFailed, Some(subscribed.stage.buyer.id))
    );
    subscribed.stage.holds().await;

    // All 9.99 are claimed, of which 2.00 were to go back before.
    let dispute = subscribed.stage.stripe.open_dispute(&intent).unwrap();
    subscribed.stage.stripe.close_dispute(&dispute, false).unwrap();
    subscribed.stage.deliver_all().await;
    let kept = charged + DISPUTE_FEE;
    assert_eq!(subscribed.booked().await, [200, kept, -kept, -200]);
    let asides = subscribed.stage.asides().await;
    assert_eq!(asides.len(), 2);
    for reason in [SetAsideReason::RefundFailed, SetAsideReason::DisputeUnmatched] {
        assert!(asides.iter().any(|aside| aside.reason == reason), "{reason:?}");
    }
    assert_eq!(subscribed.status().await, "cancelled");
    subscribed.stage.holds().await;
}

#[tokio::test]
async fn a_card_that_is_given_while_nothing_is_open_pays_the_renewals() {
    const MASTERCARD: &str = "5555555555554444";
    let subscribed = Subscribed::new().await;
    let (stage, caller) = (&subscribed.stage, subscribed.caller().await);
    let method = "/api/v1/subscription/payment-method";
    let nothing = subscribed.billing.post(method, &caller, json!({})).await.expect(200).body;
    assert_eq!(nothing["client_secret"], Value::Null);
    let another = format!("{method}?another_card=true");
    let asked = subscribed.billing.post(&another, &caller, json!({})).await.expect(200).body;
    assert_eq!((&asked["confirms"], &asked["subscription"]["status"]), (&json!("setup"), &json!("active")));
    let gateway_id = subscribed.stored().await.gateway_id.unwrap();
    let kept = || stage.stripe.object(&gateway_id).unwrap()["default_payment_method"].clone();
    let before = kept();
    stage.stripe.pay(asked["client_secret"].as_str().unwrap(), MASTERCARD).unwrap();
    assert_eq!(kept(), before, "nobody has told of it");
    let events = stage.stripe.take_events();
    let given = events.iter().find(|event| event.kind == "setup_intent.succeeded").unwrap();
    for _ in 0..2 {
        stage.deliver(given).await.expect(200);
    }
    assert_ne!(kept(), before);
    let charged = stage.at_gateway("charge");
    stage.world.advance(SignedDuration::from_hours(24 * 31));
    stage.stripe.settle();
    stage.deliver_all().await;
    assert_eq!((stage.at_gateway("charge"), subscribed.status().await), (charged + 1, json!("active")));

    // Two cards, of which the first is told of last.
    let mut told = Vec::new();
    for card in [VISA, MASTERCARD] {
        let caller = subscribed.caller().await;
        let asked = subscribed.billing.post(&another, &caller, json!({})).await.expect(200).body;
        stage.stripe.pay(asked["client_secret"].as_str().unwrap(), card).unwrap();
        let events = stage.stripe.take_events();
        told.extend(events.into_iter().filter(|event| event.kind == "setup_intent.succeeded"));
        stage.world.advance(SignedDuration::from_mins(1));
    }
    for event in told.iter().rev() {
        stage.deliver(event).await.expect(200);
    }
    let pays = stage.stripe.object(kept().as_str().unwrap()).unwrap();
    assert_eq!(pays["card"]["brand"], "mastercard", "the one that was given last");

    // A card that comes after the end is kept for nothing.
    let caller = subscribed.caller().await;
    let late = subscribed.billing.post(&another, &caller, json!({})).await.expect(200).body;
    let now = json!({"at_period_end": false});
    subscribed.billing.post("/api/v1/subscription/cancel", &caller, now).await.expect(200);
    stage.stripe.pay(late["client_secret"].as_str().unwrap(), VISA).unwrap();
    stage.deliver_all().await;
    assert_eq!(subscribed.status().await, "cancelled");
    stage.holds().await;
}
