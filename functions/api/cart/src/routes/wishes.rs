//! The wish list: courses that somebody would like to have.

use std::collections::HashMap;

use axum::{Json, extract::State, response::Response};
use domain::{
    commerce::{Amount, Money},
    course::CourseStatus,
};
use http::StatusCode;
use http_kit::{
    ApiError, ApiResult, Body, CursorPage, CursorQuery, Params, Platform, Query, SignedIn, no_content,
    openapi::BASE_PATH,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::{
    Consistency,
    entities::{Cart, Course, EnrollmentGuard, Wish, commerce::cart::Added},
};

use super::add_item::{AddItem, offer};
use crate::{
    refusals::not_added,
    views::{CartCourse, CartItemView},
};

/// A course on a wish list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct WishView {
    course: CartCourse,
    added_at: Timestamp,
    /// Its price when it was added.
    price_at_adding: Money,
    /// Whether it costs something else now.
    price_changed: bool,
    /// Whether it is for sale now.
    available: bool,
    /// Whether the caller may take it now.
    enrolled: bool,
    /// Whether it is in the caller's cart.
    in_cart: bool,
}

impl WishView {
    fn new(wish: &Wish, course: Option<&Course>, enrolled: bool, in_cart: bool) -> Self {
        let for_sale =
            course.filter(|course| course.deleted_at.is_none() && course.status == CourseStatus::Published);
        let minor = |minor: u64| i64::try_from(minor).unwrap_or(i64::MAX);
        let price =
            for_sale.and_then(|course| course.price_minor).map(|now| Amount::new(minor(now), wish.currency));
        let at_adding = Amount::new(minor(wish.price_minor), wish.currency);
        Self {
            course: CartCourse::new(wish.course_id, (&wish.title, wish.currency), course, price),
            added_at: wish.added_at,
            price_at_adding: Money(at_adding),
            price_changed: price.is_some_and(|price| price != at_adding),
            available: price.is_some(),
            enrolled,
            in_cart,
        }
    }
}

fn wish_not_found() -> ApiError {
    let message = "The course is not on your wish list. GET /wishlist shows it.";
    ApiError::not_found("WISH_NOT_FOUND", message)
}

/// The caller's wish list, the newest courses first.
#[utoipa::path(
    get, path = "/wishlist", operation_id = "list_wishes", tag = "cart",
    params(CursorQuery),
    responses((status = 200, description = "A page of the wish list", body = CursorPage<WishView>)),
)]
pub(crate) async fn list_wishes(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<WishView>>> {
    let (store, user) = (platform.store(), caller.user_id);
    let list = format!("wishlist#{user}");
    let start = query.start(&platform, &list).await?;
    let page = store.wishes().of_user(user, start, query.page_size).await?;
    let ids = || page.items.iter().map(|wish| wish.course_id);
    let batch = store.batch().with_all::<Course>(ids().map(Course::key_of)).with::<Cart>(Cart::key_of(user));
    let guards = ids().map(|course| EnrollmentGuard::key_of(user, course));
    let found = batch.with_all::<EnrollmentGuard>(guards).read().await?;
    let courses: HashMap<_, _> =
        found.all::<Course>()?.into_iter().map(|course| (course.id, course)).collect();
    let open = store.enrollments().open_courses(&found.all()?, platform.ambient().now()).await?;
    let cart: Option<Cart> = found.one()?;
    let in_cart = |course| cart.as_ref().is_some_and(|cart| cart.line_of(course).is_some());
    let results = page.items.iter().map(|wish| {
        let id = wish.course_id;
        WishView::new(wish, courses.get(&id), open.contains(&id), in_cart(id))
    });
    let results = results.collect();
    let path = format!("{BASE_PATH}/wishlist");
    Ok(Json(query.page(&platform, &list, &path, &[], results, page.next).await?))
}

/// Puts a course on the caller's wish list; one that is on it stays as it is.
#[utoipa::path(
    post, path = "/wishlist", operation_id = "add_wish", tag = "cart",
    request_body(content = AddItem, example = json!({"course_id": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10"})),
    responses((status = 201, description = "The course on the wish list", body = WishView)),
)]
pub(crate) async fn add_wish(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(wanted): Body<AddItem>,
) -> ApiResult<(StatusCode, Json<WishView>)> {
    let now = platform.ambient().now();
    let (cart, line, basket) = offer(&platform, caller.user_id, wanted.course_id, now).await?;
    let wish = Wish {
        user_id: caller.user_id,
        course_id: line.course_id,
        title: line.title,
        price_minor: line.price_minor,
        currency: line.currency,
        added_at: now,
    };
    let wish = platform.store().wishes().add(&wish).await?.unwrap_or(wish);
    let course = basket.courses.get(&wish.course_id);
    let view = WishView::new(&wish, course, false, cart.line_of(wish.course_id).is_some());
    Ok((StatusCode::CREATED, Json(view)))
}

/// Takes a course off the caller's wish list.
#[utoipa::path(
    delete, path = "/wishlist/{course_id}", operation_id = "remove_wish", tag = "cart",
    params(("course_id" = Id<kinds::Course>, Path)),
    responses((status = 204, description = "The course is not on the list any more")),
)]
pub(crate) async fn remove_wish(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(course): Params<Id<kinds::Course>>,
) -> ApiResult<Response> {
    let was_there = platform.store().wishes().remove(caller.user_id, course).await?;
    if was_there { Ok(no_content()) } else { Err(wish_not_found()) }
}

/// Moves a course from the caller's wish list into his cart.
#[utoipa::path(
    post, path = "/wishlist/{course_id}/move-to-cart", operation_id = "move_wish_to_cart", tag = "cart",
    params(("course_id" = Id<kinds::Course>, Path)),
    responses((status = 201, description = "The course in the cart", body = CartItemView)),
)]
pub(crate) async fn move_wish_to_cart(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(course): Params<Id<kinds::Course>>,
) -> ApiResult<(StatusCode, Json<CartItemView>)> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let wish: Option<Wish> = store.get(Wish::key_of(caller.user_id, course), Consistency::Strong).await?;
    wish.ok_or_else(wish_not_found)?;
    let (cart, line, basket) = offer(&platform, caller.user_id, course, now).await?;
    match store.wishes().move_to_cart(cart, &line, now).await? {
        Added::Done(line) | Added::Already(line) => {
            Ok((StatusCode::CREATED, Json(CartItemView::new(&line, &basket))))
        }
        refused => Err(not_added(&refused)),
    }
}
