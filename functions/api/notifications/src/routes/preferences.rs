//! How a user wants to be told things. It is kept in his profile, which shows the mails too: both change the same.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::identity::{AlwaysSent, Digest, NotificationKind, Preferences};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Body, Platform, SignedIn};
use serde::{Deserialize, Serialize};

use crate::views::{PreferencesView, user_not_found};

/// What changes; a field that is not sent, and a kind that is not named, stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(crate) struct UpdateNotificationPreferences {
    /// The main switch of mails, digests among them; mails about the account's security are always sent.
    #[schema(example = true)]
    email_notifications_enabled: Option<bool>,
    /// Mails by kind.
    #[serde(default)]
    #[schema(example = json!({"learning": true, "marketing": false}))]
    email_notifications: BTreeMap<NotificationKind, bool>,
    /// Notifications inside the platform by kind.
    #[serde(default)]
    #[schema(example = json!({"community": false}))]
    in_app_notifications: BTreeMap<NotificationKind, bool>,
    /// One mail with what was not read: every morning at eight in the user's time zone, on Mondays only, or never.
    digest: Option<Digest>,
}

impl UpdateNotificationPreferences {
    fn apply(&self, preferences: &mut Preferences) -> Result<(), AlwaysSent> {
        if let Some(enabled) = self.email_notifications_enabled {
            preferences.email_notifications_enabled = enabled;
        }
        if let Some(digest) = self.digest {
            preferences.digest = digest;
        }
        self.email_notifications.iter().try_for_each(|(kind, wanted)| preferences.set(*kind, *wanted))?;
        self.in_app_notifications.iter().try_for_each(|(kind, wanted)| preferences.set_in_app(*kind, *wanted))
    }
}

/// How the caller wants to be told things.
#[utoipa::path(
    get, path = "/notifications/preferences", operation_id = "get_notification_preferences", tag = "notifications",
    responses((status = 200, description = "What is in force", body = PreferencesView)),
)]
pub(crate) async fn get_notification_preferences(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<PreferencesView>> {
    let user = platform.store().users().get(caller.user_id).await?.ok_or_else(user_not_found)?;
    Ok(Json(PreferencesView::from(&user.preferences)))
}

/// Changes how the caller wants to be told things.
#[utoipa::path(
    put, path = "/notifications/preferences", operation_id = "update_notification_preferences",
    tag = "notifications",
    request_body = UpdateNotificationPreferences,
    responses((status = 200, description = "What is in force", body = PreferencesView)),
)]
pub(crate) async fn update_notification_preferences(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Body(new): Body<UpdateNotificationPreferences>,
) -> ApiResult<Json<PreferencesView>> {
    let (notifications, now) = (platform.store().notifications(), platform.ambient().now());
    let changed =
        notifications.change_preferences(caller.user_id, now, |preferences| new.apply(preferences)).await?;
    let changed = changed.map_err(|refused| {
        let field = match new.email_notifications.get(&refused.0) {
            Some(false) => "email_notifications",
            _ => "in_app_notifications",
        };
        ApiError::invalid(field, refused.to_string())
    })?;
    Ok(Json(PreferencesView::from(&changed.ok_or_else(user_not_found)?)))
}
