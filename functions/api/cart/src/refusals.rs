//! Why a course does not go into a cart or on a wish list.

use domain::commerce::order::LINES_MAX;
use domain::commerce::{pricing::Unavailable, promo};
use http_kit::{ApiError, sentence};
use kernel::{Id, id::kinds};
use serde_json::json;
use store::entities::commerce::cart::Added;

/// There is no such course for sale, or not for this caller.
pub(crate) fn course_not_found() -> ApiError {
    ApiError::not_found("COURSE_NOT_FOUND", "There is no such course. Check its id.")
}

/// The caller teaches the course.
pub(crate) fn own_course() -> ApiError {
    ApiError::conflict("OWN_COURSE", "This is your own course. You see all of it without buying it.")
}

/// The caller has the course.
pub(crate) fn owned() -> ApiError {
    let message = "You have this course already. GET /enrollments lists your courses.";
    ApiError::conflict("ALREADY_ENROLLED", message)
}

/// The answer for a course that can't be bought.
pub(crate) fn unavailable(why: Unavailable) -> ApiError {
    match why {
        Unavailable::NotForSale => course_not_found(),
        Unavailable::OwnCourse => own_course(),
        Unavailable::AlreadyEnrolled => owned(),
        Unavailable::EnrollmentSuspended => ApiError::conflict(
            "ENROLLMENT_SUSPENDED",
            "Your place in this course is suspended. Write to the platform's support before you buy it.",
        ),
        Unavailable::CurrencyMismatch => other_currency(),
    }
}

fn other_currency() -> ApiError {
    let message = "The cart has courses in another currency. Buy those first, or take them out.";
    ApiError::conflict("CURRENCY_MISMATCH", message)
}

/// The answer for a course that did not go into the cart.
pub(crate) fn not_added(why: &Added) -> ApiError {
    match why {
        Added::Already(line) => in_cart(line.id),
        Added::Full => {
            let message = format!("A cart has at most {LINES_MAX} courses. Buy some, or take one out.");
            ApiError::conflict("CART_FULL", message)
        }
        Added::OtherCurrency(_) | Added::Done(_) => other_currency(),
    }
}

fn in_cart(line: Id<kinds::CartItem>) -> ApiError {
    let message = "The course is in your cart already. GET /cart shows it.";
    ApiError::conflict("ALREADY_IN_CART", message).with_details(json!({ "item_id": line }))
}

/// There is no such promo code.
pub(crate) fn promo_not_found() -> ApiError {
    ApiError::not_found("PROMO_NOT_FOUND", "There is no such promo code. Check its letters and digits.")
}

/// The promo code can't be used for this cart.
pub(crate) fn promo_refused(why: promo::Refusal) -> ApiError {
    ApiError::conflict(why.code(), sentence(&why.to_string()))
}
