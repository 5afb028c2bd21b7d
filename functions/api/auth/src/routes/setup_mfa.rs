//! A user begins to set up a second factor.

use axum::{Json, extract::State};
use cloud::kms::Sealer;
use domain::identity::totp;
use http_kit::{ApiError, ApiResult, Platform, RecentlySignedIn, access::demand_proven_address};
use kernel::Secret;
use serde::Serialize;
use store::entities::Mfa;

use crate::{
    second_factor::{self, ISSUER},
    views::user_not_found,
};

/// What an authenticator app needs. It is shown once.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "otpauth_uri": "otpauth://totp/LearnFlow:user%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=LearnFlow&algorithm=SHA1&digits=6&period=30",
    "qr_svg": "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"245\" height=\"245\">…</svg>",
}))]
pub(crate) struct MfaSetup {
    /// For typing into the app.
    secret: Secret<String>,
    /// For apps that open links.
    otpauth_uri: Secret<String>,
    /// The link as a QR code, an SVG picture.
    qr_svg: Secret<String>,
}

/// Makes a secret, for an account whose address is confirmed. The second factor is on only after `POST /auth/mfa/enable` with a code made from it; until then a new call
/// makes a new secret.
#[utoipa::path(
    post, path = "/auth/mfa/setup", operation_id = "setup_mfa", tag = "auth",
    responses((status = 200, description = "The secret for the authenticator app", body = MfaSetup)),
)]
pub(crate) async fn setup_mfa(
    State(platform): State<Platform>,
    State(sealer): State<Sealer>,
    RecentlySignedIn(caller): RecentlySignedIn,
) -> ApiResult<Json<MfaSetup>> {
    let ambient = platform.ambient();
    let user = platform.store().users().get(caller.user_id).await?;
    let user = user.ok_or_else(user_not_found)?;
    demand_proven_address(&user)?;
    let secret = ambient.random.bytes::<{ totp::SECRET_BYTES }>();
    let sealed = second_factor::seal(&sealer, user.id, &secret).await?;
    let mfa = Mfa {
        user_id: user.id,
        sealed_secret: Secret::new(sealed),
        last_step: 0,
        enabled_at: None,
        created_at: ambient.now(),
    };
    if !platform.store().second_factors().set_up(&mfa).await? {
        let message = "There is a second factor already. Turn it off before you set up another one.";
        return Err(ApiError::conflict("MFA_ON", message));
    }
    let otpauth_uri = totp::otpauth_uri(ISSUER, user.email.expose(), &secret);
    let qr_svg = second_factor::qr_svg(&otpauth_uri).map_err(ApiError::internal)?;
    Ok(Json(MfaSetup { secret: totp::secret_text(&secret), otpauth_uri, qr_svg }))
}
