//! A buyer looks at an order.

use axum::{Json, extract::State};
use domain::commerce::BankAccount;
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::{refusals::order_not_found, views::OrderDetail};

/// An order of the caller.
#[utoipa::path(
    get, path = "/orders/{id}", operation_id = "get_order", tag = "orders",
    params(("id" = Id<kinds::Order>, Path)),
    responses((status = 200, description = "The order", body = OrderDetail)),
)]
pub(crate) async fn get_order(
    State(platform): State<Platform>,
    State(account): State<Option<BankAccount>>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Order>>,
) -> ApiResult<Json<OrderDetail>> {
    let order = platform.store().orders().get(caller.user_id, id).await?.ok_or_else(order_not_found)?;
    Ok(Json(OrderDetail::new(order, account.as_ref())))
}
