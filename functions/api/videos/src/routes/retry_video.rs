//! An owner asks for another attempt at a video's processing.

use axum::{Json, extract::State};
use domain::video::{RETRY_LOOK, VideoStatus, missing_parts};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use jobs::Publisher;
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Version, Video, pipeline::processing_reminder};

use crate::{
    access::{own_video, video_not_found},
    pipeline::Work,
};

/// The processing goes on.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RetryStarted {
    /// For a person (seed 002).
    #[schema(example = "Video reprocessing started")]
    detail: &'static str,
}

/// Starts the processing of the newest version of the caller's video where it failed: parts that are done stay done. Only one that is FAILED,
/// or UPLOADED and still waiting, can be retried.
#[utoipa::path(
    post, path = "/media/videos/{id}/retry", operation_id = "retry_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 202, description = "It goes on", body = RetryStarted)),
)]
pub(crate) async fn retry_video(
    State(platform): State<Platform>,
    State(publisher): State<Publisher>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<(StatusCode, Json<RetryStarted>)> {
    let video = own_video(&platform, id, caller.user_id).await?;
    let version = platform.store().versions().get(id, video.latest_version).await?;
    let work = match version.as_ref().map_or(video.status, |version| version.status_of(&video)) {
        VideoStatus::Uploaded => Work::Check,
        VideoStatus::Failed => resume(&platform, &video, &version.ok_or_else(video_not_found)?).await?,
        status => return Err(cannot_retry(status)),
    };
    work.send(&publisher, id, video.latest_version).await?;
    Ok((StatusCode::ACCEPTED, Json(RetryStarted { detail: "Video reprocessing started" })))
}

/// Puts the video back to work before any message is sent: a consumer drops what is for a failed version. If this dies in
/// between, the reminder finds it.
async fn resume(platform: &Platform, video: &Video, version: &Version) -> ApiResult<Work> {
    let now = platform.ambient().now();
    let reminder = processing_reminder(video.id, version.version_number, now + RETRY_LOOK);
    if !platform.store().versions().resume(video, version, &reminder, now).await? {
        // Another retry was faster, or the version was given up.
        return Err(cannot_retry(VideoStatus::Processing));
    }
    Ok(Work::left(version.parts_total, missing_parts(version.parts_total, &version.parts_done)))
}

fn cannot_retry(status: VideoStatus) -> ApiError {
    let message = format!("A video in state {status} can't be retried: only FAILED and UPLOADED ones can.");
    ApiError::conflict("CANNOT_RETRY", message)
}
