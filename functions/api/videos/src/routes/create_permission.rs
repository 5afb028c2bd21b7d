//! A teacher makes a permission for one student.

use axum::{Json, extract::State};
use domain::{playback::AccessRule, video::MAX_SPEED};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::VideoPermission;

use crate::{access::own_video, views::PermissionView};

/// A new permission.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePermission {
    /// The caller's video.
    #[garde(skip)]
    video: Id<kinds::Video>,
    /// An enrolment in the video's course.
    #[garde(skip)]
    enrollment: Id<kinds::Enrollment>,
    /// Whether and how often; `once` unless it is sent (seed 002).
    #[serde(default = "once")]
    #[garde(skip)]
    rule: AccessRule,
    /// Overrides the video's `allow_skip`.
    #[garde(skip)]
    allow_skip_override: Option<bool>,
    /// Overrides the video's `max_speed`; 0.25 to 16.
    #[garde(range(min = *MAX_SPEED.start(), max = *MAX_SPEED.end()))]
    #[schema(example = 1.25)]
    max_speed_override: Option<f64>,
    /// Overrides the video's `show_watermark`.
    #[garde(skip)]
    show_watermark_override: Option<bool>,
    /// No control of the speed, whatever else is said.
    #[serde(default)]
    #[garde(skip)]
    block_speed_control: bool,
    /// No seeking, whatever else is said.
    #[serde(default)]
    #[garde(skip)]
    block_seek: bool,
}

fn once() -> AccessRule {
    AccessRule::Once
}

/// Makes a permission of one student for the caller's video.
#[utoipa::path(
    post, path = "/media/video-permissions", operation_id = "create_video_permission", tag = "videos",
    request_body = CreatePermission,
    responses((status = 201, description = "The permission", body = PermissionView)),
)]
pub(crate) async fn create_permission(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(new): Body<CreatePermission>,
) -> ApiResult<(StatusCode, Json<PermissionView>)> {
    let video = own_video(&platform, new.video, caller.user_id).await?;
    let permissions = platform.store().permissions();
    let mut enrollment = None;
    for course in video.courses() {
        enrollment = permissions.enrollment_of_course(course, new.enrollment).await?;
        if enrollment.is_some() {
            break;
        }
    }
    let enrollment = enrollment.ok_or_else(|| {
        ApiError::not_found(
            "ENROLLMENT_NOT_FOUND",
            "The video's course has no such enrolment. Take one from its class.",
        )
    })?;
    let now = platform.ambient().now();
    let permission = VideoPermission {
        video_id: video.id,
        enrollment_id: enrollment.id,
        user_id: enrollment.user_id,
        rule: new.rule,
        allow_skip_override: new.allow_skip_override,
        max_speed_override: new.max_speed_override,
        show_watermark_override: new.show_watermark_override,
        block_speed_control: new.block_speed_control,
        block_seek: new.block_seek,
        is_override: true,
        created_at: now,
        updated_at: now,
    };
    if permissions.create(&permission).await? {
        Ok((StatusCode::CREATED, Json(PermissionView::new(permission, Some(&enrollment)))))
    } else {
        let message = "This student has a permission for the video already. Change that one.";
        Err(ApiError::conflict("PERMISSION_EXISTS", message))
    }
}
