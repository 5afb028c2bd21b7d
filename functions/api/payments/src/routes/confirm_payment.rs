//! A buyer's browser says that it has paid.

use axum::{Json, extract::State};
use checkout::{Desk, Look};
use domain::commerce::payment::SetAsideReason;
use garde::Validate;
use gateway::IntentStatus;
use http_kit::{ApiResult, Body, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::commerce::order::Settled;

use crate::refusals::{
    declined, expired, failed, not_payable, order_not_found, payment_not_found, set_aside,
};

/// Which payment of which order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    #[garde(skip)]
    order_id: Id<kinds::Order>,
    #[garde(length(min = 1, max = 255))]
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    payment_intent_id: String,
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentProgress {
    /// Paid; the courses are in the buyer's list.
    Succeeded,
    /// The bank is at work; ask again in some seconds.
    Processing,
    /// The buyer's bank wants to ask him.
    RequiresAction,
    /// No card was given yet.
    RequiresPaymentMethod,
}

/// What became of the payment.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Confirmed {
    order_id: Id<kinds::Order>,
    status: PaymentProgress,
    #[schema(example = "Payment processed successfully")]
    message: &'static str,
}

/// Asks the payment service how a payment of the caller is and completes the order where it is paid. What the browser says decides nothing.
/// The payment service tells of it too, in any order or at once; the effect is one.
#[utoipa::path(
    post, path = "/payments/confirm-payment", operation_id = "confirm_payment", tag = "payments",
    request_body = Confirmation,
    responses((status = 200, description = "How far the payment is", body = Confirmed)),
)]
pub(crate) async fn confirm_payment(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    SignedIn(caller): SignedIn,
    Body(said): Body<Confirmation>,
) -> ApiResult<Json<Confirmed>> {
    let order = platform.store().orders().get(caller.user_id, said.order_id).await?;
    let order = order.ok_or_else(order_not_found)?;
    if order.intent_id.as_ref() != Some(&said.payment_intent_id) {
        return Err(payment_not_found());
    }
    let status = if order.payment_id == order.intent_id && order.is_fulfilled() {
        PaymentProgress::Succeeded
    } else {
        match desk.look_at_intent(&said.payment_intent_id, None).await.map_err(failed)? {
            Look::Settled(Settled::Done(_) | Settled::Already(_)) => PaymentProgress::Succeeded,
            Look::Settled(Settled::SetAside(reason)) => return Err(set_aside(reason)),
            // No admin has a part in it.
            Look::Settled(Settled::NoOrder | Settled::NotAdmin) => {
                return Err(set_aside(SetAsideReason::NoOrder));
            }
            Look::Failed(error) => return Err(declined(&error.code, error.reason.as_deref())),
            Look::GivenUp if order.status.is_closed_unpaid() => return Err(not_payable(&order)),
            Look::GivenUp => return Err(expired()),
            Look::NotOurs => return Err(payment_not_found()),
            Look::Waiting(IntentStatus::AwaitingMethod | IntentStatus::AwaitingConfirmation) => {
                PaymentProgress::RequiresPaymentMethod
            }
            Look::Waiting(IntentStatus::AwaitingAction) => PaymentProgress::RequiresAction,
            Look::Waiting(_) => PaymentProgress::Processing,
        }
    };
    let message = match status {
        PaymentProgress::Succeeded => "Payment processed successfully",
        PaymentProgress::Processing => "The bank is at work. Ask again in a few seconds.",
        PaymentProgress::RequiresAction => "Your bank wants to ask you first. Answer it, then confirm again.",
        PaymentProgress::RequiresPaymentMethod => "No card was given yet. Give one, then confirm again.",
    };
    Ok(Json(Confirmed { order_id: order.id, status, message }))
}
