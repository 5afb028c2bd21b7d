//! An OpenID Connect provider that does as a test tells it: an honest one by default, each lie by one call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Form, Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::Clock;
use openidconnect::url::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const CLIENT_ID: &str = "learnflow-client";
pub(crate) const CLIENT_SECRET: &str = "the-client-secret";

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    /// By the key of this name.
    With(&'static str),
    /// By another key under the name of the published one.
    ByAStranger,
    /// Not at all.
    Nobody,
    /// With the client secret (HS256).
    ClientSecret,
    /// With the public key's text as the secret (HS256).
    PublicKeyAsSecret,
}

/// Changes the claims of an ID token.
type Lie = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What the provider knows and does.
struct Inner {
    base: String,
    clock: Clock,
    codes: HashMap<String, Code>,
    signing: Signing,
    published: Vec<&'static str>,
    lie: Option<Lie>,
    answer: Option<(StatusCode, Value)>,
    metadata: Value,
    discoveries: usize,
    secrets_seen: Vec<String>,
}

/// A code that was given to a browser.
struct Code {
    person: Value,
    nonce: String,
    challenge: String,
    back: String,
}

/// A running provider.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Mutex<Inner>>);

impl Provider {
    pub(crate) async fn start(clock: Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self(Arc::new(Mutex::new(Inner {
            base,
            clock,
            codes: HashMap::new(),
            signing: Signing::With("first"),
            published: vec!["first"],
            lie: None,
            answer: None,
            metadata: json!({}),
            discoveries: 0,
            secrets_seen: Vec::new(),
        })));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        provider
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    pub(crate) fn issuer(&self) -> String {
        self.inner().base.clone()
    }

    /// Signs so, and publishes these keys.
    pub(crate) fn sign(&self, signing: Signing, published: &[&'static str]) {
        let mut inner = self.inner();
        (inner.signing, inner.published) = (signing, published.to_vec());
    }

    /// Lies in every ID token from now on.
    pub(crate) fn lie(&self, lie: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.inner().lie = Some(Arc::new(lie));
    }

    /// Answers so at the token endpoint.
    pub(crate) fn answer(&self, status: StatusCode, body: Value) {
        self.inner().answer = Some((status, body));
    }

    /// Is honest again.
    pub(crate) fn behave(&self) {
        let mut inner = self.inner();
        (inner.lie, inner.answer, inner.signing) = (None, None, Signing::With("first"));
    }

    /// Says more, or something else, in its discovery document.
    pub(crate) fn tell(&self, metadata: Value) {
        self.inner().metadata = metadata;
    }

    /// How often its discovery document was read.
    pub(crate) fn discoveries(&self) -> usize {
        self.inner().discoveries
    }

    /// The client secrets that came to the token endpoint, the last one last.
    pub(crate) fn secrets_seen(&self) -> Vec<String> {
        self.inner().secrets_seen.clone()
    }

    /// A person logs in at the address to which his browser was sent; gives the code and the state that it brings back. Stops
    /// the test when the request lacks what protects it.
    pub(crate) fn log_in(&self, authorization_url: &str, person: Value) -> (String, String) {
        let url = Url::parse(authorization_url).unwrap();
        let mut inner = self.inner();
        assert!(authorization_url.starts_with(&format!("{}/authorize?", inner.base)), "{authorization_url}");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["code_challenge"].len(), 43);
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43);
        let code = format!("code-{}", inner.codes.len() + 1);
        let granted = Code {
            person,
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            back: asked["redirect_uri"].clone(),
        };
        inner.codes.insert(code.clone(), granted);
        (code, asked["state"].clone())
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let mut inner = provider.inner();
    inner.discoveries += 1;
    let base = &inner.base;
    let mut document = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    });
    for (name, value) in inner.metadata.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    Json(document)
}

fn all_keys() -> Vec<Value> {
    let set: Value = serde_json::from_str(include_str!("keys/jwks.json")).unwrap();
    set["keys"].as_array().unwrap().clone()
}

async fn jwks(State(provider): State<Provider>) -> Json<Value> {
    let published = provider.inner().published.clone();
    let keys: Vec<_> =
        all_keys().into_iter().filter(|key| published.contains(&key["kid"].as_str().unwrap())).collect();
    Json(json!({ "keys": keys }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut inner = provider.inner();
    if let Some((status, body)) = inner.answer.clone() {
        return (status, Json(body)).into_response();
    }
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let basic = headers.get(header::AUTHORIZATION).map(|value| {
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    });
    let posted = || format!("{}:{}", form["client_id"], form["client_secret"]);
    let (id, secret) =
        basic.unwrap_or_else(posted).split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    if id != CLIENT_ID {
        return refuse("invalid_client");
    }
    inner.secrets_seen.push(secret);
    let Some(code) = inner.codes.remove(&form["code"]) else { return refuse("invalid_grant") };
    let proven = form
        .get("code_verifier")
        .is_some_and(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge);
    if !proven || code.back != form["redirect_uri"] || form["grant_type"] != "authorization_code" {
        return refuse("invalid_grant");
    }
    let now = inner.clock.epoch_seconds();
    let mut claims = json!({
        "iss": inner.base, "aud": CLIENT_ID, "nonce": code.nonce, "iat": now, "exp": now + 300,
    });
    for (name, value) in code.person.as_object().unwrap() {
        claims[name] = value.clone();
    }
    if let Some(lie) = &inner.lie {
        lie(&mut claims);
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let answer = json!({
        "access_token": "an-access-token-of-the-provider",
        "refresh_token": "a-refresh-token-of-the-provider",
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": signed(inner.signing, &claims),
    });
    Json(answer).into_response()
}

fn signed(signing: Signing, claims: &Value) -> String {
    let pem = |name: &str| match name {
        "first" => include_bytes!("keys/first.pem").as_slice(),
        _ => include_bytes!("keys/second.pem").as_slice(),
    };
    let (algorithm, kid, key) = match signing {
        Signing::With(name) => (Algorithm::RS256, name, EncodingKey::from_rsa_pem(pem(name)).unwrap()),
        Signing::ByAStranger => {
            (Algorithm::RS256, "first", EncodingKey::from_rsa_pem(pem("second")).unwrap())
        }
        Signing::ClientSecret => {
            (Algorithm::HS256, "first", EncodingKey::from_secret(CLIENT_SECRET.as_bytes()))
        }
        Signing::PublicKeyAsSecret => {
            let public = all_keys()[0]["n"].as_str().unwrap().to_owned();
            (Algorithm::HS256, "first", EncodingKey::from_secret(public.as_bytes()))
        }
        Signing::Nobody => {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
            return format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()));
        }
    };
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}
