//! What people, banks and the network do.

use kernel::SignedDuration;
use serde_json::{Value, json};
use stripe_stand_in::FaultKind;
use testkit::Reply;

use crate::{
    model::{Line, Method, Order, Subscription},
    stage::{ADMIN, BUYERS, PROMOS, Stage},
};

const VISA: &str = "4242424242424242";
/// Cards that are not simply charged: declined in two ways, kept and declined whenever charged, asked for by the bank, disputed at once.
const ODD_CARDS: [&str; 5] =
    ["4000000000000002", "4000000000009995", "4000000000000341", "4000002500003155", "4000000000000259"];
/// What can go wrong with the gateway; nothing of it takes time.
const FAULTS: [FaultKind; 4] =
    [FaultKind::ErrorBefore, FaultKind::ErrorAfter, FaultKind::TooMany, FaultKind::Locked];

/// An amount of an answer, in cents.
fn cents(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 100.0).round() as i64
}

impl Stage {
    /// One operation; says what it was and how it ended.
    pub(crate) async fn operate(&mut self) -> String {
        self.faulty = self.chance(3);
        if self.faulty {
            let kind = FAULTS[self.below(FAULTS.len())];
            self.stripe.fail("", kind, 1);
        }
        let buyer = self.below(BUYERS);
        let done = match self.below(100) {
            0..15 => self.fill_cart(buyer).await,
            15..18 => self.give_code(buyer).await,
            18..29 => self.order(buyer).await,
            29..38 => self.begin_payment(buyer).await,
            38..48 => self.pay(buyer).await,
            48..53 => self.confirm(buyer).await,
            53..72 => self.some_event().await,
            72..76 => self.event_again().await,
            76..78 => self.cancel(buyer).await,
            78..82 => self.refund().await,
            82..84 => self.dispute(),
            84..86 => self.decide(),
            86..88 => self.confirm_transfer().await,
            88 => self.return_late().await,
            89..92 => self.subscribe(buyer).await,
            92..94 => self.pay_subscription().await,
            94..96 => self.change_subscription(buyer).await,
            96 => self.end_subscription(buyer).await,
            97 => self.give_back().await,
            98 => self.time_passes(),
            _ => self.job().await,
        };
        self.stripe.heal();
        let fault = if self.faulty { " (with a fault)" } else { "" };
        self.faulty = false;
        self.waiting.extend(self.stripe.take_events());
        format!("{done}{fault}")
    }

    fn pick_order(&mut self, fits: impl Fn(&Order) -> bool) -> Option<usize> {
        let found: Vec<_> =
            (0..self.model.orders.len()).filter(|number| fits(&self.model.orders[*number])).collect();
        (!found.is_empty()).then(|| found[self.below(found.len())])
    }

    async fn fill_cart(&mut self, buyer: usize) -> String {
        let course = self.below(self.courses.len());
        let body = json!({"course_id": self.courses[course].id});
        let reply = self.post(buyer, "/api/v1/cart/items", body, None).await;
        said(&format!("buyer {buyer} puts course {course} into the cart"), &reply)
    }

    async fn give_code(&mut self, buyer: usize) -> String {
        let (code, ..) = PROMOS[self.below(PROMOS.len())];
        let reply = self.post(buyer, "/api/v1/cart/promo", json!({"code": code}), None).await;
        said(&format!("buyer {buyer} gives the code {code}"), &reply)
    }

    async fn order(&mut self, buyer: usize) -> String {
        let transfer = self.chance(20);
        let body = json!({"payment_method": if transfer { "bank_transfer" } else { "card" }, "billing_address": {
            "first_name": "John", "last_name": "Doe", "email": "john@example.com", "address_line1": "123 Main St",
            "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US",
        }});
        let key = self.chance(50).then(|| format!("order-{}", self.below(1_000_000)));
        let path = "/api/v1/orders/create-from-cart";
        let reply = self.post(buyer, path, body.clone(), key.as_deref()).await;
        if reply.status == 201 {
            self.promised(buyer, &reply.body);
        }
        if self.chance(30) {
            let again = self.post(buyer, path, body, key.as_deref()).await;
            if key.is_some() && reply.status == 201 {
                assert_eq!((again.status, &again.body), (reply.status, &reply.body), "the same key");
            } else if again.status == 201 {
                self.promised(buyer, &again.body);
            }
        }
        said(&format!("buyer {buyer} orders"), &reply)
    }

