//! Others check certificates without asking us.

use axum::{extract::State, response::Response};

use crate::Settings;

/// The public keys that check the signatures of certificates (RFC 7517). A key that was published stays: certificates have no end.
#[utoipa::path(
    get, path = "/certificates/keys", operation_id = "get_certificate_keys", tag = "enrollments", security(()),
    responses((
        status = 200,
        description = "JSON Web Key Set",
        body = serde_json::Value,
        content_type = "application/jwk-set+json",
        example = json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }]}),
    )),
)]
pub(crate) async fn get_certificate_keys(State(settings): State<Settings>) -> Response {
    http_kit::key_set(settings.certificate_keys)
}
