//! What a student's player lets him do (seed 002, `_effective_policy`).

use serde::{Deserialize, Serialize};

/// What the player lets the student do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Policy {
    /// Whether he may seek.
    pub allow_seek: bool,
    /// Speed.
    pub playback_rate: RatePolicy,
    /// Watermark.
    pub watermark: WatermarkPolicy,
    /// Sessions and devices at once.
    pub concurrency: ConcurrencyPolicy,
}

/// Speed of playback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RatePolicy {
    /// Highest speed.
    #[schema(example = 1.5)]
    pub max: f64,
    /// Whether the player shows the control.
    pub ui_control: bool,
}

/// Watermark over the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WatermarkPolicy {
    /// Whether it is shown.
    pub enabled: bool,
    /// How: `overlay`.
    #[schema(example = "overlay")]
    pub mode: String,
    /// What it shows: `user_id`.
    pub fields: Vec<String>,
}

/// Limits of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConcurrencyPolicy {
    /// Live sessions.
    #[schema(example = 1)]
    pub max_sessions: u32,
    /// Devices with a live session.
    #[schema(example = 2)]
    pub max_devices: u32,
    /// The same as `max_sessions`, under the name that seed 002's client reads.
    #[schema(example = 1)]
    pub max_concurrent_sessions: u32,
}

/// What a video's owner has set for all students.
#[derive(Clone, Copy, Debug)]
pub struct VideoDefaults {
    /// Whether students may seek.
    pub allow_skip: bool,
    /// Highest speed; 0 counts as not set.
    pub max_speed: f64,
    /// Whether the watermark is shown.
    pub show_watermark: bool,
}

/// What a teacher has set for one student.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// In place of `allow_skip`.
    pub allow_skip: Option<bool>,
    /// In place of `max_speed`.
    pub max_speed: Option<f64>,
    /// In place of `show_watermark`.
    pub show_watermark: Option<bool>,
    /// No control of the speed, whatever else is said.
    pub block_speed_control: bool,
    /// No seeking, whatever else is said.
    pub block_seek: bool,
}

/// Limits of the deployment (seed 002, settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `VIDEO_MAX_SESSIONS`.
    pub max_sessions: u32,
    /// `VIDEO_MAX_DEVICES`.
    pub max_devices: u32,
}

/// The policy of a play: the video's defaults, then the student's overrides, then the hard blocks, which win.
pub fn effective_policy(video: VideoDefaults, student: Option<Overrides>, limits: Limits) -> Policy {
    let student = student.unwrap_or_default();
    let default_speed = if video.max_speed == 0.0 { 1.0 } else { video.max_speed };
    let max = if student.block_speed_control { 1.0 } else { student.max_speed.unwrap_or(default_speed) };
    Policy {
        allow_seek: !student.block_seek && student.allow_skip.unwrap_or(video.allow_skip),
        playback_rate: RatePolicy { max, ui_control: !student.block_speed_control },
        watermark: WatermarkPolicy {
            enabled: student.show_watermark.unwrap_or(video.show_watermark),
            mode: "overlay".into(),
            fields: vec!["user_id".into()],
        },
        concurrency: ConcurrencyPolicy {
            max_sessions: limits.max_sessions,
            max_devices: limits.max_devices,
            max_concurrent_sessions: limits.max_sessions,
        },
    }
}
