//! A user proves again who he is, before changes that need it.

use axum::{Json, extract::State};
use cloud::kms::Sealer;
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Client, FreshlyChecked, Platform};
use kernel::Secret;
use serde::Deserialize;

use super::{login::check_length, logout::Message};
use crate::{Hasher, Settings, reproof::Reproof};

/// The password, or a code of the second factor.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery staple"}))]
pub(crate) struct Reauthenticate {
    #[garde(inner(custom(check_length)))]
    password: Option<Secret<String>>,
    #[garde(skip)]
    code: Option<Secret<String>>,
}

/// Opens dangerous changes in this session for ten minutes. An account with a second factor shows a code of it; one without shows
/// its password.
#[utoipa::path(
    post, path = "/auth/reauthenticate", operation_id = "reauthenticate", tag = "auth",
    request_body = Reauthenticate,
    responses((status = 200, description = "Dangerous changes are open for ten minutes", body = Message)),
)]
pub(crate) async fn reauthenticate(
    State(platform): State<Platform>,
    State(hasher): State<Hasher>,
    State(sealer): State<Sealer>,
    State(settings): State<Settings>,
    client: Client,
    FreshlyChecked(caller): FreshlyChecked,
    Body(proof): Body<Reauthenticate>,
) -> ApiResult<Json<Message>> {
    let reproof = Reproof::begin(&platform, &settings, caller, &client).await?;
    match (proof.password, proof.code) {
        (None, Some(code)) => {
            let factor = reproof.code(&platform, &sealer, code.expose(), &client).await?;
            if !platform.store().second_factors().show(caller.user_id, &factor).await? {
                return Err(reproof.wrong_code(&platform, &client).await?);
            }
        }
        (Some(_), None) if reproof.user.mfa_enabled => {
            let message = "This account has a second factor. Send a code of it.";
            return Err(ApiError::unprocessable("CODE_REQUIRED", message));
        }
        (Some(password), None) => {
            reproof.password(&platform, &hasher, &password, &client).await?;
        }
        _ => return Err(ApiError::invalid("password", "send either password or code")),
    }
    reproof.succeed(&platform).await?;
    platform.store().sessions().authenticated(caller.session_id()?, platform.ambient().now()).await?;
    platform.access().forget(caller.session_id()?);
    Ok(Json(Message { message: "Go on within 10 minutes".into() }))
}
