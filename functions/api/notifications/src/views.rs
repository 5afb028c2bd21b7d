//! What this group shows.

use std::collections::BTreeMap;

use domain::identity::{Digest, NotificationKind, Preferences};
use http_kit::ApiError;
use kernel::{Id, Timestamp, id::kinds};
use letters::Writer;
use serde::Serialize;
use store::entities::{Notification, notification::Reader};

/// Something that the caller was told.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotificationView {
    id: Id<kinds::Notification>,
    /// What happened; there will be more kinds.
    #[schema(example = "enrolled")]
    kind: &'static str,
    /// The kind by which it is wanted or not.
    category: NotificationKind,
    /// One line.
    #[schema(example = "Welcome to Complete Web Development")]
    title: String,
    /// A sentence or two.
    #[schema(
        example = "You are enrolled in Complete Web Development. Its lessons are open to you now, and we keep your place in each of them."
    )]
    text: String,
    /// Where it leads: a path of the web client.
    #[schema(example = "/learn/01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    link: String,
    created_at: Timestamp,
    /// Null before it was read.
    read_at: Option<Timestamp>,
}

impl NotificationView {
    /// In the reader's language.
    ///
    /// # Errors
    /// [`letters::Error`] when a template lacks something, which the tests find.
    pub(crate) fn new(writer: &Writer, reader: &Reader, one: Notification) -> Result<Self, letters::Error> {
        let note = writer.note(&one.notice, reader.language, &reader.timezone)?;
        Ok(Self {
            id: one.id,
            kind: one.notice.name(),
            category: one.notice.category(),
            title: note.title,
            text: note.text,
            link: one.notice.link(),
            created_at: one.created_at,
            read_at: one.read_at,
        })
    }
}

/// How the caller is told things: what is in force, with defaults and the main switch applied.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = NotificationPreferences)]
pub(crate) struct PreferencesView {
    /// The main switch of mails, digests among them.
    #[schema(example = true)]
    email_notifications_enabled: bool,
    /// Mails by kind.
    #[schema(example = json!({"security": true, "learning": true, "marketing": false}))]
    email_notifications: BTreeMap<NotificationKind, bool>,
    /// Notifications inside the platform by kind.
    #[schema(example = json!({"security": true, "learning": true, "marketing": false}))]
    in_app_notifications: BTreeMap<NotificationKind, bool>,
    /// How often one mail comes with what was not read. The main switch stops it, and does not change this.
    digest: Digest,
}

impl From<&Preferences> for PreferencesView {
    fn from(preferences: &Preferences) -> Self {
        Self {
            email_notifications_enabled: preferences.email_notifications_enabled,
            email_notifications: preferences.in_force(),
            in_app_notifications: preferences.in_app_in_force(),
            digest: preferences.digest,
        }
    }
}

/// The account went while its session was remembered.
pub(crate) fn user_not_found() -> ApiError {
    ApiError::not_found("USER_NOT_FOUND", "There is no such user. Check the id.")
}
