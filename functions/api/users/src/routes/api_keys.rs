//! Keys by which a user's programs sign their requests (seed 001, §9.4).

use std::collections::BTreeSet;

use axum::{Json, extract::State, response::Response};
use domain::identity::{Scope, SecurityEventKind};
use garde::Validate;
use http::StatusCode;
use http_kit::{
    ApiError, ApiResult, Body, Client, FreshlyChecked, Params, Platform, RecentlySignedIn, SignedIn,
    access::api_key::secret_of, no_content,
};
use jiff::civil::Date;
use kernel::{Id, Secret, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    ApiKey, SecurityEvent,
    api_key::{ApiKeyUse, KeyMade},
};

/// Live keys of one user.
const KEYS_MAX: usize = 10;
/// Longest life of a key, in days.
const DAYS_MAX: u16 = 365;
/// Life of a key unless asked otherwise, in days.
const DAYS: u16 = 90;

const fn default_days() -> u16 {
    DAYS
}

/// A new key.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateApiKey {
    /// What it is for.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(example = "Nightly upload of lectures")]
    name: String,
    /// What it may do; never more than its owner may.
    #[garde(length(min = 1))]
    #[schema(value_type = Vec<Scope>, example = json!(["videos:read", "videos:write"]))]
    scopes: BTreeSet<Scope>,
    /// Days until it stops working: 1 to 365.
    #[serde(default = "default_days")]
    #[garde(range(min = 1, max = DAYS_MAX))]
    #[schema(minimum = 1, maximum = 365, default = 90)]
    expires_in_days: u16,
}

/// A key without its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApiKeyView {
    id: Id<kinds::ApiKey>,
    name: String,
    #[schema(value_type = Vec<Scope>)]
    scopes: BTreeSet<Scope>,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Whether its time is over.
    expired: bool,
    /// The day (UTC) of the last use.
    #[schema(value_type = Option<String>, format = Date)]
    last_used_on: Option<Date>,
}

impl ApiKeyView {
    fn new(key: ApiKey, used: Option<ApiKeyUse>, now: Timestamp) -> Self {
        Self {
            expired: !key.is_live(now),
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: key.created_at,
            expires_at: key.valid_until,
            last_used_on: used.map(|used| used.last_used_on),
        }
    }
}

/// The keys.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ApiKeyList {
    results: Vec<ApiKeyView>,
}

/// A new key with its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NewApiKey {
    #[serde(flatten)]
    key: ApiKeyView,
    /// Signs requests. It is shown this once and stored nowhere.
    #[schema(value_type = String, example = "lfk_QkT0b7n3Vd2w1uM8xYcR5sE6aH9jL4pZ0fG1iK2oNqU")]
    secret: Secret<String>,
}

/// The caller's keys, the newest first.
#[utoipa::path(
    get, path = "/users/api-keys", operation_id = "list_api_keys", tag = "users",
    responses((status = 200, description = "The keys", body = ApiKeyList)),
)]
pub(crate) async fn list_api_keys(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<ApiKeyList>> {
    let now = platform.ambient().now();
    let keys = platform.store().api_keys().of_user(caller.user_id).await?;
    let results = keys.into_iter().map(|(key, used)| ApiKeyView::new(key, used, now)).collect();
    Ok(Json(ApiKeyList { results }))
}

/// Makes a key, for an account whose address is confirmed. Its secret is in this answer and nowhere else; docs/api-keys.md shows how to sign with it.
#[utoipa::path(
    post, path = "/users/api-keys", operation_id = "create_api_key", tag = "users",
    request_body = CreateApiKey,
    responses((status = 201, description = "The key with its secret", body = NewApiKey)),
)]
pub(crate) async fn create_api_key(
    State(platform): State<Platform>,
    RecentlySignedIn(caller): RecentlySignedIn,
    client: Client,
    Body(new): Body<CreateApiKey>,
) -> ApiResult<(StatusCode, Json<NewApiKey>)> {
    let (ambient, now) = (platform.ambient(), platform.ambient().now());
    let key = ApiKey {
        id: ambient.id(),
        user_id: caller.user_id,
        name: new.name,
        scopes: new.scopes,
        created_at: now,
        valid_until: now + SignedDuration::from_hours(24 * i64::from(new.expires_in_days)),
        revoked_at: None,
    };
    let secret = secret_of(&platform, key.id).await?;
    let event = event(&platform, SecurityEventKind::ApiKeyCreated, &key, &client);
    match platform.store().api_keys().create(&key, KEYS_MAX, &event).await? {
        KeyMade::Made => {
            let view = ApiKeyView::new(key, None, now);
            Ok((StatusCode::CREATED, Json(NewApiKey { key: view, secret })))
        }
        KeyMade::TooMany => {
            let message =
                format!("You have {KEYS_MAX} keys already. Revoke one that you do not use any more.");
            Err(ApiError::conflict("TOO_MANY_API_KEYS", message))
        }
        KeyMade::Unproven => Err(ApiError::email_not_verified()),
        KeyMade::NoAccount => Err(crate::views::user_not_found()),
    }
}

/// Revokes a key of the caller: it stops working at once.
#[utoipa::path(
    delete, path = "/users/api-keys/{id}", operation_id = "revoke_api_key", tag = "users",
    params(("id" = Id<kinds::ApiKey>, Path)),
    responses((status = 204, description = "Revoked")),
)]
pub(crate) async fn revoke_api_key(
    State(platform): State<Platform>,
    FreshlyChecked(caller): FreshlyChecked,
    client: Client,
    Params(id): Params<Id<kinds::ApiKey>>,
) -> ApiResult<Response> {
    let keys = platform.store().api_keys();
    let key = keys.get(id).await?.filter(|key| key.user_id == caller.user_id).ok_or_else(key_not_found)?;
    let event = event(&platform, SecurityEventKind::ApiKeyRevoked, &key, &client);
    if keys.revoke(caller.user_id, id, platform.ambient().now(), &event).await? {
        Ok(no_content())
    } else {
        Err(key_not_found())
    }
}

fn event(platform: &Platform, kind: SecurityEventKind, key: &ApiKey, client: &Client) -> SecurityEvent {
    let Client { ip_address, device_info, .. } = client;
    SecurityEvent::now(platform.ambient(), key.user_id, kind, ip_address, device_info)
        .with("key_id", key.id.to_string())
        .with("name", key.name.clone())
}

fn key_not_found() -> ApiError {
    let message = "You have no such key; it may be revoked. GET /api/v1/users/api-keys lists them.";
    ApiError::not_found("API_KEY_NOT_FOUND", message)
}
