//! Orders as buyers meet them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

use std::{collections::BTreeSet, time::Duration};

use domain::commerce::{BankAccount, BasisPoints, OrderStatus, tax::Rates};
use futures::future::join_all;
use gateway::{Gateway, Key, NewIntent, Patience};
use http::{Method, header};
use kernel::{Id, Secret, id::kinds};
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Course, Order, Payment},
};
use stripe_stand_in::{FaultKind, Settings, StandIn};
use testkit::{App, Caller, Reply, World, shop};

const CREATE: &str = "/api/v1/orders/create-from-cart/";
const SECOND: kernel::SignedDuration = kernel::SignedDuration::from_secs(1);

struct Stage {
    world: World,
    app: App,
    stripe: StandIn,
    gateway: Gateway,
    teacher: Caller,
    buyer: Caller,
}

impl Stage {
    async fn new() -> Self {
        Self::with_rates(Rates::default()).await
    }

    async fn with_rates(rates: Rates) -> Self {
        Self::with(rates, Some(shop::bank_account())).await
    }

    async fn with(rates: Rates, account: Option<BankAccount>) -> Self {
        let world = World::new().await;
        let settings = Settings::test(world.ambient().clock.clone());
        let key = Secret::new(settings.secret_key.clone());
        let stripe = StandIn::start(settings).await.unwrap();
        let patience = Patience { attempt: Duration::from_secs(5), total: Duration::from_secs(5) };
        let gateway = Gateway::new(Some(stripe.base()), key, patience);
        let state = api_orders::State::new(world.platform.clone(), gateway.clone(), rates, account);
        let app = world.app(api_orders::router(), state);
        let (teacher, buyer) = (world.instructor().await, world.student().await);
        Self { world, app, stripe, gateway, teacher, buyer }
    }

    async fn fill(&self, count: u64) -> Vec<Course> {
        let courses = shop::courses(&self.world, &self.teacher, count).await;
        shop::fill_cart(&self.world, &self.buyer, &courses).await;
        courses
    }

    async fn create(&self) -> Reply {
        self.app.post(CREATE, &self.buyer, address()).await
    }

    async fn order(&self, id: &str) -> Order {
        let id: Id<kinds::Order> = id.parse().unwrap();
        self.world.store().orders().get(self.buyer.id, id).await.unwrap().unwrap()
    }

    async fn orders(&self, status: Option<OrderStatus>) -> u64 {
        self.world.store().orders().count_of_user(self.buyer.id, status).await.unwrap()
    }

    /// Gives an order a payment intent, as the group of payments does.
    async fn intent(&self, order: &Order) -> gateway::IntentState {
        let (order_id, user_id) = (order.id.to_string(), order.user_id.to_string());
        let new = NewIntent {
            minor: order.total_minor,
            currency: order.currency.code(),
            customer: None,
            order_id: &order_id,
            user_id: &user_id,
            description: "test",
        };
        let intent = self.gateway.create_intent(&new, &Key::new("intent", order.id)).await.unwrap();
        let now = self.world.ambient().now();
        let payment = Payment::new(order, intent.id.clone(), now);
        self.world.store().orders().attach_intent(order, &payment, now).await.unwrap().unwrap();
        intent
    }

    async fn enrollments(&self) -> usize {
        let all = self.world.store().enrollments().of_user(self.buyer.id, None, None, 0, 100).await.unwrap();
        all.items.len()
    }
}

fn address() -> Value {
    json!({"billing_address": {
        "first_name": "John", "last_name": "Doe", "email": "john@example.com", "address_line1": "123 Main St",
        "address_line2": "Apt 4B", "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US",
        "phone": "+1234567890",
    }})
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = address();
    change(&mut body);
    body
}

#[tokio::test]
async fn a_buyer_makes_an_order_of_his_cart_and_finds_it() {
    let stage = Stage::new().await;
    let courses = stage.fill(2).await;
    let made = stage.create().await.expect(201);
    assert_eq!(made.calls, 4, "the session anew, the cart, one batch, one transaction");
    assert_eq!((&made.body["status"], &made.body["items_count"]), (&json!("pending"), &json!(2)));
    assert!(made.text("order_number").starts_with("ORD-2026-"), "{}", made.body["order_number"]);
    assert_eq!(
        (shop::shown(&made.body["subtotal"]), shop::shown(&made.body["total_amount"])),
        ("30.00".into(), "30.00".into())
    );
    assert_eq!(made.body["payment"]["method"], "card");
    assert_eq!(made.body["payment"]["pay_by"], "2026-06-01T13:00:00Z");
    assert_eq!(made.body["items"][1]["course"]["id"], json!(courses[1].id));
    assert_eq!(shop::shown(&made.body["items"][1]["price_at_purchase"]), "20.00");
    assert_eq!(stage.enrollments().await, 0);

    let seen = stage.app.get(&format!("/api/v1/orders/{}/", made.text("id")), &stage.buyer).await.expect(200);
    assert_eq!((seen.calls, &seen.body), (1, &made.body));
    assert_eq!(seen.body["billing_address"]["city"], "San Francisco");
    let listed = stage.app.get("/api/v1/orders/?page=1&page_size=10", &stage.buyer).await.expect(200);
    assert_eq!((listed.calls, &listed.body["count"]), (2, &json!(1)));
    assert_eq!(listed.body["results"][0]["order_number"], made.body["order_number"]);
}

