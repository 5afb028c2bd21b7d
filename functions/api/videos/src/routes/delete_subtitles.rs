//! An owner takes subtitles away.

use axum::{extract::State, response::Response};
use domain::subtitle::LanguageTag;
use http_kit::{ApiResult, Params, Platform, SignedIn, no_content};
use kernel::{Id, id::kinds};

use crate::subtitles::{Edit, Media};

/// Takes the subtitles of a language away from the version of the caller's video that plays. Who begins to play from now on is not offered them.
#[utoipa::path(
    delete, path = "/media/videos/{id}/subtitles/{language}", operation_id = "delete_video_subtitles", tag = "videos",
    params(("id" = Id<kinds::Video>, Path), ("language" = String, Path, description = "As in RFC 5646", example = "ko")),
    responses((status = 204, description = "They are gone")),
)]
pub(crate) async fn delete_subtitles(
    State(platform): State<Platform>,
    State(media): State<Media>,
    SignedIn(caller): SignedIn,
    Params((id, language)): Params<(Id<kinds::Video>, LanguageTag)>,
) -> ApiResult<Response> {
    media.change(&platform, (id, caller.user_id), &Edit::Delete(language)).await?;
    Ok(no_content())
}
