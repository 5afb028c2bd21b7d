//! A user takes a login of another provider from his account.

use axum::{extract::State, response::Response};
use domain::identity::SecurityEventKind;
use http_kit::{ApiError, ApiResult, Client, Params, Platform, RecentlySignedIn};
use store::entities::{SecurityEvent, social::Unlinking};

/// Unlinks a login. The last way to log in stays: set a password first.
#[utoipa::path(
    delete, path = "/auth/social/{provider}", operation_id = "unlink_social_account", tag = "auth",
    params(("provider" = String, Path, description = "The provider", example = "google")),
    responses((status = 204, description = "Unlinked")),
)]
pub(crate) async fn unlink_social_account(
    State(platform): State<Platform>,
    Params(provider): Params<String>,
    RecentlySignedIn(caller): RecentlySignedIn,
    client: Client,
) -> ApiResult<Response> {
    let user = platform.store().users().get(caller.user_id).await?.ok_or_else(no_such)?;
    let kind = SecurityEventKind::SocialUnlinked;
    let event =
        SecurityEvent::now(platform.ambient(), user.id, kind, &client.ip_address, &client.device_info)
            .with("provider", &*provider);
    match platform.store().socials().unlink(&user, &provider, &event).await? {
        Unlinking::Done => Ok(http_kit::no_content()),
        Unlinking::NoSuch => Err(no_such()),
        Unlinking::LastWayIn => {
            let message = "This is your last way to log in. Set a password with POST /auth/password-reset, or link another login, then unlink it.";
            Err(ApiError::conflict("LAST_WAY_IN", message))
        }
    }
}

fn no_such() -> ApiError {
    let message = "Your account has no login of this provider. GET /auth/social lists those that it has.";
    ApiError::not_found("SOCIAL_ACCOUNT_NOT_FOUND", message)
}
