//! Whether a promo code may be used for a plan.

use axum::{Json, extract::State};
use domain::commerce::{
    Amount, BillingInterval, Currency, PromoCode,
    promo::{Refusal, Target},
};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::refusals::{not_offered, plan_not_found};

/// Questions of a user within a minute: who guesses codes gets nowhere.
const QUESTIONS_MAX: u32 = 20;

/// A code, and what it is to be used for.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidatePromo {
    #[garde(skip)]
    code: PromoCode,
    /// The plan that it is to be used for. In a cart, POST /cart/promo says whether it may be used there.
    #[garde(skip)]
    plan: Id<kinds::Plan>,
    #[serde(default = "monthly")]
    #[garde(skip)]
    interval: BillingInterval,
}

const fn monthly() -> BillingInterval {
    BillingInterval::Monthly
}

/// Whether the code may be used (seed 003, `validate_promo_code`).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PromoAnswer {
    valid: bool,
    code: PromoCode,
    /// What the first payment is less, in minor units; null where it may not be used.
    #[schema(example = 249)]
    discount_cents: Option<i64>,
    /// What the first payment is with it.
    #[schema(example = 750)]
    final_price_cents: i64,
    currency: Currency,
    /// Why it may not be used: the stable code; null where it may.
    #[schema(example = "PROMO_EXPIRED")]
    error: Option<&'static str>,
    /// Why it may not be used, for people.
    message: Option<String>,
}

/// Says whether a promo code may be used by the caller for a plan, and what it takes off. It reserves nothing.
#[utoipa::path(
    post, path = "/promo-codes/validate", operation_id = "validate_promo_code", tag = "billing",
    request_body = ValidatePromo,
    responses((status = 200, description = "Whether it may be used", body = PromoAnswer)),
)]
pub(crate) async fn validate_promo_code(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(asked): Body<ValidatePromo>,
) -> ApiResult<Json<PromoAnswer>> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let subject = format!("promo:{}", caller.user_id);
    if store.rates().hit(&subject, now, 60).await? > QUESTIONS_MAX {
        return Err(ApiError::too_many_requests(60));
    }
    let plan = store.plans().get(asked.plan).await?.filter(|plan| plan.plan.is_active);
    let plan = plan.ok_or_else(plan_not_found)?;
    let (_, price) = plan.offer(asked.interval).ok_or_else(not_offered)?;
    let found = store.promos().for_user(&asked.code, caller.user_id).await?;
    let Some((rule, uses)) = found else {
        let message = "there is no such promo code; check how it is spelled".to_owned();
        return Ok(Json(refused(asked.code, price, "PROMO_NOT_FOUND", message)));
    };
    let outcome = rule.promo.evaluate(uses, &Target::Plan(asked.plan), now);
    Ok(Json(match outcome.and_then(|()| rule.promo.discount_on(price)) {
        Ok(discount) => PromoAnswer {
            valid: true,
            code: asked.code,
            discount_cents: Some(discount),
            final_price_cents: price.minor - discount,
            currency: price.currency,
            error: None,
            message: None,
        },
        Err(refusal) => refused(asked.code, price, Refusal::code(refusal), refusal.to_string()),
    }))
}

fn refused(code: PromoCode, price: Amount, error: &'static str, message: String) -> PromoAnswer {
    PromoAnswer {
        valid: false,
        code,
        discount_cents: None,
        final_price_cents: price.minor,
        currency: price.currency,
        error: Some(error),
        message: Some(message),
    }
}
