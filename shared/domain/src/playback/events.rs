//! What a player reports, and whether it breaks the policy (seed 002, `_evaluate_violation`). Audit only: nothing is stopped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Policy;

/// Kinds of events as they are stored: those of seed 002's server, and three that only its client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventKind {
    /// The page is hidden.
    VisibilityHidden,
    /// The page is shown.
    VisibilityVisible,
    /// The window lost the focus.
    FocusLost,
    /// The window has the focus.
    FocusGained,
    /// A seek.
    SeekAttempt,
    /// A change of speed.
    SpeedChangeAttempt,
    /// Full screen.
    FullscreenEnter,
    /// No full screen any more.
    FullscreenExit,
    /// The player failed.
    PlayerError,
    /// Playing began.
    PlayStart,
    /// Playing stopped.
    Pause,
    /// The end was reached.
    Ended,
}

/// Kinds of events as players name them: the upper-case names of seed 002's server and the lower-case ones of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum ReportedKind {
    /// The page is hidden.
    #[serde(rename = "VISIBILITY_HIDDEN")]
    VisibilityHidden,
    /// The page is shown.
    #[serde(rename = "VISIBILITY_VISIBLE")]
    VisibilityVisible,
    /// The window lost the focus.
    #[serde(rename = "FOCUS_LOST")]
    FocusLost,
    /// The window has the focus.
    #[serde(rename = "FOCUS_GAINED")]
    FocusGained,
    /// A seek.
    #[serde(rename = "SEEK_ATTEMPT")]
    ServerSeekAttempt,
    /// A change of speed.
    #[serde(rename = "SPEED_CHANGE_ATTEMPT")]
    ServerSpeedChangeAttempt,
    /// Full screen.
    #[serde(rename = "FULLSCREEN_ENTER")]
    FullscreenEnter,
    /// No full screen any more.
    #[serde(rename = "FULLSCREEN_EXIT")]
    FullscreenExit,
    /// The player failed.
    #[serde(rename = "PLAYER_ERROR")]
    PlayerError,
    /// Playing began.
    #[serde(rename = "play_start")]
    PlayStart,
    /// Playing stopped.
    #[serde(rename = "pause")]
    Pause,
    /// The end was reached.
    #[serde(rename = "ended")]
    Ended,
    /// A seek.
    #[serde(rename = "seek_attempt")]
    SeekAttempt,
    /// A change of speed.
    #[serde(rename = "speed_change_attempt")]
    SpeedChangeAttempt,
    /// The page is hidden or shown, as `payload.state` says.
    #[serde(rename = "visibility_change")]
    VisibilityChange,
}

impl ReportedKind {
    /// The kind under which the event is stored. A change of visibility is one to visible unless its payload says `hidden`.
    pub fn kind(self, payload: &Value) -> EventKind {
        match self {
            Self::VisibilityHidden => EventKind::VisibilityHidden,
            Self::VisibilityVisible => EventKind::VisibilityVisible,
            Self::VisibilityChange if payload["state"] == "hidden" => EventKind::VisibilityHidden,
            Self::VisibilityChange => EventKind::VisibilityVisible,
            Self::FocusLost => EventKind::FocusLost,
            Self::FocusGained => EventKind::FocusGained,
            Self::ServerSeekAttempt | Self::SeekAttempt => EventKind::SeekAttempt,
            Self::ServerSpeedChangeAttempt | Self::SpeedChangeAttempt => EventKind::SpeedChangeAttempt,
            Self::FullscreenEnter => EventKind::FullscreenEnter,
            Self::FullscreenExit => EventKind::FullscreenExit,
            Self::PlayerError => EventKind::PlayerError,
            Self::PlayStart => EventKind::PlayStart,
            Self::Pause => EventKind::Pause,
            Self::Ended => EventKind::Ended,
        }
    }
}

/// How an event breaks the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A seek, where none is allowed.
    SeekNotAllowed,
    /// A change of speed, where the control is off.
    SpeedControlDisabled,
    /// A speed above the highest.
    SpeedExceedsMax,
}

impl Violation {
    /// Seed 002's name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SeekNotAllowed => "seek_not_allowed",
            Self::SpeedControlDisabled => "speed_control_disabled",
            Self::SpeedExceedsMax => "speed_exceeds_max",
        }
    }
}

