//! Every combination of what decides a play, against the seed.

use kernel::Timestamp;
use serde_json::{Value, json};

use super::{
    AccessRule, Limits, Overrides, Request, VideoDefaults, effective_policy, may_play,
    oracle::{Rows, enrollment_of_seed, status_of_seed},
};
use crate::{
    enrollment::{EnrollmentStatus, gives_access},
    video::VideoStatus,
};

const FLAGS: [bool; 2] = [false, true];
const CHOICES: [Option<bool>; 3] = [None, Some(false), Some(true)];
const LIMITS: Limits = Limits { max_sessions: 3, max_devices: 2 };
const RULES: [AccessRule; 3] = [AccessRule::Free, AccessRule::Once, AccessRule::Blocked];
const ENROLLMENTS: [EnrollmentStatus; 4] = [
    EnrollmentStatus::Active,
    EnrollmentStatus::Completed,
    EnrollmentStatus::Suspended,
    EnrollmentStatus::Expired,
];

fn videos() -> Vec<VideoDefaults> {
    let mut all = Vec::new();
    for allow_skip in FLAGS {
        for show_watermark in FLAGS {
            for max_speed in [0.0, 1.0, 1.25, 16.0] {
                all.push(VideoDefaults { allow_skip, max_speed, show_watermark });
            }
        }
    }
    all
}

fn overrides() -> Vec<Overrides> {
    let mut all = Vec::new();
    for allow_skip in CHOICES {
        for max_speed in [None, Some(0.0), Some(0.5), Some(2.0)] {
            for show_watermark in CHOICES {
                for block_speed_control in FLAGS {
                    for block_seek in FLAGS {
                        all.push(Overrides {
                            allow_skip,
                            max_speed,
                            show_watermark,
                            block_speed_control,
                            block_seek,
                        });
                    }
                }
            }
        }
    }
    all
}

/// No permission, and each rule with each set of overrides.
fn permissions() -> Vec<Option<(AccessRule, Overrides)>> {
    let with = |rule| overrides().into_iter().map(move |overrides| Some((rule, overrides)));
    std::iter::once(None).chain(RULES.into_iter().flat_map(with)).collect()
}

/// What decides access beside the permission.
#[derive(Clone, Copy, Debug)]
struct State {
    status: VideoStatus,
    enrollment: EnrollmentStatus,
    in_course: bool,
    completed: Option<bool>,
}

fn states() -> Vec<State> {
    let mut all = Vec::new();
    for status in VideoStatus::ALL {
        for enrollment in ENROLLMENTS {
            for in_course in FLAGS {
                for completed in CHOICES {
                    all.push(State { status, enrollment, in_course, completed });
                }
            }
        }
    }
    all
}

/// What ours does, as the playback group puts the rules together.
fn ours(video: VideoDefaults, permission: Option<(AccessRule, Overrides)>, state: State) -> (u16, Value) {
    if !gives_access(state.enrollment, None, Timestamp::UNIX_EPOCH) {
        return (404, json!("enrollment_not_found"));
    }
    let request = Request {
        status: state.status,
        has_version: true,
        enrolled: state.in_course,
        rule: permission.map(|(rule, _)| rule),
        completed: state.completed == Some(true),
    };
    match may_play(request) {
        Err(denied) => (403, json!(denied.code())),
        Ok(()) => (200, json!(effective_policy(video, permission.map(|(_, overrides)| overrides), LIMITS))),
    }
}

fn row_of_video(status: VideoStatus, video: VideoDefaults) -> Value {
    json!({
        "status": status_of_seed(&status.to_string()), "allow_skip": video.allow_skip, "max_speed": video.max_speed,
        "show_watermark": video.show_watermark,
    })
}

fn row_of_permission((rule, row): (AccessRule, Overrides)) -> Value {
    json!({
        "rule": rule,
        "allow_skip_override": row.allow_skip,
        "max_speed_override": row.max_speed,
        "show_watermark_override": row.show_watermark,
        "block_speed_control": row.block_speed_control,
        "block_seek": row.block_seek,
    })
}

#[test]
fn every_combination_gives_what_the_seed_gives() {
    let settings =
        json!({"VIDEO_MAX_SESSIONS": LIMITS.max_sessions, "VIDEO_MAX_DEVICES": LIMITS.max_devices});
    let permissions: Vec<_> = permissions()
        .into_iter()
        .map(|permission| (permission, permission.map_or(Value::Null, row_of_permission)))
        .collect();
    let (mut tried, mut allowed) = (0u32, 0u32);
    for state in states() {
        let enrollment = json!({"status": enrollment_of_seed(&state.enrollment.to_string())});
        let progress = state.completed.map_or(Value::Null, |completed| json!({ "completed": completed }));
        for video in videos() {
            let row = row_of_video(state.status, video);
            for (permission, row_of_permission) in &permissions {
                let rows = Rows {
                    video: &row,
                    enrollment: &enrollment,
                    session_enrollment: state.in_course,
                    permission: row_of_permission,
                    progress: &progress,
                    settings: &settings,
                };
                let (seed, ours) = (rows.play(), ours(video, *permission, state));
                assert_eq!(ours, seed, "{video:?} {permission:?} {state:?}");
                tried += 1;
                allowed += u32::from(seed.0 == 200);
            }
        }
    }
    // 16 videos, 433 permissions, 168 states: a table that lost its rows would prove nothing.
    assert_eq!(tried, 16 * 433 * 168);
    assert!(allowed > 40_000 && allowed < tried / 10, "{allowed} of {tried} may play");
}
