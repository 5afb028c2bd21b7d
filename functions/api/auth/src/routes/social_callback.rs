//! Somebody comes back from a provider.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    response::{AppendHeaders, IntoResponse, Response},
};
use cloud::kms::{Context, Sealer};
use domain::identity::{
    Language, Role, SecurityEventKind, normalize_email,
    social::{Address, Refusal, Step, decide, register},
    username_from_email,
};
use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use http_kit::{ApiError, ApiResult, Body, Client, Params, Platform, access::FreshVisitor};
use kernel::{Id, Secret, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Device, LoginName, Registration, SecurityEvent, SocialAccount, SocialAttempt, User,
    social::{Linking, SocialRegistration},
    user::Taken,
};

use super::{social_form, social_list::SocialAccountView};
use crate::{
    Settings, Signer,
    devices::{DeviceCookie, KnownDevice},
    sign_in::{self, LoginAnswer, Proof},
    social::{
        Identity,
        attempt::{Attempt, forget_cookie},
        exchange::Returned,
    },
};

/// What the provider gave to the browser.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SocialReturn {
    /// The authorization code.
    #[garde(custom(check_code))]
    #[schema(value_type = String, example = "4/0AVMBsJi…")]
    code: Secret<String>,
    /// `state`, as it came.
    #[garde(length(bytes, min = 1, max = 128))]
    state: String,
    /// The issuer, where the provider names it (RFC 9207).
    #[garde(length(bytes, max = 255))]
    iss: Option<String>,
    /// The given name for a new account, where the provider told it beside its token (Apple).
    #[garde(skip)]
    #[schema(example = "John")]
    first_name: Option<Secret<String>>,
    /// The family name, likewise.
    #[garde(skip)]
    #[schema(example = "Doe")]
    last_name: Option<Secret<String>>,
    /// Agrees to the terms of use, should this make a new account; required where the deployment says so.
    #[serde(default)]
    #[garde(skip)]
    accept_terms: bool,
}

fn check_code(code: &Secret<String>, _: &()) -> garde::Result {
    match code.expose().len() {
        1..=4096 => Ok(()),
        _ => Err(garde::Error::new("must have 1 to 4096 characters")),
    }
}

/// The form that a provider posts itself.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form; `social_form` reads it")]
#[schema(example = json!({"code": "c5a1d0e9b7f24c3d8.0.rrtv", "state": "Xk3vQ9sT1bLr8WmZ0cJ5yHf2aNd7uPe4gOi6xVqRtBw"}))]
pub(crate) struct SocialForm {
    code: Option<String>,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// A login was linked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Linked {
    linked: SocialAccountView,
}

/// What comes of a login by a provider.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the answer; each of its forms makes its own response")]
pub(crate) enum SocialAnswer {
    /// The same as that of a login by password.
    Login(LoginAnswer),
    /// The login was linked to the caller's account.
    Linked(Linked),
}

/// JSON from the web client, or the provider's own form.
pub(crate) enum Incoming {
    Json(SocialReturn),
    Form(Bytes),
}

impl<S: Send + Sync> FromRequest<S> for Incoming {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            let unreadable =
                |_| ApiError::bad_request("BODY_UNREADABLE", "The form could not be read. Begin again.");
            return Bytes::from_request(request, state).await.map(Self::Form).map_err(unreadable);
        }
        Body::from_request(request, state).await.map(|Body(json)| Self::Json(json))
    }
}

/// Where a request stands in all of this.
struct Arrival<'a> {
    platform: &'a Platform,
    settings: &'a Settings,
    signer: &'a Signer,
    sealer: &'a Sealer,
    provider: &'a str,
    headers: &'a HeaderMap,
    client: Client,
    identity: Identity,
    accept_terms: bool,
}