    /// An order was made, or is the one that had been made before. It is priced as the shop's window says.
    fn promised(&mut self, buyer: usize, body: &Value) {
        let id = body["id"].as_str().unwrap().parse().unwrap();
        if self.model.orders.iter().any(|order| order.id == id) {
            return;
        }
        let (mut lines, mut subtotal) = (Vec::new(), 0);
        for item in body["items"].as_array().unwrap() {
            let sold = item["course"]["id"].as_str().unwrap();
            let course = self.courses.iter().position(|course| course.id.to_string() == sold).unwrap();
            let price = i64::try_from(self.courses[course].price_minor.unwrap()).unwrap();
            assert_eq!(cents(&item["price_at_purchase"]), price);
            subtotal += price;
            lines.push(Line {
                id: item["id"].as_str().unwrap().parse().unwrap(),
                course,
                paid: cents(&item["paid_amount"]),
                returned: 0,
            });
        }
        let promo = body["promo_code"].as_str().map(ToOwned::to_owned);
        let percent =
            promo.as_ref().map_or(0, |code| PROMOS.iter().find(|(name, ..)| name == code).unwrap().1);
        let total = subtotal - subtotal * i64::from(percent) / 100;
        assert_eq!(cents(&body["total_amount"]), total, "{body:#}");
        let method = match body["payment"]["method"].as_str().unwrap() {
            "card" => Method::Card,
            "bank_transfer" => Method::Transfer,
            _ => Method::Free,
        };
        assert_eq!(total == 0, method == Method::Free, "{body:#}");
        let paid = method == Method::Free;
        let order = Order { id, buyer, method, lines, promo, paid, late: None, secret: None, dispute: None };
        assert_eq!(order.total(), total, "the items' parts are the whole: {body:#}");
        self.model.orders.push(order);
    }

    async fn begin_payment(&mut self, buyer: usize) -> String {
        let Some(number) =
            self.pick_order(|order| order.buyer == buyer && order.method == Method::Card && !order.paid)
        else {
            return "nothing to pay".into();
        };
        let body = json!({"order_id": self.model.orders[number].id});
        let reply = self.post(buyer, "/api/v1/payments/create-payment-intent", body, None).await;
        let order = &mut self.model.orders[number];
        if reply.status == 201 {
            assert_eq!(reply.body["amount"].as_i64(), Some(order.total()), "the amount is the order's");
            let secret = reply.text("client_secret");
            assert!(
                order.secret.as_ref().is_none_or(|before| *before == secret),
                "one payment for one order"
            );
            order.secret = Some(secret);
        }
        said(&format!("buyer {buyer} begins to pay order {number}"), &reply)
    }

    async fn pay(&mut self, buyer: usize) -> String {
        let open = |order: &Order| order.buyer == buyer && order.secret.is_some() && !order.paid;
        let Some(number) = self.pick_order(open) else { return "no payment is open".into() };
        let card = if self.chance(75) { VISA } else { ODD_CARDS[self.below(ODD_CARDS.len())] };
        let secret = self.model.orders[number].secret.clone().unwrap();
        let mut outcome = self.stripe.pay(&secret, card);
        if outcome.as_deref().is_ok_and(|status| status == "requires_action") {
            let agreed = self.chance(70);
            let intent = self.model.orders[number].intent().unwrap().to_owned();
            self.stripe.authenticate(&intent, agreed).unwrap();
            outcome = Ok(self.stripe.object(&intent).unwrap()["status"].as_str().unwrap().to_owned());
        }
        if outcome.as_deref().is_ok_and(|status| status == "succeeded") {
            self.model.orders[number].paid = true;
            if card == ODD_CARDS[4] {
                self.model.orders[number].dispute = self.dispute_of(number);
            }
        }
        format!("buyer {buyer} pays order {number} with {card}: {outcome:?}")
    }

