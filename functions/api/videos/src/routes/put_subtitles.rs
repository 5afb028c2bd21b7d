//! An owner gives a video subtitles.

use axum::{Json, extract::State};
use domain::subtitle::{LanguageTag, MAX_BYTES, NAME_MAX, Subtitles};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::subtitles::{Edit, Media, NewSubtitles, SubtitleView, subtitles_not_found};

/// The subtitles of one language.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutSubtitles {
    /// A file as WebVTT or SRT has it, at most 512 KiB. Styles, regions, notes and unknown markup are left out.
    #[garde(length(bytes, min = 1, max = MAX_BYTES))]
    #[schema(example = "1\n00:00:01,000 --> 00:00:04,000\nWelcome to the course.\n")]
    content: String,
    /// What the player's menu says; the tag of the language unless it is sent.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[schema(example = "English")]
    language_name: Option<String>,
    /// Whether players show them unless the viewer chooses; the language that was the default is it no longer.
    #[serde(default)]
    #[garde(skip)]
    is_default: bool,
    /// Whether players offer them.
    #[serde(default = "yes")]
    #[garde(skip)]
    is_published: bool,
}

const fn yes() -> bool {
    true
}

/// Gives the version of the caller's video that plays subtitles in a language, or replaces those that it has. Who begins to play from now on can
/// choose them; plays that have begun go on with what they have. A new version of the video begins without subtitles, since its times may
/// be others.
#[utoipa::path(
    put, path = "/media/videos/{id}/subtitles/{language}", operation_id = "put_video_subtitles", tag = "videos",
    params(("id" = Id<kinds::Video>, Path), ("language" = String, Path, description = "As in RFC 5646", example = "ko")),
    request_body = PutSubtitles,
    responses((status = 200, description = "The subtitles", body = SubtitleView)),
)]
pub(crate) async fn put_subtitles(
    State(platform): State<Platform>,
    State(media): State<Media>,
    SignedIn(caller): SignedIn,
    Params((id, language)): Params<(Id<kinds::Video>, LanguageTag)>,
    Body(new): Body<PutSubtitles>,
) -> ApiResult<Json<SubtitleView>> {
    let subtitles = Subtitles::parse(&new.content)
        .map_err(|reason| ApiError::unprocessable("SUBTITLES_UNREADABLE", reason.to_string()))?;
    let new = NewSubtitles {
        subtitles,
        language_name: new.language_name.unwrap_or_else(|| language.to_string()),
        is_default: new.is_default,
        is_published: new.is_published,
    };
    let edit = Edit::Put(language.clone(), new);
    let mut made = media.change(&platform, (id, caller.user_id), &edit).await?;
    let subtitle = made.tracks.remove(&language).ok_or_else(subtitles_not_found)?;
    Ok(Json(SubtitleView::new(language, subtitle)))
}
