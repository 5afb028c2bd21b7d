//! Who sees a video, and as what.

use http_kit::{ApiError, ApiResult, Platform};
use kernel::{Id, id::kinds};
use store::entities::{EnrollmentGuard, SectionPlace, Video};

/// The video, if this user owns it: one read.
pub(crate) async fn own_video(
    platform: &Platform,
    id: Id<kinds::Video>,
    user: Id<kinds::User>,
) -> ApiResult<Video> {
    platform.store().videos().own(id, user).await?.ok_or_else(video_not_found)
}

/// Whether an enrolment lets this user watch the course now: two reads, and two more where nothing but his plan gives the right.
pub(crate) async fn is_enrolled(
    platform: &Platform,
    user: Id<kinds::User>,
    course: Id<kinds::Course>,
) -> ApiResult<bool> {
    let enrollments = platform.store().enrollments();
    match enrollments.of_course(user, course).await? {
        Some(found) => Ok(enrollments.gives_access(&found, platform.ambient().now()).await?),
        None => Ok(false),
    }
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
        if let Some(found) = store.enrollments().get(user, guard.enrollment_id).await?
            && store.enrollments().gives_access(&found, now).await?
        {
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

/// What this user may see of a section, and where it is: one read for its instructor, three for a student.
pub(crate) async fn section_view(
    platform: &Platform,
    user: Id<kinds::User>,
    section: Id<kinds::Section>,
) -> ApiResult<(SectionView, SectionPlace)> {
    let place = platform.store().courses().section_place(section).await?.ok_or_else(section_not_found)?;
    if place.instructor_id == user {
        return Ok((SectionView::Own, place));
    }
    if is_enrolled(platform, user, place.course_id).await? {
        return Ok((SectionView::Student, place));
    }
    Err(section_not_found())
}

pub(crate) fn video_not_found() -> ApiError {
    ApiError::not_found(
        "VIDEO_NOT_FOUND",
        "There is no such video, or not for you. Check its id, or enrol in its course.",
    )
}

/// No version of the video plays.
pub(crate) fn not_playing() -> ApiError {
    let message = "The video can't be played yet, or another site shows it: it has no stream, no subtitles and no pictures out of it. Wait until it is READY.";
    ApiError::conflict("VIDEO_NOT_READY", message)
}

pub(crate) fn section_not_found() -> ApiError {
    let message = "There is no such section, or not for you. Check its id, or enrol in its course.";
    ApiError::not_found("SECTION_NOT_FOUND", message)
}
