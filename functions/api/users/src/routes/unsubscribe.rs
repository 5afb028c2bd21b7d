//! The link at the end of a mail: stops mails of its kind with one click and without a login (RFC 8058). The GET only shows a page with a
//! button, since scanners of mail open links; the POST does it, by the button or by a mail program.

use axum::{extract::State, http::HeaderMap, response::Response};
use domain::identity::{Language, unsubscribe as link};
use garde::Validate;
use http::header;
use http_kit::{ApiResult, Platform, Query};
use kernel::{Id, id::kinds};
use serde::Deserialize;

use crate::notice::Notice;

/// The proof that the link is ours.
#[derive(Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnsubscribeToken {
    /// From a mail.
    #[garde(length(max = 200))]
    #[serde(default)]
    #[param(
        example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10.learning.pQ7nZ2sK9dVb4LxTfC1mRg8yWj5uHe0aEo3iNtXqSvY"
    )]
    token: String,
}

/// The page that asks whether mails of a kind shall stop.
#[utoipa::path(
    get, path = "/users/unsubscribe", operation_id = "show_unsubscribe", tag = "users", security(()),
    params(UnsubscribeToken),
    responses(
        (
            status = 200,
            description = "A page with a button",
            body = String,
            content_type = "text/html",
            example = "<!doctype html><html lang=\"en\"><body><main><form method=\"post\">\
                <button type=\"submit\">Unsubscribe</button></form></main></body></html>",
        ),
        (status = 400, description = "The link is not one of ours", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn show_unsubscribe(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Query(query): Query<UnsubscribeToken>,
) -> ApiResult<Response> {
    let Some((user, mails)) = read(&platform, &query).await? else { return Ok(broken(&headers)) };
    let language = language_of(&platform, user, &headers).await?;
    Ok(Notice::ask(language, mails, &query.token).into())
}

/// Stops mails of the kind that the link is about. Doing it twice changes nothing.
#[utoipa::path(
    post, path = "/users/unsubscribe", operation_id = "unsubscribe", tag = "users", security(()),
    params(UnsubscribeToken),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "`List-Unsubscribe=One-Click`; not looked at", example = "List-Unsubscribe=One-Click",
    ),
    responses(
        (
            status = 200,
            description = "They stop",
            body = String,
            content_type = "text/html",
            example = "<!doctype html><html lang=\"en\"><body><main><h1>You are unsubscribed</h1></main></body></html>",
        ),
        (status = 400, description = "The link is not one of ours", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn unsubscribe(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Query(query): Query<UnsubscribeToken>,
) -> ApiResult<Response> {
    let Some((user, mails)) = read(&platform, &query).await? else { return Ok(broken(&headers)) };
    // A token is only made for mails that can be turned off, and an account that is gone gets none. The plan of the next digest goes
    // when its time comes.
    let _ = platform.store().users().change_preferences(user, |wanted| mails.stop(wanted)).await?;
    let language = language_of(&platform, user, &headers).await?;
    Ok(Notice::done(language, mails).into())
}

async fn read(
    platform: &Platform,
    query: &UnsubscribeToken,
) -> ApiResult<Option<(Id<kinds::User>, link::Mails)>> {
    let key = platform.derived_key(link::KEY_PURPOSE).await?;
    Ok(link::read(&key, &query.token))
}

fn broken(headers: &HeaderMap) -> Response {
    Notice::broken(accepted(headers)).into()
}

/// The user's language; that of his browser when he is gone.
async fn language_of(platform: &Platform, user: Id<kinds::User>, headers: &HeaderMap) -> ApiResult<Language> {
    let user = platform.store().users().get(user).await?;
    Ok(user.map_or_else(|| accepted(headers), |user| user.language))
}

fn accepted(headers: &HeaderMap) -> Language {
    let wish = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::negotiate(wish.unwrap_or_default())
}
