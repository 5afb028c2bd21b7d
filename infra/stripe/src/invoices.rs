//! Invoices and what collects them.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    form::Params,
    world::{World, text},
};

/// Days after a failed renewal on which it is tried again.
pub const RETRY_DAYS: [i64; 3] = [3, 5, 7];
const DAY: i64 = 24 * 3600;

/// An invoice for a period of a subscription.
pub(crate) struct NewInvoice {
    pub(crate) reason: &'static str,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// A trial.
    pub(crate) free: bool,
}

impl World {
    /// Writes and finalises the invoice of a period, with a payment where there is something to pay. Stripe leaves the invoice of a
    /// renewal a draft for an hour; here it is final at once.
    pub(crate) fn bill_subscription(
        &mut self,
        subscription: &str,
        new: &NewInvoice,
    ) -> Result<String, ApiError> {
        let price = self.price_of(subscription);
        let amount =
            if new.free { 0 } else { price.get("unit_amount").and_then(Value::as_i64).unwrap_or_default() };
        let (customer, currency) =
            (self.text_of(subscription, "customer"), self.text_of(subscription, "currency"));
        let off = match self.coupons.get(subscription).cloned() {
            Some(coupon) if amount > 0 => {
                let off = self.redeem(&coupon, &currency)?;
                self.coupons.remove(subscription);
                off.min(amount)
            }
            _ => 0,
        };
        let invoice = self.draft(&customer, Some(subscription), &currency, new.reason, None);
        let item = self.field(subscription, "items").pointer("/data/0/id").cloned().unwrap_or(Value::Null);
        let parent = json!({"type": "subscription_item_details", "invoice_item_details": null, "subscription_item_details": {
            "invoice_item": null, "proration": false, "proration_details": null, "subscription": subscription, "subscription_item": item}});
        self.add_line(&invoice, amount, "Subscription", (new.start, new.end), &parent);
        self.patch(
            &invoice,
            json!({"total": amount - off, "period_start": new.start, "period_end": new.end}),
        );
        self.patch(subscription, json!({"latest_invoice": invoice}));
        self.finalize(&invoice);
        Ok(invoice)
    }

