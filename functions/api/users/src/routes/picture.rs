//! A user's picture: uploaded straight to S3, re-encoded by the ingest job, shown when that is done.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::picture::{MAX_BYTES, PictureFormat, UPLOADS_PER_HOUR, URL_LIFE};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Platform, SignedIn, no_content};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::{StoreError, entities::picture::PictureDecision};

use crate::bucket::Pictures;

/// A picture that is going to be uploaded.
#[derive(Clone, Copy, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadPicture {
    #[garde(skip)]
    content_type: PictureFormat,
    /// Exact bytes, at most 5 MiB.
    #[garde(range(min = 1, max = MAX_BYTES))]
    #[schema(example = 248_113)]
    size: u64,
}

/// Where to send the picture.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PictureTicket {
    picture_id: Id<kinds::Picture>,
    /// PUT the file here, with `headers`.
    upload_url: String,
    /// Headers that the PUT must have: they are signed.
    #[schema(example = json!({"content-type": "image/jpeg"}))]
    headers: BTreeMap<&'static str, &'static str>,
    /// When the URL stops working.
    expires_at: Timestamp,
}

/// Begins the upload of a picture. It is shown in the profile some seconds after the file has arrived: as a square without any of the
/// file's metadata. A file that is refused leaves the picture as it was, with the reason in `profile_picture_error`.
#[utoipa::path(
    post, path = "/users/profile/picture", operation_id = "upload_picture", tag = "users",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = UploadPicture,
    responses((status = 201, description = "Where to send the file", body = PictureTicket)),
)]
pub(crate) async fn upload_picture(
    State(platform): State<Platform>,
    State(pictures): State<Pictures>,
    SignedIn(caller): SignedIn,
    key: IdempotencyKey,
    Body(new): Body<UploadPicture>,
) -> ApiResult<Response> {
    let user = caller.user_id;
    key.run(&platform, user, "upload_picture", &new, async |attempt| {
        platform.throttle(&format!("picture:{user}"), UPLOADS_PER_HOUR).await?;
        let picture_id = Id::from_uuid(attempt.uuid());
        let upload_url = pictures.put_url(user, picture_id, new.content_type, new.size).await?;
        let headers = BTreeMap::from([("content-type", new.content_type.content_type())]);
        let expires_at = platform.ambient().now() + URL_LIFE;
        Ok((StatusCode::CREATED, PictureTicket { picture_id, upload_url, headers, expires_at }))
    })
    .await
}

/// Removes the caller's picture, and lets no upload that began before bring one back.
#[utoipa::path(
    delete, path = "/users/profile/picture", operation_id = "remove_picture", tag = "users",
    responses((status = 204, description = "There is no picture")),
)]
pub(crate) async fn remove_picture(
    State(platform): State<Platform>,
    State(pictures): State<Pictures>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Response> {
    let (id, now) = (platform.ambient().id(), platform.ambient().now());
    let removed = PictureDecision::Removed;
    if !platform.store().pictures().decide(caller.user_id, id, &removed, now).await? {
        return Err(StoreError::ConditionFailed(None).into());
    }
    pictures.delete_before(caller.user_id, id).await?;
    Ok(no_content())
}
