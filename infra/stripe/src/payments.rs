//! Payments: intents, payment methods, charges and what they do to the balance.

use serde_json::{Value, json};

use crate::{
    cards::{self, Behaviour},
    error::ApiError,
    form::Params,
    world::{World, int, text},
};

/// The smallest payment, 50 cents (<https://docs.stripe.com/currencies>, "Minimum and maximum charge amounts").
const AMOUNT_MIN: i64 = 50;
const AMOUNT_MAX: i64 = 99_999_999;

/// What Stripe keeps of a card payment: 2.9 % and 30 minor units, half a unit rounded up.
pub fn fee(amount: i64) -> i64 {
    (amount * 29 + 500) / 1000 + 30
}

impl World {
    pub(crate) fn create_intent(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&[
            "amount",
            "currency",
            "customer",
            "description",
            "metadata[*]",
            "automatic_payment_methods[enabled]",
            "automatic_payment_methods[allow_redirects]",
        ])?;
        params.required("amount")?;
        let amount = params.int("amount")?.unwrap_or_default();
        let currency = params.required("currency")?.to_owned();
        if amount < AMOUNT_MIN {
            return Err(ApiError::parameter("amount_too_small", "amount", "Amount must be at least 50"));
        }
        if amount > AMOUNT_MAX {
            return Err(ApiError::parameter(
                "amount_too_large",
                "amount",
                "Amount must be no more than 99999999",
            ));
        }
        if let Some(customer) = params.text("customer") {
            self.get("customer", customer)?;
        }
        let customer = params.text("customer").map(ToOwned::to_owned);
        Ok(self.open_intent(
            amount,
            &currency,
            customer.as_deref(),
            params.text("description"),
            &json!(params.map("metadata")),
        ))
    }

    pub(crate) fn open_intent(
        &mut self,
        amount: i64,
        currency: &str,
        customer: Option<&str>,
        description: Option<&str>,
        metadata: &Value,
    ) -> String {
        let id = self.id("pi");
        let secret = format!("{id}_secret_{}", self.token(&format!("secret of {id}")));
        let now = self.now();
        self.add(json!({
            "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": 0,
            "automatic_payment_methods": {"enabled": true, "allow_redirects": "never"}, "canceled_at": null,
            "cancellation_reason": null, "capture_method": "automatic", "client_secret": secret, "confirmation_method": "automatic",
            "created": now, "currency": currency, "customer": customer, "description": description, "last_payment_error": null,
            "latest_charge": null, "livemode": false, "metadata": metadata, "next_action": null, "payment_method": null,
            "payment_method_types": ["card"], "processing": null, "receipt_email": null, "setup_future_usage": null,
            "status": "requires_payment_method",
        }));
        self.notify("payment_intent.created", &id);
        id
    }

    pub(crate) fn cancel_intent(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        params.only(&["cancellation_reason"])?;
        let intent = self.get("payment_intent", id)?;
        let status = text(intent, "status").to_owned();
        if matches!(status.as_str(), "succeeded" | "canceled") {
            return Err(unexpected("payment_intent", &status));
        }
        if self.invoice_of.contains_key(id) {
            return Err(ApiError::refused(
                None,
                "An intent of an invoice is canceled by voiding the invoice.",
            ));
        }
        let reason = params.text("cancellation_reason").map(ToOwned::to_owned);
        self.give_up_intent(id, reason.as_deref());
        Ok(id.to_owned())
    }

    pub(crate) fn give_up_intent(&mut self, id: &str, reason: Option<&str>) {
        let now = self.now();
        self.patch(id, json!({"status": "canceled", "canceled_at": now, "cancellation_reason": reason, "next_action": null}));
        self.notify("payment_intent.canceled", id);
    }

    /// A browser confirms a payment with a card.
    pub(crate) fn confirm_intent(&mut self, id: &str, params: &Params) -> Result<String, ApiError> {
        let status = text(self.get("payment_intent", id)?, "status").to_owned();
        if !matches!(status.as_str(), "requires_payment_method" | "requires_confirmation" | "requires_action")
        {
            return Err(unexpected("payment_intent", &status));
        }
        let method = self.method_of(params)?;
        self.attempt(id, &method, false)?;
        Ok(id.to_owned())
    }

    /// The card of a request: its number, a token, or one that is kept.
    pub(crate) fn method_of(&mut self, params: &Params) -> Result<String, ApiError> {
        if let Some(number) = params.text("payment_method_data[card][number]") {
            let number: String = number.chars().filter(|c| !c.is_whitespace()).collect();
            return self.create_method(&number);
        }
        let token = params.required("payment_method")?;
        match cards::of_token(token) {
            Some(number) => self.create_method(number),
            None => Ok(text(self.get("payment_method", token)?, "id").to_owned()),
        }
    }

    fn create_method(&mut self, number: &str) -> Result<String, ApiError> {
        if cards::behaviour(number).is_none() {
            return Err(ApiError::declined("incorrect_number", None, "Your card number is incorrect."));
        }
        let id = self.id("pm");
        let now = self.now();
        let last4 = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
        self.numbers.insert(id.clone(), number.to_owned());
        self.add(json!({
            "id": id, "object": "payment_method", "type": "card", "created": now, "livemode": false, "customer": null, "metadata": {},
            "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null},
            "card": {
                "brand": cards::brand(number), "last4": last4, "exp_month": 12, "exp_year": 2099, "funding": "credit", "country": "US",
                "checks": null, "wallet": null, "networks": null, "three_d_secure_usage": null, "generated_from": null,
            },
        }));
        Ok(id)
    }

    /// Tries to take the money. `alone`: the person is not there, as in renewals.
    pub(crate) fn attempt(&mut self, intent: &str, method: &str, alone: bool) -> Result<(), ApiError> {
        let number = self.numbers.get(method).cloned().unwrap_or_default();
        let behaviour = match self.declines.pop_front() {
            Some(reason) => {
                return self.decline(intent, method, cards::refusal("card_declined", Some(&reason)));
            }
            None => cards::behaviour(&number).unwrap_or(Behaviour::FailsLater),
        };
        self.patch(intent, json!({"payment_method": method}));
        match behaviour {
            Behaviour::Pays | Behaviour::Disputed => self.capture(intent, method),
            Behaviour::Asks if alone => self.capture(intent, method),
            Behaviour::AlwaysAsks if alone => {
                self.decline(intent, method, cards::refusal("authentication_required", None))
            }
            Behaviour::Asks | Behaviour::AlwaysAsks => {
                let url = format!(
                    "/pay/bank?intent={intent}&client_secret={}",
                    self.text_of(intent, "client_secret")
                );
                let action =
                    json!({"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": null}});
                self.patch(intent, json!({"status": "requires_action", "next_action": action}));
                self.notify("payment_intent.requires_action", intent);
                Ok(())
            }
            Behaviour::Declined { code, reason } => {
                self.decline(intent, method, cards::refusal(code, reason))
            }
            Behaviour::FailsLater => {
                self.decline(intent, method, cards::refusal("card_declined", Some("generic_decline")))
            }
        }
    }

    /// The person answered his bank.
    pub(crate) fn authenticate(&mut self, intent: &str, agreed: bool) -> Result<String, ApiError> {
        let found = self.get("payment_intent", intent)?;
        let (status, method) = (text(found, "status").to_owned(), text(found, "payment_method").to_owned());
        if status != "requires_action" {
            return Err(unexpected("payment_intent", &status));
        }
        if agreed {
            self.capture(intent, &method)?;
        } else {
            let message = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
            // The browser learns of it from the intent, not from an error.
            let refused = ApiError::declined("payment_intent_authentication_failure", None, message);
            let _declined = self.decline(intent, &method, refused);
        }
        Ok(intent.to_owned())
    }

    fn capture(&mut self, intent: &str, method: &str) -> Result<(), ApiError> {
        let amount = self.int_of(intent, "amount");
        let charge = self.charge(intent, method, None);
        let row = self.book(&charge, "charge", "charge", amount, fee(amount));
        self.patch(&charge, json!({"balance_transaction": row}));
        self.patch(intent, json!({
            "status": "succeeded", "amount_received": amount, "latest_charge": charge, "payment_method": method, "next_action": null,
            "last_payment_error": null,
        }));
        self.notify("charge.succeeded", &charge);
        self.notify("payment_intent.succeeded", intent);
        if let Some(invoice) = self.invoice_of.get(intent).cloned() {
            self.settle_invoice(&invoice, Some(method));
        }
        let number = self.numbers.get(method).map(String::as_str);
        if number.and_then(cards::behaviour) == Some(Behaviour::Disputed) {
            self.open_dispute(intent, "fraudulent")?;
        }
        Ok(())
    }

    /// Books the failure and hands the error back, so that the request is answered with it.
    fn decline(&mut self, intent: &str, method: &str, error: ApiError) -> Result<(), ApiError> {
        let charge = self.charge(intent, method, Some(&error));
        let mut shown = error.error.clone();
        if let Value::Object(shown) = &mut shown {
            shown.insert("charge".into(), json!(charge));
            shown.insert("payment_method".into(), self.objects.get(method).cloned().unwrap_or(Value::Null));
        }
        self.patch(intent, json!({
            "status": "requires_payment_method", "payment_method": null, "latest_charge": charge, "next_action": null,
            "last_payment_error": shown,
        }));
        self.notify("charge.failed", &charge);
        self.notify("payment_intent.payment_failed", intent);
        if let Some(invoice) = self.invoice_of.get(intent).cloned() {
            self.fail_invoice(&invoice);
        }
        let mut answer = error;
        if let Value::Object(body) = &mut answer.error {
            body.insert("charge".into(), json!(charge));
            body.insert("payment_intent".into(), self.show(intent, &[])?);
        }
        Err(answer)
    }

    fn charge(&mut self, intent: &str, method: &str, failure: Option<&ApiError>) -> String {
        let id = self.id("ch");
        let (now, amount) = (self.now(), self.int_of(intent, "amount"));
        let paid = failure.is_none();
        let card = self.field(method, "card");
        let member = |name: &str| {
            failure.map_or(Value::Null, |error| error.error.get(name).cloned().unwrap_or(Value::Null))
        };
        self.add(json!({
            "id": id, "object": "charge", "amount": amount, "amount_captured": if paid { amount } else { 0 }, "amount_refunded": 0,
            "balance_transaction": null, "billing_details": self.field(method, "billing_details"), "captured": paid, "created": now,
            "currency": self.field(intent, "currency"), "customer": self.field(intent, "customer"), "disputed": false,
            "description": self.field(intent, "description"), "failure_code": member("code"), "failure_message": member("message"),
            "fraud_details": {}, "livemode": false, "metadata": self.field(intent, "metadata"), "paid": paid,
            "payment_intent": intent, "payment_method": method, "receipt_url": null, "refunded": false,
            "outcome": {"type": if paid { "authorized" } else { "issuer_declined" }, "network_status": null, "reason": null,
                "risk_level": "normal", "seller_message": null},
            "payment_method_details": {"type": "card", "card": {"brand": card.get("brand"), "last4": card.get("last4"),
                "exp_month": 12, "exp_year": 2099, "country": "US", "funding": "credit", "network": card.get("brand")}},
            "status": if paid { "succeeded" } else { "failed" },
        }))
    }

    /// A movement of the balance. `source` names what moved it.
    pub(crate) fn book(&mut self, source: &str, kind: &str, category: &str, amount: i64, fee: i64) -> String {
        let id = self.id("txn");
        let (now, currency) = (self.now(), self.field(source, "currency"));
        let details = match fee {
            0 => json!([]),
            _ => {
                json!([{"amount": fee, "application": null, "currency": currency, "description": "Stripe fees", "type": "stripe_fee"}])
            }
        };
        self.add(json!({
            "id": id, "object": "balance_transaction", "amount": amount, "available_on": now, "balance_type": "payments", "created": now,
            "currency": currency, "description": null, "exchange_rate": null, "fee": fee, "fee_details": details, "net": amount - fee,
            "reporting_category": category, "source": source, "status": "available", "type": kind,
        }))
    }

    /// The intent of a client secret: what proves that a browser may pay it.
    pub(crate) fn owner_of_secret(&self, id: &str, secret: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        let known = self.text_of(id, "client_secret");
        !known.is_empty() && bool::from(known.as_bytes().ct_eq(secret.as_bytes()))
    }

    /// The payment methods that are kept for a customer.
    pub(crate) fn keep_method(&mut self, method: &str, customer: &str) {
        self.patch(method, json!({"customer": customer}));
    }

    /// How much of a charge can still go back.
    pub(crate) fn refundable(&self, charge: &str) -> i64 {
        self.objects
            .get(charge)
            .map_or(0, |charge| int(charge, "amount_captured") - int(charge, "amount_refunded"))
    }
}

/// The object is in another state than the operation needs.
pub(crate) fn unexpected(object: &str, status: &str) -> ApiError {
    ApiError::refused(
        Some(&format!("{object}_unexpected_state")),
        format!("This {object} has the status {status}."),
    )
}

#[cfg(test)]
mod tests {
    use super::fee;

    #[test]
    fn the_fee_is_rounded_half_up() {
        assert_eq!([100, 1000, 1950, 4999].map(fee), [33, 59, 87, 175]);
    }
}
