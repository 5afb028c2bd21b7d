//! What time does: trials end, periods are renewed, failed renewals are tried again, subscriptions that nobody paid expire.

use serde_json::json;

use crate::{
    error::ApiError,
    invoices::NewInvoice,
    payments::unexpected,
    world::{World, text},
};

/// A subscription whose first payment was not made expires after 23 hours
/// (<https://docs.stripe.com/billing/subscriptions/overview>, "Subscription statuses").
const INCOMPLETE_SECONDS: i64 = 23 * 3600;
/// What is due at once is done in steps; a clock that jumps by decades does not stop the stand-in.
const STEPS_MAX: usize = 10_000;

/// Something that is due.
enum Due {
    Expire(String),
    Retry(String),
    Renew(String),
}

impl World {
    /// Does everything that is due by now, each at its time.
    pub fn run_due(&mut self) {
        let until = self.now();
        for _ in 0..STEPS_MAX {
            let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= until) else { break };
            self.at = Some(at);
            match due {
                Due::Expire(subscription) => self.end_subscription(&subscription, "payment_failed"),
                Due::Retry(invoice) => self.retry(&invoice),
                Due::Renew(subscription) => self.renew(&subscription),
            }
            self.at = None;
        }
    }

    /// Ends the period of a subscription, or its trial, at this moment instead of at its time; the next one is counted from here. For
    /// a subscription that runs; the clock of all others stays.
    pub(crate) fn end_period(&mut self, id: &str) -> Result<String, ApiError> {
        let status = text(self.get("subscription", id)?, "status").to_owned();
        if !matches!(status.as_str(), "trialing" | "active") {
            return Err(unexpected("subscription", &status));
        }
        let now = self.now();
        self.set_item(id, json!({"current_period_end": now}));
        self.patch(id, json!({"billing_cycle_anchor": now}));
        if status == "trialing" {
            self.patch(id, json!({"trial_end": now}));
        }
        self.run_due();
        Ok(id.to_owned())
    }

    fn next_due(&self) -> Option<(i64, Due)> {
        let of_object = |id: &String| {
            let object = self.objects.get(id)?;
            match (text(object, "object"), text(object, "status")) {
                ("subscription", "incomplete") => {
                    Some((self.int_of(id, "created") + INCOMPLETE_SECONDS, Due::Expire(id.clone())))
                }
                ("subscription", "trialing" | "active" | "past_due") => {
                    Some((self.item(id, "current_period_end"), Due::Renew(id.clone())))
                }
                ("invoice", "open") => {
                    Some((object.get("next_payment_attempt")?.as_i64()?, Due::Retry(id.clone())))
                }
                _ => None,
            }
        };
        self.made.iter().filter_map(of_object).min_by_key(|(at, _)| *at)
    }

    fn renew(&mut self, id: &str) {
        if self.field(id, "cancel_at_period_end") == json!(true) {
            return self.end_subscription(id, "cancellation_requested");
        }
        if self.text_of(id, "status") == "trialing" && self.text_of(id, "default_payment_method").is_empty() {
            return self.end_subscription(id, "payment_failed");
        }
        let start = self.item(id, "current_period_end");
        let price = self.price_of(id);
        let end = self.period_end(text(&price, "id"), self.int_of(id, "billing_cycle_anchor"), start);
        self.set_item(id, json!({"current_period_start": start, "current_period_end": end}));
        let invoice = NewInvoice { reason: "subscription_cycle", start, end, free: false };
        // A coupon that does not fit was refused when it came.
        let Ok(invoice) = self.bill_subscription(id, &invoice) else { return };
        match self.collect(&invoice) {
            Ok(()) => {
                self.activate(id);
                self.notify("customer.subscription.updated", id);
            }
            Err(_) => self.overdue(id, &invoice),
        }
    }

    fn retry(&mut self, invoice: &str) {
        self.patch(invoice, json!({"next_payment_attempt": null}));
        if let (Err(_), Some(subscription)) = (self.collect(invoice), self.subscription_of(invoice)) {
            self.overdue(&subscription, invoice);
        }
    }

    /// A renewal failed: it is tried again, and after the last time the subscription ends.
    fn overdue(&mut self, id: &str, invoice: &str) {
        match self.next_try(invoice) {
            Some(next) => {
                self.patch(invoice, json!({"next_payment_attempt": next}));
                self.patch(id, json!({"status": "past_due"}));
                self.notify("customer.subscription.updated", id);
            }
            None => self.end_subscription(id, "payment_failed"),
        }
    }
}
