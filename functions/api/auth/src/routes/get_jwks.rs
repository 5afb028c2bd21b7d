//! Others check our access tokens.

use axum::{extract::State, response::Response};

use crate::Settings;

/// The public keys that check access tokens (RFC 7517).
#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "get_jwks", tag = "auth", security(()),
    responses((
        status = 200,
        description = "JSON Web Key Set",
        body = serde_json::Value,
        content_type = "application/jwk-set+json",
        example = json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "2026-06",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }]}),
    )),
)]
pub(crate) async fn get_jwks(State(settings): State<Settings>) -> Response {
    http_kit::key_set(settings.public_keys)
}
