//! A player stops.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::playback::PlaybackStatus;
use ephemeral::{Ephemeral, ShortLived as _};
use http_kit::{ApiResult, Body, Params, Platform, Visitor};
use kernel::{Id, id::kinds};
use serde::Serialize;

use crate::{Keys, cookies, token::Bearer, views::TokenBody};

/// The session is over.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EndedView {
    /// `ended`.
    #[schema(example = "ended")]
    status: &'static str,
}

/// Ends the session and takes the cookies back. Ending it again changes nothing. The token alone suffices, since a browser
/// that leaves the page can't send a login with it.
#[utoipa::path(
    post, path = "/media/videos/{id}/end", operation_id = "end_playback", tag = "playback",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = TokenBody,
    responses((status = 200, description = "It is over", body = EndedView)),
    security((), ("bearer" = [])),
)]
pub(crate) async fn end(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(keys): State<Keys>,
    Visitor(caller): Visitor,
    Params(id): Params<Id<kinds::Video>>,
    Body(body): Body<TokenBody>,
) -> ApiResult<Response> {
    let now = platform.ambient().now();
    let claims = keys.claims(&platform, &body.expected(id, caller, Bearer::Anyone)).await?;
    // The record first: once it says so, nothing takes the session for live again.
    let plays = platform.store().playbacks();
    plays.finish(claims.session, claims.sub, PlaybackStatus::Ended, now).await?;
    sessions.end(claims.sub, claims.session).await?;
    let cookies = cookies::close(platform.public_base_url(), claims.stream());
    Ok((cookies, Json(EndedView { status: "ended" })).into_response())
}
