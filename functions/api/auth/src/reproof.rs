//! Somebody in a session proves again who he is, before a dangerous change. Wrong passwords count as failed logins of this
//! session, so that who finds an open browser can't try them all.

use http_kit::{ApiError, ApiResult, Client, Platform, Principal};
use kernel::Secret;
use store::entities::{LoginFacts, LoginSource, SecondFactor, User};

use crate::{Hasher, Settings, second_factor, sign_in, views::user_not_found};
use cloud::kms::Sealer;

/// The caller, and how his attempts are counted.
pub(crate) struct Reproof {
    /// The caller as he is stored.
    pub(crate) user: User,
    source: LoginSource,
    facts: LoginFacts,
}

impl Reproof {
    /// Counts an attempt and reads the caller.
    ///
    /// # Errors
    /// 429 after too many wrong ones.
    pub(crate) async fn begin(
        platform: &Platform,
        settings: &Settings,
        caller: Principal,
        client: &Client,
    ) -> ApiResult<Self> {
        let now = platform.ambient().now();
        let source = LoginSource {
            subject: caller.user_id.to_string(),
            source: format!("SESSION#{}", caller.session_id()?),
            known_device: true,
        };
        let logins = platform.store().logins();
        let gate = logins.attempt(&source, &client.ip_address, settings.logins_per_minute, now).await?;
        sign_in::admit(gate)?;
        let mut facts = logins.facts(caller.user_id, None, &source).await?;
        let user = facts.user.take().ok_or_else(user_not_found)?;
        Ok(Self { user, source, facts })
    }

    /// The hash that the password fits.
    ///
    /// # Errors
    /// 401 when it is wrong, 409 for an account without a password.
    pub(crate) async fn password(
        &self,
        platform: &Platform,
        hasher: &Hasher,
        password: &Secret<String>,
        client: &Client,
    ) -> ApiResult<Secret<String>> {
        let Some(stored) = self.user.password_hash.clone() else {
            let message = "This account has no password. POST /auth/password-reset sets one.";
            return Err(ApiError::conflict("NO_PASSWORD", message));
        };
        if hasher.verify(password, Some(&stored)) {
            return Ok(stored);
        }
        sign_in::note_failure(platform, &self.source, &self.facts, client).await?;
        let message = "The password is wrong. Check it and try again.";
        Err(ApiError::unauthorized("WRONG_PASSWORD", message))
    }

    /// The second factor that the code is.
    ///
    /// # Errors
    /// 401 when it is wrong, 409 when the account has none.
    pub(crate) async fn code(
        &self,
        platform: &Platform,
        sealer: &Sealer,
        code: &str,
        client: &Client,
    ) -> ApiResult<SecondFactor> {
        let mfa = second_factor::enabled(platform, self.user.id).await?;
        match second_factor::read(sealer, &mfa, code, platform.ambient().now()).await? {
            Some(factor) => Ok(factor),
            None => Err(self.wrong_code(platform, client).await?),
        }
    }

    /// Notes that a code was wrong and gives its refusal.
    pub(crate) async fn wrong_code(&self, platform: &Platform, client: &Client) -> ApiResult<ApiError> {
        sign_in::note_failure(platform, &self.source, &self.facts, client).await?;
        Ok(second_factor::wrong_code())
    }

    /// Forgives the attempts of this session: the proof was right.
    pub(crate) async fn succeed(&self, platform: &Platform) -> ApiResult<()> {
        Ok(platform.store().logins().forgive(&self.source).await?)
    }
}
