//! Why an order is not made, or not cancelled.

use checkout::CheckoutError;
use domain::commerce::{Money, PricingError, charge::TooSmall, promo};
use http_kit::{ApiError, ApiResult};
use serde_json::{Value, json};
use store::entities::{Basket, Order, commerce::order::Closed};

/// The caller has no such order.
pub(crate) fn order_not_found() -> ApiError {
    ApiError::not_found("ORDER_NOT_FOUND", "You have no such order. GET /orders lists yours.")
}

/// There is nothing to buy.
pub(crate) fn cart_empty() -> ApiError {
    ApiError::conflict("CART_EMPTY", "The cart is empty. Put a course into it first.")
}

/// The order was paid before it could be cancelled or replaced.
pub(crate) fn paid_already(order: &Order) -> ApiError {
    let message = "This order is paid, or is being paid just now. GET /orders/{id} shows it.";
    ApiError::conflict("ORDER_PAID_ALREADY", message).with_details(json!({ "order_id": order.id }))
}

/// What became of an order that was to be closed.
///
/// # Errors
/// 409 when it is paid, or is being paid; 503 when the payment service does not say.
pub(crate) fn closed(order: &Order, outcome: Result<Closed, CheckoutError>) -> ApiResult<Order> {
    match outcome {
        Ok(Closed::Done(order) | Closed::Already(order)) => Ok(order),
        Ok(Closed::Paid(order)) => Err(paid_already(&order)),
        Ok(Closed::NoOrder) => Err(order_not_found()),
        Err(CheckoutError::UnderWay) => Err(paid_already(order)),
        Err(CheckoutError::Store(error)) => Err(error.into()),
        Err(CheckoutError::Gateway(error)) => {
            let message = "The payment service does not answer. Nothing was changed; try again in a moment.";
            Err(ApiError::unavailable("GATEWAY_UNAVAILABLE", message).because(error))
        }
        Err(error @ (CheckoutError::Currency(_) | CheckoutError::Ledger(_))) => {
            Err(ApiError::internal(error))
        }
    }
}

/// The platform has no bank account.
pub(crate) fn no_transfers() -> ApiError {
    let message = "This platform takes no bank transfers. Send payment_method card instead.";
    ApiError::conflict("BANK_TRANSFER_NOT_OFFERED", message)
}

/// The order comes to less than a card is charged with.
pub(crate) fn too_small(TooSmall(least): TooSmall, transfers: bool) -> ApiError {
    let transfer = if transfers { "pay by bank transfer, " } else { "" };
    let message = format!(
        "Less than {least} can't be paid by card: {transfer}add a course, or take the promo code out."
    );
    ApiError::conflict("AMOUNT_NOT_PAYABLE", message).with_details(json!({ "least": Money(least) }))
}

/// So much else happens to the cart that there is no gap.
pub(crate) fn cart_busy() -> ApiError {
    ApiError::unavailable("CART_BUSY", "The cart is being changed. Try again in a moment.")
}

/// The lines of a cart that can't be bought; `None` where all can.
pub(crate) fn unavailable(basket: &Basket) -> Option<ApiError> {
    let items: Vec<Value> = basket
        .cart
        .lines
        .iter()
        .filter_map(|line| {
            let why = basket.offer(line).err()?;
            Some(json!({ "item_id": line.id, "course_id": line.course_id, "reason": why }))
        })
        .collect();
    let message =
        "Some courses of the cart can't be bought: take them out (details names them), then try again.";
    let error = || ApiError::conflict("CART_ITEMS_UNAVAILABLE", message);
    (!items.is_empty()).then(|| error().with_details(json!({ "items": items })))
}

/// The cart has no price.
pub(crate) fn not_priced(error: PricingError) -> ApiError {
    match error {
        PricingError::Promo(why) => promo_refused(why),
        PricingError::Empty => cart_empty(),
        PricingError::CurrencyMismatch(..) => ApiError::conflict(
            "CURRENCY_MISMATCH",
            "The cart has prices in several currencies. Buy those of one first.",
        ),
        error @ (PricingError::TooManyLines | PricingError::OutOfRange) => ApiError::internal(error),
    }
}

/// The promo code does not hold any more.
pub(crate) fn promo_refused(why: promo::Refusal) -> ApiError {
    let message =
        format!("The promo code of the cart can't be used: {why}. DELETE /cart/promo takes it out.");
    ApiError::conflict(why.code(), message)
}

/// The promo code is gone.
pub(crate) fn promo_gone() -> ApiError {
    let message = "The promo code of the cart is gone. DELETE /cart/promo takes it out.";
    ApiError::conflict("PROMO_INACTIVE", message)
}
