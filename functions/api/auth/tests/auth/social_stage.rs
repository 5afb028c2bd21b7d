//! A platform with providers, and browsers that go to them and come back.

use api_auth::{
    Providers, Settings,
    social::{ProviderConfig, config},
};
use axum::body::Body;
use http::{Request, header};
use kernel::Secret;
use serde_json::{Value, json};
use testkit::{App, Caller, Reply, World};

use crate::{
    provider::{CLIENT_ID, CLIENT_SECRET, Provider},
    stage::{settings, state_on},
};

/// A platform with the providers `google`, which may vouch for gmail.com, `other`, for nothing, and `apple`.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) google: Provider,
    pub(crate) other: Provider,
    pub(crate) apple: Provider,
}

/// A browser on its way.
pub(crate) struct Trip {
    pub(crate) url: String,
    pub(crate) cookie: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let world = World::new().await;
        let clock = || world.ambient().clock.clone();
        let google = Provider::start(clock()).await;
        let other = Provider::start(clock()).await;
        let apple = Provider::start(clock()).await;
        let all = json!([
            {
                "id": "google", "name": "Google", "issuer": google.issuer(), "client_id": CLIENT_ID,
                "authority": {"domains": ["gmail.com"], "hosted_domains": true},
            },
            {"id": "other", "name": "Other", "issuer": other.issuer(), "client_id": CLIENT_ID},
            {
                "id": "apple", "name": "Apple", "issuer": apple.issuer(), "client_id": CLIENT_ID,
                "scopes": ["name", "email"], "response_mode": "form_post", "client_authentication": "post",
                "apple": {"team_id": "TEAM", "key_id": "KEY"},
            },
        ]);
        let all: Vec<ProviderConfig> = config::parse(&all.to_string(), true).unwrap();
        let secrets =
            [("google", CLIENT_SECRET), ("other", CLIENT_SECRET), ("apple", include_str!("keys/apple.p8"))];
        let secrets = secrets.map(|(id, secret)| (id.to_owned(), Secret::new(secret.to_owned())));
        let (state, _) = state_on(&world, world.platform.clone(), settings);
        let app = world.app(api_auth::router(), state.with_providers(Providers::new(all, secrets)));
        Self { world, app, google, other, apple }
    }

    /// A browser is sent to a provider.
    pub(crate) async fn begin<'a>(&self, provider: &str, who: impl Into<Option<&'a Caller>>) -> Trip {
        let reply = self.app.get(&format!("/api/v1/auth/social/{provider}/start"), who).await.expect(200);
        let set = reply.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Secure"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        Trip { url: reply.text("authorization_url"), cookie }
    }

    /// A browser comes back.
    pub(crate) async fn finish<'a>(
        &self,
        provider: &str,
        cookie: &str,
        body: Value,
        who: impl Into<Option<&'a Caller>>,
    ) -> Reply {
        let path = format!("/api/v1/auth/social/{provider}/callback");
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, cookie);
        if let Some(caller) = who.into() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", caller.token));
        }
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A whole honest login of a person by Google.
    pub(crate) async fn log_in(&self, person: Value) -> Reply {
        self.trip("google", &self.google, person, None).await
    }

    /// A whole honest trip.
    pub(crate) async fn trip(
        &self,
        id: &str,
        provider: &Provider,
        person: Value,
        who: Option<&Caller>,
    ) -> Reply {
        let trip = self.begin(id, who).await;
        let (code, state) = provider.log_in(&trip.url, person);
        self.finish(id, &trip.cookie, json!({"code": code, "state": state}), who).await
    }
}

pub(crate) fn ada() -> Value {
    json!({
        "sub": "google-1", "email": "Ada@gmail.com", "email_verified": true,
        "given_name": "Ada", "family_name": "Lovelace",
    })
}