#[tokio::test]
async fn orders_are_listed_by_state_and_page() {
    let stage = Stage::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        stage.fill(1).await;
        let id = stage.create().await.expect(201).text("id");
        shop::pay(&stage.world, &stage.order(&id).await).await;
        ids.push(id);
        stage.world.advance(SECOND);
    }
    stage.fill(1).await;
    ids.push(stage.create().await.expect(201).text("id"));
    for (query, count, shown) in [
        ("", 4, 4),
        ("?status=completed", 3, 3),
        ("?status=paid&page_size=2", 3, 2),
        ("?status=pending", 1, 1),
        ("?status=refunded", 0, 0),
        ("?page=2&page_size=3", 4, 1),
    ] {
        let page = stage.app.get(&format!("/api/v1/orders{query}"), &stage.buyer).await.expect(200).body;
        let results = page["results"].as_array().unwrap();
        assert_eq!((&page["count"], results.len()), (&json!(count), shown), "{query}");
    }
    let first = stage.app.get("/api/v1/orders?status=completed&page_size=2", &stage.buyer).await.expect(200);
    assert_eq!(first.body["results"][0]["id"], json!(ids[2]), "the newest first");
    let next = first.text("next");
    let rest =
        stage.app.get(next.trim_start_matches("https://learn.example"), &stage.buyer).await.expect(200);
    assert_eq!((&rest.body["results"][0]["id"], &rest.body["next"]), (&json!(ids[0]), &Value::Null));
    for bad in ["?status=x", "?page=0", "?page_size=101"] {
        stage
            .app
            .get(&format!("/api/v1/orders{bad}"), &stage.buyer)
            .await
            .expect_error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn orders_of_others_are_not_there() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let id = stage.create().await.expect(201).text("id");
    for other in [&stage.teacher, &stage.world.admin().await] {
        stage.app.get(&format!("/api/v1/orders/{id}"), other).await.expect_error(404, "ORDER_NOT_FOUND");
        let cancel = format!("/api/v1/orders/{id}/cancel");
        stage.app.post(&cancel, other, Value::Null).await.expect_error(404, "ORDER_NOT_FOUND");
        assert_eq!(stage.app.get("/api/v1/orders", other).await.expect(200).body["count"], 0);
    }
    stage.app.get("/api/v1/orders/x", &stage.buyer).await.expect_error(404, "NOT_FOUND");
    stage.app.get("/api/v1/orders", None).await.expect_error(401, "NOT_AUTHENTICATED");
    assert_eq!(stage.order(&id).await.status, OrderStatus::Pending);
}

