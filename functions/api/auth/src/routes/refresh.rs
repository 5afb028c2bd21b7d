//! A client trades its refresh token for new tokens.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::identity::{SecurityEventKind, rotation::REFRESH_LIFE};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use store::entities::{SecurityEvent, session::Rotation, standing::Standing};

use crate::{
    Signer,
    tokens::{REFRESH_KEY, RefreshToken},
};

/// The token of the last login or refresh.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "refresh": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw.pQ7nZ2sK9dVb4LxTfC1mRg8yWj5uHe0aEo3iNtXqSvY",
}))]
pub(crate) struct Refresh {
    #[garde(skip)]
    refresh: Secret<String>,
}

/// New tokens; the one that was sent does not work any more.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "access": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzM2I3YSJ9.c2lnbmF0dXJl",
    "refresh": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw.pQ7nZ2sK9dVb4LxTfC1mRg8yWj5uHe0aEo3iNtXqSvY",
    "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzM2I3YSJ9.c2lnbmF0dXJl",
    "refresh_token": "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw.pQ7nZ2sK9dVb4LxTfC1mRg8yWj5uHe0aEo3iNtXqSvY",
}))]
pub(crate) struct Refreshed {
    /// The access token, under the name of seed 001.
    access: Secret<String>,
    /// The refresh token, under the name of seed 001.
    refresh: Secret<String>,
    access_token: Secret<String>,
    refresh_token: Secret<String>,
}

fn refused() -> ApiError {
    ApiError::unauthorized("REFRESH_TOKEN_INVALID", "The session has ended. Log in again.")
}

/// Rotates the refresh token. One that was used before ends the whole session: somebody else may have it.
#[utoipa::path(
    post, path = "/auth/refresh", operation_id = "refresh", tag = "auth", security(()),
    request_body = Refresh,
    responses((status = 200, description = "New tokens", body = Refreshed)),
)]
pub(crate) async fn refresh(
    State(platform): State<Platform>,
    State(signer): State<Arc<Signer>>,
    client: Client,
    Body(sent): Body<Refresh>,
) -> ApiResult<Json<Refreshed>> {
    let ambient = platform.ambient();
    let now = ambient.now();
    let key = platform.derived_key(REFRESH_KEY).await?;
    let presented = RefreshToken::parse(sent.refresh.expose(), &key).ok_or_else(refused)?;
    let next = RefreshToken::generate(ambient, &key, presented.session);
    let sessions = platform.store().sessions();
    let rotation =
        sessions.rotate(presented.session, &presented.hash(), &next.hash(), now, now + REFRESH_LIFE).await?;
    match rotation {
        Rotation::Rotated(session) => {
            // A session may have ended with all of its user, which its own item does not tell.
            let standing = platform.store().users().standing(session.user_id).await?;
            let lives =
                |standing: Standing| standing.may_log_in() && standing.allows(&(&*session).into(), now);
            if !standing.is_some_and(lives) {
                sessions.revoke(session.user_id, session.id, now).await?;
                return Err(refused());
            }
            let access =
                signer.access_token(ambient, session.user_id, session.id).map_err(ApiError::internal)?;
            Ok(Json(Refreshed {
                access: access.clone(),
                refresh: next.text(),
                access_token: access,
                refresh_token: next.text(),
            }))
        }
        Rotation::Reused(session) => {
            let kind = SecurityEventKind::RefreshReused;
            let event =
                SecurityEvent::now(ambient, session.user_id, kind, &client.ip_address, &client.device_info);
            sessions.end_replayed(&event, session.id).await?;
            platform.access().forget(session.id);
            tracing::warn!(session = %session.id, "a used refresh token came again: the session is ended");
            let message =
                "This refresh token was used before, so the session was ended for safety. Log in again.";
            Err(ApiError::unauthorized("REFRESH_TOKEN_REUSED", message))
        }
        Rotation::Gone => Err(refused()),
    }
}
