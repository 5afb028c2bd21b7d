//! Who deletes his account is not charged any more, wherever the job died on the way.

use contracts::privacy::Privacy;
use domain::{
    commerce::SubscriptionStatus,
    identity::{SecurityEventKind, deletion::GRACE},
};
use gateway::{Gateway, Patience};
use kernel::{Secret, SignedDuration};
use serde_json::{Value, json};
use store::entities::{SecurityEvent, UserSubscription};
use stripe_stand_in::{FaultKind, Settings, StandIn};
use testkit::{App, Caller};

use crate::stage::Stage;

const NEVER: usize = usize::MAX;

/// A platform that sells a plan.
struct Shop {
    stage: Stage,
    stripe: StandIn,
    billing: App,
    plan: String,
}

impl Shop {
    async fn new() -> Self {
        let mut stage = Stage::new().await;
        let stripe = StandIn::start(Settings::test(stage.world.ambient().clock.clone())).await.unwrap();
        let gateway =
            |base| Gateway::new(Some(base), Secret::new("sk_test_local".into()), Patience::default());
        stage.gateway = Some(gateway(stage.cut.before(stripe.base()).await));
        let state =
            api_billing::State::new(stage.world.platform.clone(), gateway(stripe.base()), "pk_test_local");
        let billing = stage.world.app(api_billing::router(), state);
        let admin = stage.world.admin().await;
        let wish = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999});
        let plan = billing.post("/api/v1/admin/plans", &admin, wish).await.expect(201).text("id");
        Self { stage, stripe, billing, plan }
    }

    /// Somebody who has subscribed and paid.
    async fn subscriber(&self) -> Caller {
        let student = self.stage.world.student().await;
        let wish = json!({"plan": self.plan, "interval": "monthly"});
        let begun = self.billing.post("/api/v1/subscription", &student, wish).await.expect(201).body;
        self.stripe.pay(begun["client_secret"].as_str().unwrap(), "4242424242424242").unwrap();
        let path = "/api/v1/subscription/payment-method";
        let paid = self.billing.post(path, &student, json!({})).await.expect(200).body;
        assert_eq!(paid["subscription"]["status"], "active");
        student
    }

    async fn leave(&self, student: &Caller) {
        let (ambient, store) = (self.stage.world.ambient(), self.stage.world.store());
        let user = store.users().get(student.id).await.unwrap().unwrap();
        let event = SecurityEvent::now(ambient, user.id, SecurityEventKind::Deleted, "", "");
        store.deletions().delete(&user, student.session, &event, ambient).await.unwrap().unwrap();
    }

    async fn stored(&self, student: &Caller) -> UserSubscription {
        self.stage.world.store().subscriptions().latest(student.id).await.unwrap().unwrap()
    }

    /// Our state, and the gateway's.
    async fn states(&self, student: &Caller) -> (SubscriptionStatus, Value) {
        let ours = self.stored(student).await;
        let theirs = self.stripe.object(ours.gateway_id.as_ref().unwrap()).unwrap();
        (ours.state.status, theirs["status"].clone())
    }
}

fn end(student: &Caller) -> Privacy {
    Privacy::EndSubscription { user_id: student.id }
}

#[tokio::test]
async fn who_deletes_his_account_is_not_charged_any_more() {
    let shop = Shop::new().await;
    let student = shop.subscriber().await;
    shop.leave(&student).await;
    for _ in 0..2 {
        shop.stage.done(&end(&student)).await;
        assert_eq!(shop.states(&student).await, (SubscriptionStatus::Cancelled, json!("canceled")));
    }
    shop.stage.world.advance(SignedDuration::from_hours(24 * 60));
    shop.stripe.settle();
    assert_eq!(shop.stripe.counts()["charge"], 1);
    // Who never had a subscription leaves without one.
    let other = shop.stage.world.student().await;
    shop.leave(&other).await;
    shop.stage.done(&end(&other)).await;
}

#[tokio::test]
async fn an_end_that_dies_anywhere_comes_with_the_next_delivery() {
    let shop = Shop::new().await;
    let student = shop.subscriber().await;
    shop.leave(&student).await;
    shop.stage.done(&end(&student)).await;
    let steps = NEVER - shop.stage.cut.left();
    assert!(steps >= 4, "{steps} requests: the user, the subscription, its end there and here");
    for requests in 0..steps {
        let student = shop.subscriber().await;
        shop.leave(&student).await;
        assert!(shop.stage.deliver(&end(&student), requests).await.is_none(), "{requests} were enough");
        shop.stage.done(&end(&student)).await;
        let states = shop.states(&student).await;
        assert_eq!(states, (SubscriptionStatus::Cancelled, json!("canceled")), "after {requests} requests");
    }
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_again() {
    let shop = Shop::new().await;
    let student = shop.subscriber().await;
    shop.leave(&student).await;
    shop.stripe.fail("DELETE ", FaultKind::ErrorBefore, 3);
    let failed = shop.stage.deliver(&end(&student), NEVER).await.unwrap();
    assert!(matches!(failed, Err(jobs::JobError::Retry(_))), "{failed:?}");
    assert_eq!(shop.states(&student).await.1, "active");
    shop.stage.done(&end(&student)).await;
    assert_eq!(shop.states(&student).await, (SubscriptionStatus::Cancelled, json!("canceled")));
}

#[tokio::test]
async fn who_has_come_back_keeps_his_subscription() {
    let shop = Shop::new().await;
    let student = shop.subscriber().await;
    shop.leave(&student).await;
    let (ambient, store) = (shop.stage.world.ambient(), shop.stage.world.store());
    let user = store.users().get(student.id).await.unwrap().unwrap();
    let event = SecurityEvent::now(ambient, user.id, SecurityEventKind::Restored, "", "");
    store.deletions().restore(&user, &event, ambient.now()).await.unwrap();
    shop.stage.done(&end(&student)).await;
    assert_eq!(shop.states(&student).await, (SubscriptionStatus::Active, json!("active")));
}

#[tokio::test]
async fn an_erasure_ends_what_is_left() {
    let shop = Shop::new().await;
    let student = shop.subscriber().await;
    shop.leave(&student).await;
    shop.stage.world.advance(GRACE);
    shop.stripe.fail("DELETE ", FaultKind::ErrorBefore, 3);
    let erase = Privacy::Erase { user_id: student.id };
    let customer = shop.stored(&student).await.customer_id;
    assert!(shop.stripe.object(&customer).unwrap()["email"].is_string());
    assert!(shop.stage.deliver(&erase, NEVER).await.unwrap().is_err(), "it stays due");
    for _ in 0..2 {
        shop.stage.done(&erase).await;
        let theirs = shop.stripe.object(&customer).unwrap();
        assert_eq!(
            (&theirs["email"], &theirs["name"]),
            (&Value::Null, &Value::Null),
            "the gateway forgets him"
        );
    }
    assert_eq!(shop.states(&student).await, (SubscriptionStatus::Cancelled, json!("canceled")));
    assert!(shop.stage.world.store().users().get(student.id).await.unwrap().is_none());
}
