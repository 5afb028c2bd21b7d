//! A buyer gives a promo code for his cart, or takes it back.

use axum::{Json, extract::State, response::Response};
use domain::commerce::{PromoCode, promo::CODE_MAX};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn, no_content};
use serde::{Deserialize, Serialize};
use store::entities::Cart;

use crate::{
    refusals::{promo_not_found, promo_refused},
    views::{CartView, reckon},
};

/// Tries of promo codes that a user has in an hour: codes are short, and nobody shall find them by trying.
const TRIES_PER_HOUR: u32 = 60;

/// The code.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPromo {
    #[garde(length(chars, max = CODE_MAX * 2))]
    #[schema(example = "SUMMER2026")]
    code: String,
}

/// Gives the caller's cart a promo code that holds for it now; it takes the place of another one. It is used up by an order, not by a cart.
#[utoipa::path(
    post, path = "/cart/promo", operation_id = "set_cart_promo", tag = "cart",
    request_body = SetPromo,
    responses((status = 200, description = "The cart with the code", body = CartView)),
)]
pub(crate) async fn set_cart_promo(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(wanted): Body<SetPromo>,
) -> ApiResult<Json<CartView>> {
    let user = caller.user_id;
    platform.throttle(&format!("promo#{user}"), TRIES_PER_HOUR).await?;
    let code: PromoCode =
        wanted.code.parse().map_err(|error| ApiError::invalid("code", format!("{error}")))?;
    let (carts, now) = (platform.store().carts(), platform.ambient().now());
    let cart = carts.get(user, now).await?;
    if cart.lines.is_empty() {
        let message = "The cart is empty. Put a course into it first.";
        return Err(ApiError::conflict("CART_EMPTY", message));
    }
    let tried = Cart { promo_code: Some(code.clone()), ..cart.clone() };
    let basket = carts.look_into(tried, None, now).await?;
    if basket.promo.is_none() {
        return Err(promo_not_found());
    }
    if let (_, Some(refusal)) = reckon(&basket, now) {
        return Err(promo_refused(refusal));
    }
    // Courses that came while the code was looked at are shown by the next look at the cart.
    carts.set_promo(cart, Some(&code), now).await?;
    Ok(Json(CartView::new(&basket, now)))
}

/// Takes the promo code out of the caller's cart.
#[utoipa::path(
    delete, path = "/cart/promo", operation_id = "remove_cart_promo", tag = "cart",
    responses((status = 204, description = "The cart has no promo code")),
)]
pub(crate) async fn remove_cart_promo(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Response> {
    let (carts, now) = (platform.store().carts(), platform.ambient().now());
    let cart = carts.get(caller.user_id, now).await?;
    carts.set_promo(cart, None, now).await?;
    Ok(no_content())
}
