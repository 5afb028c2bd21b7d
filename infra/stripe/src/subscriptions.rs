//! Subscriptions: begin, change, end. What time does to them is in `renewals`.
//!
//! Simpler than Stripe: a subscription has one item, prices are per month or year, there is no proration (`proration_behavior` must be
//! `none` where it matters), and a coupon of one use waits for the first invoice that is not zero.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    form::Params,
    invoices::NewInvoice,
    world::{World, text},
};

const DAY: i64 = 24 * 3600;

impl World {
    pub(crate) fn create_subscription(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&[
            "customer",
            "items[price]",
            "payment_behavior",
            "payment_settings[save_default_payment_method]",
            "metadata[*]",
            "trial_period_days",
            "trial_settings[end_behavior][missing_payment_method]",
            "discounts[coupon]",
        ])?;
        let customer = params.required("customer")?.to_owned();
        self.get("customer", &customer)?;
        let price = self.active_price(params.required("items[0][price]")?)?;
        if params.required("payment_behavior")? != "default_incomplete" {
            return Err(ApiError::parameter(
                "parameter_unknown",
                "payment_behavior",
                "Only default_incomplete is known here",
            ));
        }
        let (now, currency) = (self.now(), self.text_of(&price, "currency"));
        let trial = params.int("trial_period_days")?.map(|days| now + days * DAY);
        let end = trial.unwrap_or_else(|| self.period_end(&price, now, now));
        let id = self.id("sub");
        let item = self.id("si");
        let item = json!({
            "id": item, "object": "subscription_item", "billing_thresholds": null, "created": now, "current_period_start": now,
            "current_period_end": end, "discounts": [], "metadata": {}, "quantity": 1, "subscription": id, "tax_rates": [],
            "price": self.field_object(&price), "plan": self.plan_of(&price),
        });
        self.add(json!({
            "id": id, "object": "subscription", "application": null, "automatic_tax": {"enabled": false, "disabled_reason": null,
                "liability": null}, "billing_cycle_anchor": trial.unwrap_or(now), "billing_mode": {"type": "flexible"},
            "billing_schedules": [], "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
            "cancellation_details": {"comment": null, "feedback": null, "reason": null}, "collection_method": "charge_automatically",
            "created": now, "currency": currency, "customer": customer, "default_payment_method": null, "description": null,
            "discounts": [], "ended_at": null, "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}},
            "items": {"object": "list", "data": [item], "has_more": false, "url": format!("/v1/subscription_items?subscription={id}")},
            "latest_invoice": null, "livemode": false, "metadata": params.map("metadata"), "pending_setup_intent": null,
            "payment_settings": {"payment_method_options": null, "payment_method_types": null,
                "save_default_payment_method": "on_subscription"},
            "start_date": now, "status": "incomplete", "trial_start": trial.map(|_| now), "trial_end": trial,
            "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        }));
        if let Some(coupon) = params.text("discounts[0][coupon]") {
            self.get("coupon", coupon)?;
            self.coupons.insert(id.clone(), coupon.to_owned());
        }
        if trial.is_some() {
            let setup = self.open_setup(&customer);
            self.patch(&id, json!({"status": "trialing", "pending_setup_intent": setup}));
        }
        self.notify("customer.subscription.created", &id);
        let invoice = NewInvoice { reason: "subscription_create", start: now, end, free: trial.is_some() };
        let invoice = self.bill_subscription(&id, &invoice)?;
        if trial.is_none() && self.text_of(&invoice, "status") == "paid" {
            self.activate(&id);
        }
        Ok(id)
    }

    pub(crate) fn update_subscription(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&[
            "items[id]",
            "items[price]",
            "proration_behavior",
            "payment_behavior",
            "cancel_at_period_end",
            "discounts[coupon]",
            "default_payment_method",
        ])?;
        if self.has_ended(id)? {
            return Err(ApiError::refused(
                Some("resource_missing"),
                "A canceled subscription can only update its metadata.",
            ));
        }
        if let Some(ends) = params.flag("cancel_at_period_end")? {
            let (now, end) = (self.now(), self.item(id, "current_period_end"));
            let at = |time: i64| if ends { json!(time) } else { Value::Null };
            self.patch(
                id,
                json!({"cancel_at_period_end": ends, "cancel_at": at(end), "canceled_at": at(now)}),
            );
        }
        if let Some(method) = params.text("default_payment_method") {
            self.get("payment_method", method)?;
            self.patch(id, json!({"default_payment_method": method}));
        }
        if let Some(item) = params.text("items[0][id]") {
            self.switch_price(id, item, params)?;
        }
        self.notify("customer.subscription.updated", id);
        Ok(id.to_owned())
    }

    fn switch_price(&mut self, id: &str, item: &str, params: &Params) -> Result<(), ApiError> {
        if params.required("proration_behavior")? != "none" {
            return Err(ApiError::parameter(
                "parameter_unknown",
                "proration_behavior",
                "Only none is known here",
            ));
        }
        let items = self.field(id, "items");
        let old = items.pointer("/data/0").cloned().unwrap_or(Value::Null);
        if text(&old, "id") != item {
            return Err(ApiError::missing("subscription_item", item));
        }
        let price = self.active_price(params.required("items[0][price]")?)?;
        if self.text_of(&price, "currency") != self.text_of(id, "currency") {
            return Err(ApiError::refused(None, "The price is in another currency."));
        }
        if let Some(coupon) = params.text("discounts[0][coupon]") {
            self.get("coupon", coupon)?;
            self.coupons.insert(id.to_owned(), coupon.to_owned());
        }
        let interval = |price: &Value| price.pointer("/recurring/interval").cloned();
        let same = old.get("price").and_then(interval) == interval(&self.field_object(&price));
        self.set_item(id, json!({"price": self.field_object(&price), "plan": self.plan_of(&price)}));
        if same || self.text_of(id, "status") == "trialing" {
            return Ok(());
        }
        // Another interval begins a new period, which is paid now.
        let now = self.now();
        let end = self.period_end(&price, now, now);
        let before = self.field(id, "latest_invoice");
        let invoice = NewInvoice { reason: "subscription_update", start: now, end, free: false };
        let invoice = self.bill_subscription(id, &invoice)?;
        match self.collect(&invoice) {
            Err(error) if params.text("payment_behavior") == Some("error_if_incomplete") => {
                self.void(&invoice);
                self.coupons.remove(id);
                self.set_item(id, old);
                self.patch(id, json!({"latest_invoice": before}));
                Err(error)
            }
            _ => {
                self.set_item(id, json!({"current_period_start": now, "current_period_end": end}));
                self.patch(id, json!({"billing_cycle_anchor": now}));
                Ok(())
            }
        }
    }

    pub(crate) fn delete_subscription(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["prorate", "invoice_now"])?;
        if self.has_ended(id)? {
            return Err(ApiError::missing("subscription", id));
        }
        self.end_subscription(id, "cancellation_requested");
        Ok(id.to_owned())
    }

