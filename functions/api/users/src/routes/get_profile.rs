//! A user looks at himself.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};

use crate::views::OwnProfile;

/// The caller's profile.
#[utoipa::path(
    get, path = "/users/profile", operation_id = "get_profile", tag = "users",
    responses((status = 200, description = "The profile", body = OwnProfile)),
)]
pub(crate) async fn get_profile(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<OwnProfile>> {
    Ok(Json(OwnProfile::read(&platform, caller.user_id).await?))
}