#[tokio::test]
async fn a_bill_needs_an_address_and_nobody_names_a_price() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    type Change = Box<dyn FnOnce(&mut Value)>;
    let set = |path: &'static str, value: Value| -> (Change, String) {
        let change = move |body: &mut Value| {
            let (parent, name) = path.rsplit_once('/').unwrap();
            let place = if parent.is_empty() { body } else { body.pointer_mut(parent).unwrap() };
            place[name] = value;
        };
        (Box::new(change), path.trim_start_matches('/').replace('/', "."))
    };
    for (change, field) in [
        set("/billing_address", Value::Null),
        set("/billing_address/first_name", json!("")),
        set("/billing_address/first_name", json!("x".repeat(101))),
        set("/billing_address/last_name", json!("  ")),
        set("/billing_address/email", json!("john")),
        set("/billing_address/address_line1", json!("x\ny")),
        set("/billing_address/city", json!(1)),
        set("/billing_address/country", json!("us")),
        set("/billing_address/country", json!("XX")),
        set("/billing_address/phone", json!("12")),
        set("/payment_method", json!("gold")),
        set("/payment_method", json!("free")),
        // Prices, totals and owners are not for a buyer to say.
        set("/total_amount", json!(0.01)),
        set("/items", json!([])),
        set("/user_id", json!("01933b7a-3c5e-7000-8000-4f2d1c9a7b10")),
        set("/promo_code", json!("FREE")),
        set("/billing_address/tax", json!(0)),
    ] {
        let reply =
            stage.app.post(CREATE, &stage.buyer, with(change)).await.expect_error(422, "VALIDATION_FAILED");
        let details = reply.body["error"]["details"].as_object().unwrap().clone();
        // serde names an unknown field in its sentence, not by its path.
        let names =
            |key: &String| field.starts_with(key.as_str()) || key == "body" || key == "billing_address";
        assert!(details.keys().any(names), "{field}: {details:?}");
    }
    assert_eq!(stage.orders(None).await, 0);
    let least = json!({"billing_address": {
        "first_name": "J", "last_name": "D", "email": "j@example.com", "address_line1": "1", "city": "S", "country": "KR",
    }, "payment_method": "bank_transfer"});
    let made = stage.app.post(CREATE, &stage.buyer, least).await.expect(201);
    assert_eq!(made.body["payment"]["pay_by"], "2026-06-08T12:00:00Z", "a transfer has a week");
}

#[tokio::test]
async fn who_pays_by_transfer_is_told_where_to_while_the_order_waits() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let body = with(|body| body["payment_method"] = json!("bank_transfer"));
    let made = stage.app.post(CREATE, &stage.buyer, body).await.expect(201);
    let told = json!({
        "account_holder": "LearnFlow Ltd", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX",
        "bank": "Example Bank", "reference": made.body["order_number"],
    });
    assert_eq!(made.body["payment"]["bank_transfer"], told);
    let path = format!("/api/v1/orders/{}", made.text("id"));
    let shown = stage.app.get(&path, &stage.buyer).await.expect(200);
    assert_eq!(shown.body["payment"]["bank_transfer"], told);
    let cancelled = stage.app.post(&format!("{path}/cancel"), &stage.buyer, Value::Null).await.expect(200);
    assert_eq!(cancelled.body["payment"]["bank_transfer"], Value::Null, "nobody waits for it any more");
    let by_card = stage.create().await.expect(201);
    assert_eq!(by_card.body["payment"]["bank_transfer"], Value::Null);
}

#[tokio::test]
async fn a_platform_without_an_account_takes_no_transfers() {
    let stage = Stage::with(Rates::default(), None).await;
    stage.fill(1).await;
    let body = with(|body| body["payment_method"] = json!("bank_transfer"));
    let refused = stage.app.post(CREATE, &stage.buyer, body.clone()).await;
    refused.expect_error(409, "BANK_TRANSFER_NOT_OFFERED");
    assert_eq!(stage.orders(None).await, 0);
    stage.create().await.expect(201);
    // What costs nothing needs no account.
    let rule = shop::promo(&stage.world, "GIFT", 100, None, 5).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let cart = store.carts().get(stage.buyer.id, now).await.unwrap();
    store.carts().set_promo(cart, Some(&rule.promo.code), now).await.unwrap();
    let free = stage.app.post(CREATE, &stage.buyer, body).await.expect(201);
    assert_eq!(free.body["payment"]["method"], "free");
}

#[tokio::test]
async fn less_than_a_card_is_charged_with_can_be_paid_in_another_way() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 50).await;
    shop::fill_cart(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    let made = stage.create().await.expect(201);
    assert_eq!(shop::shown(&made.body["total_amount"]), "0.50", "the least amount");
    let rule = shop::promo(&stage.world, "TWO", 2, None, 5).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let cart = store.carts().get(stage.buyer.id, now).await.unwrap();
    store.carts().set_promo(cart, Some(&rule.promo.code), now).await.unwrap();
    let refused = stage.create().await.expect_error(409, "AMOUNT_NOT_PAYABLE");
    assert_eq!(shop::shown(&refused.body["error"]["details"]["least"]), "0.50");
    let says = refused.body["error"]["message"].as_str().unwrap().to_owned();
    assert!(says.contains("bank transfer") && says.contains("promo code"), "{says}");
    assert_eq!(stage.order(&made.text("id")).await.status, OrderStatus::Pending, "nothing was changed");
    let body = with(|body| body["payment_method"] = json!("bank_transfer"));
    let by_transfer = stage.app.post(CREATE, &stage.buyer, body).await.expect(201);
    assert_eq!(by_transfer.body["total_amount"].to_string(), "0.49");
}

