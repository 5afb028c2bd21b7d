//! A user says something about himself.

use std::{collections::BTreeMap, fmt::Display};

use axum::{Json, extract::State};
use domain::identity::{AlwaysSent, Language, NotificationKind, Preferences, profile};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn};
use jiff::{civil::Date, tz::TimeZone};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use store::entities::user::ProfileChanges;

use crate::views::{OwnProfile, user_not_found};

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(crate) struct UpdateProfile {
    /// 1 to 100 characters.
    #[schema(example = "John")]
    first_name: Option<Secret<String>>,
    /// 1 to 100 characters.
    #[schema(example = "Doe")]
    last_name: Option<Secret<String>>,
    /// At most 500 characters.
    #[schema(example = "Updated bio")]
    bio: Option<String>,
    /// International, or Korean with hyphens; empty removes it.
    #[schema(example = "+1234567890")]
    phone: Option<Secret<String>>,
    #[schema(example = "USA")]
    country: Option<String>,
    /// A name of the IANA database; empty for UTC.
    #[schema(example = "America/Los_Angeles")]
    timezone: Option<String>,
    language: Option<Language>,
    /// At least 14 years ago.
    #[schema(value_type = Option<String>, format = Date, example = "1995-04-23")]
    birthdate: Option<Secret<Date>>,
    preferences: Option<UpdatePreferences>,
}

/// Which mails he wants; what is not sent stays as it is.
#[derive(Clone, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatePreferences {
    /// The main switch; mails about the account's security are always sent.
    email_notifications_enabled: Option<bool>,
    /// Decisions by kind.
    #[serde(default)]
    #[schema(example = json!({"learning": true, "marketing": false}))]
    email_notifications: BTreeMap<NotificationKind, bool>,
}

impl UpdatePreferences {
    fn apply(&self, preferences: &mut Preferences) -> Result<(), AlwaysSent> {
        if let Some(enabled) = self.email_notifications_enabled {
            preferences.email_notifications_enabled = enabled;
        }
        self.email_notifications.iter().try_for_each(|(kind, wanted)| preferences.set(*kind, *wanted))
    }
}

/// Changes the caller's profile.
#[utoipa::path(
    put, path = "/users/profile", operation_id = "update_profile", tag = "users",
    request_body = UpdateProfile,
    responses((status = 200, description = "The profile", body = OwnProfile)),
)]
pub(crate) async fn update_profile(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(new): Body<UpdateProfile>,
) -> ApiResult<Json<OwnProfile>> {
    let now = platform.ambient().now();
    let preferences = new.preferences.clone();
    let changes = changes(new, now.to_zoned(TimeZone::UTC).date())?;
    let users = platform.store().users();
    if let Some(wish) = preferences {
        let decided = users.change_preferences(caller.user_id, |preferences| wish.apply(preferences)).await?;
        let found = decided
            .map_err(|refused| ApiError::invalid("preferences.email_notifications", refused.to_string()))?;
        if !found {
            return Err(user_not_found());
        }
    }
    users.change_profile(caller.user_id, changes, now).await?.ok_or_else(user_not_found)?;
    Ok(Json(OwnProfile::read(&platform, caller.user_id).await?))
}

/// The values in their stored form; 422 naming every field that has none.
fn changes(new: UpdateProfile, today: Date) -> ApiResult<ProfileChanges> {
    let mut refused = Vec::new();
    let secret = |rule: fn(&str) -> Result<String, profile::InvalidProfile>| {
        move |value: &Secret<String>| rule(value.expose()).map(Secret::new)
    };
    let changes = ProfileChanges {
        first_name: check(&mut refused, "first_name", new.first_name, secret(profile::name)),
        last_name: check(&mut refused, "last_name", new.last_name, secret(profile::name)),
        bio: check(&mut refused, "bio", new.bio, |text| profile::bio(text)),
        country: check(&mut refused, "country", new.country, |text| profile::country(text)),
        phone: check(&mut refused, "phone", new.phone, secret(profile::phone)),
        birthdate: check(&mut refused, "birthdate", new.birthdate, |born| {
            profile::birthdate(*born.expose(), today, profile::MINIMUM_AGE).map(|()| born.clone())
        }),
        timezone: check(&mut refused, "timezone", new.timezone, |name| profile::time_zone(name)),
        language: new.language,
    };
    if refused.is_empty() { Ok(changes) } else { Err(ApiError::validation(refused)) }
}

fn check<T, R, E: Display>(
    refused: &mut Vec<(String, Vec<String>)>,
    field: &str,
    value: Option<T>,
    rule: impl FnOnce(&T) -> Result<R, E>,
) -> Option<R> {
    match rule(value.as_ref()?) {
        Ok(value) => Some(value),
        Err(error) => {
            refused.push((field.to_owned(), vec![error.to_string()]));
            None
        }
    }
}
