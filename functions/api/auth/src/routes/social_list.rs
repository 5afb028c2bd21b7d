//! A user sees which logins of other providers his account has.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use kernel::{Secret, Timestamp};
use serde::Serialize;
use store::entities::SocialAccount;

/// A linked login.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SocialAccountView {
    #[schema(example = "google")]
    provider: String,
    /// The address that the provider told at the last login.
    #[schema(example = "user@example.com")]
    email: Option<Secret<String>>,
    linked_at: Timestamp,
    last_used_at: Timestamp,
}

impl From<SocialAccount> for SocialAccountView {
    fn from(account: SocialAccount) -> Self {
        Self {
            provider: account.provider,
            email: account.email,
            linked_at: account.created_at,
            last_used_at: account.last_used_at,
        }
    }
}

/// The linked logins.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SocialAccountList {
    results: Vec<SocialAccountView>,
}

/// Lists the caller's linked logins.
#[utoipa::path(
    get, path = "/auth/social", operation_id = "list_social_accounts", tag = "auth",
    responses((status = 200, description = "The linked logins", body = SocialAccountList)),
)]
pub(crate) async fn list_social_accounts(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<SocialAccountList>> {
    let accounts = platform.store().socials().accounts_of(caller.user_id).await?;
    Ok(Json(SocialAccountList { results: accounts.into_iter().map(Into::into).collect() }))
}