#[tokio::test]
async fn an_empty_cart_and_one_with_what_can_not_be_bought_make_no_order() {
    let stage = Stage::new().await;
    stage.create().await.expect_error(409, "CART_EMPTY");
    let courses = stage.fill(2).await;
    let update = Update::of::<Course>(Course::key_of(courses[0].id)).set("status", "draft");
    stage.world.store().update(update).await.unwrap();
    let refused = stage.create().await.expect_error(409, "CART_ITEMS_UNAVAILABLE");
    let items = refused.body["error"]["details"]["items"].as_array().unwrap().clone();
    assert_eq!((items.len(), &items[0]["course_id"]), (1, &json!(courses[0].id)));
    assert_eq!(items[0]["reason"], "not_for_sale");
    assert_eq!(stage.orders(None).await, 0);
}

#[tokio::test]
async fn fifty_clicks_make_one_order() {
    let stage = Stage::new().await;
    stage.fill(3).await;
    let apps = vec![stage.app.clone(); 50];
    let replies = join_all(apps.iter().map(|app| app.post(CREATE, &stage.buyer, address()))).await;
    let ids: BTreeSet<_> = replies.into_iter().map(|reply| reply.expect(201).text("id")).collect();
    assert_eq!((ids.len(), stage.orders(None).await), (1, 1));
    // And the same later, and with a key of its own.
    assert_eq!(ids.first(), Some(&stage.create().await.expect(201).text("id")));
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let send = async |body: Value| {
        let request = http::Request::builder()
            .method(Method::POST)
            .uri(CREATE)
            .header(header::AUTHORIZATION, format!("Bearer {}", stage.buyer.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "one");
        stage.app.send(request.body(axum::body::Body::from(body.to_string())).unwrap()).await
    };
    let first = send(address()).await.expect(201);
    shop::pay(&stage.world, &stage.order(&first.text("id")).await).await;
    let again = send(address()).await.expect(201);
    assert_eq!(again.body, first.body, "as it was answered, though it is paid by now");
    let other = with(|body| body["payment_method"] = json!("bank_transfer"));
    send(other).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_changed_cart_and_a_changed_price_replace_the_open_order() {
    let stage = Stage::new().await;
    let courses = stage.fill(1).await;
    let first = stage.create().await.expect(201).text("id");
    let intent = stage.intent(&stage.order(&first).await).await;
    let update = Update::of::<Course>(Course::key_of(courses[0].id)).set("price_minor", 777);
    stage.world.store().update(update).await.unwrap();
    let second = stage.create().await.expect(201);
    assert_eq!(shop::shown(&second.body["total_amount"]), "7.77", "the price of this moment");
    assert_ne!(second.text("id"), first);
    assert_eq!(stage.order(&first).await.status, OrderStatus::Cancelled);
    let state = stage.gateway.intent(&intent.id).await.unwrap();
    assert_eq!(state.status, gateway::IntentStatus::Cancelled, "nobody can pay it any more");
    stage.fill(1).await;
    let third = stage.create().await.expect(201);
    assert_eq!(
        (third.body["items_count"].clone(), stage.orders(Some(OrderStatus::Pending)).await),
        (json!(2), 1)
    );
}

#[tokio::test]
async fn an_order_that_is_being_paid_is_neither_replaced_nor_cancelled() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let id = stage.create().await.expect(201).text("id");
    let intent = stage.intent(&stage.order(&id).await).await;
    stage.stripe.pay(intent.client_secret.unwrap().expose(), "4242424242424242").unwrap();
    // The webhook has not come yet.
    stage.fill(1).await;
    let refused = stage.create().await.expect_error(409, "ORDER_PAID_ALREADY");
    assert_eq!(refused.body["error"]["details"]["order_id"], json!(id));
    assert_eq!(stage.order(&id).await.status, OrderStatus::Paid, "who finds it paid settles it");
    let cancel = |id: &str| format!("/api/v1/orders/{id}/cancel/");
    stage.app.post(&cancel(&id), &stage.buyer, Value::Null).await.expect_error(409, "ORDER_PAID_ALREADY");
    let next = stage.create().await.expect(201);
    assert_eq!(next.body["items_count"], 1, "what was bought has left the cart");
    let next = next.text("id");
    let intent = stage.intent(&stage.order(&next).await).await;
    stage.stripe.pay(intent.client_secret.unwrap().expose(), "4242424242424242").unwrap();
    stage.app.post(&cancel(&next), &stage.buyer, Value::Null).await.expect_error(409, "ORDER_PAID_ALREADY");
    assert_eq!(stage.order(&next).await.status, OrderStatus::Paid);
    let path = format!("/api/v1/orders/{next}");
    let shown = stage.app.get(&path, &stage.buyer).await.expect(200);
    assert_eq!(
        (&shown.body["status"], &shown.body["payment"]["status"]),
        (&json!("completed"), &json!("succeeded"))
    );
}

#[tokio::test]
async fn a_cancelled_order_frees_its_promo_code_and_stays_cancelled() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let rule = shop::promo(&stage.world, "ONCE", 50, Some(1), 1).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let cart = store.carts().get(stage.buyer.id, now).await.unwrap();
    store.carts().set_promo(cart, Some(&rule.promo.code), now).await.unwrap();
    let made = stage.create().await.expect(201);
    assert_eq!(
        (shop::shown(&made.body["total_amount"]), &made.body["promo_code"]),
        ("5.00".into(), &json!("ONCE"))
    );
    // The use that it holds is its own: the same click again is the same order.
    assert_eq!(stage.create().await.expect(201).body, made.body);
    let cancel = format!("/api/v1/orders/{}/cancel", made.text("id"));
    for _ in 0..2 {
        let cancelled = stage.app.post(&cancel, &stage.buyer, Value::Null).await.expect(200);
        assert_eq!(
            (&cancelled.body["status"], &cancelled.body["payment"]["status"]),
            (&json!("cancelled"), &json!("failed"))
        );
    }
    assert_eq!(store.promos().get(&rule.promo.code).await.unwrap().unwrap().uses, 0);
    let again = stage.create().await.expect(201);
    assert_eq!(shop::shown(&again.body["discount_amount"]), "5.00");
    shop::pay(&stage.world, &stage.order(&again.text("id")).await).await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    let cart = shop::fill_cart(&stage.world, &stage.buyer, &[course]).await;
    store.carts().set_promo(cart, Some(&rule.promo.code), now).await.unwrap();
    stage.create().await.expect_error(409, "PROMO_USED_UP");
}

