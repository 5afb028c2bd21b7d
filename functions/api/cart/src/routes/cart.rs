//! A buyer looks at his cart, or empties it.

use axum::{Json, extract::State, response::Response};
use http_kit::{ApiResult, Platform, SignedIn, no_content};

use crate::views::CartView;

/// The caller's cart, at the prices of this moment.
#[utoipa::path(
    get, path = "/cart", operation_id = "get_cart", tag = "cart",
    responses((status = 200, description = "The cart", body = CartView)),
)]
pub(crate) async fn get_cart(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<CartView>> {
    let now = platform.ambient().now();
    let basket = platform.store().carts().basket(caller.user_id, None, now).await?;
    Ok(Json(CartView::new(&basket, now)))
}

/// Takes all courses and the promo code out of the caller's cart.
#[utoipa::path(
    delete, path = "/cart", operation_id = "clear_cart", tag = "cart",
    responses((status = 204, description = "The cart is empty")),
)]
pub(crate) async fn clear_cart(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Response> {
    platform.store().carts().clear(caller.user_id, platform.ambient().now()).await?;
    Ok(no_content())
}