/// Finishes a login by a provider: logs in, makes an account, or links. An address that has an account is never linked by itself,
/// verified or not (`LINK_REQUIRED`): log in there, then begin again with the access token.
#[utoipa::path(
    post, path = "/auth/social/{provider}/callback", operation_id = "finish_social_login", tag = "auth",
    security((), ("bearer" = [])),
    params(("provider" = String, Path, description = "The provider of the beginning", example = "google")),
    request_body(content((SocialReturn = "application/json"), (SocialForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "Logged in, `mfa_required` with a challenge, or `linked`", body = SocialAnswer),
        (status = 201, description = "A new account, logged in", body = sign_in::LoggedIn),
        (status = 303, description = "To the web client, for the provider's own form"),
    ),
)]
pub(crate) async fn finish_social_login(
    State(state): State<crate::State>,
    Params(id): Params<String>,
    client: Client,
    DeviceCookie(device): DeviceCookie,
    FreshVisitor(caller): FreshVisitor,
    headers: HeaderMap,
    incoming: Incoming,
) -> ApiResult<Response> {
    let crate::State { platform, settings, signer, sealer, providers, .. } = state;
    let provider = providers.get(&id)?;
    let base = platform.public_base_url();
    let sent = match incoming {
        Incoming::Form(form) => return Ok(social_form::hand_on(base, &id, &form)),
        Incoming::Json(sent) => sent,
    };
    crate::throttle(&platform, &settings, "social", &client).await?;
    let attempt = Attempt::resume(&sent.state, &headers).ok_or_else(not_begun_here)?;
    let begun = end(&platform, &attempt, &id).await?;
    if begun.link_to.is_some() && begun.link_to != caller.map(|caller| caller.user_id) {
        let message =
            "You began to link this login while logged in. Log in to the same account, then begin again.";
        return Err(ApiError::unauthorized("LINK_NEEDS_LOGIN", message));
    }
    let name = (
        sent.first_name.as_ref().map(|name| name.expose().as_str()),
        sent.last_name.as_ref().map(|name| name.expose().as_str()),
    );
    let returned = Returned { code: &sent.code, issuer: sent.iss.as_deref(), name };
    let now = platform.ambient().now();
    let identity = providers.identity(provider, &attempt, returned, base, now).await?;
    let arrival = Arrival {
        platform: &platform,
        settings: &settings,
        signer: &signer,
        sealer: &sealer,
        provider: &id,
        headers: &headers,
        client,
        identity,
        accept_terms: sent.accept_terms,
    };
    let answer = arrival.settle(begun.link_to, device).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, forget_cookie(base))]), answer).into_response())
}

/// Ends the attempt: it works once, and only in the browser that began it.
async fn end(platform: &Platform, attempt: &Attempt, provider: &str) -> ApiResult<SocialAttempt> {
    let now = platform.ambient().now();
    let (state, browser) = (attempt.state_hash(), attempt.browser_hash());
    platform.store().socials().end_attempt(&state, &browser, provider, now).await?.ok_or_else(not_begun_here)
}

fn not_begun_here() -> ApiError {
    let message = "This login was not begun in this browser, was finished before, or took longer than 10 minutes. Begin again.";
    ApiError::bad_request("SOCIAL_STATE_INVALID", message)
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::AddressTaken => ApiError::conflict(
            "LINK_REQUIRED",
            "Your e-mail address has an account here. Log in to it with your password, then link this login in your settings.",
        ),
        Refusal::OfAnother => ApiError::conflict(
            "SOCIAL_ACCOUNT_TAKEN",
            "This login is linked to another account. Log in by it, or unlink it there first.",
        ),
        Refusal::NoAddress => ApiError::unprocessable(
            "PROVIDER_EMAIL_MISSING",
            "The login service does not tell your e-mail address. Allow it there and begin again, or register with an address and link this login afterwards.",
        ),
    }
}

