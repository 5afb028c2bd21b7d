//! The way back from a provider that posts a form (Apple). The request comes from another site, so the browser sends no cookie of
//! ours with it; it is sent on to the web client, whose request then carries it. Nothing is decided here.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use openidconnect::url::form_urlencoded;
use serde::Deserialize;

/// What is handed on of the form, in this order. What else a form holds is dropped.
const HANDED_ON: [&str; 5] = ["code", "state", "iss", "error", "error_description"];
/// Longest value that is handed on.
const VALUE_MAX: usize = 4096;

/// What Apple tells beside the code at a person's first login.
#[derive(Deserialize)]
struct AppleUser {
    name: AppleName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppleName {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

/// The redirect to the web client. The person's name goes into the fragment, which stays in the browser.
pub(super) fn hand_on(base: &str, provider: &str, form: &[u8]) -> Response {
    let fields: Vec<_> = form_urlencoded::parse(form).filter(|(_, value)| value.len() <= VALUE_MAX).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(HANDED_ON.iter().filter_map(|name| Some((*name, field(name)?))));
    let mut target = format!("{base}/login/callback/{provider}?{}", query.finish());
    if let Some(user) = field("user").and_then(|json| serde_json::from_str::<AppleUser>(json).ok()) {
        let mut fragment = form_urlencoded::Serializer::new(String::new());
        fragment.append_pair("first_name", &user.name.first_name);
        fragment.append_pair("last_name", &user.name.last_name);
        target.push('#');
        target.push_str(&fragment.finish());
    }
    let headers = [
        (header::LOCATION, target),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
