//! A student fetches his certificate.

use axum::{extract::State, response::Response};
use http_kit::{ApiError, ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};

use crate::{Documents, refusals};

/// The certificate of an enrolment of the caller, as PDF. It is made within a minute after the last lesson was completed, and stays when the
/// enrolment ends.
#[utoipa::path(
    get, path = "/enrollments/{id}/certificate", operation_id = "get_certificate_document", tag = "enrollments",
    params(("id" = Id<kinds::Enrollment>, Path)),
    responses((
        status = 200, description = "The certificate; a file named after its number",
        body = Vec<u8>, content_type = "application/pdf", example = "%PDF-1.7 …",
    )),
)]
pub(crate) async fn get_certificate_document(
    State(platform): State<Platform>,
    State(documents): State<Documents>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Enrollment>>,
) -> ApiResult<Response> {
    let store = platform.store();
    let enrollment = store.enrollments().get(caller.user_id, id).await?.ok_or_else(refusals::not_found)?;
    let code = enrollment.certificate().ok_or_else(|| refusals::certificate_not_ready(&enrollment))?;
    let certificate = store.certificates().shown(code).await?.ok_or_else(refusals::no_such_certificate)?;
    if certificate.revoked_at.is_some() {
        return Err(refusals::certificate_revoked(&certificate));
    }
    let document = documents.objects.read(&documents.bucket, &certificate.object_key()).await;
    Ok(http_kit::pdf(&format!("certificate-{code}.pdf"), document.map_err(ApiError::internal)?))
}