    /// The dispute that a bank has opened by itself.
    fn dispute_of(&self, number: usize) -> Option<String> {
        let intent = self.model.orders[number].intent()?;
        let events = self.stripe.events();
        let created = events.iter().rev().filter(|event| event.kind == "charge.dispute.created");
        let object = |body: &str| serde_json::from_str::<Value>(body).unwrap()["data"]["object"].clone();
        let mut disputes =
            created.map(|event| object(&event.body)).filter(|object| object["payment_intent"] == intent);
        disputes.next().map(|object| object["id"].as_str().unwrap().to_owned())
    }

    async fn confirm(&mut self, buyer: usize) -> String {
        let Some(number) = self.pick_order(|order| order.buyer == buyer && order.secret.is_some()) else {
            return "nothing to confirm".into();
        };
        let order = &self.model.orders[number];
        let body = json!({"order_id": order.id, "payment_intent_id": order.intent()});
        let reply = self.post(buyer, "/api/v1/payments/confirm-payment", body, None).await;
        let succeeded = reply.status == 200 && reply.body["status"] == "succeeded";
        assert!(!succeeded || self.model.orders[number].paid, "nobody has paid order {number}");
        said(&format!("buyer {buyer} confirms order {number}"), &reply)
    }

    /// Any of the events that wait, not the oldest first.
    async fn some_event(&mut self) -> String {
        self.waiting.extend(self.stripe.take_events());
        if self.waiting.is_empty() {
            return "no event waits".into();
        }
        let number = self.below(self.waiting.len());
        let event = self.waiting.swap_remove(number);
        if self.deliver(&event).await {
            self.delivered.push(event.clone());
        } else {
            self.waiting.push(event.clone());
        }
        format!("the gateway tells {}", event.kind)
    }

    async fn event_again(&mut self) -> String {
        if self.delivered.is_empty() {
            return "nothing was told".into();
        }
        let number = self.below(self.delivered.len());
        let event = self.delivered[number].clone();
        self.deliver(&event).await;
        format!("the gateway tells {} again", event.kind)
    }

    async fn cancel(&mut self, buyer: usize) -> String {
        let Some(number) = self.pick_order(|order| order.buyer == buyer) else {
            return "nothing to cancel".into();
        };
        let path = format!("/api/v1/orders/{}/cancel", self.model.orders[number].id);
        let reply = self.post(buyer, &path, json!({}), None).await;
        let paid = self.model.orders[number].paid;
        assert!(reply.status != 200 || !paid, "order {number} was paid and is cancelled");
        said(&format!("buyer {buyer} cancels order {number}"), &reply)
    }

    async fn refund(&mut self) -> String {
        let Some(number) = self.pick_order(|order| order.paid && order.method != Method::Free) else {
            return "nothing to refund".into();
        };
        let line = self.below(self.model.orders[number].lines.len());
        let whole = self.chance(40);
        let part = self.chance(50);
        let line = &self.model.orders[number].lines[line];
        let body = if whole {
            json!({"reason": "all"})
        } else if part {
            json!({"items": [{"item_id": line.id, "amount": 3.33}]})
        } else {
            json!({"items": [{"item_id": line.id}]})
        };
        let key = format!("refund-{number}-{}", self.below(1_000_000));
        let reply = self.ask_refund(number, body, &key).await;
        said(&format!("the admin refunds order {number}"), &reply)
    }

    /// Asks for a refund; what the answer leaves open is asked again later.
    pub(crate) async fn ask_refund(&mut self, number: usize, body: Value, key: &str) -> Reply {
        let path = format!("/api/v1/admin/orders/{}/refund", self.model.orders[number].id);
        let reply = self.post(ADMIN, &path, body.clone(), Some(key)).await;
        if reply.status == 201 {
            self.returned(number, &reply.body);
        } else if reply.status == 202 {
            self.under_way.push((number, reply.body.clone()));
        } else if reply.status.is_server_error() {
            self.unsure.push((number, body, key.to_owned()));
        }
        reply
    }

    pub(crate) fn returned(&mut self, number: usize, body: &Value) {
        for item in body["items"].as_array().unwrap() {
            let id = item["item_id"].as_str().unwrap();
            let line =
                self.model.orders[number].lines.iter_mut().find(|line| line.id.to_string() == id).unwrap();
            line.returned += cents(&item["amount"]);
            assert!(line.returned <= line.paid, "more went back than was paid");
        }
    }

