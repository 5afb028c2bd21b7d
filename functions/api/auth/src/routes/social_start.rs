//! Somebody goes to a provider, to log in by it or to link it.

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, State},
    response::{AppendHeaders, IntoResponse},
};
use http::{header, request::Parts};
use http_kit::{
    ApiError, ApiResult, Client, Params, Platform, Principal, RecentlySignedIn, access::demand_proven_address,
};
use serde::Serialize;
use store::entities::SocialAttempt;

use crate::{
    Providers, Settings,
    social::attempt::{self, Attempt},
    views::user_not_found,
};

/// Where to send the browser.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Authorization {
    /// The provider's page.
    #[schema(example = "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=…")]
    authorization_url: String,
}

/// Whose account the login is to be linked to: the caller's, who must have proved who he is just now, since a linked login opens
/// the account for good. Nobody's where no access token is sent.
pub(crate) struct LinkTo(Option<Principal>);

impl<S> FromRequestParts<S> for LinkTo
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        RecentlySignedIn::from_request_parts(parts, state)
            .await
            .map(|RecentlySignedIn(caller)| Self(Some(caller)))
    }
}

/// Begins a login by a provider. With an access token it links the provider's login to the caller's account instead, whose address
/// has to be confirmed. The answer sets
/// a cookie; only the browser that has it can finish, within 10 minutes. A later beginning in the same browser takes its place.
#[utoipa::path(
    get, path = "/auth/social/{provider}/start", operation_id = "start_social_login", tag = "auth",
    security((), ("bearer" = [])),
    params(("provider" = String, Path, description = "An id of `GET /auth/social/providers`", example = "google")),
    responses((status = 200, description = "Where to send the browser", body = Authorization)),
)]
pub(crate) async fn start_social_login(
    State(platform): State<Platform>,
    State(settings): State<Settings>,
    State(providers): State<Providers>,
    Params(id): Params<String>,
    client: Client,
    LinkTo(caller): LinkTo,
) -> ApiResult<impl IntoResponse> {
    let provider = providers.get(&id)?;
    crate::throttle(&platform, &settings, "social", &client).await?;
    if let Some(caller) = caller {
        let user = platform.store().users().get(caller.user_id).await?;
        demand_proven_address(&user.ok_or_else(user_not_found)?)?;
    }
    let now = platform.ambient().now();
    let begun = Attempt::begin(platform.ambient());
    let base = platform.public_base_url();
    let authorization_url = providers.authorization_url(provider, &begun, base, now).await?;
    let stored = SocialAttempt {
        state_hash: begun.state_hash(),
        browser_hash: begun.browser_hash(),
        provider: id,
        link_to: caller.map(|caller| caller.user_id),
        created_at: now,
        valid_until: now + attempt::LIFE,
    };
    platform.store().socials().begin_attempt(&stored).await?;
    let headers =
        [(header::SET_COOKIE, begun.set_cookie(base)), (header::CACHE_CONTROL, "no-store".to_owned())];
    Ok((AppendHeaders(headers), Json(Authorization { authorization_url })))
}
