//! Whom a message is about, and whether he is to be written to.

use contracts::notify::Notify;
use domain::identity::{
    Language, NotificationKind, Role, SecurityEventKind, TokenPurpose, UserStatus,
    deletion::{EXPORT_KEPT, GRACE},
};
use jobs::JobError;
use kernel::{Secret, SignedDuration};
use serde::de::DeserializeOwned;
use store::{
    Store,
    entities::{SecurityEvent, User},
};

use crate::{
    letter::{Details, Topic},
    when::when,
};

/// A detail of [`SecurityEventKind::EmailChanged`]: the address before. It is the one that a notice must reach.
const PREVIOUS_EMAIL: &str = "previous_email";

/// A mail that is to be written.
pub(crate) struct Prepared {
    pub(crate) topic: Topic,
    pub(crate) kind: NotificationKind,
    pub(crate) to: Secret<String>,
    pub(crate) language: Language,
    pub(crate) user: Option<User>,
    pub(crate) details: Details,
}

/// Reads what a mail needs; `None` when nobody is to be written to: there is no such account (any more), what the mail asks for is
/// done already, or the user does not want it.
pub(crate) async fn prepare(store: &Store, message: &Notify) -> Result<Option<Prepared>, JobError> {
    let users = store.users();
    let account = |topic, kind, details| move |user| Prepared::to_user(user, topic, kind, details);
    let security = NotificationKind::Security;
    let prepared =
        match message {
            Notify::SecurityEvent { user_id, event_id, .. } => {
                let event = store.security_events().event(*user_id, *event_id).await?;
                let user = users.get(*user_id).await?;
                user.zip(event).map(|(user, event)| notice(user, &event))
            }
            Notify::Verification { user_id } => {
                let details =
                    Details { hours: TokenPurpose::VerifyEmail.life().as_hours(), ..Details::default() };
                let user = users.get(*user_id).await?;
                user.filter(|user| user.email_verified_at.is_none() && user.deleted_at.is_none())
                    .map(account(Topic::Verification, security, details))
            }
            Notify::PasswordReset { email } => {
                let details =
                    Details { hours: TokenPurpose::ResetPassword.life().as_hours(), ..Details::default() };
                users.by_email(email).await?.map(account(Topic::PasswordReset, security, details))
            }
            Notify::ExportReady { user_id, .. } => {
                let details = Details { days: days(EXPORT_KEPT), ..Details::default() };
                let user = users.get(*user_id).await?;
                user.map(account(Topic::ExportReady, NotificationKind::Account, details))
            }
            Notify::Erased { email, language } => Some(Prepared {
                topic: Topic::Erased,
                kind: security,
                to: Secret::new(email.clone()),
                language: *language,
                user: None,
                details: Details { days: days(GRACE), ..Details::default() },
            }),
        };
    let wanted =
        |prepared: &Prepared| prepared.user.as_ref().is_none_or(|user| user.preferences.wants(prepared.kind));
    Ok(prepared.filter(wanted))
}

impl Prepared {
    fn to_user(user: User, topic: Topic, kind: NotificationKind, details: Details) -> Self {
        let mut details = details;
        // A name goes only to an address that its owner has confirmed: a stranger could give any address and, as his name, any text.
        if user.email_verified_at.is_some() {
            details.first_name.clone_from(user.first_name.expose());
            details.last_name.clone_from(user.last_name.expose());
        }
        Self { topic, kind, to: user.email.clone(), language: user.language, user: Some(user), details }
    }
}

fn notice(user: User, event: &SecurityEvent) -> Prepared {
    let detail = |name: &str| event.details.get(name);
    let details = Details {
        days: days(GRACE),
        provider: detail("provider").cloned(),
        role: named::<Role>(detail("role_to")),
        status: named::<UserStatus>(detail("status_to")),
        time: Some(when(event.at, &user.timezone, user.language)),
        device_info: Some(event.device_info.clone()).filter(|device| !device.is_empty()),
        // Only an address is shown: some hops of a proxy write words instead.
        address: event.ip_address.parse::<std::net::IpAddr>().ok().map(|address| address.to_string()),
        ..Details::default()
    };
    let mut prepared = Prepared::to_user(user, Topic::Event(event.kind), NotificationKind::Security, details);
    if event.kind == SecurityEventKind::EmailChanged
        && let Some(previous) = detail(PREVIOUS_EMAIL)
    {
        prepared.to = Secret::new(previous.clone());
    }
    prepared
}

/// The role or state that an event names.
fn named<T: DeserializeOwned>(name: Option<&String>) -> Option<T> {
    serde_json::from_value(name?.as_str().into()).ok()
}

fn days(span: SignedDuration) -> i64 {
    span.as_hours() / 24
}
