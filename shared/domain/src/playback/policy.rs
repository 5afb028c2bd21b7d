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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Seed 002's `_effective_policy`, line by line, on rows as its database gives them.
    fn oracle(video: &Value, perm: &Value, settings: &Value) -> Value {
        let truthy = |value: &Value| value.as_bool().unwrap_or(false);
        let number = |value: &Value| value.as_f64().unwrap_or(0.0);
        let mut allow_seek = truthy(&video["allow_skip"]);
        let mut max_rate = if number(&video["max_speed"]) == 0.0 { 1.0 } else { number(&video["max_speed"]) };
        let mut watermark_enabled = truthy(&video["show_watermark"]);
        let mut ui_speed_control = true;
        if !perm.is_null() {
            if !perm["allow_skip_override"].is_null() {
                allow_seek = truthy(&perm["allow_skip_override"]);
            }
            if !perm["max_speed_override"].is_null() {
                max_rate = number(&perm["max_speed_override"]);
            }
            if !perm["show_watermark_override"].is_null() {
                watermark_enabled = truthy(&perm["show_watermark_override"]);
            }
            if truthy(&perm["block_seek"]) {
                allow_seek = false;
            }
            if truthy(&perm["block_speed_control"]) {
                ui_speed_control = false;
                max_rate = 1.0;
            }
        }
        json!({
            "allow_seek": allow_seek,
            "playback_rate": {"max": max_rate, "ui_control": ui_speed_control},
            "watermark": {"enabled": watermark_enabled, "mode": "overlay", "fields": ["user_id"]},
            "concurrency": {
                "max_sessions": settings["VIDEO_MAX_SESSIONS"],
                "max_devices": settings["VIDEO_MAX_DEVICES"],
                // Not in the server of the seed: its client reads the limit under this name.
                "max_concurrent_sessions": settings["VIDEO_MAX_SESSIONS"],
            },
        })
    }

    #[test]
    fn every_combination_gives_what_the_seed_gives() {
        let limits = Limits { max_sessions: 3, max_devices: 2 };
        let settings = json!({"VIDEO_MAX_SESSIONS": 3, "VIDEO_MAX_DEVICES": 2});
        let (flags, choices) = ([false, true], [None, Some(false), Some(true)]);
        let speeds = [None, Some(0.0), Some(0.5), Some(1.0), Some(2.0)];
        let mut students = vec![None];
        for allow_skip in choices {
            for max_speed in speeds {
                for show_watermark in choices {
                    for block_speed_control in flags {
                        for block_seek in flags {
                            students.push(Some(Overrides {
                                allow_skip,
                                max_speed,
                                show_watermark,
                                block_speed_control,
                                block_seek,
                            }));
                        }
                    }
                }
            }
        }
        for student in students {
            let perm = student.map_or(Value::Null, |row| {
                json!({
                    "allow_skip_override": row.allow_skip,
                    "max_speed_override": row.max_speed,
                    "show_watermark_override": row.show_watermark,
                    "block_speed_control": row.block_speed_control,
                    "block_seek": row.block_seek,
                })
            });
            for allow_skip in flags {
                for show_watermark in flags {
                    for max_speed in [0.0, 1.0, 1.25, 16.0] {
                        let video = VideoDefaults { allow_skip, max_speed, show_watermark };
                        let row = json!({
                            "allow_skip": allow_skip, "max_speed": max_speed, "show_watermark": show_watermark,
                        });
                        let ours = serde_json::to_value(effective_policy(video, student, limits)).unwrap();
                        assert_eq!(ours, oracle(&row, &perm, &settings), "{video:?} {student:?}");
                    }
                }
            }
        }
    }
}