impl Arrival<'_> {
    async fn settle(self, link_to: Option<Id<kinds::User>>, device: Option<String>) -> ApiResult<Response> {
        let socials = self.platform.store().socials();
        let digest = SocialAccount::digest(&self.identity.issuer, self.identity.subject.expose());
        let known = socials.account(&digest).await?;
        let owner = known.as_ref().map(|account| account.user_id);
        let step = decide(owner, link_to).map_err(refused)?;
        let tokens = self
            .sealer
            .seal(Context { purpose: "social-tokens", id: &digest }, self.identity.tokens.expose().as_bytes())
            .await
            .map_err(ApiError::internal)?;
        let account = |user_id| self.account(user_id, tokens, known.as_ref());
        match step {
            Step::LogIn(user) => {
                let account = account(user);
                self.log_in(account, device).await
            }
            Step::AlreadyLinked(user) => {
                let account = account(user);
                self.note(&account).await?;
                Ok(Json(Linked { linked: account.into() }).into_response())
            }
            Step::Link(user) => {
                let account = account(user);
                self.link(account).await
            }
            Step::Register => {
                let account = account(self.platform.ambient().id());
                self.register(account).await
            }
        }
    }

    /// The login as it is after this.
    fn account(
        &self,
        user_id: Id<kinds::User>,
        tokens: String,
        known: Option<&SocialAccount>,
    ) -> SocialAccount {
        let now = self.platform.ambient().now();
        SocialAccount {
            provider: self.provider.to_owned(),
            issuer: self.identity.issuer.clone(),
            subject: self.identity.subject.clone(),
            user_id,
            email: self.identity.email.clone(),
            tokens,
            created_at: known.map_or(now, |known| known.created_at),
            last_used_at: now,
        }
    }

    fn event(&self, user: Id<kinds::User>, kind: SecurityEventKind) -> SecurityEvent {
        let Client { ip_address, device_info, .. } = &self.client;
        SecurityEvent::now(self.platform.ambient(), user, kind, ip_address, device_info)
            .with("provider", self.provider)
    }

    /// Renews what is kept of the login, unless it was unlinked at the same moment.
    async fn note(&self, account: &SocialAccount) -> ApiResult<()> {
        if self.platform.store().socials().note_login(account).await? {
            Ok(())
        } else {
            Err(not_begun_here())
        }
    }

    async fn log_in(self, account: SocialAccount, device: Option<String>) -> ApiResult<Response> {
        let user = self.platform.store().users().get(account.user_id).await?.ok_or_else(not_begun_here)?;
        sign_in::check_status(&user)?;
        self.note(&account).await?;
        let device = self.known_device(&user, device).await?;
        let proof = Proof::by_provider(user, device);
        let answer = sign_in::proceed(self.platform, self.signer, self.client, proof).await?;
        Ok(answer.into_response())
    }

    async fn known_device(&self, user: &User, token: Option<String>) -> ApiResult<Option<Device>> {
        let Some(token) = token else { return Ok(None) };
        match KnownDevice::read(self.platform, &token).await? {
            Some(known) if known.user == user.id => {
                Ok(self.platform.store().devices().device(user.id, known.device).await?)
            }
            _ => Ok(None),
        }
    }

    async fn link(self, account: SocialAccount) -> ApiResult<Response> {
        let event = self.event(account.user_id, SecurityEventKind::SocialLinked);
        match self.platform.store().socials().link(&account, &event).await? {
            Linking::Done => Ok(Json(Linked { linked: account.into() }).into_response()),
            Linking::OfAnother => Err(refused(Refusal::OfAnother)),
            Linking::HasOne => Err(ApiError::conflict(
                "PROVIDER_LINKED",
                "Your account has another login of this provider. Unlink that one first.",
            )),
        }
    }

    async fn register(self, account: SocialAccount) -> ApiResult<Response> {
        let user = self.new_user(account.user_id).await?;
        let event = self.event(user.id, SecurityEventKind::Registered);
        let device = sign_in::seen_device(self.platform, user.id, None, &self.client);
        let (session, refresh) = sign_in::new_session(self.platform, &user, &device).await?;
        let new = Registration { user, session, device, event };
        match self.platform.store().socials().register_with(&new, &account).await? {
            SocialRegistration::Done => {}
            SocialRegistration::Taken(Taken::Email) => return Err(refused(Refusal::AddressTaken)),
            // The made-up name met another one, or two windows registered at once: the next attempt goes well.
            SocialRegistration::Taken(Taken::Username) | SocialRegistration::HasAccount => {
                let message = "Something changed at the same time. Begin again.";
                return Err(ApiError::conflict("CHANGED_MEANWHILE", message));
            }
        }
        let Registration { user, session, device, .. } = new;
        let logged_in =
            sign_in::tokens_of(self.platform, self.signer, &user, &session, &device, &refresh).await?;
        let mut response = LoginAnswer::LoggedIn(logged_in).into_response();
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    }

    async fn new_user(&self, id: Id<kinds::User>) -> ApiResult<User> {
        let ambient = self.platform.ambient();
        let now = ambient.now();
        let normal = self.identity.email.as_ref().map(|email| normalize_email(email.expose()));
        let address = match &normal {
            None => Address::Unknown,
            Some(normal) => {
                match self.platform.store().logins().user_of(&LoginName::Email(normal.clone())).await? {
                    Some(_) => Address::Taken,
                    None => Address::Free { proven: self.identity.email_proven },
                }
            }
        };
        let verified = register(address).map_err(refused)?;
        let (Some(normal), Some(email)) = (normal, self.identity.email.clone()) else {
            return Err(refused(Refusal::NoAddress));
        };
        if self.settings.require_terms && !self.accept_terms {
            let message = "must be true: the terms of use have to be agreed to for a new account";
            return Err(ApiError::invalid("accept_terms", message));
        }
        let suffix = ambient.token::<4>().to_lowercase().replace(['-', '_'], "0");
        let name = (self.identity.first_name.clone(), self.identity.last_name.clone());
        let username = username_from_email(&normal, &suffix);
        let mut user = User::new(id, email, username, name, Role::Student, now);
        user.email_verified_at = verified.then_some(now);
        user.terms_accepted_at = self.accept_terms.then_some(now);
        let accepted = self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        user.language = accepted.map_or_else(Language::default, Language::negotiate);
        Ok(user)
    }
}
