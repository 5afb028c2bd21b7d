//! The caller ends his subscription, or takes that back.

use axum::{Json, extract::State};
use billing::{Applied, Billing};
use domain::commerce::subscription::CancelWhen;
use garde::Validate;
use http_kit::{ApiResult, Body, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::{StoreError, entities::UserSubscription};

use crate::{
    refusals::{billing_failed, in_progress, subscription_not_found, subscription_refused},
    views::SubscriptionView,
};

/// When it is to end.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelSubscription {
    /// True: with the period that is paid. False: now; nothing is paid back.
    #[garde(skip)]
    #[schema(example = true)]
    at_period_end: bool,
}

/// Ends the subscription: with the period that is paid, or now. To ask again changes nothing.
#[utoipa::path(
    post, path = "/subscription/cancel", operation_id = "cancel_subscription", tag = "billing",
    request_body = CancelSubscription,
    responses((status = 200, description = "The subscription", body = SubscriptionView)),
)]
pub(crate) async fn cancel_subscription(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    SignedIn(caller): SignedIn,
    Body(CancelSubscription { at_period_end }): Body<CancelSubscription>,
) -> ApiResult<Json<SubscriptionView>> {
    let now = platform.ambient().now();
    let live = latest(&platform, caller.user_id).await?;
    let when = if at_period_end { CancelWhen::PeriodEnd } else { CancelWhen::Now };
    let ended = live.state.cancel(when, now).map_err(subscription_refused)?;
    if at_period_end {
        return set(&billing, live, true, now).await;
    }
    let after = match billing.end(&live, ended, false, now).await.map_err(billing_failed)? {
        Some(after) => after,
        // The gateway may have told of the end before we have written it down.
        None => {
            let after = platform.store().subscriptions().find(caller.user_id, live.id).await?;
            after.filter(|after| after.state.status.has_ended()).ok_or(StoreError::ConditionFailed(None))?
        }
    };
    Ok(Json(SubscriptionView::new(after, now)))
}

/// Takes back that the subscription ends with its period.
#[utoipa::path(
    post, path = "/subscription/resume", operation_id = "resume_subscription", tag = "billing",
    responses((status = 200, description = "The subscription", body = SubscriptionView)),
)]
pub(crate) async fn resume_subscription(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<SubscriptionView>> {
    let now = platform.ambient().now();
    let live = latest(&platform, caller.user_id).await?;
    live.state.resume(now).map_err(subscription_refused)?;
    set(&billing, live, false, now).await
}

async fn latest(platform: &Platform, user: Id<kinds::User>) -> ApiResult<UserSubscription> {
    platform.store().subscriptions().latest(user).await?.ok_or_else(subscription_not_found)
}

async fn set(
    billing: &Billing,
    live: UserSubscription,
    ends: bool,
    now: Timestamp,
) -> ApiResult<Json<SubscriptionView>> {
    if live.state.cancel_at_period_end == ends {
        return Ok(Json(SubscriptionView::new(live, now)));
    }
    let Some(gateway_id) = &live.gateway_id else { return Err(in_progress()) };
    match billing.set_ends_with_period(&live, gateway_id, ends, now).await.map_err(billing_failed)? {
        Applied::Done(after) => Ok(Json(SubscriptionView::new(*after, now))),
        Applied::NotOurs | Applied::Stale => Err(subscription_not_found()),
    }
}
