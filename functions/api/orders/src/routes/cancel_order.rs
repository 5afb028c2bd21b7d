//! A buyer gives up an order that he has not paid.

use axum::{Json, extract::State};
use checkout::{Desk, Ending};
use domain::commerce::BankAccount;
use http_kit::{ApiResult, FreshlyChecked, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{
    refusals::{closed, order_not_found},
    views::OrderDetail,
};

/// Cancels an order of the caller that is not paid; one that is cancelled stays so. Its promo code can be used again, its courses stay in the
/// cart.
#[utoipa::path(
    post, path = "/orders/{id}/cancel", operation_id = "cancel_order", tag = "orders",
    params(("id" = Id<kinds::Order>, Path)),
    responses((status = 200, description = "The order", body = OrderDetail)),
)]
pub(crate) async fn cancel_order(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    State(account): State<Option<BankAccount>>,
    FreshlyChecked(caller): FreshlyChecked,
    Params(id): Params<Id<kinds::Order>>,
) -> ApiResult<Json<OrderDetail>> {
    let order = platform.store().orders().get(caller.user_id, id).await?.ok_or_else(order_not_found)?;
    let order = closed(&order, desk.give_up(&order, Ending::Cancelled).await)?;
    Ok(Json(OrderDetail::new(order, account.as_ref())))
}
