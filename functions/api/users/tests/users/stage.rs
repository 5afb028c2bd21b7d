//! A platform with this group on it.

use api_users::{Settings, State};
use http_kit::{Platform, access::AccessKeys};
use jobs::Publisher;
use kernel::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    App, Caller, World,
    aws::{NOWHERE, cloud_at},
    world::{BASE_URL, ISSUER, JWT_PUBLIC_KEYS, platform_secret},
};

pub(crate) const UPLOADS: &str = "uploads-bucket";
pub(crate) const MEDIA: &str = "media-bucket";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
}

fn app(world: &World, platform: Platform, open: bool, endpoint: &str) -> App {
    let settings = Settings {
        open_instructor_signup: open,
        uploads_bucket: UPLOADS.into(),
        media_bucket: MEDIA.into(),
        exports_bucket: "exports-bucket".into(),
    };
    let (publisher, _) = Publisher::keeping_for_tests(world.ambient());
    world.app(api_users::router(), State::new(platform, cloud_at(endpoint).objects(), publisher, settings))
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(true, NOWHERE).await
    }

    /// Where an admin decides who becomes an instructor.
    pub(crate) async fn closed() -> Self {
        Self::with(false, NOWHERE).await
    }

    pub(crate) async fn with(open: bool, endpoint: &str) -> Self {
        let world = World::new().await;
        let app = app(&world, world.platform.clone(), open, endpoint);
        Self { world, app }
    }

    /// The same group on another instance, which remembers nothing of what this one has read.
    pub(crate) fn another_instance(&self) -> App {
        let access = AccessKeys::parse(JWT_PUBLIC_KEYS, ISSUER).unwrap();
        let (store, ambient) = (self.world.store().clone(), self.world.ambient().clone());
        let platform = Platform::new(store, ambient, access, BASE_URL, platform_secret());
        app(&self.world, platform, true, NOWHERE)
    }

    /// Lets all instances forget what they have read.
    pub(crate) fn after_the_cache(&self) {
        self.world.advance(SignedDuration::from_secs(6));
    }

    pub(crate) async fn profile(&self, who: &Caller) -> Value {
        self.app.get("/api/v1/users/profile", who).await.expect(200).body
    }

    /// Changes an account as an admin.
    pub(crate) async fn change(&self, admin: &Caller, user: &Caller, body: Value) -> testkit::Reply {
        self.app.patch(&format!("/api/v1/admin/users/{}", user.id), admin, body).await
    }

    /// A key with these scopes: its id and its secret.
    pub(crate) async fn key(&self, owner: &Caller, scopes: &[&str]) -> (String, String) {
        let body = json!({"name": "A program", "scopes": scopes});
        let made = self.app.post("/api/v1/users/api-keys", owner, body).await.expect(201);
        (made.text("id"), made.text("secret"))
    }

    /// The kinds of the security events of a user, the first first.
    pub(crate) async fn events(&self, user: &Caller) -> Vec<String> {
        let events = self.world.store().security_events().events_of(user.id, 100, None).await.unwrap();
        let mut kinds: Vec<String> =
            events.items.iter().map(|event| event.kind.as_str().to_owned()).collect();
        // Those of one moment have no order.
        kinds.sort();
        kinds
    }
}
