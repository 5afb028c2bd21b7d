//! The pictures that can stand for a video.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Pictured as _, Version, VideoThumbnail};

use crate::access::own_video;

/// A picture that can stand for a video.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ThumbnailCandidate {
    /// Its number, from 0; null for an uploaded one.
    #[schema(example = 2)]
    candidate: Option<usize>,
    /// The upload; null for a picture out of the video.
    picture_id: Option<Id<kinds::Picture>>,
    /// Absolute.
    #[schema(example = "https://learn.example/posters/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/poster_2.jpg")]
    url: String,
    /// Its time in the video, in seconds; null for an uploaded one.
    #[schema(example = 30.0)]
    at_seconds: Option<f64>,
    /// Whether it is the one that is shown.
    is_chosen: bool,
}

/// The pictures of which one stands for the caller's video, all in one page: those out of the version that plays, by their time, then the one that was uploaded
/// last. There are none as long as no version plays and nothing was uploaded.
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
    let video = own_video(&platform, id, caller.user_id).await?;
    let version = video.active_version.map(|number| Version::key_of(id, number));
    let batch = platform.store().batch().with_all::<Version>(version);
    let found = batch.with::<VideoThumbnail>(VideoThumbnail::key_of(id)).read().await?;
    let posters = found.one::<Version>()?.map(|version| version.posters).unwrap_or_default();
    let uploaded = found.one::<VideoThumbnail>()?.and_then(|uploads| uploads.shown);
    let base = platform.public_base_url();
    let one = |candidate, picture_id, at_seconds, path: &str| ThumbnailCandidate {
        candidate,
        picture_id,
        url: format!("{base}{path}"),
        at_seconds,
        is_chosen: path == video.thumbnail(),
    };
    let posters = posters.iter().enumerate();
    let posters = posters
        .map(|(number, poster)| one(Some(number), None, Some(poster.at_ms as f64 / 1_000.0), &poster.path));
    let uploaded = uploaded.map(|picture| {
        let path = kinds::Video::address(base, &VideoThumbnail::object_key(id, picture));
        one(None, Some(picture), None, &path)
    });
    Ok(Json(CursorPage { next: None, results: posters.chain(uploaded).collect() }))
}
