//! A user asks for the verification mail again.

use axum::{Json, extract::State};
use contracts::notify::Notify;
use http::StatusCode;
use http_kit::{ApiResult, Platform, SignedIn};
use jobs::Publisher;

use super::logout::Message;

/// Mails that a user may ask for in an hour.
const PER_HOUR: u32 = 3;

/// Sends the mail that verifies the address again; nothing when it is verified.
#[utoipa::path(
    post, path = "/auth/resend-verification", operation_id = "resend_verification", tag = "auth",
    responses((status = 202, description = "A mail is on its way, where one is needed", body = Message)),
)]
pub(crate) async fn resend_verification(
    State(platform): State<Platform>,
    State(publisher): State<Publisher>,
    SignedIn(caller): SignedIn,
) -> ApiResult<(StatusCode, Json<Message>)> {
    let now = platform.ambient().now();
    let subject = format!("verification:{}", caller.user_id);
    if platform.store().rates().hit(&subject, now, 3600).await? > PER_HOUR {
        return Err(crate::too_often(now, 3600));
    }
    publisher.send(&Notify::Verification { user_id: caller.user_id }).await?;
    Ok((StatusCode::ACCEPTED, Json(Message { message: "Look into your mailbox".into() })))
}
