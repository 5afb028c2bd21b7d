//! What the caller has paid for his subscriptions.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, CursorQuery, Platform, Query, SignedIn, openapi::BASE_PATH};

use crate::views::InvoiceView;

/// The invoices of all subscriptions that the caller has or had, the newest first (seed 003, PaymentTransaction).
#[utoipa::path(
    get, path = "/subscription/invoices", operation_id = "list_subscription_invoices", tag = "billing",
    params(CursorQuery),
    responses((status = 200, description = "A page of invoices", body = CursorPage<InvoiceView>)),
)]
pub(crate) async fn list_invoices(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<InvoiceView>>> {
    let list = format!("invoices#{}", caller.user_id);
    let start = cursor.start(&platform, &list).await?;
    let subscriptions = platform.store().subscriptions();
    let page = subscriptions.invoices_of_user(caller.user_id, start, cursor.page_size).await?;
    let results = page.items.into_iter().map(InvoiceView::from).collect();
    let path = format!("{BASE_PATH}/subscription/invoices");
    Ok(Json(cursor.page(&platform, &list, &path, &[], results, page.next).await?))
}
