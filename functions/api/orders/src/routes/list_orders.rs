//! A buyer looks at his orders.

use axum::{Json, extract::State};
use domain::commerce::OrderStatus;
use garde::Validate;
use http_kit::{ApiResult, NumberedPage, PageQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use serde::Deserialize;

use crate::views::OrderSummary;

/// The filter of the list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only orders in this state; `paid` is taken for `completed`.
    #[garde(skip)]
    #[param(inline, example = "completed")]
    status: Option<OrderStatus>,
}

/// The caller's orders, the newest first.
#[utoipa::path(
    get, path = "/orders", operation_id = "list_orders", tag = "orders",
    params(PageQuery, Filter),
    responses((status = 200, description = "A page of orders", body = NumberedPage<OrderSummary>)),
)]
pub(crate) async fn list_orders(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageQuery>,
    Query(filter): Query<Filter>,
) -> ApiResult<Json<NumberedPage<OrderSummary>>> {
    let (user, status) = (caller.user_id, filter.status);
    let name = status.map_or("", OrderStatus::name);
    let list = format!("orders#{user}#{name}");
    let start = query.start(&platform, &list).await?;
    let orders = platform.store().orders();
    let page = orders.of_user(user, status, start, query.skip(), query.page_size).await?;
    let count = orders.count_of_user(user, status).await?;
    let results = page.items.into_iter().map(OrderSummary::from).collect();
    let filters: &[_] = if name.is_empty() { &[] } else { &[("status", name)] };
    let path = format!("{BASE_PATH}/orders");
    Ok(Json(query.page(&platform, &list, &path, filters, count, results, page.next).await?))
}
