//! More part URLs.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use domain::upload::{PART_URLS_MAX, PartPlan, URL_LIFE, UploadMode, UploadStatus};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    bucket::Bucket,
    completion::own_upload,
    views::{PartUrls, upload_aborted, upload_completed},
};

/// Which parts.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresignParts {
    /// Numbers of parts, from 1; 1 to 100 of them.
    #[garde(length(min = 1, max = PART_URLS_MAX))]
    #[schema(example = json!([101, 102, 103]))]
    numbers: BTreeSet<u32>,
}

/// URLs for these parts of the caller's upload. A part may be sent again; the last one counts.
#[utoipa::path(
    post, path = "/media/videos/uploads/{upload_id}/parts", operation_id = "presign_upload_parts", tag = "uploads",
    params(("upload_id" = Id<kinds::Upload>, Path)),
    request_body = PresignParts,
    responses((status = 200, description = "The URLs", body = PartUrls)),
)]
pub(crate) async fn presign_parts(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Upload>>,
    Body(wanted): Body<PresignParts>,
) -> ApiResult<Json<PartUrls>> {
    let upload = own_upload(&platform, id, caller.user_id).await?;
    match upload.status {
        UploadStatus::Open => {}
        UploadStatus::Completed => return Err(upload_completed()),
        UploadStatus::Aborted => return Err(upload_aborted()),
    }
    if upload.mode == UploadMode::Single {
        let message = "This upload goes in one PUT. GET it for its upload_url.";
        return Err(ApiError::conflict("UPLOAD_NOT_IN_PARTS", message));
    }
    let plan = PartPlan::begun(upload.size_bytes, upload.part_size);
    let part = |number: &u32| plan.size_of(*number).map(|size| (*number, size));
    let parts: Option<Vec<_>> = wanted.numbers.iter().map(part).collect();
    let parts = parts.ok_or_else(|| {
        ApiError::invalid("numbers", format!("must be within 1 and {}, the number of parts", plan.count()))
    })?;
    let upload = bucket.begin_multipart(&platform, upload).await?;
    let parts = bucket.part_urls(&upload, parts).await?;
    Ok(Json(PartUrls { parts, expires_at: platform.ambient().now() + URL_LIFE }))
}
