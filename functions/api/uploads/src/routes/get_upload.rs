//! What is there of an upload, so that it can be resumed.

use axum::{Json, extract::State};
use domain::upload::{PartPlan, URL_LIFE, UploadMode, UploadStatus};
use http_kit::{ApiResult, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{
    bucket::{Bucket, Held, held_parts},
    completion::own_upload,
    views::UploadView,
};

/// The caller's upload with the parts that are there; one in a single PUT gets a new URL.
#[utoipa::path(
    get, path = "/media/videos/uploads/{upload_id}", operation_id = "get_upload", tag = "uploads",
    params(("upload_id" = Id<kinds::Upload>, Path)),
    responses((status = 200, description = "The upload", body = UploadView)),
)]
pub(crate) async fn get_upload(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Upload>>,
) -> ApiResult<Json<UploadView>> {
    let upload = own_upload(&platform, id, caller.user_id).await?;
    let expires_at = platform.ambient().now() + URL_LIFE;
    let in_parts = upload.mode == UploadMode::Multipart;
    let open = upload.status == UploadStatus::Open;
    // One PUT is there or not: a plan of one part says it in the same words.
    let plan =
        PartPlan::begun(upload.size_bytes, if in_parts { upload.part_size } else { upload.size_bytes });
    let held = match upload.status {
        UploadStatus::Open if in_parts => bucket.held(&upload).await?,
        UploadStatus::Completed => Held::Object,
        UploadStatus::Open | UploadStatus::Aborted => Held::Nothing,
    };
    let url = if open && !in_parts { Some(bucket.put_url(&upload).await?) } else { None };
    let count = if in_parts { plan.count() } else { 0 };
    Ok(Json(UploadView::new(upload, count, held_parts(&plan, &held), url, expires_at)))
}
