//! Buying: carts, orders, cards that are given on the payment page of Stripe's stand-in (infra/stripe), and what only its bank and its clock do.

use reqwest::{Client, StatusCode, Url, header::LOCATION, redirect::Policy};
use serde_json::{Value, json};
use store::{Store, Table, Tables};

use super::{Course, Person, Stack, text, until};

/// Cards of the stand-in (infra/stripe/src/cards.rs).
pub(crate) mod card {
    pub(crate) const PAYS: &str = "4242424242424242";
    pub(crate) const DECLINED: &str = "4000000000000002";
    pub(crate) const ASKS: &str = "4000000000003220";
    pub(crate) const FAILS_LATER: &str = "4000000000000341";
}

/// What the payment page answered a browser.
#[derive(Debug)]
pub(crate) enum Shown {
    /// It led the browser back, here.
    Back(String),
    /// The bank asks.
    Bank,
    /// A page with these words.
    Page(String),
}

impl Shown {
    /// Fails unless the browser was led back after a success.
    #[track_caller]
    pub(crate) fn expect_success(&self) {
        let well = matches!(self, Self::Back(to) if to.ends_with("redirect_status=succeeded"));
        assert!(well, "{self:?}");
    }
}

/// An order that was made to be paid by card, and its payment.
pub(crate) struct Purchase {
    pub(crate) order: Value,
    pub(crate) payment: Value,
}

impl Purchase {
    /// The order's id.
    pub(crate) fn id(&self) -> String {
        text(&self.order, "id")
    }

    /// The payment's number at the gateway.
    pub(crate) fn intent(&self) -> String {
        text(&self.payment, "payment_intent_id")
    }

    /// The number of the only item of a course.
    #[track_caller]
    pub(crate) fn item(&self, course: &Course) -> String {
        let mut items = self.order["items"].as_array().unwrap().iter();
        text(items.find(|item| item["course"]["id"] == course.id).expect("an item of the course"), "id")
    }
}

impl Stack {
    /// Somebody who runs the platform.
    pub(crate) async fn admin(&self) -> Person {
        let mut admin = self.student().await;
        self.promote(&mut admin).await;
        admin
    }

    /// A promo code for so many percent, which each may use once.
    pub(crate) async fn promo_code(&self, admin: &Person, percent: u8) -> String {
        let code = format!("TEST-{}", self.word().to_uppercase());
        let wish = json!({
            "code": code, "discount_type": "percentage", "discount_value": percent,
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2099-01-01T00:00:00Z",
        });
        admin.post("/admin/promo-codes", wish).await.ok();
        code
    }

    /// A plan with a trial and a dearer one: made by another test, or now.
    pub(crate) async fn plans(&self, admin: &Person) -> [Value; 2] {
        for (kind, name, monthly) in [("premium", "Premium", 999), ("premium_plus", "Premium Plus", 1999)] {
            let wish = json!({
                "name": name, "plan_type": kind, "price_monthly_cents": monthly, "price_annual_cents": monthly * 10,
                "trial_days": 14,
            });
            let made = admin.post("/admin/plans", wish).await;
            assert!(made.status.is_success() || made.status == StatusCode::CONFLICT, "{made:?}");
        }
        // The other test may be about to tell the gateway of them; until then they are not sold.
        until("the plans on sale", async || {
            let all = admin.get("/plans").await.ok();
            let of = |kind: &str| {
                let mut all = all["results"].as_array().unwrap().iter();
                all.find(|plan| plan["plan_type"] == kind).cloned()
            };
            Some([of("premium")?, of("premium_plus")?])
        })
        .await
    }

    /// Gives a card in the form of the payment page. `payment` is what the API answered who is to pay.
    pub(crate) async fn give_card(&self, payment: &Value, card: &str) -> Shown {
        self.submit(payment, "", ("card", card)).await
    }

    /// Answers the bank, which asked.
    pub(crate) async fn answer_bank(&self, payment: &Value, agreed: bool) -> Shown {
        self.submit(payment, "/bank", ("agreed", if agreed { "true" } else { "false" })).await
    }

