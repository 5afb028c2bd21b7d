//! An owner uploads a picture for a video: straight to S3, re-encoded by the ingest job, shown when that is done.

use api_views::{PictureTicket, ThumbnailState, UploadPicture};
use axum::{Json, extract::State, response::Response};
use domain::picture::UPLOADS_PER_HOUR;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Instructor, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::{Uploads, access::own_video};

/// Begins the upload of a picture for the caller's video, which may be one that another site shows, or one that is still processed. It stands for the video
/// some seconds after the file has arrived: cut to 16 to 9, 1280 by 720, without any of the file's metadata. It stays when the video gets another version,
/// until another one is uploaded or chosen (`PUT /media/videos/{id}/thumbnail`). A file that is refused leaves the picture as it was.
#[utoipa::path(
    post, path = "/media/videos/{id}/thumbnail", operation_id = "upload_video_thumbnail", tag = "videos",
    params(
        ("id" = Id<kinds::Video>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = UploadPicture,
    responses((status = 201, description = "Where to send the file", body = PictureTicket)),
)]
pub(crate) async fn upload_thumbnail(
    State(platform): State<Platform>,
    State(uploads): State<Uploads>,
    Instructor(caller): Instructor,
    Params(video): Params<Id<kinds::Video>>,
    key: IdempotencyKey,
    Body(new): Body<UploadPicture>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "upload_video_thumbnail", &(video, new), async |attempt| {
        own_video(&platform, video, caller.user_id).await?;
        platform.throttle(&format!("thumbnail:{}", caller.user_id), UPLOADS_PER_HOUR).await?;
        let (id, now) = (Id::from_uuid(attempt.uuid()), platform.ambient().now());
        let ticket = new.ticket(&uploads.objects, &uploads.bucket, video, id, now).await?;
        Ok((StatusCode::CREATED, ticket))
    })
    .await
}

/// What became of the uploads of pictures for the caller's video.
#[utoipa::path(
    get, path = "/media/videos/{id}/thumbnail", operation_id = "get_video_thumbnail", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The state", body = ThumbnailState)),
)]
pub(crate) async fn get_thumbnail(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<ThumbnailState>> {
    let video = own_video(&platform, id, caller.user_id).await?;
    let decided = platform.store().pictures().of(id).await?;
    let shown = match video.thumbnail() {
        "" => String::new(),
        path => format!("{}{path}", platform.public_base_url()),
    };
    Ok(Json(ThumbnailState::new(shown, decided.as_ref())))
}
