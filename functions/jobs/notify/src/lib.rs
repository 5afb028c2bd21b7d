//! Tells people things, by mail and inside the platform, each as its reader wants it: links to confirm an address and to set a password, what
//! happened to the security of an account, orders and payments, courses and videos, the end of exports and erasures, and digests of what was
//! not read. The same queue tells which addresses bounced or complained; those get nothing more.
//!
//! A message names whom it is about and no more; what is told is read when it is written. Links and tokens are made here and
//! travel in the mail alone. A message that comes twice is known by its envelope: by the guard of its notification
//! ([`store::entities::notification`]) and the claim of its mail ([`store::entities::mail`]). The notification is made first, in one
//! transaction, so a job that dies before the mail finds it made; only where it dies between the answer of SES and its own note of it
//! does a reader get a mail a second time.

mod incoming;
mod prepare;

use std::time::Duration;

use cloud::{Cloud, Mail, MailError, Mailer, Secrets};
use contracts::{Received, notify::Notify};
use domain::{
    commerce::BankAccount,
    identity::{TokenPurpose, normalize_email, unsubscribe},
};
use jobs::{Delivery, JobError, StartError};
use kernel::{Ambient, Id, PlatformSecret, Secret, SignedDuration, Vars, id::kinds};
use store::{
    Store, Table, Tables,
    entities::{MailState, Notification, OneTimeToken, mail::Claim},
};
use tokio::sync::OnceCell;

use incoming::Incoming;
use letters::{Advice, Topic, Writer};
use prepare::Prepared;

/// How long an attempt may take; above the function's time-out, below the queue's visibility time-out (template.yaml).
pub const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// An attempt is not begun with less time than the AWS clients may take for one answer each.
const SHORTEST: Duration = Duration::from_secs(15);

/// Mails of one kind that strangers can make us send to one user in an hour.
const NOTICES_PER_HOUR: u32 = 5;

/// Addresses and names that a deployment sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the distribution, without a slash at its end.
    pub base_url: String,
    /// The sender.
    pub from: String,
    /// The configuration set of SES.
    pub configuration_set: String,
    /// The account to which buyers transfer money, where transfers are taken.
    pub account: Option<BankAccount>,
}

/// What the job works with.
pub struct Context {
    store: Store,
    mailer: Mailer,
    ambient: Ambient,
    writer: Writer,
    secret: PlatformKey,
    settings: Settings,
}

/// The platform's secret: read at its first use, since most mails can't be stopped and need no key.
struct PlatformKey {
    secrets: Secrets,
    arn: String,
    read: OnceCell<PlatformSecret>,
}

impl PlatformKey {
    async fn derive(&self, purpose: &'static str) -> Result<Secret<[u8; 32]>, JobError> {
        let read = async || {
            let text = self.secrets.text(&self.arn).await.map_err(JobError::retry)?;
            PlatformSecret::new(text.expose()).map_err(JobError::retry)
        };
        self.read.get_or_try_init(read).await.map(|secret| secret.derive(purpose))
    }
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let tables =
            [Table::Identity, Table::Catalog, Table::Learning, Table::Media, Table::Social, Table::Commerce];
        let store = Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &tables)?);
        Self::new(&vars, &cloud, store, Ambient::system())
    }

    /// On a given store and clock; tests use this.
    ///
    /// # Errors
    /// As [`Context::from_env`].
    pub fn new(vars: &Vars, cloud: &Cloud, store: Store, ambient: Ambient) -> Result<Self, StartError> {
        let settings = Settings {
            base_url: vars.required("PUBLIC_BASE_URL")?,
            from: vars.required("MAIL_FROM")?,
            configuration_set: vars.required("SES_CONFIGURATION_SET")?,
            account: BankAccount::from_env(vars)?,
        };
        let arn = vars.required("PLATFORM_SECRET_ARN")?;
        let secret = PlatformKey { secrets: cloud.secrets(), arn, read: OnceCell::new() };
        let writer = Writer::new().map_err(|error| StartError::Other(error.to_string()))?;
        Ok(Self { store, mailer: cloud.mailer(), ambient, writer, secret, settings })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    match incoming::read(&delivery.body)? {
        Incoming::Feedback(addresses) => {
            let now = context.ambient.now();
            for (address, reason) in &addresses {
                context.store.mails().suppress(&MailState::of(address, *reason, now)).await?;
            }
            tracing::info!(addresses = addresses.len(), "feedback");
            Ok(())
        }
        Incoming::Notify(_) if delivery.time_left < SHORTEST => {
            Err(JobError::retry("too little time is left of this invocation"))
        }
        Incoming::Notify(received) => notify(context, &received).await,
    }
}

