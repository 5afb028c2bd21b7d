//! An instructor uploads a video anew.

use axum::{extract::State, response::Response};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use store::entities::{
    Upload,
    reupload::{NewVersion, VersionBegun},
};

use super::presign_upload::{channel_required, check_channel, still_open, ticket, weekly_quota};
use crate::{
    bucket::Bucket,
    completion::reminder,
    records::{self, NewFile},
    views::{UploadTicket, version_under_way, video_not_found},
};

/// Begins an upload of another version of the caller's video, and answers where to send the file, as `presign` does.
///
/// The video keeps its id, title, lesson, permissions and all that was counted. It plays as before until the new version is whole, and from
/// then on the new one; a play that has begun stays with the version that it began with. Where the new version fails, the one before plays on.
/// The one that was replaced stays for 7 days, in which it can be made the one that plays again. The channel's weekly quota counts it
/// as any upload. With an `Idempotency-Key` a repeated request gets the same upload.
#[utoipa::path(
    post, path = "/media/videos/{id}/versions", operation_id = "begin_video_version", tag = "uploads",
    params(
        ("id" = Id<kinds::Video>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = NewFile,
    responses((status = 201, description = "Where to send the file", body = UploadTicket)),
)]
pub(crate) async fn begin_version(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Video>>,
    key: IdempotencyKey,
    Body(file): Body<NewFile>,
) -> ApiResult<Response> {
    file.check()?;
    let request = (id, file.clone());
    key.run(&platform, caller.user_id, "begin_video_version", &request, async |attempt| {
        let upload = begin(&platform, caller.user_id, id, file, attempt).await?;
        Ok((StatusCode::CREATED, ticket(&platform, &bucket, upload).await?))
    })
    .await
}

async fn begin(
    platform: &Platform,
    user: Id<kinds::User>,
    video: Id<kinds::Video>,
    file: NewFile,
    attempt: Id<kinds::Event>,
) -> ApiResult<Upload> {
    let Some(channel) = platform.store().channels().of_user(user).await? else {
        // Who has no channel has no videos either.
        return match platform.store().videos().own(video, user).await? {
            Some(_) => Err(channel_required()),
            None => Err(video_not_found()),
        };
    };
    check_channel(&channel, file.size)?;
    let now = platform.ambient().now();
    // The number is given when it begins.
    let upload = file.upload(&channel, (video, 0), attempt, now);
    let new = NewVersion {
        version: records::version(&upload),
        sweep: reminder(&upload, now),
        weekly_limit: channel.quota.max_videos_per_week,
        upload,
    };
    match platform.store().uploads().begin_version(&new).await? {
        VersionBegun::Begun(upload) => still_open(*upload),
        VersionBegun::NotFound => Err(video_not_found()),
        VersionBegun::Elsewhere => Err(ApiError::conflict(
            "VIDEO_HAS_NO_FILE",
            "Another site shows this video, so it has no versions. Upload a file as a new video.",
        )),
        VersionBegun::UnderWay => Err(version_under_way()),
        VersionBegun::Quota => Err(weekly_quota(&channel, now)),
        VersionBegun::TooMany => Err(ApiError::conflict(
            "TOO_MANY_VERSIONS",
            "This video has as many versions as a video can have. Upload the file as a new video.",
        )),
    }
}