    fn draft(
        &mut self,
        customer: &str,
        subscription: Option<&str>,
        currency: &str,
        reason: &str,
        description: Option<&str>,
    ) -> String {
        let id = self.id("in");
        let now = self.now();
        let parent = subscription.map(|subscription| {
            json!({"type": "subscription_details", "quote_details": null,
                "subscription_details": {"metadata": self.field(subscription, "metadata"), "subscription": subscription}})
        });
        self.add(json!({
            "id": id, "object": "invoice", "account_country": "US", "account_name": "LearnFlow", "amount_due": 0, "amount_overpaid": 0,
            "amount_paid": 0, "amount_remaining": 0, "amount_shipping": 0, "attempt_count": 0, "attempted": false, "auto_advance": false,
            "automatic_tax": {"enabled": false, "disabled_reason": null, "liability": null, "provider": null, "status": null},
            "billing_reason": reason, "collection_method": "charge_automatically", "created": now, "currency": currency,
            "customer": customer, "customer_email": self.field(customer, "email"), "default_payment_method": null,
            "default_tax_rates": [], "description": description, "discounts": [], "due_date": null, "ending_balance": null,
            "hosted_invoice_url": null, "invoice_pdf": null, "issuer": {"type": "self"}, "last_finalization_error": null,
            "lines": {"object": "list", "data": [], "has_more": false, "url": format!("/v1/invoices/{id}/lines")}, "livemode": false,
            "metadata": {}, "next_payment_attempt": null, "number": null, "parent": parent,
        }));
        self.patch(&id, json!({
            "payment_settings": {"default_mandate": null, "payment_method_options": null, "payment_method_types": null},
            "period_start": now, "period_end": now, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
            "receipt_number": null, "starting_balance": 0, "status": "draft", "subtotal": 0, "total": 0,
            "status_transitions": {"finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null},
            "total_discount_amounts": [], "total_taxes": [], "webhooks_delivered_at": null,
            "payments": {"object": "list", "data": [], "has_more": false, "url": format!("/v1/invoice_payments?invoice={id}")},
            "confirmation_secret": null,
        }));
        self.notify("invoice.created", &id);
        id
    }

    fn add_line(
        &mut self,
        invoice: &str,
        amount: i64,
        description: &str,
        period: (i64, i64),
        parent: &Value,
    ) {
        let id = self.id("il");
        let mut lines = self.field(invoice, "lines");
        if let Some(Value::Array(lines)) = lines.get_mut("data") {
            lines.push(json!({
                "id": id, "object": "line_item", "amount": amount, "currency": self.field(invoice, "currency"),
                "description": description, "discount_amounts": [], "discountable": true, "discounts": [], "invoice": invoice,
                "livemode": false, "metadata": {}, "parent": parent, "period": {"start": period.0, "end": period.1},
                "pretax_credit_amounts": [], "pricing": null, "quantity": 1, "subtotal": amount, "taxes": [],
            }));
        }
        let subtotal = self.int_of(invoice, "subtotal") + amount;
        self.patch(invoice, json!({"lines": lines, "subtotal": subtotal, "total": subtotal}));
    }

    fn finalize(&mut self, id: &str) {
        let (now, total) = (self.now(), self.int_of(id, "total"));
        let number = format!("LF-{:05}", self.made.len());
        self.transition(id, "finalized_at");
        self.patch(
            id,
            json!({"status": "open", "number": number, "amount_due": total, "amount_remaining": total}),
        );
        self.notify("invoice.finalized", id);
        if total == 0 {
            return self.settle_invoice(id, None);
        }
        let (customer, currency) = (self.text_of(id, "customer"), self.text_of(id, "currency"));
        let intent = self.open_intent(total, &currency, Some(&customer), Some("Subscription"), &json!({}));
        self.patch(&intent, json!({"setup_future_usage": "off_session"}));
        self.invoice_of.insert(intent.clone(), id.to_owned());
        let payment = self.id("inpay");
        self.patch(id, json!({
            "confirmation_secret": {"client_secret": self.field(&intent, "client_secret"), "type": "payment_intent"},
            "payments": {"object": "list", "has_more": false, "url": format!("/v1/invoice_payments?invoice={id}"), "data": [{
                "id": payment, "object": "invoice_payment", "amount_paid": null, "amount_requested": total, "created": now,
                "currency": currency, "invoice": id, "is_default": true, "livemode": false, "status": "open",
                "payment": {"type": "payment_intent", "payment_intent": intent},
                "status_transitions": {"canceled_at": null, "paid_at": null},
            }]},
        }));
    }

    fn transition(&mut self, id: &str, name: &str) {
        let mut transitions = self.field(id, "status_transitions");
        if let Value::Object(transitions) = &mut transitions {
            transitions.insert(name.to_owned(), json!(self.now()));
        }
        self.patch(id, json!({"status_transitions": transitions}));
    }

    /// The intent that pays an invoice.
    pub(crate) fn intent_of(&self, invoice: &str) -> String {
        let payments = self.field(invoice, "payments");
        payments
            .pointer("/data/0/payment/payment_intent")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// What was or is to be paid with an intent.
    pub(crate) fn invoice_payments(&self, params: &Params) -> Result<Value, ApiError> {
        params.only(&["payment[type]", "payment[payment_intent]", "limit"])?;
        if params.required("payment[type]")? != "payment_intent" {
            return Err(ApiError::parameter(
                "parameter_unknown",
                "payment[type]",
                "Only payment_intent is known here",
            ));
        }
        let intent = params.required("payment[payment_intent]")?;
        let mut found = Vec::new();
        if let Some(invoice) = self.invoice_of.get(intent) {
            let payments = self.field(invoice, "payments");
            found.extend(payments.get("data").and_then(Value::as_array).into_iter().flatten().cloned());
        }
        if params.list("expand").iter().any(|path| path == "data.invoice") {
            for payment in &mut found {
                let invoice = self.show(text(payment, "invoice"), &[])?;
                if let Value::Object(payment) = payment {
                    payment.insert("invoice".into(), invoice);
                }
            }
        }
        Ok(json!({"object": "list", "url": "/v1/invoice_payments", "has_more": false, "data": found}))
    }

    pub(crate) fn subscription_of(&self, invoice: &str) -> Option<String> {
        let parent = self.field(invoice, "parent");
        parent.pointer("/subscription_details/subscription").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    /// An invoice is paid.
    pub(crate) fn settle_invoice(&mut self, id: &str, method: Option<&str>) {
        let (now, total) = (self.now(), self.int_of(id, "total"));
        let mut payments = self.field(id, "payments");
        if let Some(Value::Object(payment)) = payments.pointer_mut("/data/0") {
            payment.insert("status".into(), json!("paid"));
            payment.insert("amount_paid".into(), json!(total));
            payment.insert("status_transitions".into(), json!({"canceled_at": null, "paid_at": now}));
        }
        self.transition(id, "paid_at");
        self.patch(id, json!({"status": "paid", "amount_paid": total, "amount_remaining": 0, "attempted": true, "payments": payments,
            "next_payment_attempt": null}));
        self.notify("invoice.paid", id);
        self.notify("invoice.payment_succeeded", id);
        let Some(subscription) = self.subscription_of(id) else { return };
        if let Some(method) = method {
            let customer = self.text_of(id, "customer");
            self.keep_method(method, &customer);
            self.patch(&subscription, json!({"default_payment_method": method}));
        }
        // An extra charge says nothing about what is owed for the period, and neither does a trial.
        if total > 0 && self.text_of(&subscription, "latest_invoice") == id {
            self.activate(&subscription);
        }
    }

    /// A try to pay an invoice failed.
    pub(crate) fn fail_invoice(&mut self, id: &str) {
        let attempts = self.int_of(id, "attempt_count") + 1;
        self.patch(id, json!({"attempt_count": attempts, "attempted": true}));
        self.notify("invoice.payment_failed", id);
    }

    /// Tries to pay an invoice with the card that is kept.
    pub(crate) fn collect(&mut self, id: &str) -> Result<(), ApiError> {
        if self.text_of(id, "status") == "paid" {
            return Ok(());
        }
        let subscription = self.subscription_of(id).unwrap_or_default();
        let (intent, method) = (self.intent_of(id), self.text_of(&subscription, "default_payment_method"));
        if method.is_empty() {
            self.fail_invoice(id);
            return Err(ApiError::refused(None, "There is no default payment method on this Customer."));
        }
        self.attempt(&intent, &method, true)
    }

    /// When a renewal that failed is tried again, counted from its first try.
    pub(crate) fn next_try(&self, invoice: &str) -> Option<i64> {
        let tries = usize::try_from(self.int_of(invoice, "attempt_count")).unwrap_or_default();
        let days = RETRY_DAYS.get(tries.checked_sub(1)?)?;
        Some(self.int_of(invoice, "created") + days * DAY)
    }

    pub(crate) fn void(&mut self, id: &str) {
        self.transition(id, "voided_at");
        self.patch(id, json!({"status": "void", "next_payment_attempt": null}));
        let intent = self.intent_of(id);
        if !matches!(self.text_of(&intent, "status").as_str(), "" | "succeeded" | "canceled") {
            self.give_up_intent(&intent, Some("void_invoice"));
        }
        self.notify("invoice.voided", id);
    }

    pub(crate) fn create_invoice(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&[
            "customer",
            "subscription",
            "currency",
            "auto_advance",
            "description",
            "pending_invoice_items_behavior",
        ])?;
        if params.required("pending_invoice_items_behavior")? != "exclude" {
            return Err(ApiError::parameter(
                "parameter_unknown",
                "pending_invoice_items_behavior",
                "Only exclude is known here",
            ));
        }
        let (customer, currency) =
            (params.required("customer")?.to_owned(), params.required("currency")?.to_owned());
        self.get("customer", &customer)?;
        if let Some(subscription) = params.text("subscription") {
            self.get("subscription", subscription)?;
        }
        let description = params.text("description").map(ToOwned::to_owned);
        Ok(self.draft(&customer, params.text("subscription"), &currency, "manual", description.as_deref()))
    }

    pub(crate) fn create_invoice_item(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["customer", "subscription", "invoice", "amount", "currency", "description"])?;
        let invoice = params.required("invoice")?.to_owned();
        self.in_state(&invoice, "draft")?;
        params.required("amount")?;
        let amount = params.int("amount")?.unwrap_or_default();
        let description = params.text("description").unwrap_or("Item").to_owned();
        let id = self.id("ii");
        let now = self.now();
        let parent = json!({"type": "invoice_item_details", "subscription_item_details": null, "invoice_item_details": {
            "invoice_item": id, "proration": false, "proration_details": null, "subscription": params.text("subscription")}});
        self.add(json!({
            "id": id, "object": "invoiceitem", "amount": amount, "currency": params.required("currency")?,
            "customer": params.required("customer")?, "date": now, "description": description, "discountable": true, "discounts": [],
            "invoice": invoice, "livemode": false, "metadata": {}, "parent": null, "period": {"start": now, "end": now}, "pricing": null,
            "proration": false, "quantity": 1, "quantity_decimal": "1", "tax_rates": [],
        }));
        self.add_line(&invoice, amount, &description, (now, now), &parent);
        Ok(id)
    }

    pub(crate) fn finalize_invoice(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["auto_advance"])?;
        self.in_state(id, "draft")?;
        self.finalize(id);
        Ok(id.to_owned())
    }

    pub(crate) fn pay_invoice(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["off_session"])?;
        self.in_state(id, "open")?;
        self.collect(id)?;
        Ok(id.to_owned())
    }

    pub(crate) fn void_invoice(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&[])?;
        self.in_state(id, "open")?;
        self.void(id);
        Ok(id.to_owned())
    }

    fn in_state(&self, id: &str, status: &str) -> Result<(), ApiError> {
        match text(self.get("invoice", id)?, "status") {
            found if found == status => Ok(()),
            found => Err(ApiError::refused(
                Some("invoice_not_editable"),
                format!("The invoice has the status {found}."),
            )),
        }
    }
}
