//! Seed 002's `play`, `_check_access` and `_effective_policy`, line by line, on rows as its database gives them. Tests hold our rules against it,
//! here as functions and in the playback group as requests.

use serde_json::{Value, json};

/// What the seed's database holds about one play.
pub(crate) struct Rows<'a> {
    /// `Video`.
    pub(crate) video: &'a Value,
    /// `Enrollment`; null where the student has none of this id.
    pub(crate) enrollment: &'a Value,
    /// Whether there is a `SessionEnrollment` for the video's session.
    pub(crate) session_enrollment: bool,
    /// `VideoPermission`; null where there is none.
    pub(crate) permission: &'a Value,
    /// `VideoProgress`; null where there is none.
    pub(crate) progress: &'a Value,
    /// `settings`.
    pub(crate) settings: &'a Value,
}

fn truthy(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

impl Rows<'_> {
    /// Status, and the policy or the reason why not.
    pub(crate) fn play(&self) -> (u16, Value) {
        if self.enrollment["status"] != "ACTIVE" {
            return (404, json!("enrollment_not_found"));
        }
        match self.check_access() {
            Err(reason) => (403, json!(reason)),
            Ok(()) => (200, self.effective_policy()),
        }
    }

    fn check_access(&self) -> Result<(), &'static str> {
        if self.video["status"] != "READY" {
            return Err("video_not_ready");
        }
        if !self.session_enrollment {
            return Err("no_session_access");
        }
        let perm = self.permission;
        let rule = if perm.is_null() { "free" } else { perm["rule"].as_str().unwrap_or_default() };
        if rule == "blocked" {
            return Err("blocked");
        }
        if rule == "once" && !self.progress.is_null() && truthy(&self.progress["completed"]) {
            return Err("already_completed_once");
        }
        Ok(())
    }

    fn effective_policy(&self) -> Value {
        let (video, perm) = (self.video, self.permission);
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
                "max_sessions": self.settings["VIDEO_MAX_SESSIONS"],
                "max_devices": self.settings["VIDEO_MAX_DEVICES"],
                // Not in the server of the seed: its client reads the limit under this name.
                "max_concurrent_sessions": self.settings["VIDEO_MAX_SESSIONS"],
            },
        })
    }
}

/// A video's state in the words of the seed, which has no publication and no archive: what is published is ready, what is archived is not.
pub(crate) fn status_of_seed(status: &str) -> &str {
    match status {
        "PUBLISHED" => "READY",
        "ARCHIVED" => "PENDING",
        same => same,
    }
}

/// An enrolment's state in the words of the seed: who has completed a course may still watch it there too.
pub(crate) fn enrollment_of_seed(status: &str) -> &str {
    match status {
        "active" | "completed" => "ACTIVE",
        _ => "INACTIVE",
    }
}