    async fn submit(&self, payment: &Value, below: &str, field: (&str, &str)) -> Shown {
        let page = text(payment, "payment_page") + below;
        let (secret, back) =
            (text(payment, "client_secret"), format!("{}/done", self.description.viewer_url));
        let fields = [("client_secret", secret.as_str()), ("return_url", &back), field];
        let form = Url::parse_with_params(&page, fields).unwrap().query().unwrap().to_owned();
        let browser = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let call = browser.post(page).header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer = call.send().await.unwrap();
        match answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned()) {
            Some(to) if to.starts_with("/pay/bank") => Shown::Bank,
            Some(to) => Shown::Back(to),
            None => Shown::Page(answer.text().await.unwrap()),
        }
    }

    /// What a bank or time does at the gateway.
    async fn at_gateway(&self, what: &str, body: Value) -> Value {
        let url = format!("{}/_control/{what}", self.description.stripe);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{what} answered {status}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The bank of who paid takes a payment back; the dispute.
    pub(crate) async fn dispute(&self, purchase: &Purchase) -> String {
        text(&self.at_gateway("disputes", json!({"payment_intent": purchase.intent()})).await, "id")
    }

    /// The bank decides for who paid.
    pub(crate) async fn lose(&self, dispute: &str) {
        self.at_gateway(&format!("disputes/{dispute}/close"), json!({"won": false})).await;
    }

    /// As if the period of somebody's subscription, or its trial, were over. Others' go on.
    pub(crate) async fn end_period(&self, person: &Person) {
        let tables = Tables::fixed([(Table::Commerce, self.output("CommerceTableName").to_owned())]);
        let store = Store::new(self.cloud.dynamodb(&kernel::Vars::fixed::<&str, &str>([])), tables);
        let live = store.subscriptions().live(person.id.parse().unwrap()).await.unwrap();
        let id = live.expect("a subscription").gateway_id.expect("the gateway knows it");
        self.at_gateway(&format!("subscriptions/{id}/end-period"), json!({})).await;
    }
}

impl Person {
    /// A published course with a text, for so many dollars; the text's lesson.
    pub(crate) async fn sells(&self, title: &str, price: f64) -> (Course, String) {
        let course = self.course_for(title, price).await;
        let lesson = self.lesson(&course.id, &course.section, None).await;
        self.post(&format!("/courses/{}/publish", course.id), None).await.ok();
        (course, lesson)
    }

    /// Puts courses into the cart.
    pub(crate) async fn wants(&self, courses: &[&Course]) {
        for course in courses {
            self.post("/cart/items", json!({"course_id": course.id})).await.ok();
        }
    }

    /// Makes an order of the cart.
    pub(crate) async fn order(&self, method: &str) -> Value {
        let address = json!({
            "first_name": "Ada", "last_name": "Lim", "email": self.email, "address_line1": "1 Main St", "city": "Seoul",
            "postal_code": "04524", "country": "KR",
        });
        let wish = json!({"billing_address": address, "payment_method": method});
        self.post("/orders/create-from-cart", wish).await.ok()
    }

    /// Orders what is in the cart, to be paid by card.
    pub(crate) async fn checks_out(&self) -> Purchase {
        let order = self.order("card").await;
        let payment =
            self.post("/payments/create-payment-intent", json!({"order_id": order["id"]})).await.ok();
        Purchase { order, payment }
    }

    /// Buys courses with a good card.
    pub(crate) async fn buys(&self, stack: &Stack, courses: &[&Course]) -> Purchase {
        self.wants(courses).await;
        let purchase = self.checks_out().await;
        stack.give_card(&purchase.payment, card::PAYS).await.expect_success();
        self.confirm(&purchase).await.ok();
        purchase
    }

    /// Says that the browser is back from the payment page.
    pub(crate) async fn confirm(&self, purchase: &Purchase) -> super::Answer {
        let said = json!({"order_id": purchase.id(), "payment_intent_id": purchase.intent()});
        self.post("/payments/confirm-payment", said).await
    }

    /// Waits until an order is in this state.
    pub(crate) async fn sees_order(&self, id: &str, status: &str) -> Value {
        until(&format!("the order, {status}"), async || {
            let order = self.get(&format!("/orders/{id}")).await.ok();
            (order["status"] == status).then_some(order)
        })
        .await
    }

    /// Waits until the subscription is so.
    pub(crate) async fn sees_plan(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(&format!("the subscription, {what}"), async || {
            let plan = self.get("/subscription").await.ok();
            is_so(&plan).then_some(plan)
        })
        .await
    }

    /// What a lesson answers: its status, and the code of an error.
    pub(crate) async fn opens(&self, course: &Course, lesson: &str) -> (u16, String) {
        let answer = self.get(&format!("/courses/{}/lessons/{lesson}", course.id)).await;
        (answer.status.as_u16(), answer.code().to_owned())
    }
}
