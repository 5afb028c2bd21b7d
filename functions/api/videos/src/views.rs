//! Processing and permissions as the API shows them.

use domain::{
    playback::AccessRule,
    video::{Progress, Step, StepState, TranscodingStatus, VideoStatus},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Enrollment, Version, Video, VideoPermission};

/// A step of the processing.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StepView {
    name: Step,
    state: StepState,
    /// Units that are done.
    #[schema(example = 4)]
    done: u32,
    /// Units in all; 0 while it is not known.
    #[schema(example = 8)]
    total: u32,
}

/// How far a video is on its way from file to stream.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ProcessingView {
    video_id: Id<kinds::Video>,
    version: u32,
    status: VideoStatus,
    transcoding_status: TranscodingStatus,
    /// 0 to 100; 100 only when it can be played.
    #[schema(example = 52)]
    percentage: u32,
    steps: Vec<StepView>,
    /// Why it failed, and what to do; empty when it did not.
    error_reason: String,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    updated_at: Timestamp,
}

impl ProcessingView {
    pub(crate) fn new(video: Video, version: Version) -> Self {
        let done = u32::try_from(version.parts_done.len()).unwrap_or(u32::MAX);
        let status = version.status_of(&video);
        let progress = Progress::new(status, done, version.parts_total);
        let step = |one: domain::video::StepProgress| StepView {
            name: one.step,
            state: one.state,
            done: one.done,
            total: one.total,
        };
        Self {
            video_id: video.id,
            version: version.version_number,
            status,
            transcoding_status: version.transcoding_status,
            percentage: progress.percentage,
            steps: progress.steps.into_iter().map(step).collect(),
            error_reason: match video.follows(version.version_number) {
                true => video.error_reason,
                false => version.transcoding_error_message,
            },
            started_at: version.transcoding_started_at,
            completed_at: version.transcoding_completed_at,
            updated_at: version.updated_at.max(video.updated_at),
        }
    }
}

/// What one student may do with one video (seed 002, VideoPermission).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PermissionView {
    /// The ids of video and enrolment, joined by an underscore.
    #[schema(example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10_01933b7a-3c5e-7000-8000-4f2d1c9a7b11")]
    id: String,
    video: Id<kinds::Video>,
    enrollment: Id<kinds::Enrollment>,
    #[schema(example = "Ada Lovelace")]
    student_name: String,
    rule: AccessRule,
    allow_skip_override: Option<bool>,
    max_speed_override: Option<f64>,
    show_watermark_override: Option<bool>,
    block_speed_control: bool,
    block_seek: bool,
    is_override: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl PermissionView {
    /// `enrollment` is the one that it is for; without it, the student has no name.
    pub(crate) fn new(permission: VideoPermission, enrollment: Option<&Enrollment>) -> Self {
        Self {
            id: PermissionId { video: permission.video_id, enrollment: permission.enrollment_id }.to_string(),
            video: permission.video_id,
            enrollment: permission.enrollment_id,
            student_name: enrollment.map(|one| one.student_name.expose().clone()).unwrap_or_default(),
            rule: permission.rule,
            allow_skip_override: permission.allow_skip_override,
            max_speed_override: permission.max_speed_override,
            show_watermark_override: permission.show_watermark_override,
            block_speed_control: permission.block_speed_control,
            block_seek: permission.block_seek,
            is_override: permission.is_override,
            created_at: permission.created_at,
            updated_at: permission.updated_at,
        }
    }
}

/// A permission's id in paths: there is one for a video and enrolment, so these two are its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PermissionId {
    pub(crate) video: Id<kinds::Video>,
    pub(crate) enrollment: Id<kinds::Enrollment>,
}

impl std::fmt::Display for PermissionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.video, self.enrollment)
    }
}

impl<'de> serde::Deserialize<'de> for PermissionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parse = || {
            let (video, enrollment) = text.split_once('_')?;
            Some(Self { video: video.parse().ok()?, enrollment: enrollment.parse().ok()? })
        };
        parse().ok_or_else(|| serde::de::Error::custom("not the id of a permission"))
    }
}
