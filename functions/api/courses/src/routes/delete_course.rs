//! An instructor deletes a draft.

use axum::{extract::State, response::Response};
use http_kit::{ApiResult, Instructor, Params, Platform, no_content};
use kernel::{Id, id::kinds};

use crate::refusals::refused;

/// Deletes a draft of the caller that nobody is enrolled in; its slug is free again.
#[utoipa::path(
    delete, path = "/courses/{id}", operation_id = "delete_course", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete_course(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    platform.store().courses().delete(id, caller.user_id, now).await.map_err(refused)?;
    Ok(no_content())
}
