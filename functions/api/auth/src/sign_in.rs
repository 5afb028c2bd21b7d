//! The way from a proof of who somebody is to a session: the same for a password, a second factor and a login provider.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::identity::{
    SecurityEventKind, UserStatus,
    lockout::{MAX_FAILURES, Source},
    rotation::REFRESH_LIFE,
};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Client, Platform};
use kernel::{Id, Secret, SignedDuration, Timestamp, id::kinds};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::entities::{
    Beginning, Begun, Device, Gate, LoginFacts, LoginSource, MfaChallenge, SecondFactor, SecurityEvent,
    Session, User, mfa::CHALLENGE_LIFE,
};

use crate::{
    Signer,
    devices::{self, KnownDevice},
    second_factor,
    tokens::{self, RefreshToken},
    views::{Tokens, UserView},
};

/// How long a trusted device needs no second factor (spec 02, trusted devices).
const TRUST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The user and his new session.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LoggedIn {
    #[serde(flatten)]
    tokens: Tokens,
    user: UserView,
    /// Proves this device at its next login, where the client keeps no cookies.
    device_token: Secret<String>,
}

/// The password was right; the second factor is still to come.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SecondFactorNeeded {
    /// Always true.
    #[schema(example = true)]
    mfa_required: bool,
    /// Goes into `POST /auth/mfa/verify` with a code.
    challenge_token: Secret<String>,
    /// Seconds until the challenge ends.
    #[schema(example = 300)]
    expires_in: i64,
}

/// What a login leads to.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum LoginAnswer {
    /// A session.
    LoggedIn(LoggedIn),
    /// A question for the second factor.
    SecondFactorNeeded(SecondFactorNeeded),
}

impl IntoResponse for LoginAnswer {
    fn into_response(self) -> Response {
        let token = match &self {
            Self::LoggedIn(logged_in) => Some(logged_in.device_token.clone()),
            Self::SecondFactorNeeded(_) => None,
        };
        let body = Json(self);
        match token {
            Some(token) => (StatusCode::OK, devices::set_cookie(&token), body).into_response(),
            None => (StatusCode::OK, body).into_response(),
        }
    }
}

/// Somebody who proved who he is, on his way to a session.
pub(crate) struct Proof {
    /// The user, as he was read.
    pub(crate) user: User,
    /// The device, where it is known.
    pub(crate) device: Option<Device>,
    /// Whose failed attempts are forgiven.
    pub(crate) source: Option<LoginSource>,
    /// The hash that his password fitted.
    pub(crate) verified_hash: Option<Secret<String>>,
    /// The password hashed anew, where the stored hash has older parameters.
    pub(crate) rehashed: Option<Secret<String>>,
    /// The second factor, where he showed it.
    pub(crate) second_factor: Option<(MfaChallenge, SecondFactor)>,
    /// Whether to ask for no second factor here from now on.
    pub(crate) trust_device: bool,
}

impl Proof {
    /// A proof of this user that goes without a password: by a login provider.
    pub(crate) fn by_provider(user: User, device: Option<Device>) -> Self {
        Self {
            user,
            device,
            source: None,
            verified_hash: None,
            rehashed: None,
            second_factor: None,
            trust_device: false,
        }
    }
}

/// Who tries to log in: the account, or what stands for one that does not exist, from a device or network.
pub(crate) fn source_of(
    user: Option<Id<kinds::User>>,
    login_name: &str,
    known: Option<KnownDevice>,
    client: &Client,
) -> LoginSource {
    let subject = user.map_or_else(
        || Sha256::digest(login_name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
        |user| user.to_string(),
    );
    let known = known.filter(|known| Some(known.user) == user).map(|known| known.device);
    let source = Source::new(known, &client.ip_address).key();
    LoginSource { subject, source, known_device: known.is_some() }
}

/// Lets an attempt in or says when to come again. The answer is the same whether or not the account exists.
pub(crate) fn admit(gate: Gate) -> ApiResult<()> {
    match gate {
        Gate::Open => Ok(()),
        Gate::Busy => Err(ApiError::too_many_requests(60)),
        Gate::Locked(seconds) => {
            let message = "Too many wrong attempts. Wait as long as Retry-After says, log in on a device that you used before, or set a new password.";
            let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "ACCOUNT_LOCKED", message);
            Err(error.with_retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)))
        }
    }
}

/// Notes a failed attempt, with the event that tells the owner when it locked his account here.
pub(crate) async fn note_failure(
    platform: &Platform,
    who: &LoginSource,
    facts: &LoginFacts,
    client: &Client,
) -> ApiResult<()> {
    let ambient = platform.ambient();
    let locks = facts.attempts >= MAX_FAILURES;
    let locked = facts.user.as_ref().filter(|_| locks).map(|user| {
        let kind = SecurityEventKind::LoginFailedLockout;
        SecurityEvent::now(ambient, user.id, kind, &client.ip_address, &client.device_info)
    });
    Ok(platform.store().logins().failed(who, facts, ambient.now(), locked.as_ref()).await?)
}

/// Refuses accounts that may not log in, telling who proved to own one why.
pub(crate) fn check_status(user: &User) -> ApiResult<()> {
    match user.status {
        UserStatus::Active | UserStatus::Suspended => Ok(()),
        UserStatus::Banned => {
            let message = "This account is banned. Write to the platform's support to appeal.";
            Err(ApiError::forbidden("ACCOUNT_BANNED", message))
        }
        UserStatus::Deleted => {
            let message = "This account was deleted by its owner. To have it back, send address and password to POST /auth/restore within 30 days; POST /auth/password-reset sets a password.";
            Err(ApiError::forbidden("ACCOUNT_DELETED", message))
        }
    }
}

