//! A buyer takes a course out of his cart.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn, no_content};
use kernel::{Id, id::kinds};

/// Takes a course out of the caller's cart.
#[utoipa::path(
    delete, path = "/cart/items/{id}", operation_id = "remove_cart_item", tag = "cart",
    params(("id" = Id<kinds::CartItem>, Path)),
    responses((status = 204, description = "The course is not in the cart any more")),
)]
pub(crate) async fn remove_cart_item(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::CartItem>>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    if platform.store().carts().remove(caller.user_id, id, now).await? {
        return Ok(no_content());
    }
    let message = "Your cart has no such item. GET /cart lists them.";
    Err(ApiError::not_found("CART_ITEM_NOT_FOUND", message))
}
