//! The client of seed 002 says that everything is sent.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::video::TITLE_MAX;
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Instructor, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    bucket::Bucket,
    completion::{complete, own_upload},
    views::upload_not_found,
};

/// Which upload: by its id, or by its key as in seed 002.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompleteVideo {
    #[garde(skip)]
    upload_id: Option<Id<kinds::Upload>>,
    /// What `presign` answered as `file_key`; needed where `upload_id` is not sent.
    #[garde(length(max = 500))]
    file_key: Option<String>,
    /// The section; must be the one of the upload where it is sent.
    #[garde(skip)]
    session: Option<Id<kinds::Section>>,
    /// A new title.
    #[garde(length(chars, min = 1, max = TITLE_MAX))]
    #[schema(example = "Ownership and borrowing")]
    title: Option<String>,
}

/// Completes the caller's upload and gives the video a title. Processing is started by S3's event.
/// Saying it again gives the same answer.
#[utoipa::path(
    post, path = "/media/videos/complete", operation_id = "complete_video", tag = "uploads",
    request_body = CompleteVideo,
    responses((status = 201, description = "The video", body = VideoView)),
)]
pub(crate) async fn complete_video(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Body(said): Body<CompleteVideo>,
) -> ApiResult<(StatusCode, Json<VideoView>)> {
    let id = match (said.upload_id, &said.file_key) {
        (Some(id), _) => id,
        // The last part of a key is the upload's id.
        (None, Some(key)) => {
            key.rsplit('/').next().and_then(|id| id.parse().ok()).ok_or_else(upload_not_found)?
        }
        (None, None) => return Err(ApiError::invalid("upload_id", "is needed, or file_key")),
    };
    let upload = own_upload(&platform, id, caller.user_id).await?;
    if said.file_key.as_ref().is_some_and(|key| *key != upload.object_key) {
        return Err(upload_not_found());
    }
    if let Some(session) = said.session {
        let video = platform.store().videos().own(upload.video_id, caller.user_id).await?;
        if video.is_none_or(|video| video.section_id != Some(session)) {
            return Err(ApiError::invalid("session", "is not the section that this upload was begun for"));
        }
    }
    let video = complete(&platform, &bucket, upload, said.title).await?;
    Ok((StatusCode::CREATED, Json(video)))
}
