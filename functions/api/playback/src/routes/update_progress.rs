//! Seed 002's player reports its progress as a part of the video.

use axum::{Json, extract::State};
use ephemeral::Ephemeral;
use garde::Validate;
use http_kit::{ApiResult, Body, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use super::report_progress::{Claim, Watching, take};
use crate::{Settings, views::VideoProgressView};

/// Progress as seed 002's VideoProgress has it.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProgress {
    #[garde(skip)]
    video: Id<kinds::Video>,
    #[garde(skip)]
    enrollment: Id<kinds::Enrollment>,
    /// Part that was watched from the beginning, 0 to 1. A claim: it counts as far as the time of the session allows.
    #[garde(inner(range(min = 0.0, max = 1.0)))]
    #[schema(example = 0.42)]
    progress: Option<f64>,
    /// Where the player is, in seconds.
    #[garde(inner(range(min = 0.0)))]
    #[schema(example = 126)]
    last_position: Option<f64>,
    /// Taken for the sake of seed 002's client and not believed: completion follows from what was watched.
    #[garde(skip)]
    completed: Option<bool>,
}

/// Takes in progress in the shape of seed 002.
#[utoipa::path(
    post, path = "/media/video-progress/update_progress", operation_id = "update_video_progress", tag = "playback",
    request_body = UpdateProgress,
    responses((status = 200, description = "The progress", body = VideoProgressView)),
)]
pub(crate) async fn update_progress(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(settings): State<Settings>,
    SignedIn(caller): SignedIn,
    Body(body): Body<UpdateProgress>,
) -> ApiResult<Json<VideoProgressView>> {
    let claim = Claim {
        video: body.video,
        enrollment: body.enrollment,
        session: None,
        watched: Watching::Part(body.progress.unwrap_or(0.0)),
        position: body.last_position,
        reported_at: None,
    };
    take(&platform, &sessions, settings, caller, claim).await.map(Json)
}
