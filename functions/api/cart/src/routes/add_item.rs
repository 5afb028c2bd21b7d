//! A buyer puts a course into his cart.

use axum::{Json, extract::State};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Basket, Cart, CartLine, Course, EnrollmentGuard, commerce::cart::Added};

use crate::{
    refusals::{course_not_found, not_added, unavailable},
    views::CartItemView,
};

/// The course.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddItem {
    #[garde(skip)]
    pub(crate) course_id: Id<kinds::Course>,
}

/// A line for a course that the caller may buy now, and his cart with all that is known of both. The line is the last of the cart, as if it
/// were there already.
///
/// # Errors
/// 404 for a course that is not for sale, 409 for one that the caller teaches or has.
pub(crate) async fn offer(
    platform: &Platform,
    user: Id<kinds::User>,
    course_id: Id<kinds::Course>,
    now: Timestamp,
) -> ApiResult<(Cart, CartLine, Basket)> {
    let store = platform.store();
    let batch = store.batch().with::<Cart>(Cart::key_of(user)).with::<Course>(Course::key_of(course_id));
    let found = batch.with::<EnrollmentGuard>(EnrollmentGuard::key_of(user, course_id)).read().await?;
    let cart = found.one()?.unwrap_or_else(|| Cart::empty(user, now));
    let course: Course = found.one()?.ok_or_else(course_not_found)?;
    let line = CartLine {
        id: platform.ambient().id(),
        course_id,
        instructor_id: course.instructor_id,
        title: course.title.clone(),
        price_minor: course.price_minor.unwrap_or_default(),
        currency: course.currency.parse().map_err(http_kit::ApiError::internal)?,
        added_at: now,
    };
    let guard: Option<EnrollmentGuard> = found.one()?;
    let alone = Cart { lines: vec![line.clone()], promo_code: None, ..cart.clone() };
    let basket = store.carts().basket_of(alone, vec![course], guard.into_iter().collect()).await?;
    basket.offer(&line).map_err(unavailable)?;
    Ok((cart, line, basket))
}

/// Puts a course into the caller's cart. What it costs is decided when it is bought.
#[utoipa::path(
    post, path = "/cart/items", operation_id = "add_cart_item", tag = "cart",
    request_body(content = AddItem, example = json!({"course_id": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10"})),
    responses((status = 201, description = "The course in the cart", body = CartItemView)),
)]
pub(crate) async fn add_cart_item(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(wanted): Body<AddItem>,
) -> ApiResult<(StatusCode, Json<CartItemView>)> {
    let now = platform.ambient().now();
    let (cart, line, basket) = offer(&platform, caller.user_id, wanted.course_id, now).await?;
    match platform.store().carts().add(cart, &line, now).await? {
        Added::Done(line) => Ok((StatusCode::CREATED, Json(CartItemView::new(&line, &basket)))),
        refused => Err(not_added(&refused)),
    }
}
