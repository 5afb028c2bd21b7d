//! A platform in which a test plays: storage, a clock, people.

use domain::identity::{Role, UserStatus};
use http_kit::{
    Platform,
    access::{ACCESS_TOKEN_LIFE, AUDIENCE, AccessClaims, AccessKeys, TOKEN_TYPE},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Ambient, Clock, Id, Random, Secret, SignedDuration, Timestamp, cursor::CursorKey, id::kinds};
use store::{
    Store,
    entities::{EmailGuard, Session, User, UsernameGuard},
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
    calls: Calls,
}

impl World {
    /// An empty platform, on the 1st of June 2026 at noon.
    pub async fn new() -> Self {
        Self::at("2026-06-01T12:00:00Z".parse().unwrap()).await
    }

    /// An empty platform whose clock stands at `start`.
    pub async fn at(start: Timestamp) -> Self {
        let (store, dynamodb, calls) = dynamo::start().await;
        let ambient = Ambient { clock: Clock::manual(start), random: Random::seeded(1) };
        let access = AccessKeys::parse(JWT_PUBLIC_KEYS, ISSUER).unwrap();
        let platform =
            Platform::new(store, ambient, access, BASE_URL, CursorKey::new("test-cursor-key-".repeat(2)));
        Self { platform, dynamodb, calls }
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
        App { service: http_kit::app(routes, state), calls: self.calls.clone() }
    }

    /// A new user of this role, logged in.
    pub async fn user(&self, role: Role) -> Caller {
        let ambient = self.ambient();
        let (id, now): (Id<kinds::User>, _) = (ambient.id(), ambient.now());
        let user = User {
            id,
            email: Secret::new(format!("{id}@learn.example")),
            username: format!("user-{id}"),
            first_name: Secret::new("Ada".into()),
            last_name: Secret::new("Lovelace".into()),
            role,
            status: UserStatus::Active,
            password_hash: Secret::new(String::new()),
            bio: String::new(),
            avatar_url: String::new(),
            country: String::new(),
            created_at: now,
            updated_at: now,
        };
        let email = EmailGuard { email: user.email.clone(), user_id: id, created_at: now };
        let username = UsernameGuard { username: user.username.clone(), user_id: id, created_at: now };
        assert_eq!(self.store().users().register(&user, &email, &username).await.unwrap(), None);
        self.login(id, role).await
    }

    /// A new session of a user.
    pub async fn login(&self, user: Id<kinds::User>, role: Role) -> Caller {
        let ambient = self.ambient();
        let (session_id, now): (Id<kinds::Session>, _) = (ambient.id(), ambient.now());
        let session = Session {
            id: session_id,
            user_id: user,
            role,
            refresh_hash: "none".into(),
            generation: 0,
            device_info: "test".into(),
            ip_address: String::new(),
            created_at: now,
            updated_at: now,
            valid_until: now + SignedDuration::from_hours(24 * 7),
            revoked_at: None,
        };
        self.store().sessions().begin(&session).await.unwrap();
        Caller { id: user, session: session_id, token: self.token(user, session_id) }
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
