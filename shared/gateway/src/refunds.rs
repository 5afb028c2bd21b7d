//! Refunds.

use std::collections::HashMap;

use stripe_core::refund::{CreateRefund, CreateRefundReason, ListRefund, RetrieveRefund};
use stripe_shared::Refund;

use crate::{Gateway, GatewayError, Key, checked, money};

/// Most refunds of one charge that are listed; Stripe's largest page.
const PAGE: i64 = 100;

/// Why money goes back, as the gateway's fraud checks want to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundReason {
    /// The buyer asked for it.
    RequestedByCustomer,
    /// It was paid twice.
    Duplicate,
    /// The buyer was not who he said he is.
    Fraudulent,
}

/// A refund to be.
#[derive(Clone, Debug)]
pub struct NewRefund<'a> {
    /// The payment, `pi_…`.
    pub intent: &'a str,
    /// How much of it.
    pub minor: i64,
    /// The payment's currency.
    pub currency: &'a str,
    /// Our refund, kept in the metadata.
    pub refund_id: &'a str,
    /// Our order, kept in the metadata.
    pub order_id: &'a str,
    /// Why.
    pub reason: RefundReason,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way; `refund.updated` or `refund.failed` will tell.
    Pending,
    /// The buyer has to do something first.
    AwaitingAction,
    /// The bank has it.
    Succeeded,
    /// The bank could not take it; the money is back at the gateway.
    Failed,
    /// It was taken back.
    Cancelled,
}

/// A refund as the gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundState {
    /// `re_…`
    pub id: String,
    /// The payment.
    pub intent: Option<String>,
    /// The charge of the payment.
    pub charge: Option<String>,
    /// How much, in minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// How far it is.
    pub status: RefundStatus,
    /// Why it failed.
    pub failure: Option<String>,
    /// Our refund. None for one that was made by hand at the gateway.
    pub refund_id: Option<String>,
    /// Its row in the gateway's balance.
    pub balance_transaction: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
}

impl Gateway {
    /// Sends money back.
    ///
    /// # Errors
    /// [`GatewayError::Refused`]: with `charge_already_refunded` when all went back, with `invalid_request_error` when more would go back
    /// than is left, with `charge_disputed` when the bank has taken it.
    pub async fn create_refund(&self, new: &NewRefund<'_>, key: &Key) -> Result<RefundState, GatewayError> {
        let (amount, _) = money::payable(new.minor, new.currency)?;
        let reason = match new.reason {
            RefundReason::RequestedByCustomer => CreateRefundReason::RequestedByCustomer,
            RefundReason::Duplicate => CreateRefundReason::Duplicate,
            RefundReason::Fraudulent => CreateRefundReason::Fraudulent,
        };
        let metadata = [("refund_id", new.refund_id), ("order_id", new.order_id)];
        let request =
            CreateRefund::new().payment_intent(checked(new.intent)?).amount(amount).reason(reason).metadata(
                metadata
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into_iter()
                    .collect::<HashMap<_, _>>(),
            );
        self.client.write(request, key).await.map(RefundState::of)
    }

    /// A refund.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn refund(&self, id: &str) -> Result<RefundState, GatewayError> {
        self.client.read(RetrieveRefund::new(checked(id)?)).await.map(RefundState::of)
    }

    /// All refunds of a payment, the newest first, at most 100: an order has at most 50 lines.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn refunds_of(&self, intent: &str) -> Result<Vec<RefundState>, GatewayError> {
        let list = self.client.read(ListRefund::new().payment_intent(checked(intent)?).limit(PAGE)).await?;
        Ok(list.data.into_iter().map(RefundState::of).collect())
    }
}

impl RefundState {
    fn of(refund: Refund) -> Self {
        let status = match refund.status.as_deref() {
            Some("succeeded") => RefundStatus::Succeeded,
            Some("failed") => RefundStatus::Failed,
            Some("canceled") => RefundStatus::Cancelled,
            Some("requires_action") => RefundStatus::AwaitingAction,
            _ => RefundStatus::Pending,
        };
        Self {
            id: refund.id.as_str().to_owned(),
            intent: refund.payment_intent.map(|intent| intent.id().as_str().to_owned()),
            charge: refund.charge.map(|charge| charge.id().as_str().to_owned()),
            minor: refund.amount,
            currency: money::code(&refund.currency),
            status,
            failure: refund.failure_reason,
            refund_id: refund.metadata.and_then(|mut metadata| metadata.remove("refund_id")),
            balance_transaction: refund.balance_transaction.map(|row| row.id().as_str().to_owned()),
            created: refund.created,
        }
    }
}