/// Asks for the second factor where the account has one and the device is not trusted; begins the session otherwise.
pub(crate) async fn proceed(
    platform: &Platform,
    signer: &Signer,
    client: Client,
    proof: Proof,
) -> ApiResult<LoginAnswer> {
    check_status(&proof.user)?;
    if proof.second_factor.is_none() && needs_second_factor(platform, &proof) {
        return ask(platform, proof, false).await;
    }
    begin(platform, signer, client, proof).await.map(LoginAnswer::LoggedIn)
}

/// Whether the account has a second factor, and the device is not trusted to go without.
pub(crate) fn needs_second_factor(platform: &Platform, proof: &Proof) -> bool {
    let now = platform.ambient().now();
    proof.user.mfa_enabled && !proof.device.as_ref().is_some_and(|device| proof.user.trusts(device, now))
}

/// Asks for the second factor, of a login or, where the account is deleted, of the wish to have it back.
pub(crate) async fn ask(platform: &Platform, proof: Proof, restores: bool) -> ApiResult<LoginAnswer> {
    let (challenge, token) = MfaChallenge::generate(platform.ambient(), proof.user.id, proof.verified_hash);
    platform.store().second_factors().challenge(&MfaChallenge { restores, ..challenge }).await?;
    Ok(LoginAnswer::SecondFactorNeeded(SecondFactorNeeded {
        mfa_required: true,
        challenge_token: token,
        expires_in: CHALLENGE_LIFE.as_secs(),
    }))
}

/// Begins the session of somebody who has proved all that his account asks for.
pub(crate) async fn begin(
    platform: &Platform,
    signer: &Signer,
    client: Client,
    proof: Proof,
) -> ApiResult<LoggedIn> {
    let ambient = platform.ambient();
    let Proof { user, device: known, source, verified_hash, rehashed, second_factor, trust_device } = proof;
    let mut events = Vec::new();
    let mut tell = |kind| {
        events.push(SecurityEvent::now(ambient, user.id, kind, &client.ip_address, &client.device_info));
    };
    if known.is_none() {
        tell(SecurityEventKind::NewDevice);
    }
    if matches!(second_factor, Some((_, SecondFactor::Recovery(_)))) {
        tell(SecurityEventKind::RecoveryCodeUsed);
    }
    let known = known.map(|device| Device {
        trusted_until: device.trusted_until.filter(|_| user.trusts(&device, ambient.now())),
        ..device
    });
    let mut device = seen_device(platform, user.id, known, &client);
    // Only a second factor that was shown just now makes a device trusted: a password alone must not.
    if trust_device && second_factor.is_some() {
        device.trusted_until = Some(ambient.now() + TRUST);
    }
    let (session, refresh) = new_session(platform, &user, &device).await?;
    let mfa_enabled = user.mfa_enabled;
    let beginning =
        Beginning { session, device, source, verified_hash, mfa_enabled, rehashed, second_factor, events };
    match platform.store().logins().begin(&beginning).await? {
        Begun::Done => {}
        Begun::FactorUsed => return Err(second_factor::wrong_code()),
        Begun::Outdated => {
            let message = "The account changed at the same time. Log in again.";
            return Err(ApiError::unauthorized("LOGIN_OUTDATED", message));
        }
    }
    tokens_of(platform, signer, &user, &beginning.session, &beginning.device, &refresh).await
}

/// The device as it is after this login.
pub(crate) fn seen_device(
    platform: &Platform,
    user_id: Id<kinds::User>,
    known: Option<Device>,
    client: &Client,
) -> Device {
    let now: Timestamp = platform.ambient().now();
    let (id, created_at, trusted_until) = match known {
        Some(known) => (known.id, known.created_at, known.trusted_until),
        None => (platform.ambient().id(), now, None),
    };
    Device {
        id,
        user_id,
        device_info: client.device_info.clone(),
        ip_address: client.ip_address.clone(),
        created_at,
        updated_at: now,
        trusted_until,
    }
}

/// A session on a device, with its first refresh token.
pub(crate) async fn new_session(
    platform: &Platform,
    user: &User,
    device: &Device,
) -> ApiResult<(Session, RefreshToken)> {
    let ambient = platform.ambient();
    let key = platform.derived_key(tokens::REFRESH_KEY).await?;
    let refresh = RefreshToken::generate(ambient, &key, ambient.id());
    let session = Session::new(refresh.session, user, device, refresh.hash(), REFRESH_LIFE, ambient.now());
    Ok((session, refresh))
}

/// What the client gets of a session that has begun.
pub(crate) async fn tokens_of(
    platform: &Platform,
    signer: &Signer,
    user: &User,
    session: &Session,
    device: &Device,
    refresh: &RefreshToken,
) -> ApiResult<LoggedIn> {
    let access_token =
        signer.access_token(platform.ambient(), user.id, session.id).map_err(ApiError::internal)?;
    let known = KnownDevice { user: user.id, device: device.id };
    Ok(LoggedIn {
        tokens: Tokens { access_token, refresh_token: refresh.text() },
        user: UserView::from(user),
        device_token: known.token(platform).await?,
    })
}

impl LoggedIn {
    /// The tokens and the device's token.
    pub(crate) fn into_parts(self) -> (Tokens, UserView, Secret<String>) {
        (self.tokens, self.user, self.device_token)
    }
}
