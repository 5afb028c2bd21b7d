//! A shop with the gateway's stand-in.

use std::time::Duration;

use axum::body::Body;
use domain::commerce::{Account, OrderStatus};
use gateway::{Gateway, Patience, Webhooks};
use invariants::Circumstances;
use kernel::Secret;
use serde_json::{Value, json};
use store::entities::{Course, Order, SetAside};
use stripe_stand_in::{Notice, Settings, StandIn};
use testkit::{App, Caller, Reply, World, shop};

pub(crate) const INTENT: &str = "/api/v1/payments/create-payment-intent/";
pub(crate) const CONFIRM: &str = "/api/v1/payments/confirm-payment/";
pub(crate) const WEBHOOK: &str = "/api/v1/payments/webhook/stripe/";
/// A card that pays.
pub(crate) const VISA: &str = "4242424242424242";
/// A card that is declined.
pub(crate) const DECLINED: &str = "4000000000000002";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) stripe: StandIn,
    pub(crate) teacher: Caller,
    pub(crate) buyer: Caller,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(World::new().await).await
    }

    /// With this storage.
    pub(crate) async fn on(world: World) -> Self {
        let settings = Settings::test(world.ambient().clock.clone());
        let key = Secret::new(settings.secret_key.clone());
        let webhooks = Webhooks::new(Secret::new(settings.webhook_secret.clone()));
        let publishable_key = settings.publishable_key.clone();
        let stripe = StandIn::start(settings).await.unwrap();
        let patience = Patience { attempt: Duration::from_millis(400), total: Duration::from_secs(5) };
        let gateway = Gateway::new(Some(stripe.base()), key, patience);
        let state =
            api_payments::State::new(world.platform.clone(), gateway, webhooks, publishable_key.as_str());
        let app = world.app(api_payments::router(), state);
        let (teacher, buyer) = (world.instructor().await, world.student().await);
        Self { world, app, stripe, teacher, buyer }
    }

    /// An order of so many courses at 10.00, 20.00, …
    pub(crate) async fn order(&self, courses: u64) -> Order {
        let courses = shop::courses(&self.world, &self.teacher, courses).await;
        self.order_of(&courses).await
    }

    pub(crate) async fn order_of(&self, courses: &[Course]) -> Order {
        shop::order(&self.world, &self.buyer, courses).await
    }

    /// The buyer's intent of an order: its number and its secret.
    pub(crate) async fn intent(&self, order: &Order) -> (String, String) {
        let made = self.app.post(INTENT, &self.buyer, json!({"order_id": order.id})).await.expect(201);
        (made.text("payment_intent_id"), made.text("client_secret"))
    }

    /// An order whose card was charged, before anybody told of it: with its intent.
    pub(crate) async fn charged(&self, courses: u64) -> (Order, String) {
        let order = self.order(courses).await;
        let (intent, secret) = self.intent(&order).await;
        assert_eq!(self.stripe.pay(&secret, VISA).unwrap(), "succeeded");
        (order, intent)
    }

    /// A paid order, with its intent; its events are taken and forgotten.
    pub(crate) async fn paid(&self, courses: u64) -> (Order, String) {
        let (order, intent) = self.charged(courses).await;
        self.deliver_all().await;
        let order = self.stored(&order).await;
        assert_eq!(order.status, OrderStatus::Paid);
        (order, intent)
    }

    pub(crate) async fn confirm(&self, order: &Order, intent: &str) -> Reply {
        self.app.post(CONFIRM, &self.buyer, json!({"order_id": order.id, "payment_intent_id": intent})).await
    }

    /// Delivers an event as the gateway does.
    pub(crate) async fn deliver(&self, notice: &Notice) -> Reply {
        let header = self.stripe.signature(&notice.body, self.world.ambient().now());
        self.post_event(notice.body.clone().into_bytes(), &header).await
    }

    pub(crate) async fn post_event(&self, body: Vec<u8>, header: &str) -> Reply {
        let request = http::Request::post(WEBHOOK)
            .header("stripe-signature", header)
            .header("content-type", "application/json; charset=utf-8");
        self.app.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn deliver_all(&self) {
        for notice in self.stripe.take_events() {
            self.deliver(&notice).await.expect(200);
        }
    }

    /// The order as it is stored.
    pub(crate) async fn stored(&self, order: &Order) -> Order {
        self.world.store().orders().get(order.user_id, order.id).await.unwrap().unwrap()
    }

    pub(crate) async fn enrollments(&self) -> usize {
        let all = self.world.store().enrollments().of_user(self.buyer.id, None, None, 0, 100).await.unwrap();
        all.items.iter().filter(|one| !one.sources().is_empty()).count()
    }

    pub(crate) async fn asides(&self) -> Vec<SetAside> {
        self.world.store().set_asides().open(None, 100).await.unwrap().items
    }

    /// Nothing that must hold is broken.
    #[track_caller]
    pub(crate) fn holds(&self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let circumstances = Circumstances::of_test(self.world.ambient().now());
            let found = invariants::check(self.world.store(), &circumstances).await.unwrap();
            assert!(found.is_empty(), "{place}: {found:#?}");
        }
    }

    /// All entries of an account, summed up.
    pub(crate) async fn booked(&self, order: &Order, account: Account) -> i64 {
        let subject = domain::commerce::Subject::Order(order.id);
        let sets = self.world.store().ledger().of_subject(subject).await.unwrap();
        sets.iter().map(|stored| stored.set.of(account)).sum()
    }

    /// How many sets of the ledger an order has.
    pub(crate) async fn sets(&self, order: &Order) -> usize {
        let subject = domain::commerce::Subject::Order(order.id);
        self.world.store().ledger().of_subject(subject).await.unwrap().len()
    }

    /// How many objects of a type the gateway has.
    pub(crate) fn at_gateway(&self, object: &str) -> usize {
        self.stripe.counts().get(object).copied().unwrap_or_default()
    }

    /// All that is stored, to be compared.
    pub(crate) async fn snapshot(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for table in store::Table::ALL {
            let mut start = None;
            loop {
                let page = self.world.store().audit_page(table, start).await.unwrap();
                let read = |item| serde_dynamo::from_item::<_, Value>(item).unwrap();
                all.extend(page.items.into_iter().map(read));
                start = page.next;
                if start.is_none() {
                    break;
                }
            }
        }
        all.sort_by_key(ToString::to_string);
        all
    }
}