    pub(crate) fn end_subscription(&mut self, id: &str, reason: &str) {
        let now = self.now();
        let status =
            if self.text_of(id, "status") == "incomplete" { "incomplete_expired" } else { "canceled" };
        self.patch(
            id,
            json!({"status": status, "canceled_at": now, "ended_at": now, "pending_setup_intent": null,
            "cancellation_details": {"comment": null, "feedback": null, "reason": reason}}),
        );
        // What was not paid will not be: Stripe stops collecting open invoices, and voids the one that a subscription began with.
        let invoice = self.text_of(id, "latest_invoice");
        if self.text_of(&invoice, "status") == "open" {
            self.patch(&invoice, json!({"next_payment_attempt": null, "auto_advance": false}));
            if status == "incomplete_expired" {
                self.void(&invoice);
            }
        }
        self.notify(
            if status == "canceled" {
                "customer.subscription.deleted"
            } else {
                "customer.subscription.updated"
            },
            id,
        );
    }

    /// The first payment arrived, or a renewal's.
    pub(crate) fn activate(&mut self, id: &str) {
        if matches!(self.text_of(id, "status").as_str(), "incomplete" | "past_due" | "trialing" | "unpaid") {
            self.patch(id, json!({"status": "active"}));
            self.notify("customer.subscription.updated", id);
        }
    }

    fn open_setup(&mut self, customer: &str) -> String {
        let id = self.id("seti");
        let secret = format!("{id}_secret_{}", self.token(&format!("secret of {id}")));
        let now = self.now();
        self.add(json!({
            "id": id, "object": "setup_intent", "client_secret": secret, "created": now, "customer": customer, "last_setup_error": null,
            "livemode": false, "metadata": {}, "next_action": null, "payment_method": null, "payment_method_types": ["card"],
            "status": "requires_payment_method", "usage": "off_session",
        }))
    }