#[tokio::test]
async fn when_the_gateway_is_silent_nothing_is_cancelled() {
    let stage = Stage::new().await;
    stage.fill(1).await;
    let id = stage.create().await.expect(201).text("id");
    stage.intent(&stage.order(&id).await).await;
    stage.stripe.fail("POST /v1/payment_intents", FaultKind::ErrorBefore, 100);
    let cancel = format!("/api/v1/orders/{id}/cancel");
    stage.app.post(&cancel, &stage.buyer, Value::Null).await.expect_error(503, "GATEWAY_UNAVAILABLE");
    assert_eq!(stage.order(&id).await.status, OrderStatus::Pending);
    stage.stripe.heal();
    stage.app.post(&cancel, &stage.buyer, Value::Null).await.expect(200);
}

#[tokio::test]
async fn with_nothing_to_pay_the_order_is_completed_at_once() {
    let stage = Stage::new().await;
    let course = shop::course(&stage.world, &stage.teacher, 0).await;
    shop::fill_cart(&stage.world, &stage.buyer, std::slice::from_ref(&course)).await;
    let made = stage.create().await.expect(201);
    assert!(made.calls <= 6, "session, cart, batch, facts, transaction: {}", made.calls);
    assert_eq!(
        (&made.body["status"], &made.body["payment"]["method"]),
        (&json!("completed"), &json!("free"))
    );
    assert_eq!((&made.body["payment"]["status"], stage.enrollments().await), (&json!("succeeded"), 1));
    stage.create().await.expect_error(409, "CART_EMPTY");
    shop::fill_cart(&stage.world, &stage.buyer, &[course]).await;
    stage.create().await.expect_error(409, "CART_ITEMS_UNAVAILABLE");
    assert_eq!(stage.enrollments().await, 1);
}

#[tokio::test]
async fn the_tax_of_the_buyers_country_is_added() {
    let rates = Rates::new([("DE".to_owned(), BasisPoints::try_from(1_900).unwrap())]);
    let stage = Stage::with_rates(rates).await;
    stage.fill(2).await;
    let body = with(|body| body["billing_address"]["country"] = json!("DE"));
    let made = stage.app.post(CREATE, &stage.buyer, body).await.expect(201).body;
    assert_eq!(
        (shop::shown(&made["tax_amount"]), shop::shown(&made["total_amount"])),
        ("5.70".into(), "35.70".into())
    );
    // Another country makes another order.
    let home = stage.create().await.expect(201).body;
    assert_eq!(shop::shown(&home["total_amount"]), "30.00");
    assert_ne!(home["id"], made["id"]);
}
