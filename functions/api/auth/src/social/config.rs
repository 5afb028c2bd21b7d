//! The providers of a deployment, from `OIDC_PROVIDERS`: a JSON list, described in docs/operations.md, "Logins of other providers".

use std::collections::BTreeSet;

use domain::identity::social::{Authority, is_provider_id};
use kernel::ConfigError;
use openidconnect::url::{Host, Url};
use serde::Deserialize;

/// The environment variable that holds the list.
const VARIABLE: &str = "OIDC_PROVIDERS";

/// One provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its id in paths, such as `google`.
    pub id: String,
    /// Its name on buttons.
    pub name: String,
    /// Its issuer, exactly as its ID tokens write it; `/.well-known/openid-configuration` below it is read.
    pub issuer: String,
    /// The name that it knows this deployment by.
    pub client_id: String,
    /// What is asked for besides `openid`.
    #[serde(default = "standard_scopes")]
    pub scopes: Vec<String>,
    /// How the browser comes back.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// The token endpoint, for a provider whose discovery document names none (Facebook).
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// How this deployment proves who it is at the token endpoint; by default what the discovery document offers.
    #[serde(default)]
    pub client_authentication: Option<ClientAuthentication>,
    /// Whose addresses the provider may vouch for.
    #[serde(default)]
    pub authority: Authority,
    /// Apple has no client secret, but a key that signs one.
    #[serde(default)]
    pub apple: Option<AppleKey>,
}

/// How the browser brings the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the web client's page.
    #[default]
    Query,
    /// In a form that is posted to the API (OAuth 2.0 Form Post Response Mode). Apple demands it where it tells the address.
    FormPost,
}

/// How a client proves who it is (OpenID Connect Core 1.0, 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// The key that signs client secrets for Apple; its private half is the secret of the provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppleKey {
    /// The developer team.
    pub team_id: String,
    /// The key.
    pub key_id: String,
}

fn standard_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

/// Reads the list. `local` allows plain HTTP to this machine, for the stand-in of the local stack.
///
/// # Errors
/// [`ConfigError::Malformed`] that names the provider.
pub fn parse(json: &str, local: bool) -> Result<Vec<ProviderConfig>, ConfigError> {
    let malformed = |reason: String| ConfigError::Malformed { name: VARIABLE, reason };
    let all: Vec<ProviderConfig> =
        serde_json::from_str(json).map_err(|error| malformed(error.to_string()))?;
    let mut ids = BTreeSet::new();
    for provider in &all {
        let id = &provider.id;
        if !is_provider_id(id) || !ids.insert(id) {
            return Err(malformed(format!("`{id}` is not an id that no other provider has")));
        }
        for address in [Some(&provider.issuer), provider.token_endpoint.as_ref()].into_iter().flatten() {
            if !Url::parse(address).is_ok_and(|url| is_safe(&url, local)) {
                return Err(malformed(format!("{id}: {address} is not an https address")));
            }
        }
    }
    Ok(all)
}

/// Whether secrets may travel to this address: https; on the local stack http to the same machine too.
pub(super) fn is_safe(url: &Url, local: bool) -> bool {
    let this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => local && this_machine,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(extra: &str) -> String {
        format!(
            r#"[{{"id": "google", "name": "Google", "issuer": "https://accounts.google.com", "client_id": "me"{extra}}}]"#
        )
    }

    #[test]
    fn a_provider_needs_its_issuer_and_client_id_only() {
        let all = parse(&one(""), false).unwrap();
        assert_eq!(all[0].scopes, ["email", "profile"]);
        assert_eq!(all[0].response_mode, ResponseMode::Query);
        assert!(all[0].authority.domains.is_empty());
        assert!(parse("[]", false).unwrap().is_empty());
    }

    #[test]
    fn what_can_not_be_right_is_named() {
        let google = one("");
        let twice = google.replace(']', ",") + google.trim_start_matches('[');
        for (json, word) in [
            (twice.as_str(), "google"),
            (&google.replace("\"google\"", "\"providers\""), "providers"),
            (&google.replace("https:", "http:"), "https"),
            (&google.replace("https:", "file:"), "https"),
            (&one(r#", "token_endpoint": "http://graph.example/token""#), "graph.example"),
            (&one(r#", "secret": "hidden""#), "secret"),
            ("{}", "sequence"),
        ] {
            let ConfigError::Malformed { reason, .. } = parse(json, true).unwrap_err() else {
                panic!("{json}")
            };
            assert!(reason.contains(word), "{reason}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_on_the_local_stack_only() {
        for (address, local, safe) in [
            ("http://localhost:6566", true, true),
            ("http://127.0.0.1:6566", true, true),
            ("http://localhost:6566", false, false),
            ("http://localhost.example.com", true, false),
            ("http://10.0.0.1", true, false),
            ("https://id.example.com", false, true),
            ("ftp://localhost", true, false),
        ] {
            assert_eq!(is_safe(&Url::parse(address).unwrap(), local), safe, "{address}");
        }
    }
}
