//! An admin takes a certificate back.

use axum::{Json, extract::State};
use domain::{
    admin::{AdminActionKind, REASON_MAX},
    certificate::CertificateCode,
};
use garde::Validate;
use http_kit::{Admin, ApiError, ApiResult, Body, Client, Params, Platform, fields::not_blank};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    entities::{AdminAction, Certificate, admin_action::Acted},
};

use crate::certificate::{CertificateView, find};

/// Why a certificate is taken back.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeCertificate {
    /// For the log of the admins, and for the student.
    #[garde(length(chars, max = REASON_MAX), custom(not_blank))]
    #[schema(example = "The quizzes were taken by somebody else.")]
    reason: String,
}

/// Takes a certificate back, for good: its page says so, and its student does not get the PDF any more. Again changes nothing and is not
/// logged.
#[utoipa::path(
    post, path = "/admin/certificates/{code}/revoke", operation_id = "revoke_certificate", tag = "admin",
    params(("code" = CertificateCode, Path)),
    request_body = RevokeCertificate,
    responses((status = 200, description = "The certificate as it is now", body = CertificateView)),
)]
pub(crate) async fn revoke_certificate(
    State(platform): State<Platform>,
    Admin(admin): Admin,
    client: Client,
    Params(code): Params<String>,
    Body(body): Body<RevokeCertificate>,
) -> ApiResult<Json<CertificateView>> {
    admin.session_id()?;
    let found = find(&platform, &code).await?;
    let view = |certificate| Ok(Json(CertificateView::new(certificate, platform.public_base_url())));
    if found.revoked_at.is_some() {
        return view(found);
    }
    let kind = AdminActionKind::CertificateRevoked;
    let action = AdminAction::now(platform.ambient(), admin.user_id, &client.ip_address, kind)
        .to_account(found.user_id)
        .with("certificate", found.code)
        .with("enrollment_id", found.enrollment_id)
        .because(&body.reason);
    match platform.store().certificates().revoke(&found, &action).await? {
        Acted::Done => view(Certificate { revoked_at: Some(action.at), ..found }),
        // Another admin was faster, or its student was erased: asking again tells.
        Acted::Changed => Err(StoreError::ConditionFailed(None).into()),
        Acted::NotAdmin => Err(ApiError::admins_only()),
    }
}
