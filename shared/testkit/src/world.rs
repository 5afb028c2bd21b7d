//! A platform in which a test plays: storage, a clock, people.

use domain::identity::{Role, SecurityEventKind};
use http_kit::{
    Platform,
    access::{ACCESS_TOKEN_LIFE, AUDIENCE, AccessClaims, AccessKeys, TOKEN_TYPE},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Ambient, Clock, Id, PlatformSecret, Random, Secret, SignedDuration, Timestamp, id::kinds};
use store::{
    Store,
    entities::{Beginning, Begun, Device, Registration, SecurityEvent, Session, User},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App,
    dynamo::{self, Calls},
};

/// The Ed25519 key of tests, PKCS 8 PEM.
pub const JWT_PRIVATE_KEY: &str = include_str!("../keys/jwt.pem");
/// Its public half.
pub const JWT_PUBLIC_KEYS: &str = include_str!("../keys/jwks.json");
/// The issuer of tests' tokens.
pub const ISSUER: &str = "https://learnflow/test";
/// The address of the distribution in tests.
pub const BASE_URL: &str = "https://learn.example";

/// What the distribution proves itself with in tests.
pub const ORIGIN_VERIFY: &str = "the distribution of tests";

/// The platform secret of tests.
pub fn platform_secret() -> PlatformSecret {
    PlatformSecret::new(&"test-secret-".repeat(4)).unwrap()
}

/// Somebody with a valid access token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub id: Id<kinds::User>,
    /// The session.
    pub session: Id<kinds::Session>,
    /// The access token.
    pub token: String,
}

/// A platform with an empty database.
pub struct World {
    /// What handlers get.
    pub platform: Platform,
    /// The raw client, for what no access pattern offers.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Where the database listens, for other processes.
    pub dynamodb_url: String,
    calls: Calls,
}

impl World {
    /// An empty platform, on the 1st of June 2026 at noon.
    pub async fn new() -> Self {
        Self::at("2026-06-01T12:00:00Z".parse().unwrap()).await
    }

    /// An empty platform whose clock stands at `start`.
    pub async fn at(start: Timestamp) -> Self {
        Self::on(dynamo::serve().await, start).await
    }

    /// An empty platform on a database without tables, such as one behind a proxy that gets in its way.
    pub async fn on(dynamodb_url: String, start: Timestamp) -> Self {
        let (store, dynamodb, calls) = dynamo::connect(&dynamodb_url).await;
        let ambient = Ambient { clock: Clock::manual(start), random: Random::seeded(1) };
        let access = AccessKeys::parse(JWT_PUBLIC_KEYS, ISSUER).unwrap();
        let proof = Secret::new(ORIGIN_VERIFY.to_owned());
        let platform = Platform::behind(store, ambient, access, BASE_URL, platform_secret(), proof);
        Self { platform, dynamodb, dynamodb_url, calls }
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        self.platform.store()
    }

    /// Time and randomness.
    pub fn ambient(&self) -> &Ambient {
        self.platform.ambient()
    }

    /// Moves the clock.
    pub fn advance(&self, by: SignedDuration) {
        self.platform.ambient().clock.advance(by);
    }

    /// A group's application.
    pub fn app<S: Clone + Send + Sync + 'static>(&self, routes: OpenApiRouter<S>, state: S) -> App {
        App {
            service: http_kit::app(routes, state),
            calls: self.calls.clone(),
            ip_address: None,
            viewer_country: None,
        }
    }

    /// A new user of this role with a confirmed address, logged in.
    pub async fn user(&self, role: Role) -> Caller {
        let ambient = self.ambient();
        let (id, now): (Id<kinds::User>, _) = (ambient.id(), ambient.now());
        let name = (Secret::new("Ada".into()), Secret::new("Lovelace".into()));
        let email = Secret::new(format!("{id}@learn.example"));
        let mut user = User::new(id, email, format!("user-{id}"), name, role, now);
        user.email_verified_at = Some(now);
        let (session, device) = self.session_of(&user);
        let event = SecurityEvent::now(ambient, id, SecurityEventKind::Registered, "", "test");
        let caller = Caller { id, session: session.id, token: self.token(id, session.id) };
        let registration = Registration { user, session, device, event };
        assert_eq!(self.store().users().register(&registration).await.unwrap(), None);
        caller
    }

    fn session_of(&self, user: &User) -> (Session, Device) {
        let now = self.ambient().now();
        let device = Device {
            id: self.ambient().id(),
            user_id: user.id,
            device_info: "test".into(),
            ip_address: String::new(),
            created_at: now,
            updated_at: now,
            trusted_until: None,
        };
        let life = SignedDuration::from_hours(24 * 7);
        let id: Id<kinds::Session> = self.ambient().id();
        // Of no token that anybody has; of each session another one.
        let half = id.uuid().simple();
        let refresh_hash = format!("{half}{half}");
        (Session::new(id, user, &device, refresh_hash, life, now), device)
    }

    /// A new session of a user.
    pub async fn login(&self, user: Id<kinds::User>) -> Caller {
        let user = self.store().users().get(user).await.unwrap().unwrap();
        let (session, device) = self.session_of(&user);
        let caller = Caller { id: user.id, session: session.id, token: self.token(user.id, session.id) };
        let beginning = Beginning {
            session,
            device,
            source: None,
            verified_hash: None,
            mfa_enabled: user.mfa_enabled,
            rehashed: None,
            second_factor: None,
            events: Vec::new(),
        };
        assert_eq!(self.store().logins().begin(&beginning).await.unwrap(), Begun::Done);
        caller
    }

    /// A student, logged in.
    pub async fn student(&self) -> Caller {
        self.user(Role::Student).await
    }

    /// An instructor, logged in.
    pub async fn instructor(&self) -> Caller {
        self.user(Role::Instructor).await
    }

    /// An admin, logged in.
    pub async fn admin(&self) -> Caller {
        self.user(Role::Admin).await
    }

    /// A genuine access token issued now.
    pub fn token(&self, user: Id<kinds::User>, session: Id<kinds::Session>) -> String {
        let now = self.ambient().now();
        let claims = AccessClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user,
            sid: session,
            iat: now.as_second(),
            exp: (now + ACCESS_TOKEN_LIFE).as_second(),
            jti: self.ambient().id(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.into());
        header.kid = Some("test".into());
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_pem(JWT_PRIVATE_KEY.as_bytes()).unwrap())
            .unwrap()
    }
}
