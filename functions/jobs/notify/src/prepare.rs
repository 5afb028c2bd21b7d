//! Whom a message is about, and what he is to be told, by mail and inside the platform.

mod catalogue;
mod commerce;
mod digest;

use contracts::notify::Notify;
use domain::{
    identity::{
        Language, NotificationKind, Role, SecurityEventKind, TokenPurpose, UserStatus, deletion::GRACE,
        unsubscribe::Mails,
    },
    notification::Notice,
};
use jobs::JobError;
use kernel::Secret;
use letters::{Details, Topic, when};
use serde::de::DeserializeOwned;
use store::entities::{SecurityEvent, User};

use crate::Context;

/// A detail of [`SecurityEventKind::EmailChanged`]: the address before. It is the one that a notice must reach.
const PREVIOUS_EMAIL: &str = "previous_email";

/// What is to be told.
pub(crate) struct Prepared {
    pub(crate) topic: Topic,
    /// The mails that its link stops, where they can be stopped.
    pub(crate) stops: Mails,
    pub(crate) to: Secret<String>,
    pub(crate) language: Language,
    pub(crate) user: Option<User>,
    pub(crate) details: Details,
    /// Whether a mail is sent.
    pub(crate) mails: bool,
    /// What is told inside the platform.
    pub(crate) notice: Option<Notice>,
    /// Where it leads, for a topic that does not say it by itself.
    pub(crate) path: Option<String>,
}

/// Reads what is to be told; `None` when nobody is to be told anything: there is no such account (any more), what it is about is over, or
/// the user does not want it.
pub(crate) async fn prepare(context: &Context, message: &Notify) -> Result<Option<Prepared>, JobError> {
    let store = &context.store;
    let users = store.users();
    let prepared = match message {
        Notify::SecurityEvent { user_id, event_id, .. } => {
            let event = store.security_events().event(*user_id, *event_id).await?;
            let user = users.get(*user_id).await?;
            user.zip(event).map(|(user, event)| security(user, &event))
        }
        Notify::Verification { user_id } => {
            let hours = TokenPurpose::VerifyEmail.life().as_hours();
            let user = users.get(*user_id).await?;
            user.filter(|user| user.email_verified_at.is_none() && user.deleted_at.is_none())
                .map(|user| Prepared::link(user, Topic::Verification, hours))
        }
        Notify::PasswordReset { email } => {
            let hours = TokenPurpose::ResetPassword.life().as_hours();
            users.by_email(email).await?.map(|user| Prepared::link(user, Topic::PasswordReset, hours))
        }
        Notify::ExportReady { user_id, .. } => {
            users.get(*user_id).await?.map(|user| Prepared::about(user, Notice::ExportReady))
        }
        Notify::OrderTransferAwaited { .. }
        | Notify::OrderPaid { .. }
        | Notify::OrderPaymentFailed { .. }
        | Notify::OrderRefunded { .. }
        | Notify::OrderDisputed { .. } => commerce::of_order(context, message).await?,
        Notify::PaymentFailed { .. } | Notify::SubscriptionLapsed { .. } => {
            commerce::of_subscription(store, message).await?
        }
        Notify::Enrolled { user_id, enrollment_id } => {
            catalogue::enrolled(context, *user_id, *enrollment_id).await?
        }
        Notify::CertificateReady { user_id, code } => catalogue::certified(store, *user_id, *code).await?,
        Notify::CoursePublished { course_id } => catalogue::published(store, *course_id).await?,
        Notify::ReviewReplied { course_id, review_id } => {
            catalogue::replied(store, *course_id, *review_id).await?
        }
        Notify::VideoReady { video_id } => catalogue::video(store, *video_id, true).await?,
        Notify::VideoFailed { video_id } => catalogue::video(store, *video_id, false).await?,
        Notify::VersionReady { video_id, version } => {
            catalogue::version_ready(store, *video_id, *version).await?
        }
        Notify::VersionFailed { video_id, version } => {
            catalogue::version_failed(store, *video_id, *version).await?
        }
        Notify::Digest { user_id, since, until } => digest::digest(context, *user_id, *since, *until).await?,
        Notify::Erased { email, language } => Some(Prepared {
            topic: Topic::Erased,
            stops: NotificationKind::Security.into(),
            to: Secret::new(email.clone()),
            language: *language,
            user: None,
            details: Details { days: GRACE.as_hours() / 24, ..Details::default() },
            mails: true,
            notice: None,
            path: None,
        }),
    };
    Ok(prepared.filter(|prepared| prepared.mails || prepared.notice.is_some()))
}

impl Prepared {
    fn to_user(user: User, topic: Topic, stops: Mails, details: Details) -> Self {
        let mut details = details;
        // A name goes only to an address that its owner has confirmed: a stranger could give any address and, as his name, any text.
        if user.email_verified_at.is_some() {
            details.first_name.clone_from(user.first_name.expose());
            details.last_name.clone_from(user.last_name.expose());
        }
        let (to, language) = (user.email.clone(), user.language);
        Self { topic, stops, to, language, user: Some(user), details, mails: true, notice: None, path: None }
    }

    /// A mail with a link that its reader has asked for; nothing else may show it.
    fn link(user: User, topic: Topic, hours: i64) -> Self {
        let details = Details { hours, ..Details::default() };
        Self::to_user(user, topic, NotificationKind::Security.into(), details)
    }

    /// A notice to this user, by each way by which he wants it.
    fn about(user: User, notice: Notice) -> Self {
        let details = Details::of(&notice, user.language, &user.timezone);
        let kind = notice.category();
        let mails = notice.mails() && user.preferences.wants(kind);
        let there = matches!(user.status, UserStatus::Active | UserStatus::Suspended);
        let shows = there && user.preferences.shows(kind);
        let prepared = Self::to_user(user, Topic::from(&notice), kind.into(), details);
        let path = Some(notice.link());
        Self { mails, path, notice: shows.then_some(notice), ..prepared }
    }
}

fn security(user: User, event: &SecurityEvent) -> Prepared {
    let detail = |name: &str| event.details.get(name);
    let notice = Notice::SecurityEvent {
        event: event.kind,
        provider: detail("provider").cloned(),
        role: named::<Role>(detail("role_to")),
        status: named::<UserStatus>(detail("status_to")),
    };
    let time = when(event.at, &user.timezone, user.language);
    let mut prepared = Prepared::about(user, notice);
    let details = &mut prepared.details;
    details.time = Some(time);
    details.device_info = Some(event.device_info.clone()).filter(|device| !device.is_empty());
    details.address = Some(event.ip_address.clone()).filter(|address| !address.is_empty());
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