async fn notify(context: &Context, received: &Received<Notify>) -> Result<(), JobError> {
    let Some(prepared) = prepare::prepare(context, &received.message).await? else {
        tracing::info!(event = %received.event_id, "nobody is to be told");
        return Ok(());
    };
    let (event, topic) = (received.event_id, prepared.topic);
    let mails = context.store.mails();
    let mut mailed = prepared.mails;
    if mailed && let Some(reason) = mails.suppressed(&normalize_email(prepared.to.expose())).await? {
        tracing::info!(%event, topic = topic.as_str(), ?reason, "the address takes no mails");
        mailed = false;
    }
    if !mailed {
        return match is_flood(context, &prepared).await? {
            true => Ok(()),
            false => tell(context, event, &prepared).await,
        };
    }
    let first = match mails.claim(event, context.ambient.now(), LEASE).await? {
        Claim::Mine => true,
        Claim::Again => false,
        Claim::Sent => return Ok(()),
        Claim::Busy => return Err(JobError::retry("another attempt may be sending this mail")),
    };
    let sent = async {
        // Counted once: a mail that SES does not take is tried for hours.
        if first && is_flood(context, &prepared).await? {
            tracing::info!(%event, topic = topic.as_str(), "one notice of many: the list of events has it");
            return Ok(None);
        }
        tell(context, event, &prepared).await?;
        send(context, &prepared).await
    };
    match sent.await {
        Ok(message_id) => {
            tracing::info!(%event, topic = topic.as_str(), mailed = message_id.is_some(), "done");
            // It is sent: an error here must not bring the message back.
            let noted = mails.sent(event, message_id.as_deref(), context.ambient.now()).await;
            if let Err(error) = noted {
                tracing::warn!(%event, %error, "the mail could not be noted as sent");
            }
            Ok(())
        }
        Err(error) => {
            mails.release(event, context.ambient.now()).await?;
            Err(error)
        }
    }
}

/// Makes the notification inside the platform, where there is to be one, once for the event.
async fn tell(context: &Context, event: Id<kinds::Event>, prepared: &Prepared) -> Result<(), JobError> {
    let (Some(user), Some(notice)) = (&prepared.user, &prepared.notice) else { return Ok(()) };
    let notification = Notification {
        id: context.ambient.id(),
        user_id: user.id,
        event_id: event,
        notice: notice.clone(),
        created_at: context.ambient.now(),
        read_at: None,
    };
    let told = context.store.notifications().tell(&notification).await?;
    tracing::info!(%event, kind = notice.name(), ?told, "told inside the platform");
    Ok(())
}

/// Whether a stranger may be making us fill a mailbox: notices that he can provoke go to addresses that are their owners', and only so
/// many of a kind an hour.
async fn is_flood(context: &Context, prepared: &Prepared) -> Result<bool, JobError> {
    let (Topic::Event(kind), Some(user)) = (prepared.topic, &prepared.user) else { return Ok(false) };
    if !kind.strangers_provoke_it() {
        return Ok(false);
    }
    if user.email_verified_at.is_none() {
        return Ok(true);
    }
    let subject = format!("mail:{}:{}", user.id, kind.as_str());
    let made = context.store.rates().hit(&subject, context.ambient.now(), 3600).await?;
    Ok(made > NOTICES_PER_HOUR)
}

