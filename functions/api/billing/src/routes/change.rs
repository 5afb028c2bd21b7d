//! The caller changes his plan: first he sees what it costs, then he agrees to exactly that.

use axum::{Json, extract::State, response::Response};
use billing::{Billing, Changed, next_look};
use domain::commerce::{
    Amount, BillingInterval, Currency,
    proration::{Period, ProrationError, with_new_period, within_period},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Platform, Query, SignedIn};
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    Store, StoreError,
    entities::{UserSubscription, commerce::subscription::PendingChange},
};

use crate::{
    refusals::{
        billing_failed, change_refused, declined, in_progress, not_offered, plan_not_found,
        subscription_not_found, subscription_refused,
    },
    views::SubscriptionView,
};

/// How long what was shown can be agreed to.
const PREVIEW_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// What to change to.
#[derive(Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeQuery {
    /// The new plan.
    #[garde(skip)]
    #[param(example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    plan: Id<kinds::Plan>,
    /// The interval that it has now, unless another one is named.
    #[garde(skip)]
    interval: Option<BillingInterval>,
}

/// What a change costs.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ChangePreview {
    plan: Id<kinds::Plan>,
    interval: BillingInterval,
    /// What is charged at once, in minor units. A cheaper plan gives nothing back: 0.
    #[schema(example = 250)]
    charge_cents: i64,
    /// What is paid for each interval from then on.
    #[schema(example = 1499)]
    price_cents: i64,
    currency: Currency,
    /// Whether a new period begins with the change.
    new_period: bool,
    /// When the new price is paid first, where no new period begins.
    renewal_date: Option<Timestamp>,
    /// For when this is reckoned. It can be agreed to for 30 minutes.
    previewed_at: Timestamp,
}

/// An agreement to what [`ChangePreview`] showed.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePlan {
    /// The new plan.
    #[garde(skip)]
    plan: Id<kinds::Plan>,
    /// The interval that it has now, unless another one is named.
    #[garde(skip)]
    interval: Option<BillingInterval>,
    /// As the preview showed it: exactly this is charged.
    #[garde(range(min = 0))]
    #[schema(minimum = 0, example = 250)]
    charge_cents: i64,
    /// As the preview showed it.
    #[garde(skip)]
    previewed_at: Timestamp,
}

/// What a change to another plan costs now (seed 003): the difference of the prices for the rest of the period, on its real length. Another
/// interval begins a new period, from whose price the rest of the old one is taken off.
#[utoipa::path(
    get, path = "/subscription/change-preview", operation_id = "preview_plan_change", tag = "billing",
    params(ChangeQuery),
    responses((status = 200, description = "What it costs", body = ChangePreview)),
)]
pub(crate) async fn preview_change(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<ChangeQuery>,
) -> ApiResult<Json<ChangePreview>> {
    let now = platform.ambient().now();
    let live = live(platform.store(), caller.user_id).await?;
    let offer = offer(platform.store(), &live, query.plan, query.interval, now, now).await?;
    Ok(Json(ChangePreview {
        plan: query.plan,
        interval: offer.interval,
        charge_cents: offer.charge.minor,
        price_cents: offer.price.minor,
        currency: offer.price.currency,
        new_period: offer.new_period,
        renewal_date: (!offer.new_period).then_some(live.state.renewal_date),
        previewed_at: now,
    }))
}

/// Changes the plan and charges exactly what the preview showed. Whose card is declined keeps the plan that he has, and nothing is charged.
#[utoipa::path(
    post, path = "/subscription/change", operation_id = "change_plan", tag = "billing",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = ChangePlan,
    responses((status = 200, description = "The subscription", body = SubscriptionView)),
)]
pub(crate) async fn change_plan(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    SignedIn(caller): SignedIn,
    key: IdempotencyKey,
    Body(new): Body<ChangePlan>,
) -> ApiResult<Response> {
    let work = async |attempt: Id<kinds::Event>| {
        let now = platform.ambient().now();
        let live = live(platform.store(), caller.user_id).await?;
        let (agreed, change) = agree(platform.store(), live, &new, attempt, now).await?;
        match billing.make_change(&agreed, &change, now).await.map_err(billing_failed)? {
            Changed::Done(after) => Ok((StatusCode::OK, SubscriptionView::new(*after, now))),
            Changed::Declined(message) => Err(declined(&message)),
            Changed::Refused(error) => Err(change_refused(error)),
            Changed::Meanwhile => Err(in_progress()),
        }
    };
    key.run(&platform, caller.user_id, "change_plan", &new, work).await
}