    /// Somebody is to give a card for later.
    pub(crate) fn create_setup(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["customer", "usage", "metadata[*]"])?;
        let customer = params.required("customer")?.to_owned();
        self.get("customer", &customer)?;
        let id = self.open_setup(&customer);
        self.patch(&id, json!({"metadata": params.map("metadata")}));
        Ok(id)
    }

    /// A browser gives the card with which a subscription in its trial will be paid.
    pub(crate) fn confirm_setup(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        let found = self.get("setup_intent", id)?;
        let (status, customer) = (text(found, "status").to_owned(), text(found, "customer").to_owned());
        if status != "requires_payment_method" {
            return Err(crate::payments::unexpected("setup_intent", &status));
        }
        let method = self.method_of(params)?;
        self.keep_method(&method, &customer);
        self.patch(id, json!({"status": "succeeded", "payment_method": method}));
        let waiting = |object: &&Value| {
            text(object, "object") == "subscription" && text(object, "pending_setup_intent") == id
        };
        let subscription = self.objects.values().find(waiting).map(|found| text(found, "id").to_owned());
        self.notify("setup_intent.succeeded", id);
        if let Some(subscription) = subscription {
            self.patch(
                &subscription,
                json!({"default_payment_method": method, "pending_setup_intent": null}),
            );
            self.notify("customer.subscription.updated", &subscription);
        }
        Ok(id.to_owned())
    }

    fn active_price(&self, id: &str) -> Result<String, ApiError> {
        match self.get("price", id)?.get("active") {
            Some(Value::Bool(true)) => Ok(id.to_owned()),
            _ => Err(ApiError::refused(None, "The price specified is inactive.")),
        }
    }

    pub(crate) fn has_ended(&self, id: &str) -> Result<bool, ApiError> {
        Ok(matches!(text(self.get("subscription", id)?, "status"), "canceled" | "incomplete_expired"))
    }

    /// A whole object, to be put into another one.
    pub(crate) fn field_object(&self, id: &str) -> Value {
        self.objects.get(id).cloned().unwrap_or(Value::Null)
    }

    /// A number of the one item.
    pub(crate) fn item(&self, id: &str, name: &str) -> i64 {
        self.field(id, "items")
            .pointer(&format!("/data/0/{name}"))
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    pub(crate) fn price_of(&self, id: &str) -> Value {
        self.field(id, "items").pointer("/data/0/price").cloned().unwrap_or(Value::Null)
    }

    pub(crate) fn set_item(&mut self, id: &str, members: Value) {
        let mut items = self.field(id, "items");
        if let (Some(Value::Object(item)), Value::Object(members)) = (items.pointer_mut("/data/0"), members) {
            item.extend(members);
        }
        self.patch(id, json!({"items": items}));
    }

    /// The older form of a price, which an item still carries.
    fn plan_of(&self, price: &str) -> Value {
        let price = self.field_object(price);
        let recurring = |name: &str| price.pointer(&format!("/recurring/{name}")).cloned();
        json!({
            "id": price["id"], "object": "plan", "active": price["active"], "amount": price["unit_amount"], "billing_scheme": "per_unit",
            "created": price["created"], "currency": price["currency"], "interval": recurring("interval"), "interval_count": 1,
            "livemode": false, "metadata": {}, "nickname": null, "product": price["product"], "usage_type": "licensed",
        })
    }

    /// The end of a period that begins at `start`: the next month or year counted from `anchor`, on the same day or on the last one of a
    /// shorter month, so that the 31st comes back after February.
    pub(crate) fn period_end(&self, price: &str, anchor: i64, start: i64) -> i64 {
        let yearly = self.field(price, "recurring").get("interval").and_then(Value::as_str) == Some("year");
        let anchor = Timestamp::from_second(anchor).unwrap_or_default().to_zoned(TimeZone::UTC);
        let after = |count: i32| {
            let span = if yearly { Span::new().try_years(count) } else { Span::new().try_months(count) };
            Some(anchor.checked_add(span.ok()?).ok()?.timestamp().as_second())
        };
        // The calendar ends in the year 9999; nothing is due later.
        (1..).map_while(after).find(|end| *end > start).unwrap_or(i64::MAX)
    }
}
