//! The second factor of a user: its secret sealed by KMS, and what a typed code is.

use cloud::kms::{Context, SealError, Sealer};
use domain::identity::{recovery, totp};
use http_kit::{ApiError, ApiResult, Platform};
use kernel::{Ambient, Id, Secret, Timestamp, id::kinds};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::Serialize;
use store::entities::{Mfa, RecoveryCode, SecondFactor};

/// What the secret is sealed for.
const PURPOSE: &str = "totp";

/// The issuer that authenticator apps show.
pub(crate) const ISSUER: &str = "LearnFlow";

impl From<SealFailure> for ApiError {
    fn from(failure: SealFailure) -> Self {
        Self::internal(failure.0)
    }
}

/// KMS did not seal or open.
pub(crate) struct SealFailure(SealError);

/// Seals a TOTP secret for its user.
pub(crate) async fn seal(
    sealer: &Sealer,
    user: Id<kinds::User>,
    secret: &[u8],
) -> Result<String, SealFailure> {
    let id = user.to_string();
    sealer.seal(Context { purpose: PURPOSE, id: &id }, secret).await.map_err(SealFailure)
}

/// The second factor that a typed code is, where it is one: a TOTP code of a step that was not used yet, or what may be a
/// recovery code. Whether such a code exists is decided when it is used up.
pub(crate) async fn read(
    sealer: &Sealer,
    mfa: &Mfa,
    typed: &str,
    now: Timestamp,
) -> ApiResult<Option<SecondFactor>> {
    let user = mfa.user_id.to_string();
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == totp::DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let context = Context { purpose: PURPOSE, id: &user };
        let secret = sealer.open(context, mfa.sealed_secret.expose()).await.map_err(SealFailure)?;
        let secret = secret.expose().as_slice().try_into().map_err(|_| SealFailure(SealError::Broken))?;
        let step = totp::matching_step(secret, &digits, now, Some(mfa.last_step));
        return Ok(step.map(SecondFactor::Step));
    }
    Ok(recovery::hash(&user, typed).map(SecondFactor::Recovery))
}

/// A link as a QR code (ISO/IEC 18004), an SVG picture that browsers scale.
pub(crate) fn qr_svg(text: &Secret<String>) -> Result<Secret<String>, qrcode::types::QrError> {
    let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M)?;
    Ok(Secret::new(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build()))
}

/// Recovery codes as they are shown once.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(example = json!({"recovery_codes": ["7k2m-x9qd-4c", "0vhn-3ztw-8e", "p5rg-61bs-yj"]}))]
pub(crate) struct RecoveryCodes {
    /// Each stands in once for a code of the authenticator. Keep them where the phone is not.
    recovery_codes: Vec<Secret<String>>,
}

/// New recovery codes: as they are shown and as they are stored.
pub(crate) fn new_recovery_codes(
    ambient: &Ambient,
    user_id: Id<kinds::User>,
) -> (RecoveryCodes, Vec<RecoveryCode>) {
    let mut shown = Vec::with_capacity(recovery::CODES);
    let mut stored = Vec::with_capacity(recovery::CODES);
    while stored.len() < recovery::CODES {
        let code = recovery::code(&ambient.random.bytes());
        if let Some(hash) = recovery::hash(&user_id.to_string(), &code) {
            stored.push(RecoveryCode { user_id, hash, created_at: ambient.now() });
            shown.push(Secret::new(code));
        }
    }
    (RecoveryCodes { recovery_codes: shown }, stored)
}

/// The user's second factor, which must be on.
pub(crate) async fn enabled(platform: &Platform, user: Id<kinds::User>) -> ApiResult<Mfa> {
    let mfa = platform.store().second_factors().of_user(user).await?;
    mfa.filter(|mfa| mfa.enabled_at.is_some()).ok_or_else(|| {
        ApiError::conflict("MFA_OFF", "There is no second factor. POST /auth/mfa/setup begins one.")
    })
}

/// The refusal of a code.
pub(crate) fn wrong_code() -> ApiError {
    let message = "This code is wrong or was used. Wait for the next one of the authenticator, or take a recovery code.";
    ApiError::unauthorized("MFA_CODE_INVALID", message)
}
