//! Admins make plans and change them.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use billing::{Billing, BillingError};
use domain::{
    admin::AdminActionKind,
    commerce::{
        Currency, Plan, PlanType,
        plan::{Features, MaxResolution, TRIAL_DAYS_MAX},
    },
};
use garde::Validate;
use gateway::GatewayError;
use http::StatusCode;
use http_kit::{
    Admin, ApiError, ApiResult, Body, Client, IdempotencyKey, Params, Platform, fields::not_blank,
};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    entities::{SubscriptionPlan, commerce::plan::Planned},
};

use crate::{
    log::act,
    refusals::{billing_failed, plan_not_found},
    views::{PlanList, PlanView},
};

/// Longest name (seed 003).
const NAME_MAX: usize = 100;
/// Largest amount that the gateway charges (<https://docs.stripe.com/currencies>, "Minimum and maximum charge amounts").
const PRICE_MAX: i64 = 99_999_999;

const fn yes() -> bool {
    true
}

/// A new plan. Prices are minor units of the currency.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePlan {
    #[garde(length(chars, max = NAME_MAX), custom(not_blank))]
    #[schema(example = "Premium")]
    name: String,
    /// There is at most one plan of each kind.
    #[garde(skip)]
    plan_type: PlanType,
    #[serde(default)]
    #[garde(skip)]
    max_resolution: MaxResolution,
    #[serde(default = "yes")]
    #[garde(skip)]
    ad_free: bool,
    #[serde(default = "yes")]
    #[garde(skip)]
    premium_content_access: bool,
    #[serde(default)]
    #[garde(skip)]
    early_access: bool,
    #[garde(range(min = 1, max = PRICE_MAX))]
    #[schema(minimum = 1, maximum = 99_999_999, example = 999)]
    price_monthly_cents: i64,
    /// Without it the plan can't be paid by the year.
    #[garde(inner(range(min = 1, max = PRICE_MAX)))]
    #[schema(minimum = 1, maximum = 99_999_999, example = 9990)]
    price_annual_cents: Option<i64>,
    #[serde(default = "dollars")]
    #[garde(skip)]
    display_currency: Currency,
    #[serde(default)]
    #[garde(range(max = TRIAL_DAYS_MAX))]
    #[schema(maximum = 90, example = 14)]
    trial_days: u16,
    #[serde(default = "yes")]
    #[garde(skip)]
    is_active: bool,
}

const fn dollars() -> Currency {
    Currency::USD
}

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatePlan {
    #[garde(length(chars, max = NAME_MAX), inner(custom(not_blank)))]
    #[schema(example = "Premium")]
    name: Option<String>,
    #[garde(skip)]
    max_resolution: Option<MaxResolution>,
    #[garde(skip)]
    ad_free: Option<bool>,
    #[garde(skip)]
    premium_content_access: Option<bool>,
    #[garde(skip)]
    early_access: Option<bool>,
    /// For new subscriptions; who has one goes on paying what he pays.
    #[garde(inner(range(min = 1, max = PRICE_MAX)))]
    #[schema(minimum = 1, maximum = 99_999_999, example = 1099)]
    price_monthly_cents: Option<i64>,
    /// For new subscriptions; who has one goes on paying what he pays.
    #[garde(inner(range(min = 1, max = PRICE_MAX)))]
    #[schema(minimum = 1, maximum = 99_999_999, example = 10990)]
    price_annual_cents: Option<i64>,
    #[garde(inner(range(max = TRIAL_DAYS_MAX)))]
    #[schema(maximum = 90, example = 14)]
    trial_days: Option<u16>,
    /// Whether it is sold. Who has it keeps it.
    #[garde(skip)]
    is_active: Option<bool>,
}

/// All plans, those that are not sold among them.
#[utoipa::path(
    get, path = "/admin/plans", operation_id = "list_all_plans", tag = "billing",
    responses((status = 200, description = "The plans", body = PlanList)),
)]
pub(crate) async fn list_all_plans(
    State(platform): State<Platform>,
    _admin: Admin,
) -> ApiResult<Json<PlanList>> {
    let plans = platform.store().plans().all().await?;
    Ok(Json(PlanList { results: plans.into_iter().map(PlanView::from).collect() }))
}

