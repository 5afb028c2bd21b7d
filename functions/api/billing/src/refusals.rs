//! What is refused, in words.

use billing::BillingError;
use domain::commerce::{promo, subscription};
use gateway::GatewayError;
use http::StatusCode;
use http_kit::{ApiError, sentence};
use serde_json::json;

/// 404.
pub(crate) fn plan_not_found() -> ApiError {
    ApiError::not_found("PLAN_NOT_FOUND", "There is no such plan. GET /plans lists those that are sold.")
}

/// 404.
pub(crate) fn subscription_not_found() -> ApiError {
    ApiError::not_found("SUBSCRIPTION_NOT_FOUND", "You have no subscription. POST /subscription begins one.")
}

/// 404.
pub(crate) fn promo_not_found() -> ApiError {
    ApiError::not_found("PROMO_NOT_FOUND", "There is no such promo code. Check how it is spelled.")
}

/// 401: the account went while the request was under way.
pub(crate) fn subscriber_gone() -> ApiError {
    ApiError::unauthorized("NOT_AUTHENTICATED", "Log in and send the access token.")
}

/// 422 for a plan that is not sold so.
pub(crate) fn not_offered() -> ApiError {
    let message = "This plan is not sold for this interval. GET /plans lists what is.";
    ApiError::unprocessable("PLAN_NOT_OFFERED", message)
}

/// 422 for a promo code that can't be used.
pub(crate) fn promo_refused(refusal: promo::Refusal) -> ApiError {
    ApiError::unprocessable(refusal.code(), sentence(&refusal.to_string()))
}

/// 409 for a subscription whose state does not allow it.
pub(crate) fn subscription_refused(refusal: subscription::Refusal) -> ApiError {
    ApiError::conflict(refusal.code(), sentence(&refusal.to_string()))
}

/// 409: another request is being worked on.
pub(crate) fn in_progress() -> ApiError {
    let message = "Another request for your subscription is being worked on. Look at it again in a moment.";
    ApiError::conflict("SUBSCRIPTION_IN_PROGRESS", message).with_retry_after(1)
}

/// 409: the gateway does not allow a change, since the subscription is not there what it was here when the change was agreed.
pub(crate) fn change_refused(error: GatewayError) -> ApiError {
    let message = "The payment service does not allow this change now. Look at your subscription: it may have ended, or a payment may be open.";
    ApiError::conflict("CHANGE_REFUSED", message).because(error)
}

/// 402: the card was declined.
pub(crate) fn declined(message: &str) -> ApiError {
    let text = "The card was declined, and nothing was charged. Use another card or ask your bank.";
    ApiError::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_DECLINED", text)
        .with_details(json!({"gateway": message}))
}

/// What failed at the gateway. What it did is not known where it gave no answer: the client may ask again, the effect is one.
pub(crate) fn gateway_failed(error: GatewayError) -> ApiError {
    match error {
        GatewayError::Declined { message, .. } => declined(&message),
        error @ (GatewayError::Unreachable(_) | GatewayError::Unknown(_)) => {
            let message =
                "The payment gateway does not answer. Nothing is charged twice: ask again in a moment.";
            ApiError::unavailable("GATEWAY_UNAVAILABLE", message).because(error)
        }
        GatewayError::NotSetUp => {
            let message = "Payments are not set up here. Ask those who run this platform.";
            ApiError::unavailable("PAYMENTS_NOT_SET_UP", message)
        }
        error @ (GatewayError::Refused { .. } | GatewayError::Secret(_)) => ApiError::internal(error),
    }
}

/// What failed with the subscription.
pub(crate) fn billing_failed(error: BillingError) -> ApiError {
    match error {
        BillingError::Store(error) => error.into(),
        BillingError::Gateway(error) => gateway_failed(error),
        BillingError::Busy => in_progress(),
        error @ (BillingError::Foreign { .. } | BillingError::Ledger(_)) => ApiError::internal(error),
    }
}
