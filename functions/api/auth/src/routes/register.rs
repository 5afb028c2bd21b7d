//! Somebody makes an account.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use domain::identity::{
    Language, PASSWORD_MAX, Role, SecurityEventKind, is_username, normalize_email, profile,
    username_from_email,
};
use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use jiff::civil::Date;
use kernel::Secret;
use serde::{Deserialize, Serialize};
use store::entities::{Registration, SecurityEvent, User, user::Taken};

use crate::{
    Hasher, Settings, Signer, devices, sign_in,
    views::{Tokens, UserView},
};

/// A new account.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    #[garde(custom(check_email))]
    #[schema(example = "user@example.com")]
    email: Secret<String>,
    /// At least 12 characters.
    #[garde(custom(check_length))]
    #[schema(example = "correct horse battery staple")]
    password: Secret<String>,
    #[garde(custom(check_name))]
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[garde(custom(check_name))]
    #[schema(example = "Doe")]
    last_name: Secret<String>,
    /// 3 to 50 letters, digits, dots, hyphens or underscores; made from the address if absent.
    #[garde(inner(custom(check_username)))]
    #[schema(example = "john")]
    username: Option<String>,
    /// Date of birth.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = Date, example = "1990-05-17")]
    birthdate: Option<Secret<Date>>,
    /// Agrees to the terms of use; required where the deployment says so.
    #[serde(default)]
    #[garde(skip)]
    accept_terms: bool,
    /// Language of mails; that of Accept-Language if absent.
    #[garde(skip)]
    language: Option<Language>,
    /// Asks for the role of an instructor, where the deployment gives it to anyone.
    #[serde(default)]
    #[garde(skip)]
    as_instructor: bool,
}

pub(crate) fn check_email(email: &Secret<String>, _: &()) -> garde::Result {
    let text = normalize_email(email.expose());
    garde::rules::email::apply(&text.as_str(), ())
        .map_err(|_| garde::Error::new("is not an e-mail address"))?;
    if text.len() > 254 { Err(garde::Error::new("must have at most 254 characters")) } else { Ok(()) }
}

pub(crate) fn check_length(password: &Secret<String>, _: &()) -> garde::Result {
    // The rules that need the person's names follow in the handler; this one bounds the work.
    if password.expose().chars().count() > PASSWORD_MAX {
        return Err(garde::Error::new(format!("must have at most {PASSWORD_MAX} characters")));
    }
    Ok(())
}

fn check_name(name: &Secret<String>, _: &()) -> garde::Result {
    match name.expose().trim().chars().count() {
        1..=100 => Ok(()),
        _ => Err(garde::Error::new("must have 1 to 100 characters")),
    }
}

fn check_username(name: &str, _: &()) -> garde::Result {
    let message =
        "must be 3 to 50 letters, digits, dots, hyphens or underscores, and begin with a letter or digit";
    if is_username(name) { Ok(()) } else { Err(garde::Error::new(message)) }
}

/// The account and its first session.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Registered {
    #[serde(flatten)]
    user: UserView,
    #[serde(flatten)]
    tokens: Tokens,
    /// Proves this device at its next login, where the client keeps no cookies.
    device_token: Secret<String>,
}

/// Makes an account, logs it in and mails a link that verifies the address.
#[utoipa::path(
    post, path = "/auth/register", operation_id = "register", tag = "auth", security(()),
    request_body = Register,
    responses((status = 201, description = "The account, logged in", body = Registered)),
)]
pub(crate) async fn register(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(signer): State<Arc<Signer>>,
    State(settings): State<Settings>,
    client: Client,
    headers: HeaderMap,
    Body(new): Body<Register>,
) -> ApiResult<impl IntoResponse> {
    crate::throttle(&platform, &settings, "register", &client).await?;
    let user = new_user(&platform, &hasher, &settings, &headers, new)?;
    let device = sign_in::seen_device(&platform, user.id, None, &client);
    let (session, refresh) = sign_in::new_session(&platform, &user, &device).await?;
    let kind = SecurityEventKind::Registered;
    let event =
        SecurityEvent::now(platform.ambient(), user.id, kind, &client.ip_address, &client.device_info);
    let registration = Registration { user, session, device, event };
    match platform.store().users().register(&registration).await? {
        None => {}
        Some(Taken::Email) => {
            return Err(ApiError::conflict(
                "EMAIL_TAKEN",
                "This address has an account. Log in with it, or use another address.",
            ));
        }
        Some(Taken::Username) => {
            return Err(ApiError::conflict(
                "USERNAME_TAKEN",
                "Somebody has this user name. Choose another one.",
            ));
        }
    }
    let Registration { user, session, device, .. } = registration;
    let logged_in = sign_in::tokens_of(&platform, &signer, &user, &session, &device, &refresh).await?;
    let (tokens, user, device_token) = logged_in.into_parts();
    let cookie = devices::set_cookie(&device_token);
    Ok((StatusCode::CREATED, cookie, Json(Registered { user, tokens, device_token })))
}

fn new_user(
    platform: &Platform,
    hasher: &Hasher,
    settings: &Settings,
    headers: &HeaderMap,
    new: Register,
) -> ApiResult<User> {
    let ambient = platform.ambient();
    let now = ambient.now();
    let username = new.username.as_deref().unwrap_or_default();
    let person = [new.email.expose().as_str(), new.first_name.expose(), new.last_name.expose(), username];
    settings
        .password_rules
        .check(new.password.expose(), &person)
        .map_err(|weak| ApiError::invalid("password", weak.to_string()))?;
    if let Some(born) = &new.birthdate {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        profile::birthdate(*born.expose(), today, settings.minimum_age)
            .map_err(|invalid| ApiError::invalid("birthdate", invalid.to_string()))?;
    }
    if settings.require_terms && !new.accept_terms {
        return Err(ApiError::invalid("accept_terms", "must be true: the terms of use have to be agreed to"));
    }
    let role = match (new.as_instructor, settings.open_instructor_signup) {
        (false, _) => Role::Student,
        (true, true) => Role::Instructor,
        (true, false) => {
            let message = "This platform does not let anyone register as an instructor. Register as a student, then ask with POST /users/become-instructor.";
            return Err(ApiError::forbidden("INSTRUCTOR_SIGNUP_CLOSED", message));
        }
    };
    let normal = normalize_email(new.email.expose());
    let made_up =
        || username_from_email(&normal, &ambient.token::<4>().to_lowercase().replace(['-', '_'], "0"));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let trimmed = |text: &Secret<String>| Secret::new(text.expose().trim().to_owned());
    let name = (trimmed(&new.first_name), trimmed(&new.last_name));
    let username = new.username.clone().unwrap_or_else(made_up);
    let mut user = User::new(ambient.id(), trimmed(&new.email), username, name, role, now);
    user.password_hash = Some(hasher.hash(&new.password).map_err(ApiError::internal)?);
    user.password_changed_at = Some(now);
    user.birthdate = new.birthdate;
    user.terms_accepted_at = new.accept_terms.then_some(now);
    user.language =
        new.language.unwrap_or_else(|| accepted.map_or_else(Language::default, Language::negotiate));
    Ok(user)
}
