//! The subtitles of a video.

use axum::{Json, extract::State};
use http_kit::{ApiResult, CursorPage, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::subtitles::{Playing, SubtitleView};

/// The subtitles of the version of the caller's video that plays, by language; all in one page, at most 50.
#[utoipa::path(
    get, path = "/media/videos/{id}/subtitles", operation_id = "list_video_subtitles", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The subtitles", body = CursorPage<SubtitleView>)),
)]
pub(crate) async fn list_subtitles(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<CursorPage<SubtitleView>>> {
    let tracks = Playing::read(&platform, id, caller.user_id).await?.subtitles.tracks;
    let results = tracks.into_iter().map(|(language, one)| SubtitleView::new(language, one)).collect();
    Ok(Json(CursorPage { next: None, results }))
}
