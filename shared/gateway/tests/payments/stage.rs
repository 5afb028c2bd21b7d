//! A client, a stand-in, and a clock that stands still.

use std::time::Duration;

use gateway::{
    Gateway, IntentState, Interval, Key, NewCustomer, NewIntent, NewPrice, NewProduct, Patience, PriceState,
};
use kernel::{Clock, Secret, SignedDuration, Timestamp};
use stripe_stand_in::{Settings, StandIn};

pub const VISA: &str = "4242424242424242";
pub const DECLINED: &str = "4000000000000002";
pub const POOR: &str = "4000000000009995";
pub const ASKS: &str = "4000002500003155";
pub const ASKS_ALWAYS: &str = "4000000000003220";
pub const DISPUTED: &str = "4000000000000259";
/// 2026-01-31T12:00:00Z: a day that the next month does not have.
pub const START: i64 = 1_769_860_800;
pub const DAY: i64 = 24 * 3600;

pub struct Stage {
    pub stand_in: StandIn,
    pub gateway: Gateway,
    pub clock: Clock,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Clock::manual(Timestamp::from_second(START).unwrap());
        let mut settings = Settings::test(clock.clone());
        change(&mut settings);
        let stand_in = StandIn::start(settings).await.unwrap();
        let gateway = client(&stand_in, Duration::from_secs(10));
        Self { stand_in, gateway, clock }
    }

    pub fn days(&self, days: i64) {
        self.stand_in.advance(SignedDuration::from_hours(24 * days));
    }

    pub async fn intent(&self, minor: i64, order: &str) -> IntentState {
        let new = NewIntent { order_id: order, ..purchase(minor) };
        self.gateway.create_intent(&new, &Key::new("intent", order)).await.unwrap()
    }

    /// A payment that went well.
    pub async fn paid(&self, minor: i64, order: &str) -> IntentState {
        let intent = self.intent(minor, order).await;
        self.stand_in.pay(&secret(&intent), VISA).unwrap();
        self.gateway.intent(&intent.id).await.unwrap()
    }

    pub async fn customer(&self) -> String {
        let new = NewCustomer {
            user_id: "user-1".into(),
            email: Some(Secret::new("ada@example.com".into())),
            name: Some(Secret::new("Ada".into())),
        };
        self.gateway.create_customer(&new, &Key::new("customer", "user-1")).await.unwrap().id
    }

    pub async fn price(&self, plan: &str, minor: i64, interval: Interval) -> PriceState {
        let key = Key::new("product", plan);
        let product =
            self.gateway.create_product(&NewProduct { plan_id: plan, name: plan }, &key).await.unwrap();
        let new = NewPrice { product: &product, minor, currency: "USD", interval, plan_id: plan };
        self.gateway
            .create_price(&new, &Key::new("price", format!("{plan}{minor}{interval:?}")))
            .await
            .unwrap()
    }

    /// How many objects of a type were made.
    pub fn count(&self, object: &str) -> usize {
        self.stand_in.counts().get(object).copied().unwrap_or_default()
    }

    /// The names of the events that came since the last time.
    pub fn news(&self) -> Vec<String> {
        self.stand_in.take_events().into_iter().map(|event| event.kind).collect()
    }
}

pub fn client(stand_in: &StandIn, attempt: Duration) -> Gateway {
    let patience = Patience { attempt, total: Duration::from_secs(60) };
    Gateway::new(Some(stand_in.base()), Secret::new("sk_test_local".into()), patience)
}

pub fn purchase(minor: i64) -> NewIntent<'static> {
    NewIntent {
        minor,
        currency: "USD",
        customer: None,
        order_id: "order-1",
        user_id: "user-1",
        description: "ORD-2026-A00001",
    }
}

pub fn secret(intent: &IntentState) -> String {
    intent.client_secret.as_ref().unwrap().expose().clone()
}
