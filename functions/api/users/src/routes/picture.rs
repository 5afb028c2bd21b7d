//! A user's picture: uploaded straight to S3, re-encoded by the ingest job, shown when that is done.

use api_views::{PictureTicket, UploadPicture};
use axum::{extract::State, response::Response};
use domain::picture::UPLOADS_PER_HOUR;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Platform, SignedIn, no_content};
use kernel::Id;
use store::{StoreError, entities::picture::PictureDecision};

use crate::bucket::Pictures;

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
        let (id, now) = (Id::from_uuid(attempt.uuid()), platform.ambient().now());
        Ok((StatusCode::CREATED, pictures.ticket(user, id, new, now).await?))
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