async fn live(store: &Store, user: Id<kinds::User>) -> ApiResult<UserSubscription> {
    store.subscriptions().live(user).await?.ok_or_else(subscription_not_found)
}

/// What a change comes to.
struct Offer {
    interval: BillingInterval,
    price_id: String,
    price: Amount,
    charge: Amount,
    new_period: bool,
}

/// What the change costs at the moment `at`.
async fn offer(
    store: &Store,
    live: &UserSubscription,
    plan: Id<kinds::Plan>,
    interval: Option<BillingInterval>,
    at: Timestamp,
    now: Timestamp,
) -> ApiResult<Offer> {
    live.state.may_change(now).map_err(subscription_refused)?;
    if live.state.cancel_at_period_end {
        let message =
            "The subscription is about to end. Take that back with POST /subscription/resume first.";
        return Err(ApiError::conflict("SUBSCRIPTION_ENDING", message));
    }
    let interval = interval.unwrap_or(live.state.interval);
    if (plan, interval) == (live.state.plan_id, live.state.interval) {
        return Err(ApiError::conflict("SAME_PLAN", "This is the plan that you have. Choose another one."));
    }
    let stored = store.plans().get(plan).await?.filter(|plan| plan.plan.is_active);
    let stored = stored.ok_or_else(plan_not_found)?;
    let (price_id, price) = stored.offer(interval).ok_or_else(not_offered)?;
    let period = Period { start: live.state.period_start, end: live.state.renewal_date };
    let other_interval = interval != live.state.interval;
    let charge = if live.state.is_trial {
        // Nothing was paid for the trial, and it goes on.
        price.checked_sub(live.price).map(|_| Amount::zero(price.currency)).map_err(ProrationError::from)
    } else if other_interval {
        with_new_period(live.price, price, period, at)
    } else {
        within_period(live.price, price, period, at)
    };
    let charge = charge.map_err(|error| match error {
        ProrationError::Amount(_) => {
            let message =
                "The plan is sold in another currency. Let the subscription end, then subscribe anew.";
            ApiError::conflict("CURRENCY_MISMATCH", message)
        }
        error @ ProrationError::EmptyPeriod => ApiError::internal(error),
    })?;
    let new_period = other_interval && !live.state.is_trial;
    Ok(Offer { interval, price_id: price_id.to_owned(), price, charge, new_period })
}

/// Writes the agreement down before the gateway is asked. One that was made before goes on, whoever finds it.
async fn agree(
    store: &Store,
    live: UserSubscription,
    new: &ChangePlan,
    attempt: Id<kinds::Event>,
    now: Timestamp,
) -> ApiResult<(UserSubscription, PendingChange)> {
    let interval = new.interval.unwrap_or(live.state.interval);
    if let Some(change) = live.change.clone() {
        let same =
            (change.plan_id, change.interval, change.charge_minor) == (new.plan, interval, new.charge_cents);
        return if same { Ok((live, change)) } else { Err(in_progress()) };
    }
    let passed = now.duration_since(new.previewed_at);
    if passed < SignedDuration::ZERO || passed > PREVIEW_LIFE || new.previewed_at < live.state.period_start {
        let message = "What you agreed to is out of date. Show GET /subscription/change-preview again.";
        return Err(ApiError::conflict("PREVIEW_EXPIRED", message));
    }
    let offer = offer(store, &live, new.plan, Some(interval), new.previewed_at, now).await?;
    if offer.charge.minor != new.charge_cents {
        let message = "The change costs something else than you agreed to. Show GET /subscription/change-preview again.";
        return Err(ApiError::conflict("PRICE_CHANGED", message));
    }
    let change = PendingChange {
        id: attempt,
        plan_id: new.plan,
        interval: offer.interval,
        price_id: offer.price_id,
        price: offer.price,
        charge_minor: offer.charge.minor,
        new_period: offer.new_period,
        agreed_at: now,
    };
    let mut after = UserSubscription { change: Some(change.clone()), ..live.clone() };
    after.look_at = next_look(&after, now);
    let agreed = store.subscriptions().change(&live, &after, now).await?;
    Ok((agreed.ok_or(StoreError::ConditionFailed(None))?, change))
}
