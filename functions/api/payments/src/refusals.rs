//! Why money does not move.

use checkout::CheckoutError;
use domain::commerce::{OrderStatus, payment::SetAsideReason, refund::Refusal};
use gateway::GatewayError;
use http::StatusCode;
use http_kit::ApiError;
use serde_json::json;
use store::entities::Order;

/// The caller has no such order.
pub(crate) fn order_not_found() -> ApiError {
    ApiError::not_found("ORDER_NOT_FOUND", "You have no such order. GET /orders lists yours.")
}

/// There is no such order.
pub(crate) fn no_such_order() -> ApiError {
    ApiError::not_found("ORDER_NOT_FOUND", "There is no such order. Check its id.")
}

/// The order can't be paid any more.
pub(crate) fn not_payable(order: &Order) -> ApiError {
    if order.status.was_paid() {
        let message = "This order is paid. GET /orders/{id} shows it.";
        return ApiError::conflict("ORDER_PAID_ALREADY", message)
            .with_details(json!({ "order_id": order.id }));
    }
    let message = "This order is closed and can't be paid. Make a new one from the cart.";
    ApiError::conflict("ORDER_CLOSED", message).with_details(json!({ "status": order.status }))
}

/// The order's time is over.
pub(crate) fn expired() -> ApiError {
    ApiError::conflict("ORDER_CLOSED", "The time to pay this order is over. Make a new one from the cart.")
}

/// The order is paid in another way.
pub(crate) fn other_method(expected: &str) -> ApiError {
    let message = format!("This order is not paid by {expected}. GET /orders/{{id}} shows how it is paid.");
    ApiError::conflict("PAYMENT_METHOD_MISMATCH", message)
}

/// The order has no such payment.
pub(crate) fn payment_not_found() -> ApiError {
    let message = "This order has no such payment. POST /payments/create-payment-intent gives its payment.";
    ApiError::not_found("PAYMENT_NOT_FOUND", message)
}

/// The money came, and was not what the order asks for, or came too late.
pub(crate) fn set_aside(reason: SetAsideReason) -> ApiError {
    let message = "The payment came, and does not fit an open order. Nothing is lost: the platform's support looks at it and gives it back.";
    ApiError::conflict("PAYMENT_SET_ASIDE", message).with_details(json!({ "reason": reason }))
}

/// The gateway does not answer.
pub(crate) fn gateway_unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    let message = "The payment service does not answer. Try again in a moment; nothing is paid twice.";
    ApiError::unavailable("GATEWAY_UNAVAILABLE", message).because(error)
}

/// The stack was deployed without a payment service.
pub(crate) fn not_set_up() -> ApiError {
    let message = "Payments by card are not set up here. Choose another way to pay, or ask those who run this platform.";
    ApiError::unavailable("PAYMENTS_NOT_SET_UP", message)
}

/// Why a refund is refused by the order.
pub(crate) fn not_refundable(refusal: Refusal) -> ApiError {
    let message =
        format!("Nothing is refunded: {refusal}. GET /orders/{{id}} shows what is left of each item.");
    match refusal {
        Refusal::Status(OrderStatus::Disputed) => {
            let message = "The buyer's bank has claimed this order's money. Wait for its decision.";
            ApiError::conflict("ORDER_DISPUTED", message)
        }
        Refusal::Status(_) => ApiError::conflict("ORDER_NOT_PAID", message),
        Refusal::NothingLeft => ApiError::conflict("NOTHING_LEFT", message),
        Refusal::TooMuch { item, most } => ApiError::conflict("REFUND_TOO_MUCH", message)
            .with_details(json!({ "item_id": item, "most_minor": most })),
        Refusal::NoSuchItem(_) | Refusal::Twice(_) | Refusal::NotPositive => {
            ApiError::invalid("items", message)
        }
    }
}

/// What an error of the desk answers.
pub(crate) fn failed(error: CheckoutError) -> ApiError {
    match error {
        CheckoutError::Store(error) => error.into(),
        CheckoutError::Gateway(error) => refused_by_gateway(error),
        CheckoutError::UnderWay => {
            let message = "The payment is being made just now. Ask again in a moment.";
            ApiError::conflict("PAYMENT_UNDER_WAY", message).with_retry_after(5)
        }
        error @ (CheckoutError::Currency(_) | CheckoutError::Ledger(_)) => ApiError::internal(error),
    }
}

/// What an error of the gateway answers.
pub(crate) fn refused_by_gateway(error: GatewayError) -> ApiError {
    match &error {
        GatewayError::Refused { code, .. }
            if ["amount_too_small", "amount_too_large", "amount_not_payable"].contains(&code.as_str()) =>
        {
            let message = "The amount of this order can't be paid by card: the payment service takes no payment as small, or as large, as this. Cancel the order and pay by bank transfer, or buy other courses with it.";
            ApiError::conflict("AMOUNT_NOT_PAYABLE", message)
        }
        GatewayError::Declined { code, reason, .. } => declined(code, reason.as_deref()),
        GatewayError::Unreachable(_) | GatewayError::Unknown(_) => gateway_unavailable(error),
        GatewayError::NotSetUp => not_set_up(),
        GatewayError::Refused { .. } | GatewayError::Secret(_) => ApiError::internal(error),
    }
}

/// The card was declined.
pub(crate) fn declined(code: &str, reason: Option<&str>) -> ApiError {
    let message = "The card was declined and nothing was charged. Try again, or with another card.";
    ApiError::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_FAILED", message)
        .with_details(json!({ "code": code, "reason": reason }))
}
