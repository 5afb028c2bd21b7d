//! What the caller himself has of the courses of a page.

use std::collections::HashSet;

use http_kit::{ApiResult, Platform, Principal};
use kernel::{Id, id::kinds};
use store::entities::{Cart, EnrollmentGuard, Wish};

/// The courses of a page that the caller has to do with; empty for visitors.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// He is or was enrolled in them.
    pub(crate) taken: HashSet<Id<kinds::Course>>,
    /// He may take them now.
    pub(crate) enrolled: HashSet<Id<kinds::Course>>,
    /// They are in his cart.
    pub(crate) in_cart: HashSet<Id<kinds::Course>>,
    /// They are on his wish list.
    pub(crate) in_wishlist: HashSet<Id<kinds::Course>>,
}

/// What the caller has of these courses: one batch over two tables for up to 49 of them and another where he is or was enrolled in some;
/// none for visitors and empty pages.
///
/// # Errors
/// As storage fails.
pub(crate) async fn of_caller(
    platform: &Platform,
    caller: Option<Principal>,
    courses: &[Id<kinds::Course>],
) -> ApiResult<Own> {
    let Some(caller) = caller.filter(|_| !courses.is_empty()) else { return Ok(Own::default()) };
    let user = caller.user_id;
    let guards = courses.iter().map(|course| EnrollmentGuard::key_of(user, *course));
    let wishes = courses.iter().map(|course| Wish::key_of(user, *course));
    let batch = platform.store().batch().with_all::<EnrollmentGuard>(guards).with_all::<Wish>(wishes);
    let found = batch.with::<Cart>(Cart::key_of(user)).read().await?;
    let cart = found.one::<Cart>()?.map(|cart| cart.lines).unwrap_or_default();
    let guards: Vec<EnrollmentGuard> = found.all()?;
    Ok(Own {
        taken: guards.iter().map(|guard| guard.course_id).collect(),
        enrolled: platform.store().enrollments().open_courses(&guards, platform.ambient().now()).await?,
        in_cart: cart.into_iter().map(|line| line.course_id).collect(),
        in_wishlist: found.all::<Wish>()?.into_iter().map(|wish| wish.course_id).collect(),
    })
}
