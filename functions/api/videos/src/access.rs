//! Who sees a video, and as what.

use domain::enrollment::gives_access;
use http_kit::{ApiError, ApiResult, Platform};
use kernel::{Id, id::kinds};
use store::entities::{EnrollmentGuard, Video};

/// The video, if this user owns it: one read.
pub(crate) async fn own_video(
    platform: &Platform,
    id: Id<kinds::Video>,
    user: Id<kinds::User>,
) -> ApiResult<Video> {
    platform.store().videos().own(id, user).await?.ok_or_else(video_not_found)
}

/// Whether an enrolment lets this user watch the course now: two reads.
pub(crate) async fn is_enrolled(
    platform: &Platform,
    user: Id<kinds::User>,
    course: Id<kinds::Course>,
) -> ApiResult<bool> {
    let enrollment = platform.store().enrollments().of_course(user, course).await?;
    let now = platform.ambient().now();
    Ok(enrollment.is_some_and(|one| gives_access(one.status, one.expiry_date, now)))
}

/// Whether the user is enrolled in a course that shows the video, now: two calls, one where he is in none of them.
pub(crate) async fn is_enrolled_for(
    platform: &Platform,
    user: Id<kinds::User>,
    video: &Video,
) -> ApiResult<bool> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let guards = video.courses().map(|course| EnrollmentGuard::key_of(user, course));
    let guards: Vec<EnrollmentGuard> =
        store.batch().with_all::<EnrollmentGuard>(guards).read().await?.all()?;
    for guard in guards {
        let enrollment = store.enrollments().get(user, guard.enrollment_id).await?;
        if enrollment.is_some_and(|one| gives_access(one.status, one.expiry_date, now)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What someone may see of a section's videos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionView {
    /// All, as their owner.
    Own,
    /// Those that can be played.
    Student,
}

/// What this user may see of a section: one read for its instructor, three for a student.
pub(crate) async fn section_view(
    platform: &Platform,
    user: Id<kinds::User>,
    section: Id<kinds::Section>,
) -> ApiResult<SectionView> {
    let place = platform.store().courses().section_place(section).await?.ok_or_else(section_not_found)?;
    if place.instructor_id == user {
        return Ok(SectionView::Own);
    }
    if is_enrolled(platform, user, place.course_id).await? {
        return Ok(SectionView::Student);
    }
    Err(section_not_found())
}

pub(crate) fn video_not_found() -> ApiError {
    ApiError::not_found(
        "VIDEO_NOT_FOUND",
        "There is no such video, or not for you. Check its id, or enrol in its course.",
    )
}

fn section_not_found() -> ApiError {
    let message = "There is no such section, or not for you. Check its id, or enrol in its course.";
    ApiError::not_found("SECTION_NOT_FOUND", message)
}
