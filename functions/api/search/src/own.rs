//! What the caller himself has of the courses of a page.

use std::collections::HashSet;

use http_kit::{ApiResult, Platform, Principal};
use kernel::{Id, id::kinds};
use store::entities::EnrollmentGuard;

/// The courses of these that the caller is enrolled in: one batch, none for visitors and empty pages.
///
/// # Errors
/// As storage fails.
pub(crate) async fn enrolled(
    platform: &Platform,
    caller: Option<Principal>,
    courses: impl Iterator<Item = Id<kinds::Course>>,
) -> ApiResult<HashSet<Id<kinds::Course>>> {
    let Some(caller) = caller else { return Ok(HashSet::new()) };
    let keys = courses.map(|course| EnrollmentGuard::key_of(caller.user_id, course));
    let found = platform.store().batch().with_all::<EnrollmentGuard>(keys).read().await?;
    Ok(found.all::<EnrollmentGuard>()?.into_iter().map(|guard| guard.course_id).collect())
}
