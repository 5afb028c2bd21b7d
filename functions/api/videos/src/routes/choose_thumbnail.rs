//! An owner chooses the picture that stands for a video.

use api_views::VideoView;
use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::access::{not_playing, own_video, video_not_found};

/// Which picture of the list of `GET /media/videos/{id}/thumbnails`: one of the two.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseThumbnail {
    /// The number of one out of the video, from 0.
    #[garde(skip)]
    #[schema(example = 2)]
    candidate: Option<u32>,
    /// The upload of one that was uploaded.
    #[garde(skip)]
    picture_id: Option<Id<kinds::Picture>>,
}

/// Lets a picture stand for the caller's video: one out of it, or again the one that was uploaded. Saying it again gives the same answer. An upload that was begun
/// before does not undo it.
///
/// A new version of the video has pictures of its own, and begins with the one in its middle; going back to this one brings the choice among them back. An uploaded
/// picture stays with every version.
#[utoipa::path(
    put, path = "/media/videos/{id}/thumbnail", operation_id = "choose_video_thumbnail", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    request_body(content = ChooseThumbnail, example = json!({"candidate": 2})),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn choose_thumbnail(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Body(choice): Body<ChooseThumbnail>,
) -> ApiResult<Json<VideoView>> {
    let wished = match (choice.candidate, choice.picture_id) {
        (Some(candidate), None) => Wished::Candidate(candidate),
        (None, Some(picture)) => Wished::Uploaded(picture),
        _ => return Err(ApiError::invalid("candidate", "give this or picture_id, and not both")),
    };
    let video = own_video(&platform, id, caller.user_id).await?;
    let (store, now, wish) = (platform.store(), platform.ambient().now(), platform.ambient().id());
    let chosen = match wished {
        Wished::Uploaded(picture) => store.pictures().choose(&video, picture, wish, now).await?,
        Wished::Candidate(candidate) => {
            let number = video.active_version.ok_or_else(not_playing)?;
            let version = store.versions().get(id, number).await?.ok_or_else(video_not_found)?;
            let count = version.posters.len();
            if usize::try_from(candidate).is_ok_and(|candidate| candidate >= count) {
                let message = format!("must be below {count}, the number of pictures");
                return Err(ApiError::invalid("candidate", message));
            }
            store.versions().choose_poster(&video, &version, candidate, wish, now).await?
        }
    };
    let chosen = chosen.ok_or_else(|| {
        let message =
            "The pictures of the video are others since this moment. Read their list again, then choose.";
        ApiError::conflict("CHANGED_MEANWHILE", message)
    })?;
    Ok(Json(VideoView::own(chosen, platform.public_base_url())))
}

/// What the caller wishes for.
enum Wished {
    /// A picture out of the video.
    Candidate(u32),
    /// The uploaded one.
    Uploaded(Id<kinds::Picture>),
}