/// Judges one event against the policy of its moment.
pub fn judge(kind: EventKind, payload: &Value, policy: &Policy) -> Option<Violation> {
    match kind {
        EventKind::SeekAttempt if !policy.allow_seek => Some(Violation::SeekNotAllowed),
        EventKind::SpeedChangeAttempt if !policy.playback_rate.ui_control => {
            Some(Violation::SpeedControlDisabled)
        }
        EventKind::SpeedChangeAttempt => {
            // `max or 1.0`, as the seed writes it.
            let max = if policy.playback_rate.max == 0.0 { 1.0 } else { policy.playback_rate.max };
            let exceeds = number(&payload["to"]).is_some_and(|to| to > max);
            exceeds.then_some(Violation::SpeedExceedsMax)
        }
        _ => None,
    }
}

/// A number where Python's `float()` sees one: numbers, booleans, and text that spells a number.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::*, *};

    fn policy(allow_seek: bool, max: f64, ui_control: bool) -> Policy {
        let video = VideoDefaults { allow_skip: allow_seek, max_speed: max, show_watermark: true };
        let student = Overrides { block_speed_control: !ui_control, ..Overrides::default() };
        effective_policy(video, Some(student), Limits { max_sessions: 1, max_devices: 2 })
    }

    #[test]
    fn seeks_and_speeds_are_judged_as_the_seed_does() {
        let cases = [
            (
                EventKind::SeekAttempt,
                json!({"from": 1, "to": 9}),
                policy(false, 1.0, true),
                Some("seek_not_allowed"),
            ),
            (EventKind::SeekAttempt, json!({}), policy(true, 1.0, true), None),
            (
                EventKind::SpeedChangeAttempt,
                json!({"to": 1.6}),
                policy(true, 1.5, true),
                Some("speed_exceeds_max"),
            ),
            (EventKind::SpeedChangeAttempt, json!({"to": 1.5}), policy(true, 1.5, true), None),
            (
                EventKind::SpeedChangeAttempt,
                json!({"to": "2"}),
                policy(true, 1.5, true),
                Some("speed_exceeds_max"),
            ),
            (EventKind::SpeedChangeAttempt, json!({"to": "fast"}), policy(true, 1.5, true), None),
            (EventKind::SpeedChangeAttempt, json!({"to": null}), policy(true, 1.5, true), None),
            (
                EventKind::SpeedChangeAttempt,
                json!({}),
                policy(true, 1.5, false),
                Some("speed_control_disabled"),
            ),
            (
                EventKind::SpeedChangeAttempt,
                json!({"to": 0.5}),
                policy(true, 1.5, false),
                Some("speed_control_disabled"),
            ),
            (EventKind::PlayStart, json!({"to": 9}), policy(false, 1.0, false), None),
        ];
        for (kind, payload, policy, expected) in cases {
            assert_eq!(
                judge(kind, &payload, &policy).map(Violation::code),
                expected,
                "{kind:?} {payload} {policy:?}"
            );
        }
    }

    #[test]
    fn both_lists_of_names_are_known_and_no_other() {
        let server = [
            "VISIBILITY_HIDDEN",
            "VISIBILITY_VISIBLE",
            "FOCUS_LOST",
            "FOCUS_GAINED",
            "SEEK_ATTEMPT",
            "SPEED_CHANGE_ATTEMPT",
            "FULLSCREEN_ENTER",
            "FULLSCREEN_EXIT",
            "PLAYER_ERROR",
        ];
        for name in server {
            let reported: ReportedKind = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(json!(reported.kind(&Value::Null)), json!(name));
        }
        let client = [
            ("play_start", json!({}), EventKind::PlayStart),
            ("pause", json!({}), EventKind::Pause),
            ("ended", json!(null), EventKind::Ended),
            ("seek_attempt", json!({}), EventKind::SeekAttempt),
            ("speed_change_attempt", json!({}), EventKind::SpeedChangeAttempt),
            ("visibility_change", json!({"state": "visible"}), EventKind::VisibilityVisible),
            ("visibility_change", json!({"state": "hidden"}), EventKind::VisibilityHidden),
        ];
        for (name, payload, kind) in client {
            let reported: ReportedKind = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(reported.kind(&payload), kind);
        }
        for name in ["PAUSE", "Seek_Attempt", "", "VISIBILITY_CHANGE"] {
            assert!(serde_json::from_value::<ReportedKind>(json!(name)).is_err(), "{name}");
        }
    }
}
