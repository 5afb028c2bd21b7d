//! A teacher says what many students may do with a video.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use domain::attendance::CLASS_PAGE_MAX;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, CursorQuery, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use store::{StoreError, entities::Enrollment};

use super::update_permission::UpdatePermission;
use crate::access::{own_video, video_not_found};

/// What students of a class may do with a video.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "video": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10", "all": true, "changes": {"rule": "once", "max_speed_override": 1.5},
}))]
pub(crate) struct SetPermissions {
    /// The caller's video.
    #[garde(skip)]
    video: Id<kinds::Video>,
    /// The course whose class it is; the video's own unless it is sent.
    #[garde(skip)]
    course: Option<Id<kinds::Course>>,
    /// Up to 1,000 enrolments of the course.
    #[garde(inner(length(min = 1, max = CLASS_PAGE_MAX as usize)))]
    enrollments: Option<BTreeSet<Id<kinds::Enrollment>>>,
    /// The whole class instead, `page_size` students a request. Who enrols later is not among them.
    #[serde(default)]
    #[garde(skip)]
    all: bool,
    /// With `all`: students of one request.
    #[serde(default = "most")]
    #[garde(range(min = 1, max = CLASS_PAGE_MAX))]
    #[schema(default = 1000)]
    page_size: u32,
    /// With `all`: `next` of the answer before.
    #[garde(length(max = 1024))]
    cursor: Option<String>,
    /// What changes for each of them, as in a change of one permission; a student without one gets it. Null takes their permissions away. It must
    /// be sent.
    #[serde(deserialize_with = "sent")]
    #[garde(dive)]
    #[schema(required = true)]
    changes: Option<UpdatePermission>,
}

const fn most() -> u32 {
    CLASS_PAGE_MAX
}

/// A null must be meant: serde takes a field that is missing for one, but not where it has a function of its own.
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UpdatePermission>, D::Error> {
    Option::deserialize(deserializer)
}

/// What was done.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PermissionsSet {
    /// Students whose permission is as asked for now.
    #[schema(example = 32)]
    students: usize,
    /// Where the rest of a class begins that is more than a page: send it as `cursor`. Null at the end.
    next: Option<String>,
}

/// Sets what students may do with the caller's video: all of a class, or those who are named. Saying it again changes nothing. Who plays meets it
/// with the next heartbeat or refresh.
///
/// Written in groups of 50. If it fails in between, send it again.
#[utoipa::path(
    post, path = "/media/video-permissions/bulk", operation_id = "set_video_permissions", tag = "videos",
    request_body = SetPermissions,
    responses((status = 200, description = "It is so for all of them", body = PermissionsSet)),
)]
pub(crate) async fn set_permissions(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(body): Body<SetPermissions>,
) -> ApiResult<Json<PermissionsSet>> {
    if body.all == body.enrollments.is_some() {
        return Err(ApiError::invalid("enrollments", "send either these or all"));
    }
    let cursor = CursorQuery { page_size: body.page_size, cursor: body.cursor };
    let video = own_video(&platform, body.video, caller.user_id).await?;
    let course = body.course.or(video.course_id).filter(|course| video.is_in(*course));
    let course = course.ok_or_else(video_not_found)?;
    let list = format!("bulk-permissions:{}:{course}", video.id);
    let (students, next) = match body.enrollments {
        Some(ids) => (named(&platform, course, &ids).await?, None),
        None => {
            let start = cursor.start(&platform, &list).await?;
            let page = platform.store().classes().page(course, cursor.page_size, start).await?;
            (page.items, page.next)
        }
    };
    let (permissions, now) = (platform.store().permissions(), platform.ambient().now());
    let done = match body.changes {
        Some(changes) => permissions.set_all(video.id, &students, &changes.into(), now).await,
        None => permissions.remove_all(video.id, &students).await,
    };
    match done {
        Ok(()) => {}
        Err(StoreError::ConditionFailed(_)) => return Err(class_changed()),
        Err(error) => return Err(error.into()),
    }
    let next = match next {
        Some(position) => Some(platform.cursor_key().await?.seal(&list, &position)),
        None => None,
    };
    Ok(Json(PermissionsSet { students: students.len(), next }))
}

async fn named(
    platform: &Platform,
    course: Id<kinds::Course>,
    ids: &BTreeSet<Id<kinds::Enrollment>>,
) -> ApiResult<Vec<Enrollment>> {
    let found = platform.store().classes().members(course, ids).await?;
    let missing: Vec<_> = ids.iter().filter(|id| !found.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(found.into_values().collect());
    }
    let message = "The video's course has no such enrolment. Take those of its class.";
    Err(ApiError::not_found("ENROLLMENT_NOT_FOUND", message).with_details(json!({ "enrollments": missing })))
}

fn class_changed() -> ApiError {
    ApiError::conflict("CLASS_CHANGED", "A student has left the class just now. Send the request again.")
}
