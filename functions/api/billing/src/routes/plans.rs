//! The plans that are sold.

use axum::{extract::State, response::Response};
use domain::commerce::BillingInterval;
use http_kit::{ApiResult, Caching, Keep, Platform};

use crate::views::{PlanList, PlanView};

/// The plans that are sold, the cheapest first. Everybody sees them.
#[utoipa::path(
    get, path = "/plans", operation_id = "list_plans", tag = "billing", security(()),
    responses(
        (status = 200, description = "The plans", body = PlanList),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_plans(State(platform): State<Platform>, caching: Caching) -> ApiResult<Response> {
    let mut plans = platform.store().plans().all().await?;
    plans.retain(|plan| plan.plan.is_active && plan.offer(BillingInterval::Monthly).is_some());
    for plan in &mut plans {
        // A price that the gateway does not know yet can't be paid.
        if plan.offer(BillingInterval::Annual).is_none() {
            plan.plan.price_annual_minor = None;
        }
    }
    let results = plans.into_iter().map(PlanView::from).collect();
    caching.json(Keep::Minute, &PlanList { results })
}
