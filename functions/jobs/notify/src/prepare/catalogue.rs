//! Courses, certificates, reviews and videos.

use domain::{
    certificate::CertificateCode,
    course::CourseStatus,
    notification::Notice,
    video::{TranscodingStatus, VideoStatus},
};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::{
    Consistency, Store,
    entities::{Course, ReviewReply, User, Version},
};

use super::Prepared;
use crate::Context;

/// Who is enrolled is welcomed (seed 001 §10.3), unless he has lost the course again before the message came.
pub(super) async fn enrolled(
    context: &Context,
    user: Id<kinds::User>,
    enrollment: Id<kinds::Enrollment>,
) -> Result<Option<Prepared>, JobError> {
    let store = &context.store;
    let Some(found) = store.enrollments().get(user, enrollment).await? else { return Ok(None) };
    if !store.enrollments().gives_access(&found, context.ambient.now()).await? {
        return Ok(None);
    }
    let Some(course) = store.courses().get(found.course_id).await? else { return Ok(None) };
    let notice = Notice::Enrolled { enrollment_id: enrollment, course: course.title };
    Ok(reader(store, user).await?.map(|user| Prepared::about(user, notice)))
}

/// The student is told that his certificate is there, if it still is.
pub(super) async fn certified(
    store: &Store,
    user: Id<kinds::User>,
    code: CertificateCode,
) -> Result<Option<Prepared>, JobError> {
    let certificate = store.certificates().shown(code).await?;
    let Some(found) = certificate.filter(|one| one.user_id == user && one.revoked_at.is_none()) else {
        return Ok(None);
    };
    let notice = Notice::CertificateReady { code, course: found.course_title };
    Ok(reader(store, user).await?.map(|user| Prepared::about(user, notice)))
}

/// The teacher is told that his course is in the catalogue, if it still is.
pub(super) async fn published(
    store: &Store,
    course_id: Id<kinds::Course>,
) -> Result<Option<Prepared>, JobError> {
    let course = store.courses().get(course_id).await?;
    let Some(Course { instructor_id, title, .. }) =
        course.filter(|course| course.status == CourseStatus::Published)
    else {
        return Ok(None);
    };
    let notice = Notice::CoursePublished { course_id, course: title };
    Ok(reader(store, instructor_id).await?.map(|user| Prepared::about(user, notice)))
}

/// The author of a review is told of the reply to it, if both are still there.
pub(super) async fn replied(
    store: &Store,
    course_id: Id<kinds::Course>,
    review_id: Id<kinds::Review>,
) -> Result<Option<Prepared>, JobError> {
    let reply: Option<ReviewReply> =
        store.get(ReviewReply::key_of(course_id, review_id), Consistency::Strong).await?;
    let review = store.reviews().get(course_id, review_id).await?;
    let course = store.courses().get(course_id).await?;
    let (Some(_), Some(review), Some(course)) = (reply, review, course) else { return Ok(None) };
    let notice = Notice::ReviewReplied { course_id, course: course.title };
    Ok(reader(store, review.user_id).await?.map(|user| Prepared::about(user, notice)))
}

/// The owner of a video is told how its processing has ended, if nothing has become of it since.
pub(super) async fn video(
    store: &Store,
    video_id: Id<kinds::Video>,
    ready: bool,
) -> Result<Option<Prepared>, JobError> {
    let found = store.videos().get(video_id).await?.filter(|video| video.deleted_at.is_none());
    let still = |status: VideoStatus| match ready {
        true => status.is_playable(),
        false => status == VideoStatus::Failed,
    };
    let Some(found) = found.filter(|video| still(video.status)) else { return Ok(None) };
    let video = found.title;
    let notice = match ready {
        true => Notice::VideoReady { video_id, video },
        false => Notice::VideoFailed { video_id, video },
    };
    Ok(reader(store, found.owner_id).await?.map(|user| Prepared::about(user, notice)))
}

/// The owner of a video is told that its new version plays, if it still does.
pub(super) async fn version_ready(
    store: &Store,
    video_id: Id<kinds::Video>,
    version: u32,
) -> Result<Option<Prepared>, JobError> {
    let found = store.videos().get(video_id).await?;
    let Some(found) = found.filter(|video| video.active_version == Some(version)) else { return Ok(None) };
    let notice = Notice::VersionReady { video_id, video: found.title };
    Ok(reader(store, found.owner_id).await?.map(|user| Prepared::about(user, notice)))
}

/// The owner of a video is told that its new version failed, if it is not tried again, given up, or overtaken by a newer one since.
pub(super) async fn version_failed(
    store: &Store,
    video_id: Id<kinds::Video>,
    number: u32,
) -> Result<Option<Prepared>, JobError> {
    let version = store.versions().get(video_id, number).await?;
    let still = |version: Version| {
        version.transcoding_status == TranscodingStatus::Failed && version.retired_at.is_none()
    };
    let found = store.videos().get(video_id).await?.filter(|video| video.newest_shown < Some(number));
    let (true, Some(found)) = (version.is_some_and(still), found) else { return Ok(None) };
    let notice = Notice::VersionFailed { video_id, video: found.title };
    Ok(reader(store, found.owner_id).await?.map(|user| Prepared::about(user, notice)))
}

async fn reader(store: &Store, user: Id<kinds::User>) -> Result<Option<User>, JobError> {
    Ok(store.users().get(user).await?.filter(|user| user.deleted_at.is_none()))
}
