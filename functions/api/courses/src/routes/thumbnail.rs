//! A course's picture: uploaded straight to S3, re-encoded by the ingest job, shown when that is done.

use api_views::{PictureTicket, ThumbnailState, UploadPicture};
use axum::{Json, extract::State, response::Response};
use domain::picture::UPLOADS_PER_HOUR;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
use kernel::{Id, id::kinds};

use crate::{access::own, files::Files};

/// Begins the upload of the picture of a course of the caller. It is shown some seconds after the file has arrived: cut to 16 to 9, 1280 by
/// 720, without any of the file's metadata. A file that is refused leaves the picture as it was.
#[utoipa::path(
    post, path = "/courses/{id}/thumbnail", operation_id = "upload_thumbnail", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = UploadPicture,
    responses((status = 201, description = "Where to send the file", body = PictureTicket)),
)]
pub(crate) async fn upload_thumbnail(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params(course): Params<Id<kinds::Course>>,
    key: IdempotencyKey,
    Body(new): Body<UploadPicture>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "upload_thumbnail", &(course, new), async |attempt| {
        own(&platform, course, caller).await?;
        platform.throttle(&format!("thumbnail:{}", caller.user_id), UPLOADS_PER_HOUR).await?;
        let (id, now) = (Id::from_uuid(attempt.uuid()), platform.ambient().now());
        Ok((StatusCode::CREATED, files.picture_ticket(course, id, new, now).await?))
    })
    .await
}

/// What became of the uploads of the picture of a course of the caller.
#[utoipa::path(
    get, path = "/courses/{id}/thumbnail", operation_id = "get_thumbnail", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    responses((status = 200, description = "The state", body = ThumbnailState)),
)]
pub(crate) async fn get_thumbnail(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<Json<ThumbnailState>> {
    let course = own(&platform, id, caller).await?;
    let decided = platform.store().pictures().of(id).await?;
    Ok(Json(ThumbnailState::new(course.thumbnail, decided.as_ref())))
}
