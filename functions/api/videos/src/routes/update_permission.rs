//! A teacher changes a permission.

use axum::{Json, extract::State};
use domain::{playback::AccessRule, video::MAX_SPEED};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn};
use serde::{Deserialize, Deserializer, Serialize};
use store::entities::permission::PermissionChanges;

use super::get_permission::{permission_not_found, with_name};
use crate::{
    access::own_video,
    views::{PermissionId, PermissionView},
};

/// What changes; a field that is not sent stays as it is, and an override that is sent as null gives the video's own policy back.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rule": "once", "max_speed_override": 1.5, "block_seek": true}))]
pub(crate) struct UpdatePermission {
    #[garde(skip)]
    rule: Option<AccessRule>,
    #[serde(default, deserialize_with = "sent")]
    #[garde(skip)]
    #[schema(value_type = Option<bool>)]
    allow_skip_override: Option<Option<bool>>,
    /// 0.25 to 16.
    #[serde(default, deserialize_with = "sent")]
    #[garde(custom(check_speed))]
    #[schema(value_type = Option<f64>)]
    max_speed_override: Option<Option<f64>>,
    #[serde(default, deserialize_with = "sent")]
    #[garde(skip)]
    #[schema(value_type = Option<bool>)]
    show_watermark_override: Option<Option<bool>>,
    #[garde(skip)]
    block_speed_control: Option<bool>,
    #[garde(skip)]
    block_seek: Option<bool>,
}

/// Tells a null that was sent from a field that was not.
fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<UpdatePermission> for PermissionChanges {
    fn from(new: UpdatePermission) -> Self {
        Self {
            rule: new.rule,
            allow_skip_override: new.allow_skip_override,
            max_speed_override: new.max_speed_override,
            show_watermark_override: new.show_watermark_override,
            block_speed_control: new.block_speed_control,
            block_seek: new.block_seek,
        }
    }
}

fn check_speed(speed: &Option<Option<f64>>, _: &()) -> garde::Result {
    match speed {
        Some(Some(speed)) if !MAX_SPEED.contains(speed) => {
            Err(garde::Error::new("must be within 0.25 and 16"))
        }
        _ => Ok(()),
    }
}

/// Changes a permission of one student for the caller's video.
#[utoipa::path(
    patch, path = "/media/video-permissions/{id}", operation_id = "update_video_permission", tag = "videos",
    params((
        "id" = String, Path, description = "The ids of video and enrolment, joined by an underscore",
        example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10_01933b7a-3c5e-7000-8000-4f2d1c9a7b11",
    )),
    request_body = UpdatePermission,
    responses((status = 200, description = "The permission", body = PermissionView)),
)]
pub(crate) async fn update_permission(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<PermissionId>,
    Body(new): Body<UpdatePermission>,
) -> ApiResult<Json<PermissionView>> {
    own_video(&platform, id.video, caller.user_id).await?;
    let now = platform.ambient().now();
    let changed = platform.store().permissions().change(id.video, id.enrollment, new.into(), now).await?;
    Ok(Json(with_name(&platform, changed.ok_or_else(permission_not_found)?).await?))
}
