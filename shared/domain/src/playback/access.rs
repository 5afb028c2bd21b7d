//! Who may play a video (seed 002, `_check_access`).

use serde::{Deserialize, Serialize};

use crate::video::VideoStatus;

/// Whether and how often a student may watch (seed 002, VideoPermission.rule).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccessRule {
    /// As often as he likes.
    Free,
    /// Until he has completed it.
    Once,
    /// Not at all.
    Blocked,
}

impl AccessRule {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Once => "once",
            Self::Blocked => "blocked",
        }
    }
}

/// State of a play (seed 002, VideoPlaybackSession.Status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PlaybackStatus {
    /// Plays.
    Active,
    /// Ended by the player.
    Ended,
    /// Ended by the user from another device, or by a teacher.
    Revoked,
    /// Ended for want of heartbeats.
    Expired,
}

/// What decides whether a student may play.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The video's state.
    pub status: VideoStatus,
    /// Whether a version can be played at all.
    pub has_version: bool,
    /// Whether the student is enrolled in the course that the video belongs to.
    pub enrolled: bool,
    /// The student's rule; without one a video is free (seed 002).
    pub rule: Option<AccessRule>,
    /// Whether he has completed it.
    pub completed: bool,
}

/// Why somebody may not play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is nothing to play yet, or no more.
    NotReady,
    /// He is not enrolled in its course.
    NoSessionAccess,
    /// A teacher has blocked it for him.
    Blocked,
    /// He might watch it once, and has.
    AlreadyCompletedOnce,
}

impl Denied {
    /// Seed 002's name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotReady => "video_not_ready",
            Self::NoSessionAccess => "no_session_access",
            Self::Blocked => "blocked",
            Self::AlreadyCompletedOnce => "already_completed_once",
        }
    }
}

/// Whether a student may play, and the first reason why not, in seed 002's order.
///
/// # Errors
/// [`Denied`].
pub const fn may_play(request: Request) -> Result<(), Denied> {
    if !request.status.is_playable() || !request.has_version {
        return Err(Denied::NotReady);
    }
    if !request.enrolled {
        return Err(Denied::NoSessionAccess);
    }
    match request.rule {
        Some(AccessRule::Blocked) => Err(Denied::Blocked),
        Some(AccessRule::Once) if request.completed => Err(Denied::AlreadyCompletedOnce),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_in_the_seeds_order_is_given() {
        let open = Request {
            status: VideoStatus::Ready,
            has_version: true,
            enrolled: true,
            rule: None,
            completed: true,
        };
        let once = Some(AccessRule::Once);
        let blocked = Some(AccessRule::Blocked);
        for (request, expected) in [
            (open, Ok(())),
            (Request { status: VideoStatus::Published, ..open }, Ok(())),
            (Request { rule: Some(AccessRule::Free), ..open }, Ok(())),
            (Request { rule: once, completed: false, ..open }, Ok(())),
            (Request { rule: once, ..open }, Err("already_completed_once")),
            (Request { rule: blocked, completed: false, ..open }, Err("blocked")),
            (Request { enrolled: false, rule: blocked, ..open }, Err("no_session_access")),
            (Request { status: VideoStatus::Processing, enrolled: false, ..open }, Err("video_not_ready")),
            (Request { status: VideoStatus::Archived, ..open }, Err("video_not_ready")),
            (Request { has_version: false, ..open }, Err("video_not_ready")),
        ] {
            assert_eq!(may_play(request).map_err(Denied::code), expected, "{request:?}");
        }
    }
}
