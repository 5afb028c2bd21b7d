//! A buyer fetches the receipt of an order.

use axum::{extract::State, response::Response};
use domain::identity::Role;
use http_kit::{ApiError, ApiResult, Params, Platform, Principal, SignedIn};
use jiff::tz::TimeZone;
use kernel::{Id, id::kinds};
use store::entities::Order;

use crate::{Seller, receipt::Receipt};

/// The receipt of a paid order as PDF, in the buyer's language, with what was refunded since. For the buyer and for admins.
#[utoipa::path(
    get, path = "/orders/{id}/receipt", operation_id = "get_receipt", tag = "orders",
    params(("id" = Id<kinds::Order>, Path)),
    responses((
        status = 200, description = "The receipt; a file named after the order's number",
        body = Vec<u8>, content_type = "application/pdf", example = "%PDF-1.7 …",
    )),
)]
pub(crate) async fn get_receipt(
    State(platform): State<Platform>,
    State(seller): State<Seller>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Order>>,
) -> ApiResult<Response> {
    let order = find(&platform, &caller, id).await?;
    if !order.status.was_paid() {
        let message = "There is a receipt once the order is paid. GET /orders/{id} shows its state.";
        return Err(ApiError::conflict("RECEIPT_NOT_READY", message));
    }
    let store = platform.store();
    let refunds = if order.returned.is_empty() { Vec::new() } else { store.orders().refunds(id).await? };
    let buyer = store.users().get(order.user_id).await?;
    let zone = buyer.as_ref().and_then(|buyer| TimeZone::get(&buyer.timezone).ok());
    let base = platform.public_base_url();
    let receipt = Receipt {
        seller: &seller,
        order: &order,
        refunds: &refunds,
        language: buyer.as_ref().map(|buyer| buyer.language).unwrap_or_default(),
        time_zone: zone.unwrap_or(TimeZone::UTC),
        link: if base.is_empty() { String::new() } else { format!("{base}/account/orders/{id}") },
    };
    let pdf = receipt.pdf().map_err(ApiError::internal)?;
    Ok(http_kit::pdf(&format!("receipt-{}.pdf", order.order_number), pdf))
}

/// The caller's order; anybody's for an admin.
async fn find(platform: &Platform, caller: &Principal, id: Id<kinds::Order>) -> ApiResult<Order> {
    let orders = platform.store().orders();
    let found = match orders.get(caller.user_id, id).await? {
        None if caller.role == Role::Admin => orders.find(id).await?,
        found => found,
    };
    found.ok_or_else(|| {
        ApiError::not_found("ORDER_NOT_FOUND", "You have no such order. GET /orders lists yours.")
    })
}
