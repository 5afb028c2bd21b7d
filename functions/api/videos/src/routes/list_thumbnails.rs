//! The pictures out of a video.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Version, Video};

use crate::access::{not_playing, own_video, video_not_found};

/// A picture out of a video.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ThumbnailCandidate {
    /// From 0.
    #[schema(example = 2)]
    candidate: usize,
    /// Absolute.
    #[schema(example = "https://learn.example/posters/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/poster_2.jpg")]
    url: String,
    /// Its time in the video, in seconds.
    #[schema(example = 30.0)]
    at_seconds: f64,
    /// Whether it is the one that is shown.
    is_chosen: bool,
}

/// The version of the caller's video that plays: two reads.
pub(crate) async fn playing(
    platform: &Platform,
    id: Id<kinds::Video>,
    owner: Id<kinds::User>,
) -> ApiResult<(Video, Version)> {
    let video = own_video(platform, id, owner).await?;
    let number = video.active_version.ok_or_else(not_playing)?;
    let version = platform.store().versions().get(id, number).await?.ok_or_else(video_not_found)?;
    Ok((video, version))
}

/// The pictures out of the version of the caller's video that plays, of which one stands for it, by their time; all in one page.
#[utoipa::path(
    get, path = "/media/videos/{id}/thumbnails", operation_id = "list_video_thumbnails", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The pictures", body = CursorPage<ThumbnailCandidate>)),
)]
pub(crate) async fn list_thumbnails(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<CursorPage<ThumbnailCandidate>>> {
    let (video, version) = playing(&platform, id, caller.user_id).await?;
    let base = platform.public_base_url();
    let candidate = |(candidate, poster): (usize, &store::entities::Poster)| ThumbnailCandidate {
        candidate,
        url: format!("{base}{}", poster.path),
        at_seconds: poster.at_ms as f64 / 1_000.0,
        is_chosen: poster.path == video.thumbnail_path,
    };
    let results = version.posters.iter().enumerate().map(candidate).collect();
    Ok(Json(CursorPage { next: None, results }))
}
