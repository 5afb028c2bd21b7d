//! Everybody checks a certificate.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{certificate::CertificateCode, identity::Language};
use http::{HeaderMap, StatusCode, header};
use http_kit::{ApiResult, Params, Platform, html};

use crate::certificate::{CertificateView, find, shown, unknown};

/// A certificate by its number, for whoever has it: as JSON, or as a page for a browser (`Accept: text/html`). One that was taken back says
/// so. The number is taken in any case, with or without hyphens.
#[utoipa::path(
    get, path = "/certificates/{code}", operation_id = "get_certificate", tag = "enrollments", security(()),
    params(("code" = CertificateCode, Path)),
    responses((
        status = 200, description = "The certificate",
        content(
            (CertificateView = "application/json"),
            (String = "text/html", example = "<!doctype html><html lang=\"en\"><body><main><h1>This certificate is valid</h1></main></body></html>"),
        ),
    )),
)]
pub(crate) async fn get_certificate(
    State(platform): State<Platform>,
    headers: HeaderMap,
    Params(code): Params<String>,
) -> ApiResult<Response> {
    let found = find(&platform, &code).await;
    let mut response = if html::is_wanted(&headers) {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = Language::negotiate(accepted.unwrap_or_default());
        match found {
            Ok(certificate) => shown(&certificate, language),
            Err(error) if error.status() == StatusCode::NOT_FOUND => unknown(language),
            Err(error) => return Err(error),
        }
    } else {
        Json(CertificateView::new(found?, platform.public_base_url())).into_response()
    };
    let varies = http::HeaderValue::from_static("accept, accept-language");
    response.headers_mut().insert(header::VARY, varies);
    Ok(response)
}
