//! A user looks at himself.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;

use crate::views::{UserView, user_not_found};

/// The caller (seed 001 §4.2).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserView,
    profile: Profile,
}

/// What the caller tells about himself.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Profile {
    bio: String,
    profile_picture: String,
    country: String,
}

/// The caller.
#[utoipa::path(
    get, path = "/auth/me", operation_id = "get_me", tag = "auth",
    responses((status = 200, description = "The caller", body = Me)),
)]
pub(crate) async fn get_me(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<Me>> {
    let user = platform.store().users().get(caller.user_id).await?;
    let user = user.ok_or_else(user_not_found)?;
    let profile = Profile {
        bio: user.bio.clone(),
        profile_picture: user.avatar_url.clone(),
        country: user.country.clone(),
    };
    Ok(Json(Me { user: UserView::from(&user), profile }))
}