/// Writes and sends the mail, and gives SES's id of it; `None` when SES has no way to its address.
async fn send(context: &Context, prepared: &Prepared) -> Result<Option<String>, JobError> {
    let Settings { base_url, from, configuration_set, .. } = &context.settings;
    let mut details = prepared.details.clone();
    details.link = link(context, prepared).await?;
    if let Some(user) = prepared.user.as_ref().filter(|_| prepared.stops.may_stop()) {
        let key = context.secret.derive(unsubscribe::KEY_PURPOSE).await?;
        details.unsubscribe = unsubscribe::link(base_url, &key, user.id, prepared.stops);
    }
    let letter = context.writer.write(prepared.topic, prepared.language, &details).map_err(JobError::fail)?;
    let mail = Mail {
        from,
        to: prepared.to.expose(),
        subject: &letter.subject,
        text: &letter.text,
        html: &letter.html,
        unsubscribe: details.unsubscribe.as_deref(),
    };
    match context.mailer.send(configuration_set, &mail).await {
        Ok(message_id) => Ok(Some(message_id)),
        Err(MailError::Address) => {
            tracing::warn!(topic = prepared.topic.as_str(), "no mail can be sent to this address");
            Ok(None)
        }
        Err(error @ MailError::Unavailable(_)) => Err(JobError::retry(error)),
        Err(error @ MailError::Refused(_)) => Err(JobError::fail(error)),
    }
}

/// Where the mail's button leads: pages of the web client.
async fn link(context: &Context, prepared: &Prepared) -> Result<Option<String>, JobError> {
    let base = &context.settings.base_url;
    let path = match prepared.topic {
        Topic::Verification => {
            format!("/verify-email?token={}", token(context, prepared, TokenPurpose::VerifyEmail).await?)
        }
        Topic::PasswordReset => {
            format!("/reset-password?token={}", token(context, prepared, TokenPurpose::ResetPassword).await?)
        }
        Topic::ExportReady => "/account/privacy".to_owned(),
        Topic::OrderTransferAwaited
        | Topic::OrderPaid
        | Topic::OrderPaymentFailed
        | Topic::OrderRefunded
        | Topic::OrderDisputed => "/account/orders".to_owned(),
        Topic::PaymentFailed
        | Topic::PaymentReminder
        | Topic::PaymentLastReminder
        | Topic::SubscriptionLapsed => "/account/subscription".to_owned(),
        Topic::Enrolled
        | Topic::CertificateReady
        | Topic::CoursePublished
        | Topic::ReviewReplied
        | Topic::VideoReady
        | Topic::VideoFailed
        | Topic::VersionReady
        | Topic::VersionFailed => match &prepared.path {
            Some(path) => path.clone(),
            None => return Ok(None),
        },
        Topic::Digest => "/account/notifications".to_owned(),
        Topic::Erased => return Ok(None),
        Topic::Event(_) => match prepared.topic.advice() {
            Some(Advice::Secure) => "/forgot-password".to_owned(),
            Some(Advice::Restore) => "/login".to_owned(),
            Some(Advice::Ask) | None => return Ok(None),
        },
    };
    Ok(Some(format!("{base}{path}")))
}

/// A new one-time token. Each attempt makes its own: what an attempt before may have mailed is not known here.
async fn token(context: &Context, prepared: &Prepared, purpose: TokenPurpose) -> Result<String, JobError> {
    let user: Option<Id<kinds::User>> = prepared.user.as_ref().map(|user| user.id);
    let user = user.ok_or_else(|| JobError::fail("a token is for a user"))?;
    let email = Secret::new(normalize_email(prepared.to.expose()));
    let (token, text) = OneTimeToken::generate(&context.ambient, purpose, user, email);
    context.store.one_time_tokens().issue(&token).await?;
    Ok(text.into_inner())
}
