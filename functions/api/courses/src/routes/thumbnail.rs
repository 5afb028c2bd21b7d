//! A course's picture: uploaded straight to S3, re-encoded by the ingest job, shown when that is done.

use api_views::{PictureTicket, UploadPicture};
use axum::{Json, extract::State, response::Response};
use domain::picture::UPLOADS_PER_HOUR;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::Serialize;

use crate::{access::own, files::Files};

/// What became of the uploads.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ThumbnailState {
    /// The course's picture as everybody sees it; empty for none.
    #[schema(
        example = "https://learn.example/posters/courses/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/01933b7a-3c5e-7000-8000-4f2d1c9a7b11.jpg"
    )]
    thumbnail: String,
    /// The upload that was decided last; null before the first.
    picture_id: Option<Id<kinds::Picture>>,
    /// Why it was refused; null where it is shown.
    error: Option<String>,
}

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
        let picture_id = Id::from_uuid(attempt.uuid());
        let upload_url = files.picture_url(course, picture_id, new.content_type, new.size).await?;
        let ticket = PictureTicket::new(picture_id, upload_url, new.content_type, platform.ambient().now());
        Ok((StatusCode::CREATED, ticket))
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
    let decided = platform.store().thumbnails().of_course(id).await?;
    Ok(Json(ThumbnailState {
        thumbnail: course.thumbnail,
        picture_id: decided.as_ref().map(|decided| decided.decided),
        error: decided.and_then(|decided| decided.refusal).map(|reason| reason.to_string()),
    }))
}
