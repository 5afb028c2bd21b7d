//! The client says that everything is sent.

use api_views::VideoView;
use axum::{Json, extract::State};
use http_kit::{ApiResult, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{
    bucket::Bucket,
    completion::{complete, own_upload},
};

/// Completes the caller's upload: the parts are joined if all are there in the right sizes, and the video is UPLOADED.
/// Processing is started by S3's event. Saying it again gives the same answer.
#[utoipa::path(
    post, path = "/media/videos/uploads/{upload_id}/complete", operation_id = "complete_upload", tag = "uploads",
    params(("upload_id" = Id<kinds::Upload>, Path)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn complete_upload(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Upload>>,
) -> ApiResult<Json<VideoView>> {
    let upload = own_upload(&platform, id, caller.user_id).await?;
    complete(&platform, &bucket, upload, None).await.map(Json)
}
