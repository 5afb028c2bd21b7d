//! Accounts and sessions (seed 001 §4.2, seed 003 RefreshToken): registration, login, rotation of refresh tokens with detection of
//! reuse, logout, and the public keys that check access tokens. The only function that holds the private key.

mod cookies;
mod devices;
pub mod passwords;
mod reproof;
mod routes;
mod second_factor;
mod sign_in;
pub mod social;
pub mod tokens;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use cloud::{Cloud, kms::Sealer};
use contracts::Queue;
use domain::identity::PasswordRules;
use http_kit::{ApiError, ApiResult, Client, Platform, StartError};
use jobs::Publisher;
use kernel::{ConfigError, Secret, Timestamp, Vars};
use store::{Table, entities::User};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use passwords::Hasher;
pub use social::Providers;
pub use tokens::Signer;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    hasher: Hasher,
    signer: Arc<Signer>,
    sealer: Sealer,
    publisher: Publisher,
    settings: Settings,
    providers: Providers,
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
    /// What a new password must be like.
    pub password_rules: PasswordRules,
    /// Fewest years of age of who registers with a date of birth.
    pub minimum_age: u8,
    /// Whether who registers must agree to the terms of use.
    pub require_terms: bool,
}

impl Settings {
    /// Checks a new password of a user.
    pub(crate) fn check_password(&self, password: &Secret<String>, user: &User) -> ApiResult<()> {
        let person = [
            user.email.expose().as_str(),
            user.first_name.expose(),
            user.last_name.expose(),
            user.username.as_str(),
        ];
        self.password_rules
            .check(password.expose(), &person)
            .map_err(|weak| ApiError::invalid("new_password", weak.to_string()))
    }
}

impl State {
    /// State from parts; tests use this.
    pub fn new(
        platform: Platform,
        hasher: Hasher,
        signer: Signer,
        sealer: Sealer,
        publisher: Publisher,
        settings: Settings,
    ) -> Self {
        let providers = Providers::none();
        Self { platform, hasher, signer: Arc::new(signer), sealer, publisher, settings, providers }
    }

    /// With these login providers.
    #[must_use]
    pub fn with_providers(self, providers: Providers) -> Self {
        Self { providers, ..self }
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
            password_rules: PasswordRules::with_minimum(vars.parsed("PASSWORD_MINIMUM")?),
            minimum_age: vars.parsed("MINIMUM_AGE")?,
            require_terms: vars.parsed("REQUIRE_TERMS")?,
        };
        let sealer = Sealer::from_env(&cloud, &vars, platform.ambient().random.clone())?;
        let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &[Queue::Notify])?;
        let hasher = Hasher::standard(platform.ambient())
            .map_err(|error| StartError::Other(format!("Argon2 can't be set up: {error}")))?;
        let providers = Providers::from_env(&vars, &cloud)?;
        Ok(Self::new(platform, hasher, signer, sealer, publisher, settings).with_providers(providers))
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
        .routes(routes!(routes::end_session::end_session))
        .routes(routes!(routes::list_devices::list_devices))
        .routes(routes!(routes::forget_device::forget_device))
        .routes(routes!(routes::list_events::list_events))
        .routes(routes!(routes::reauthenticate::reauthenticate))
        .routes(routes!(routes::verify_mfa::verify_mfa))
        .routes(routes!(routes::setup_mfa::setup_mfa))
        .routes(routes!(routes::enable_mfa::enable_mfa))
        .routes(routes!(routes::disable_mfa::disable_mfa))
        .routes(routes!(routes::renew_recovery_codes::renew_recovery_codes))
        .routes(routes!(routes::verify_email::verify_email))
        .routes(routes!(routes::resend_verification::resend_verification))
        .routes(routes!(routes::request_password_reset::request_password_reset))
        .routes(routes!(routes::confirm_password_reset::confirm_password_reset))
        .routes(routes!(routes::restore_account::restore_account))
        .routes(routes!(routes::change_password::change_password))
        .routes(routes!(routes::social_start::start_social_login))
        .routes(routes!(routes::social_callback::finish_social_login))
        .routes(routes!(routes::social_providers::list_social_providers))
        .routes(routes!(routes::social_list::list_social_accounts))
        .routes(routes!(routes::social_unlink::unlink_social_account));
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
    Err(too_often(now, WINDOW_SECONDS))
}

/// The refusal of what was done too often in this window: come again in the next one.
fn too_often(now: Timestamp, window_seconds: i64) -> ApiError {
    let left = window_seconds - now.as_second().rem_euclid(window_seconds);
    ApiError::too_many_requests(u32::try_from(left).unwrap_or(u32::MAX))
}
