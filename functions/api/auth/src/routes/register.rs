//! Somebody makes an account.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::identity::{
    PASSWORD_MAX, Role, UserStatus, check_password, is_username, normalize_email, username_from_email,
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, Client, Platform};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use store::entities::{EmailGuard, User, UsernameGuard, user::Taken};

use crate::{
    Hasher, Settings, Signer,
    views::{Tokens, UserView, begin_session},
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
    /// Asks for the role of an instructor, where the deployment gives it to anyone.
    #[serde(default)]
    #[garde(skip)]
    as_instructor: bool,
}

fn check_email(email: &Secret<String>, _: &()) -> garde::Result {
    let text = normalize_email(email.expose());
    garde::rules::email::apply(&text.as_str(), ())
        .map_err(|_| garde::Error::new("is not an e-mail address"))?;
    if text.len() > 254 { Err(garde::Error::new("must have at most 254 characters")) } else { Ok(()) }
}

fn check_length(password: &Secret<String>, _: &()) -> garde::Result {
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
}

/// Makes an account and logs it in.
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
    Body(new): Body<Register>,
) -> ApiResult<(StatusCode, Json<Registered>)> {
    crate::throttle(&platform, &settings, "register", &client).await?;
    let person = [new.email.expose().as_str(), new.first_name.expose(), new.last_name.expose()];
    check_password(new.password.expose(), &person)
        .map_err(|weak| ApiError::invalid("password", weak.to_string()))?;
    let role = match (new.as_instructor, settings.open_instructor_signup) {
        (false, _) => Role::Student,
        (true, true) => Role::Instructor,
        (true, false) => {
            let message =
                "This platform does not let anyone register as an instructor. Register as a student.";
            return Err(ApiError::forbidden("INSTRUCTOR_SIGNUP_CLOSED", message));
        }
    };
    let ambient = platform.ambient();
    let now = ambient.now();
    let normal = normalize_email(new.email.expose());
    let made_up =
        || username_from_email(&normal, &ambient.token::<4>().to_lowercase().replace(['-', '_'], "0"));
    let user = User {
        id: ambient.id(),
        email: Secret::new(new.email.expose().trim().to_owned()),
        username: new.username.unwrap_or_else(made_up),
        first_name: Secret::new(new.first_name.expose().trim().to_owned()),
        last_name: Secret::new(new.last_name.expose().trim().to_owned()),
        role,
        status: UserStatus::Active,
        password_hash: hasher.hash(&new.password).map_err(ApiError::internal)?,
        bio: String::new(),
        avatar_url: String::new(),
        country: String::new(),
        created_at: now,
        updated_at: now,
    };
    let email = EmailGuard { email: Secret::new(normal), user_id: user.id, created_at: now };
    let username =
        UsernameGuard { username: user.username.to_lowercase(), user_id: user.id, created_at: now };
    match platform.store().users().register(&user, &email, &username).await? {
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
    let tokens = begin_session(&platform, &signer, &user, client).await?;
    Ok((StatusCode::CREATED, Json(Registered { user: UserView::from(&user), tokens })))
}