    fn dispute(&mut self) -> String {
        let Some(number) =
            self.pick_order(|order| order.paid && order.secret.is_some() && order.dispute.is_none())
        else {
            return "nothing to dispute".into();
        };
        let outcome = self.stripe.open_dispute(self.model.orders[number].intent().unwrap());
        let opened = outcome.is_ok();
        self.model.orders[number].dispute = outcome.ok();
        format!("a bank claims order {number}: {opened}")
    }

    fn decide(&mut self) -> String {
        let Some(number) = self.pick_order(|order| order.dispute.is_some()) else {
            return "nothing to decide".into();
        };
        let won = self.chance(50);
        let dispute = self.model.orders[number].dispute.take().unwrap();
        self.stripe.close_dispute(&dispute, won).unwrap();
        if !won {
            // A bank claims all that is left.
            self.model.orders[number].return_all();
        }
        format!("a bank decides about order {number}, for the platform: {won}")
    }

    async fn confirm_transfer(&mut self) -> String {
        let Some(number) = self.pick_order(|order| order.method == Method::Transfer) else {
            return "no transfer is awaited".into();
        };
        let total = self.model.orders[number].total();
        let right = self.chance(90);
        let minor = if right { total } else { total + 1 };
        let amount: Value = serde_json::from_str(&format!("{}.{:02}", minor / 100, minor % 100)).unwrap();
        let path = format!("/api/v1/admin/orders/{}/confirm-transfer", self.model.orders[number].id);
        let reply = self.post(ADMIN, &path, json!({"amount": amount, "reference": "1"}), None).await;
        if reply.status == 200 {
            let order = &mut self.model.orders[number];
            if reply.body["set_aside_id"].is_null() {
                assert!(right, "another amount than the order's");
                order.paid = true;
            } else {
                assert!(!order.paid, "the same reference is the same money");
                order.late.get_or_insert(minor);
            }
        }
        said(&format!("the admin confirms the transfer for order {number}"), &reply)
    }

    async fn return_late(&mut self) -> String {
        let Some(number) = self.pick_order(|order| order.late.is_some_and(|minor| minor > 0)) else {
            return "no money came too late".into();
        };
        let path = "/api/v1/admin/set-asides";
        let listed = self.get(ADMIN, path).await;
        let order = json!(self.model.orders[number].id);
        let asides = listed.body["results"].as_array().cloned().unwrap_or_default();
        let Some(aside) = asides.iter().find(|aside| aside["order_id"] == order) else {
            return said("the list of what was set aside", &listed);
        };
        let path = format!("{path}/{}/refund", aside["id"].as_str().unwrap());
        let reply = self.post(ADMIN, &path, json!({}), None).await;
        if reply.status == 200 {
            self.model.orders[number].late = Some(0);
        }
        said(&format!("the admin sends back what came too late for order {number}"), &reply)
    }

    async fn subscribe(&mut self, buyer: usize) -> String {
        let number = self.below(self.plans.len());
        let plan = self.plans[number].clone();
        let interval = if self.chance(70) { "monthly" } else { "annual" };
        let code = self.chance(25).then(|| PROMOS[self.below(2)].0);
        let body = json!({"plan": plan, "interval": interval, "promo_code": code});
        let reply = self.post(buyer, "/api/v1/subscription", body, None).await;
        if reply.status.is_success() {
            let id = reply.body["subscription"]["id"].as_str().unwrap().parse().unwrap();
            let secret = reply.body["client_secret"].as_str().map(ToOwned::to_owned);
            self.model.subscriptions.retain(|subscription| subscription.id != id);
            self.model.subscriptions.push(Subscription { id, buyer, secret });
        }
        said(&format!("buyer {buyer} subscribes to plan {number}"), &reply)
    }

