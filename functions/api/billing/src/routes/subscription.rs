//! The caller's subscription.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};

use crate::{refusals::subscription_not_found, views::SubscriptionView};

/// The subscription of the caller; once it has ended, the last one that he had.
#[utoipa::path(
    get, path = "/subscription", operation_id = "get_subscription", tag = "billing",
    responses((status = 200, description = "The subscription", body = SubscriptionView)),
)]
pub(crate) async fn get_subscription(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<SubscriptionView>> {
    let found = platform.store().subscriptions().latest(caller.user_id).await?;
    let found = found.ok_or_else(subscription_not_found)?;
    Ok(Json(SubscriptionView::new(found, platform.ambient().now())))
}