/// Makes a plan, with its product and its prices at the payment gateway.
#[utoipa::path(
    post, path = "/admin/plans", operation_id = "create_plan", tag = "billing",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = CreatePlan,
    responses((status = 201, description = "The plan", body = PlanView)),
)]
pub(crate) async fn create_plan(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    Admin(caller): Admin,
    client: Client,
    key: IdempotencyKey,
    Body(new): Body<CreatePlan>,
) -> ApiResult<Response> {
    let work = async |attempt: Id<kinds::Event>| {
        let now = platform.ambient().now();
        let plan = SubscriptionPlan {
            plan: Plan {
                id: attempt.derived(0),
                name: new.name.trim().to_owned(),
                plan_type: new.plan_type,
                features: Features {
                    max_resolution: new.max_resolution,
                    ad_free: new.ad_free,
                    premium_content_access: new.premium_content_access,
                    early_access: new.early_access,
                },
                price_monthly_minor: new.price_monthly_cents,
                price_annual_minor: new.price_annual_cents,
                currency: new.display_currency,
                trial_days: new.trial_days,
                is_active: new.is_active,
            },
            product_id: None,
            monthly: None,
            annual: None,
            named_revision: 0,
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        let details = [("plan_id", plan.plan.id.to_string()), ("plan_type", new.plan_type.name().to_owned())];
        let action = act(&platform, caller, &client, AdminActionKind::PlanCreated, details);
        let plan = match platform.store().plans().create(&plan, &action).await? {
            Planned::Done => plan,
            // An attempt before this one has written it.
            Planned::TypeTaken(taken) if taken.plan.id == plan.plan.id => *taken,
            Planned::TypeTaken(_) => {
                let message = "There is a plan of this type. Change it with PATCH /admin/plans/{id}.";
                return Err(ApiError::conflict("PLAN_EXISTS", message));
            }
            Planned::Changed => return Err(StoreError::ConditionFailed(None).into()),
            Planned::NotAdmin => return Err(ApiError::admins_only()),
        };
        Ok((StatusCode::CREATED, PlanView::from(published(&billing, &plan).await?)))
    };
    key.run(&platform, caller.user_id, "create_plan", &new, work).await
}

/// Changes a plan. A price that changes is another one at the payment gateway; who has subscribed goes on paying the old one.
#[utoipa::path(
    patch, path = "/admin/plans/{id}", operation_id = "update_plan", tag = "billing",
    params(("id" = Id<kinds::Plan>, Path)),
    request_body = UpdatePlan,
    responses((status = 200, description = "The plan", body = PlanView)),
)]
pub(crate) async fn update_plan(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    Admin(caller): Admin,
    client: Client,
    Params(id): Params<Id<kinds::Plan>>,
    Body(new): Body<UpdatePlan>,
) -> ApiResult<Response> {
    let plans = platform.store().plans();
    let before = plans.get(id).await?.ok_or_else(plan_not_found)?;
    let mut after = before.clone();
    let plan = &mut after.plan;
    plan.name = new.name.map_or_else(|| plan.name.clone(), |name| name.trim().to_owned());
    plan.features.max_resolution = new.max_resolution.unwrap_or(plan.features.max_resolution);
    plan.features.ad_free = new.ad_free.unwrap_or(plan.features.ad_free);
    plan.features.premium_content_access =
        new.premium_content_access.unwrap_or(plan.features.premium_content_access);
    plan.features.early_access = new.early_access.unwrap_or(plan.features.early_access);
    plan.price_monthly_minor = new.price_monthly_cents.unwrap_or(plan.price_monthly_minor);
    plan.price_annual_minor = new.price_annual_cents.or(plan.price_annual_minor);
    plan.trial_days = new.trial_days.unwrap_or(plan.trial_days);
    plan.is_active = new.is_active.unwrap_or(plan.is_active);
    if after != before {
        after.revision += 1;
        after.updated_at = platform.ambient().now();
        let details = [
            ("plan_id", id.to_string()),
            (
                "price_monthly",
                format!("{} to {}", before.plan.price_monthly_minor, after.plan.price_monthly_minor),
            ),
            ("is_active", after.plan.is_active.to_string()),
        ];
        let action = act(&platform, caller, &client, AdminActionKind::PlanChanged, details);
        match plans.change(&before, &after, &action).await? {
            Planned::Done => {}
            Planned::NotAdmin => return Err(ApiError::admins_only()),
            Planned::Changed | Planned::TypeTaken(_) => return Err(StoreError::ConditionFailed(None).into()),
        }
    }
    Ok(Json(PlanView::from(published(&billing, &after).await?)).into_response())
}

/// The plan with what the gateway calls it. What fails here is made up for by the next PATCH, or by the billing job.
async fn published(billing: &Billing, plan: &SubscriptionPlan) -> ApiResult<SubscriptionPlan> {
    match billing.publish_plan(plan).await {
        Ok(Some(plan)) => Ok(plan),
        Ok(None) => Err(StoreError::ConditionFailed(None).into()),
        Err(BillingError::Gateway(GatewayError::Refused { status: 400, code, .. })) => {
            let message = format!("the payment gateway does not take it: {code}");
            Err(ApiError::invalid("price_monthly_cents", message))
        }
        Err(error) => Err(billing_failed(error)),
    }
}
