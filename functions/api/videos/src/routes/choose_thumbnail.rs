//! An owner chooses the picture that stands for a video.

use api_views::VideoView;
use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use super::list_thumbnails::playing;

/// Which picture.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseThumbnail {
    /// Its number in the list of `GET /media/videos/{id}/thumbnails`, from 0.
    #[garde(skip)]
    #[schema(example = 2)]
    candidate: u32,
}

/// Lets one of the pictures out of the caller's video stand for it. Saying it again gives the same answer. A new version of the video has pictures of its own,
/// and begins with the one in its middle; going back to this one brings the choice back.
#[utoipa::path(
    put, path = "/media/videos/{id}/thumbnail", operation_id = "choose_video_thumbnail", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = ChooseThumbnail,
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn choose_thumbnail(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Body(choice): Body<ChooseThumbnail>,
) -> ApiResult<Json<VideoView>> {
    let (video, version) = playing(&platform, id, caller.user_id).await?;
    let count = version.posters.len();
    if usize::try_from(choice.candidate).is_ok_and(|candidate| candidate >= count) {
        return Err(ApiError::invalid("candidate", format!("must be below {count}, the number of pictures")));
    }
    let now = platform.ambient().now();
    let chosen = platform.store().versions().choose_poster(&video, &version, choice.candidate, now).await?;
    let chosen = chosen.ok_or_else(|| {
        let message =
            "Another version of the video plays since this moment. Read its pictures again, then choose.";
        ApiError::conflict("CHANGED_MEANWHILE", message)
    })?;
    Ok(Json(VideoView::own(chosen, platform.public_base_url())))
}
