//! What the caller's plan gives him (seed 003, `user_has_feature`).

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::commerce::{
    PlanType,
    plan::{Feature, Features, MaxResolution},
};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;

/// What the caller has now.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FeatureList {
    /// Kind of the plan; null without one.
    plan_type: Option<PlanType>,
    max_resolution: MaxResolution,
    #[schema(example = json!({"ad_free": true, "premium_content": true, "early_access": false, "hd_streaming": true, "4k_streaming": false}))]
    features: BTreeMap<Feature, bool>,
}

/// The features that the caller has now: those of his plan while its subscription is active, else those of everybody.
#[utoipa::path(
    get, path = "/subscription/features", operation_id = "get_subscription_features", tag = "billing",
    responses((status = 200, description = "The features", body = FeatureList)),
)]
pub(crate) async fn get_features(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<FeatureList>> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let live = store.subscriptions().live(caller.user_id).await?.filter(|live| live.state.is_live(now));
    let plan = match live {
        Some(live) => store.plans().get(live.state.plan_id).await?,
        None => None,
    };
    let features = plan.as_ref().map_or(Features::NONE, |plan| plan.plan.features);
    Ok(Json(FeatureList {
        plan_type: plan.map(|plan| plan.plan.plan_type),
        max_resolution: features.max_resolution,
        features: Feature::ALL.map(|feature| (feature, features.has(feature))).into_iter().collect(),
    }))
}
