//! The platform of one sequence: handlers, gateway, people, and what is on its way between them.

use domain::commerce::tax::Rates;
use gateway::{Gateway, Patience, Webhooks};
use http::{Method, header};
use invariants::Books;
use jobs::Publisher;
use kernel::{Secret, SignedDuration, Timestamp};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use store::entities::Course;
use stripe_stand_in::{Notice, Settings, StandIn};
use testkit::{App, Caller, Reply, World, shop};

use crate::model::Model;

/// Prices of the courses, in cents.
const PRICES: [u64; 6] = [1_999, 8_999, 3_333, 0, 12_345, 999];
/// Buyers.
pub(crate) const BUYERS: usize = 3;
/// Percentages of the promo codes, and how often each may be used.
pub(crate) const PROMOS: [(&str, u8, u32); 3] = [("TEN", 10, 4), ("THIRD", 33, 2), ("ALL", 100, 2)];
/// A session is renewed before it is a week old, a token before its quarter of an hour is over.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 6);
const TOKEN: SignedDuration = SignedDuration::from_mins(14);

/// Somebody, and until when he can call.
pub(crate) struct Person {
    caller: Caller,
    session_from: Timestamp,
    token_from: Timestamp,
}

/// Everything of one sequence.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) stripe: StandIn,
    pub(crate) gateway: Gateway,
    pub(crate) cycle: job_billing::Context,
    cart: App,
    orders: App,
    payments: App,
    subscriptions: App,
    people: Vec<Person>,
    pub(crate) courses: Vec<Course>,
    pub(crate) creators: Vec<Caller>,
    pub(crate) plans: Vec<String>,
    /// Events that were not delivered yet.
    pub(crate) waiting: Vec<Notice>,
    /// Events that were.
    pub(crate) delivered: Vec<Notice>,
    pub(crate) model: Model,
    /// Requests of refunds that failed: of which order, what, and the key.
    pub(crate) unsure: Vec<(usize, Value, String)>,
    /// Refunds that the gateway has not answered for certain: of which order, and what was answered.
    pub(crate) under_way: Vec<(usize, Value)>,
    /// Whether the next request of the gateway fails.
    pub(crate) faulty: bool,
    random: StdRng,
}

/// The admin among the people.
pub(crate) const ADMIN: usize = BUYERS;

