//! Callers with an access token.

use http::{header, request::Parts};

use super::{Checked, Credential, Freshness, Principal, unauthorized};
use crate::{ApiError, Platform};

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The caller whose token the request carries: no read when this instance has seen the session in the last seconds and that is
/// fresh enough, else one.
pub(super) async fn check(
    parts: &Parts,
    platform: &Platform,
    freshness: Freshness,
) -> Result<Checked, ApiError> {
    let token = bearer(parts).ok_or_else(unauthorized)?;
    let now = platform.ambient().now();
    let claims = platform.access().verify(token, now).ok_or_else(unauthorized)?;
    if freshness == Freshness::Seconds
        && let Some(checked) = platform.access().cached(claims.sid, now)
    {
        return if checked.principal.user_id == claims.sub { Ok(checked) } else { Err(unauthorized()) };
    }
    let found = platform.store().sessions().check(claims.sid, claims.sub).await?;
    let (session, standing) = found.ok_or_else(unauthorized)?;
    let principal =
        Principal { user_id: standing.id, role: standing.role, via: Credential::Session(session.id) };
    let checked =
        Checked { principal, status: standing.status, authenticated_at: Some(session.authenticated_at) };
    // A banned user learns that he is, though his sessions have ended with it.
    if session.user_id != claims.sub || !(checked.is_banned() || standing.allows(&session, now)) {
        return Err(unauthorized());
    }
    platform.access().remember(session.id, checked, now);
    Ok(checked)
}
