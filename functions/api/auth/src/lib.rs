//! Accounts and sessions (seed 001 §4.2, seed 003 RefreshToken): registration, login, rotation of refresh tokens with detection of
//! reuse, logout, and the public keys that check access tokens. The only function that holds the private key.

pub mod passwords;
mod routes;
pub mod tokens;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use cloud::Cloud;
use http_kit::{ApiError, ApiResult, Client, Platform, StartError};
use kernel::{ConfigError, Vars};
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use passwords::Hasher;
pub use tokens::Signer;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    hasher: Hasher,
    signer: Arc<Signer>,
    settings: Settings,
}

/// Settings of this group.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Logins and registrations a minute from one network address.
    pub logins_per_minute: u32,
    /// Whether anyone may register as an instructor.
    pub open_instructor_signup: bool,
    /// The JSON Web Key Set that is served.
    pub public_keys: String,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, hasher: Hasher, signer: Signer, settings: Settings) -> Self {
        Self { platform, hasher, signer: Arc::new(signer), settings }
    }

    /// State from the environment, with the private key from Secrets Manager.
    ///
    /// # Errors
    /// [`StartError`] naming the setting or secret.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let platform = Platform::from_env(&vars, &cloud, &[Table::Identity]).await?;
        let public_keys = vars.required("JWT_PUBLIC_KEYS")?;
        let private_key = cloud.secrets().text(&vars.required("JWT_PRIVATE_KEY_SECRET_ARN")?).await?;
        let signer = Signer::new(private_key.expose(), &public_keys, vars.required("JWT_ISSUER")?).map_err(
            |reason| ConfigError::Malformed {
                name: "JWT_PRIVATE_KEY_SECRET_ARN",
                reason: reason.to_string(),
            },
        )?;
        let settings = Settings {
            logins_per_minute: vars.parsed("LOGINS_PER_MINUTE")?,
            open_instructor_signup: vars.parsed("OPEN_INSTRUCTOR_SIGNUP")?,
            public_keys,
        };
        let hasher = Hasher::standard(platform.ambient())
            .map_err(|error| StartError::Other(format!("Argon2 can't be set up: {error}")))?;
        Ok(Self::new(platform, hasher, signer, settings))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    let versioned = OpenApiRouter::new()
        .routes(routes!(routes::register::register))
        .routes(routes!(routes::login::login))
        .routes(routes!(routes::refresh::refresh))
        .routes(routes!(routes::logout::logout))
        .routes(routes!(routes::logout_all::logout_all))
        .routes(routes!(routes::get_me::get_me))
        .routes(routes!(routes::list_sessions::list_sessions))
        .routes(routes!(routes::end_session::end_session));
    http_kit::openapi::v1(versioned).routes(routes!(routes::get_jwks::get_jwks))
}

/// Counts an attempt of this network address and refuses it when there were too many in this minute.
async fn throttle(platform: &Platform, settings: &Settings, what: &str, client: &Client) -> ApiResult<()> {
    const WINDOW_SECONDS: i64 = 60;
    let now = platform.ambient().now();
    let subject = format!("{what}:{}", client.ip_address);
    let hits = platform.store().rates().hit(&subject, now, WINDOW_SECONDS).await?;
    if hits <= settings.logins_per_minute {
        return Ok(());
    }
    let left = WINDOW_SECONDS - now.as_second().rem_euclid(WINDOW_SECONDS);
    Err(ApiError::too_many_requests(u32::try_from(left).unwrap_or(60)))
}