impl Stage {
    pub(crate) async fn new(seed: u64) -> Self {
        let world = World::new().await;
        let stripe = StandIn::start(Settings::test(world.ambient().clock.clone())).await.unwrap();
        // No try after the first: each outcome is that of the one fault.
        let patience = Patience {
            attempt: std::time::Duration::from_secs(20),
            total: std::time::Duration::from_millis(290),
        };
        let gateway = Gateway::new(Some(stripe.base()), Secret::new("sk_test_local".into()), patience);
        let platform = || world.platform.clone();
        let webhooks = Webhooks::new(Secret::new("whsec_local".into()));
        let cart = world.app(api_cart::router(), api_cart::State::new(platform()));
        let account = Some(shop::bank_account());
        let state = api_orders::State::new(platform(), gateway.clone(), Rates::default(), account);
        let orders = world.app(api_orders::router(), state);
        let state = api_payments::State::new(platform(), gateway.clone(), webhooks, "pk_test_local");
        let payments = world.app(api_payments::router(), state);
        let state = api_billing::State::new(platform(), gateway.clone(), "pk_test_local");
        let subscriptions = world.app(api_billing::router(), state);
        let (store, ambient) = (world.store().clone(), world.ambient().clone());
        let (publisher, _) = Publisher::keeping_for_tests(&ambient);
        let cycle = job_billing::Context::new(store, gateway.clone(), publisher, ambient);

        let creators = vec![world.instructor().await, world.instructor().await];
        let mut courses = Vec::new();
        for (number, price) in PRICES.into_iter().enumerate() {
            courses.push(shop::course(&world, &creators[number % creators.len()], price).await);
        }
        for (code, percent, uses) in PROMOS {
            shop::promo(&world, code, percent, Some(uses), 2).await;
        }
        let mut people = Vec::new();
        for number in 0..=ADMIN {
            let caller = if number == ADMIN { world.admin().await } else { world.student().await };
            let now = world.ambient().now();
            people.push(Person { caller, session_from: now, token_from: now });
        }
        let mut stage = Self {
            world,
            stripe,
            gateway,
            cycle,
            cart,
            orders,
            payments,
            subscriptions,
            people,
            courses,
            creators,
            plans: Vec::new(),
            waiting: Vec::new(),
            delivered: Vec::new(),
            model: Model::default(),
            unsure: Vec::new(),
            under_way: Vec::new(),
            faulty: false,
            random: StdRng::seed_from_u64(seed),
        };
        for (kind, monthly, trial_days) in [("premium", 999, 0), ("premium_plus", 1_999, 7)] {
            let plan = json!({
                "name": kind, "plan_type": kind, "price_monthly_cents": monthly, "price_annual_cents": monthly * 10,
                "max_resolution": "1080p", "trial_days": trial_days,
            });
            let made = stage.post(ADMIN, "/api/v1/admin/plans", plan, None).await.expect(201);
            stage.plans.push(made.text("id"));
        }
        stage
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// Whether something happens that happens so often in a hundred times.
    pub(crate) fn chance(&mut self, percent: u8) -> bool {
        self.random.random_range(0..100) < percent
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.ambient().now()
    }

    pub(crate) fn id_of(&self, person: usize) -> kernel::Id<kernel::id::kinds::User> {
        self.people[person].caller.id
    }

    /// Somebody who can call now.
    async fn caller(&mut self, person: usize) -> Caller {
        let now = self.now();
        let (id, session) = (self.people[person].caller.id, self.people[person].caller.session);
        if now.duration_since(self.people[person].session_from) > SESSION {
            let caller = self.world.login(id).await;
            self.people[person] = Person { caller, session_from: now, token_from: now };
        } else if now.duration_since(self.people[person].token_from) > TOKEN {
            self.people[person].caller.token = self.world.token(id, session);
            self.people[person].token_from = now;
        }
        self.people[person].caller.clone()
    }

    fn app(&self, path: &str) -> &App {
        let path = path.trim_start_matches("/api/v1");
        if path.starts_with("/cart") {
            &self.cart
        } else if path.starts_with("/orders") {
            &self.orders
        } else if path.starts_with("/payments") || path.starts_with("/admin/orders") {
            &self.payments
        } else {
            &self.subscriptions
        }
    }

    /// A request. What fails on the server, fails because the gateway did.
    pub(crate) async fn post(&mut self, person: usize, path: &str, body: Value, key: Option<&str>) -> Reply {
        let caller = self.caller(person).await;
        let mut request = http::Request::builder().method(Method::POST).uri(path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", caller.token));
        request = request.header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let reply = self.app(path).send(request.body(body.to_string().into()).unwrap()).await;
        self.judge(path, &reply);
        reply
    }

    pub(crate) async fn get(&mut self, person: usize, path: &str) -> Reply {
        let caller = self.caller(person).await;
        let reply = self.app(path).get(path, &caller).await;
        self.judge(path, &reply);
        reply
    }

    fn judge(&self, path: &str, reply: &Reply) {
        let server = reply.status.is_server_error();
        assert!(!server || self.faulty, "{path} answers {} without a fault: {:#}", reply.status, reply.body);
        assert!(reply.status != 401 && reply.status != 403, "{path}: {:#}", reply.body);
    }

    /// Delivers an event, signed now.
    pub(crate) async fn deliver(&mut self, event: &Notice) -> bool {
        let signature = self.stripe.signature(&event.body, self.now());
        let request = http::Request::builder().method(Method::POST).uri("/api/v1/payments/webhook/stripe");
        let request =
            request.header("stripe-signature", signature).header(header::CONTENT_TYPE, "application/json");
        let reply = self.payments.send(request.body(event.body.clone().into()).unwrap()).await;
        self.judge(&event.kind, &reply);
        reply.status.is_success()
    }

    /// What is stored.
    pub(crate) async fn books(&self) -> Books {
        Books::read(self.world.store()).await.unwrap()
    }
}

/// What the first operations of a seed did.
pub(crate) async fn trace(seed: u64, operations: usize) -> Vec<String> {
    let mut stage = Stage::new(seed).await;
    let mut done = Vec::new();
    for _ in 0..operations {
        done.push(stage.operate().await);
    }
    done
}
