//! The refusals of playback: seed 002's short codes with their statuses, which its player reads as `detail`, and what to do about each.

use api_views::LessonLock;
use domain::playback::Denied;
use ephemeral::Refusal;
use http_kit::ApiError;
use serde_json::json;

/// 404: there is no such video, or not for this caller.
pub(crate) fn video_not_found() -> ApiError {
    ApiError::not_found("video_not_found", "There is no such video. Check its id.").playback()
}

/// 404: the enrolment is not the caller's, or does not give access any more.
pub(crate) fn enrollment_not_found() -> ApiError {
    let message = "You have no such enrolment that gives access now. GET /enrollments lists yours.";
    ApiError::not_found("enrollment_not_found", message).playback()
}

/// 403: the video's state or the student's rule.
pub(crate) fn denied(reason: Denied) -> ApiError {
    let message = match reason {
        Denied::NotReady => "The video can't be played now. Try again when it is ready.",
        Denied::NoSessionAccess => {
            "The video belongs to a course. Enrol in it, and send that course's enrollment_id."
        }
        Denied::Blocked => "Your teacher has blocked this video for you. Ask your teacher.",
        Denied::AlreadyCompletedOnce => {
            "You might watch this video once, and have completed it. Ask your teacher."
        }
    };
    ApiError::forbidden(reason.code(), message).playback()
}

/// 403: the lesson that shows the video is not open for the student yet.
pub(crate) fn locked(lock: LessonLock) -> ApiError {
    ApiError::forbidden("lesson_locked", lock.message()).with_details(json!(lock)).playback()
}

/// 409: there is nothing to stream, since another site shows the video.
pub(crate) fn shown_elsewhere() -> ApiError {
    let message = "Another site shows this video. Embed the youtube_id or external_url of GET /media/videos/{id}; what is watched there is not counted.";
    ApiError::conflict("video_external", message).playback()
}

/// 409: no session was issued.
pub(crate) fn refused(reason: Refusal) -> ApiError {
    let message = match reason {
        Refusal::DeviceLimit => {
            "You play on as many devices as allowed. Use one of them, or try again when one has been idle for a while."
        }
        Refusal::SessionLimit => {
            "You play as many videos at once as allowed. End one: GET /media/sessions lists them, DELETE ends one."
        }
    };
    ApiError::conflict(reason.code(), message).playback()
}

/// 409: the session was ended, or its time is over.
pub(crate) fn session_not_active() -> ApiError {
    ApiError::conflict("session_not_active", "The session is over. Start again with play.").playback()
}

/// 404: the caller has no such session.
pub(crate) fn session_not_found() -> ApiError {
    let message = "You have no such session. GET /media/sessions lists yours.";
    ApiError::not_found("session_not_found", message).playback()
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    NotOurs,
    Expired,
    OtherVideo,
    OtherUser,
    OtherDevice,
    OtherSession,
}

/// 401: the token does not prove what it should.
pub(crate) fn token(fault: TokenFault) -> ApiError {
    let (code, message) = match fault {
        TokenFault::NotOurs => (
            "invalid_token",
            "The token is not one of ours. Send the token of play or refresh as it was given.",
        ),
        TokenFault::Expired => {
            ("token_expired", "The token has expired. Start again with play, and refresh before expires_at.")
        }
        TokenFault::OtherVideo => {
            ("video_mismatch", "The token is for another video. Start this one with play.")
        }
        TokenFault::OtherUser => {
            ("user_mismatch", "The token is for another user. Log in as the one who started to play.")
        }
        TokenFault::OtherDevice => {
            ("device_mismatch", "The token is for another device. Start on this one with play.")
        }
        TokenFault::OtherSession => {
            ("session_mismatch", "The token is for another session. Send the token of this session.")
        }
    };
    ApiError::unauthorized(code, message).playback()
}

/// 401: only a visitor of a public video may come without a login.
pub(crate) fn login_required() -> ApiError {
    ApiError::unauthorized("login_required", "Log in to play this video.").playback()
}

/// 503: the deployment lacks what signed cookies need (seed 002, VIDEO_PLAYBACK_CONFIG_MISSING).
pub(crate) fn not_configured(missing: Vec<&'static str>) -> ApiError {
    let message =
        "Playback is not set up on this deployment. Its operator must set what `details.missing` names.";
    ApiError::unavailable("playback_not_configured", message)
        .with_details(json!({ "missing": missing }))
        .playback()
}
