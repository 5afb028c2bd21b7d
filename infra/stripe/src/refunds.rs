//! Refunds and disputes: money that goes back.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    form::Params,
    payments::unexpected,
    world::{World, text},
};

/// What Stripe takes for a dispute, in minor units.
pub const DISPUTE_FEE: i64 = 1500;
/// Seconds in which evidence can be sent: a week.
const EVIDENCE_SECONDS: i64 = 7 * 24 * 3600;

impl World {
    pub(crate) fn create_refund(&mut self, params: &Params) -> Result<String, ApiError> {
        params.only(&["payment_intent", "charge", "amount", "reason", "metadata[*]"])?;
        let charge = match params.text("charge") {
            Some(charge) => charge.to_owned(),
            None => {
                let intent = params.required("payment_intent")?;
                let intent = self.get("payment_intent", intent)?;
                if text(intent, "status") != "succeeded" {
                    return Err(ApiError::refused(
                        None,
                        "This PaymentIntent does not have a successful charge to refund.",
                    ));
                }
                text(intent, "latest_charge").to_owned()
            }
        };
        let found = self.get("charge", &charge)?;
        if found.get("disputed") == Some(&Value::Bool(true)) {
            return Err(ApiError::refused(Some("charge_disputed"), "This charge has been charged back."));
        }
        let rest = self.refundable(&charge);
        if rest == 0 {
            return Err(ApiError::refused(
                Some("charge_already_refunded"),
                "The charge has already been refunded.",
            ));
        }
        let amount = params.int("amount")?.unwrap_or(rest);
        if amount <= 0 {
            return Err(ApiError::parameter(
                "parameter_invalid_integer",
                "amount",
                "Invalid positive integer",
            ));
        }
        if amount > rest {
            return Err(ApiError::refused(
                None,
                format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({rest})"),
            ));
        }
        let id = self.id("re");
        let now = self.now();
        self.add(json!({
            "id": id, "object": "refund", "amount": amount, "balance_transaction": null, "charge": charge, "created": now,
            "currency": self.field(&charge, "currency"), "destination_details": {"type": "card", "card": {"type": "refund"}},
            "metadata": params.map("metadata"), "payment_intent": self.field(&charge, "payment_intent"),
            "reason": params.text("reason"), "receipt_number": null, "status": "succeeded",
        }));
        let row = self.book(&id, "refund", "refund", -amount, 0);
        self.patch(&id, json!({"balance_transaction": row}));
        self.count_refund(&charge, amount);
        self.notify("refund.created", &id);
        self.notify("charge.refunded", &charge);
        Ok(id)
    }

    fn count_refund(&mut self, charge: &str, amount: i64) {
        let refunded = self.int_of(charge, "amount_refunded") + amount;
        let all = refunded == self.int_of(charge, "amount_captured");
        self.patch(charge, json!({"amount_refunded": refunded, "refunded": all}));
    }

    /// A bank could not take a refund.
    pub(crate) fn fail_refund(&mut self, id: &str) -> Result<String, ApiError> {
        let status = text(self.get("refund", id)?, "status").to_owned();
        if status != "succeeded" {
            return Err(unexpected("refund", &status));
        }
        let (charge, amount) = (self.text_of(id, "charge"), self.int_of(id, "amount"));
        let row = self.book(id, "refund_failure", "refund_failure", amount, 0);
        self.patch(id, json!({
            "status": "failed", "failure_reason": "lost_or_stolen_card", "failure_balance_transaction": row,
        }));
        self.count_refund(&charge, -amount);
        self.notify("refund.updated", id);
        self.notify("refund.failed", id);
        Ok(id.to_owned())
    }

    /// The bank takes a payment back: what is left of it leaves the balance.
    pub(crate) fn open_dispute(&mut self, intent: &str, reason: &str) -> Result<String, ApiError> {
        let found = self.get("payment_intent", intent)?;
        let charge = text(found, "latest_charge").to_owned();
        let amount = self.refundable(&charge);
        if text(found, "status") != "succeeded"
            || amount == 0
            || self.field(&charge, "disputed") == Value::Bool(true)
        {
            return Err(ApiError::refused(None, "There is nothing that a bank could take back."));
        }
        let id = self.id("dp");
        let now = self.now();
        self.add(json!({
            "id": id, "object": "dispute", "amount": amount, "balance_transactions": [], "charge": charge, "created": now,
            "currency": self.field(&charge, "currency"), "enhanced_eligibility_types": [],
            "evidence": {"enhanced_evidence": {}},
            "evidence_details": {"due_by": now + EVIDENCE_SECONDS, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
                "submission_count": 0},
            "is_charge_refundable": false, "livemode": false, "metadata": {}, "payment_intent": intent, "reason": reason,
            "status": "needs_response",
        }));
        self.patch(&charge, json!({"disputed": true}));
        self.move_disputed(&id, "dispute", -amount, DISPUTE_FEE);
        self.notify("charge.dispute.created", &id);
        self.notify("charge.dispute.funds_withdrawn", &id);
        Ok(id)
    }

    fn move_disputed(&mut self, id: &str, category: &str, amount: i64, fee: i64) {
        let row = self.book(id, "adjustment", category, amount, fee);
        let row = self.objects.get(&row).cloned().unwrap_or(Value::Null);
        let mut rows = self.field(id, "balance_transactions");
        if let Value::Array(rows) = &mut rows {
            rows.push(row);
        }
        self.patch(id, json!({"balance_transactions": rows}));
    }

    /// The bank has decided.
    pub(crate) fn close_dispute(&mut self, id: &str, won: bool) -> Result<String, ApiError> {
        let status = text(self.get("dispute", id)?, "status").to_owned();
        if !matches!(status.as_str(), "needs_response" | "under_review") {
            return Err(unexpected("dispute", &status));
        }
        self.patch(id, json!({"status": if won { "won" } else { "lost" }}));
        if won {
            let amount = self.int_of(id, "amount");
            self.move_disputed(id, "dispute_reversal", amount, 0);
            self.notify("charge.dispute.funds_reinstated", id);
        }
        self.notify("charge.dispute.closed", id);
        Ok(id.to_owned())
    }
}
