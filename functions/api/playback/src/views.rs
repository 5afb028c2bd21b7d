//! What the endpoints of playback share: bodies with a token, and answers.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::playback::Policy;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Platform, Principal};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Enrollment, VideoProgress};

use crate::{
    Keys,
    token::{Bearer, Claims, Expected},
};

/// Longest token that is looked at.
pub(crate) const TOKEN_MAX: usize = 4096;

/// A token, and what seed 002's client sends beside it.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "eyJ0eXAiOiJwbGF5YmFjayJ9.eyJzZXNzaW9uIjoiMDE5MzNiN2EifQ.c2lnbmF0dXJl",
    "session_id": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10",
}))]
pub(crate) struct TokenBody {
    /// The token of play or refresh.
    #[garde(length(min = 1, max = TOKEN_MAX))]
    pub(crate) token: String,
    /// Compared with the token where it is sent.
    #[garde(length(max = 64))]
    pub(crate) session_id: Option<String>,
    /// Compared with the token where it is sent.
    #[garde(length(chars, max = 128))]
    pub(crate) device_id: Option<String>,
}

impl TokenBody {
    /// What its token must agree with.
    pub(crate) fn expected(
        &self,
        video: Id<kinds::Video>,
        caller: Option<Principal>,
        bearer: Bearer,
    ) -> Expected<'_> {
        let (session, device) = (self.session_id.as_deref(), self.device_id.as_deref());
        Expected { token: &self.token, video, caller, bearer, session, device }
    }
}

/// A play (seed 002, PlaybackResponseSerializer). The signed cookies come as headers.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PlaybackView {
    token: String,
    session_id: Id<kinds::Playback>,
    /// Epoch seconds.
    #[schema(example = 1_780_315_800)]
    expires_at: i64,
    policy: Policy,
    /// The master playlist.
    #[schema(
        example = "https://learn.example/hls/videos/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/master.m3u8"
    )]
    play_url: String,
}

/// The answer of play and refresh: token, policy, address of the master playlist of this name, and the cookies that open it.
pub(crate) async fn playback(
    platform: &Platform,
    keys: &Keys,
    claims: Claims,
    master: &str,
) -> ApiResult<Response> {
    let (base, stream) = (platform.public_base_url(), claims.stream());
    let cookies = keys.signer(platform).await?.open(base, stream, claims.iat, claims.exp);
    let view = PlaybackView {
        token: keys.token(platform).await?.sign(&claims)?,
        session_id: claims.session,
        expires_at: claims.exp,
        policy: claims.policy,
        play_url: stream.play_url(base, master),
    };
    Ok((cookies.map_err(ApiError::internal)?, Json(view)).into_response())
}

/// How far a student has watched a video (seed 002, VideoProgressSerializer).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VideoProgressView {
    /// Made of both ids: there is one for a video and enrolment.
    id: String,
    video: Id<kinds::Video>,
    enrollment: Id<kinds::Enrollment>,
    student_name: String,
    /// 0 to 1.
    #[schema(example = 0.42)]
    progress: f64,
    /// Seconds.
    #[schema(example = 126)]
    last_position: u64,
    /// Whether 90 % were watched.
    completed: bool,
    updated_at: Timestamp,
}

impl VideoProgressView {
    pub(crate) fn new(progress: &VideoProgress, enrollment: &Enrollment) -> Self {
        Self {
            id: format!("{}.{}", progress.video_id, progress.enrollment_id),
            video: progress.video_id,
            enrollment: progress.enrollment_id,
            student_name: enrollment.student_name.expose().clone(),
            progress: progress.progress,
            last_position: progress.last_position,
            completed: progress.completed,
            updated_at: progress.updated_at,
        }
    }
}
