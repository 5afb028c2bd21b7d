//! A platform with plans at the gateway.

use domain::commerce::{Account, Currency};
use gateway::{Gateway, Patience};
use kernel::{Clock, Secret, SignedDuration};
use serde_json::{Value, json};
use store::entities::UserSubscription;
use stripe_stand_in::{Settings, StandIn};
use testkit::{App, Caller, World};

pub(crate) const VISA: &str = "4242424242424242";
/// Can be kept, and is declined whenever it is charged.
const FAILS_LATER: &str = "4000000000000341";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) stripe: StandIn,
    pub(crate) billing: billing::Billing,
    pub(crate) app: App,
    pub(crate) admin: Caller,
    pub(crate) student: Caller,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        // The same time for both: the stand-in's clock follows what the test says.
        let clock: Clock = world.ambient().clock.clone();
        let stripe = StandIn::start(Settings::test(clock)).await.unwrap();
        let gateway =
            Gateway::new(Some(stripe.base()), Secret::new("sk_test_local".into()), Patience::default());
        let state = api_billing::State::new(world.platform.clone(), gateway.clone(), "pk_test_local");
        let billing = billing::Billing::new(world.store().clone(), gateway);
        let app = world.app(api_billing::router(), state);
        let (admin, student) = (world.admin().await, world.student().await);
        Self { world, stripe, billing, app, admin, student }
    }

    /// A plan that is sold; gives its id.
    pub(crate) async fn plan(&self, kind: &str, monthly: i64, trial_days: u16) -> String {
        let wish = json!({
            "name": kind, "plan_type": kind, "price_monthly_cents": monthly, "price_annual_cents": monthly * 10,
            "max_resolution": "1080p", "trial_days": trial_days,
        });
        self.app.post("/api/v1/admin/plans", &self.admin, wish).await.expect(201).text("id")
    }

    /// The student subscribes and pays.
    pub(crate) async fn subscribed(&self, plan: &str, interval: &str, card: &str) -> Value {
        let begun = self.subscribe(plan, interval).await;
        self.stripe.pay(begun["client_secret"].as_str().unwrap(), card).unwrap();
        self.follow().await;
        self.subscription().await
    }

    pub(crate) async fn subscribe(&self, plan: &str, interval: &str) -> Value {
        let wish = json!({"plan": plan, "interval": interval});
        self.app.post("/api/v1/subscription", &self.student().await, wish).await.expect(201).body
    }

    /// The student subscribes to a plan of 9.99 a month after a trial of 14 days, with a card that is declined when the trial ends.
    pub(crate) async fn declined_after_trial(&self) {
        let plan = self.plan("premium", 999, 14).await;
        let begun = self.subscribe(&plan, "monthly").await;
        self.stripe.pay(begun["client_secret"].as_str().unwrap(), FAILS_LATER).unwrap();
        self.advance(14);
        self.follow().await;
    }

    pub(crate) async fn stored(&self) -> UserSubscription {
        self.world.store().subscriptions().latest(self.student.id).await.unwrap().unwrap()
    }

    pub(crate) async fn subscription(&self) -> Value {
        self.app.get("/api/v1/subscription", &self.student().await).await.expect(200).body
    }

    /// The student, logged in anew: an access token does not live for days.
    pub(crate) async fn student(&self) -> Caller {
        self.world.login(self.student.id).await
    }

    /// What a webhook does: it says that there is something to look at.
    pub(crate) async fn follow(&self) {
        let gateway_id = self.stored().await.gateway_id.unwrap();
        self.billing.follow(&gateway_id, self.world.ambient().now()).await.unwrap();
    }

    /// Time goes on, at the gateway too.
    pub(crate) fn advance(&self, days: i64) {
        self.world.advance(SignedDuration::from_hours(24 * days));
        self.stripe.settle();
    }

    /// What the ledger's sets of the student's subscription say of an account.
    pub(crate) async fn booked(&self, account: Account) -> i64 {
        let subject = domain::commerce::Subject::Subscription(self.stored().await.id);
        let sets = self.world.store().ledger().of_subject(subject).await.unwrap();
        assert!(sets.iter().all(|set| set.set.currency() == Currency::USD && set.set.verify().is_ok()));
        sets.iter().map(|set| set.set.of(account)).sum()
    }

    pub(crate) async fn promo(&self, code: &str, percent: i64, max_uses: u32) {
        let wish = json!({
            "code": code, "discount_type": "percentage", "discount_value": percent, "max_uses": max_uses,
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z",
        });
        self.app.post("/api/v1/admin/promo-codes", &self.admin, wish).await.expect(201);
    }
}