    async fn pay_subscription(&mut self) -> String {
        if self.model.subscriptions.is_empty() {
            return "no subscription is to be paid".into();
        }
        let number = self.below(self.model.subscriptions.len());
        if self.chance(40) {
            // Who has left the page asks for what is open: a first payment, one that failed, or the card for the time after a trial.
            let (id, buyer) = (self.model.subscriptions[number].id, self.model.subscriptions[number].buyer);
            let reply = self.post(buyer, "/api/v1/subscription/payment-method", json!({}), None).await;
            if reply.status == 200 && reply.body["subscription"]["id"] == json!(id) {
                let secret = reply.body["client_secret"].as_str().map(ToOwned::to_owned);
                self.model.subscriptions[number].secret = secret;
            }
        }
        let card = if self.chance(70) { VISA } else { ODD_CARDS[self.below(3)] };
        let subscription = &self.model.subscriptions[number];
        let outcome = subscription.secret.as_ref().map(|secret| self.stripe.pay(secret, card).map_err(drop));
        format!("buyer {} pays subscription {number}: {outcome:?}", subscription.buyer)
    }

    async fn change_subscription(&mut self, buyer: usize) -> String {
        let number = self.below(self.plans.len());
        let plan = self.plans[number].clone();
        let interval = if self.chance(80) { "monthly" } else { "annual" };
        let preview = self
            .get(buyer, &format!("/api/v1/subscription/change-preview?plan={plan}&interval={interval}"))
            .await;
        if preview.status != 200 {
            return said(&format!("buyer {buyer} looks at plan {number}"), &preview);
        }
        let body = json!({
            "plan": plan, "interval": interval, "charge_cents": preview.body["charge_cents"],
            "previewed_at": preview.body["previewed_at"],
        });
        let reply = self.post(buyer, "/api/v1/subscription/change", body, None).await;
        said(&format!("buyer {buyer} changes to plan {number}"), &reply)
    }

    async fn end_subscription(&mut self, buyer: usize) -> String {
        let (path, body) = match self.below(3) {
            0 => ("cancel", json!({"at_period_end": false})),
            1 => ("cancel", json!({"at_period_end": true})),
            _ => ("resume", json!({})),
        };
        let reply = self.post(buyer, &format!("/api/v1/subscription/{path}"), body, None).await;
        said(&format!("buyer {buyer}: {path}"), &reply)
    }

    /// Somebody at the gateway's own desk sends back what was paid for a subscription, or a part of it; or its bank claims it and decides.
    async fn give_back(&mut self) -> String {
        if self.model.subscriptions.is_empty() {
            return "no subscription is to be given back".into();
        }
        let number = self.below(self.model.subscriptions.len());
        let id = self.model.subscriptions[number].id;
        let mut invoices = self.world.store().subscriptions().invoices(id).await.unwrap();
        invoices.retain(|invoice| invoice.paid_at.is_some() && invoice.intent_id.is_some());
        if invoices.is_empty() {
            return format!("nothing was paid for subscription {number}");
        }
        let invoice = invoices.swap_remove(self.below(invoices.len()));
        let intent = invoice.intent_id.unwrap();
        let all = invoice.amount.minor;
        let minor = if self.chance(50) { all } else { (all / 3).max(1) };
        if self.chance(70) {
            let done = self.stripe.refund(&intent, minor).is_ok();
            return format!("{minor} of subscription {number} go back: {done}");
        }
        let won = self.chance(50);
        let Ok(dispute) = self.stripe.open_dispute(&intent) else {
            return format!("nothing of subscription {number} can be claimed");
        };
        self.stripe.close_dispute(&dispute, won).unwrap();
        format!("a bank claims subscription {number} and decides, for the platform: {won}")
    }

    /// From minutes to a month: what is due at the gateway happens.
    fn time_passes(&mut self) -> String {
        let minutes = [5, 50, 90, 60 * 9, 60 * 24 * 3, 60 * 24 * 9, 60 * 24 * 31][self.below(7)];
        self.pass(minutes);
        format!("{minutes} minutes pass")
    }

    pub(crate) fn pass(&mut self, minutes: i64) {
        self.world.advance(SignedDuration::from_mins(minutes));
        self.stripe.settle();
    }

    pub(crate) async fn job(&mut self) -> String {
        let outcome = job_billing::handle(&self.cycle, job_billing::Task::Cycle).await;
        assert!(outcome.is_ok() || self.faulty, "the billing job fails without a fault: {outcome:?}");
        "the billing job runs".into()
    }
}

fn said(what: &str, reply: &Reply) -> String {
    format!("{what}: {} {}", reply.status.as_u16(), reply.code())
}
