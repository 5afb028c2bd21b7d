//! Writes mails: links to confirm an address and to set a password, notices of what happened to the security of an account, and the
//! end of exports and erasures. The same queue tells which addresses bounced or complained; those get nothing more.
//!
//! A message names whom a mail is about and no more; what it says is read when it is written. Links and tokens are made here and
//! travel in the mail alone. A message that comes twice is known by its envelope ([`store::entities::mail`]): only where the job dies
//! between the answer of SES and its own note of it does a reader get a mail a second time.

mod device;
mod incoming;
pub mod letter;
mod prepare;
mod when;

use std::time::Duration;

use cloud::{Cloud, Mail, MailError, Mailer, Secrets};
use contracts::{Received, notify::Notify};
use domain::identity::{TokenPurpose, normalize_email, unsubscribe};
use jobs::{Delivery, JobError, StartError};
use kernel::{Ambient, Id, PlatformSecret, Secret, SignedDuration, Vars, id::kinds};
use store::{
    Store, Table, Tables,
    entities::{MailState, OneTimeToken, mail::Claim},
};
use tokio::sync::OnceCell;

use incoming::Incoming;
use letter::{Topic, Writer};
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
        let store = Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &[Table::Identity])?);
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
    let Some(prepared) = prepare::prepare(&context.store, &received.message).await? else {
        tracing::info!(event = %received.event_id, "nobody is to be written to");
        return Ok(());
    };
    let (event, topic) = (received.event_id, prepared.topic);
    let mails = context.store.mails();
    if let Some(reason) = mails.suppressed(&normalize_email(prepared.to.expose())).await? {
        tracing::info!(%event, topic = topic.as_str(), ?reason, "the address takes no mails");
        return Ok(());
    }
    match mails.claim(event, context.ambient.now(), LEASE).await? {
        Claim::Mine => {}
        Claim::Sent => return Ok(()),
        Claim::Busy => return Err(JobError::retry("another attempt may be sending this mail")),
    }
    if is_flood(context, &prepared).await? {
        tracing::info!(%event, topic = topic.as_str(), "one notice of many: the list of events has it");
        return Ok(());
    }
    match send(context, &prepared).await {
        Ok(Some(message_id)) => {
            tracing::info!(%event, topic = topic.as_str(), "mailed");
            // It is sent: an error here must not bring the message back.
            if let Err(error) = mails.sent(event, &message_id, context.ambient.now()).await {
                tracing::warn!(%event, %error, "the mail could not be noted as sent");
            }
            Ok(())
        }
        Ok(None) => {
            tracing::warn!(%event, topic = topic.as_str(), "no mail can be sent to this address");
            Ok(())
        }
        Err(error) => {
            mails.release(event, context.ambient.now()).await?;
            Err(error)
        }
    }
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
    let Settings { base_url, from, configuration_set } = &context.settings;
    let mut details = prepared.details.clone();
    details.link = link(context, prepared).await?;
    if let Some(user) = prepared.user.as_ref().filter(|_| prepared.kind.is_switchable()) {
        let key = context.secret.derive(unsubscribe::KEY_PURPOSE).await?;
        details.unsubscribe = unsubscribe::link(base_url, &key, user.id, prepared.kind);
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
        Err(MailError::Address) => Ok(None),
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
        Topic::Erased => return Ok(None),
        Topic::Event(_) => match prepared.topic.advice() {
            Some(letter::Advice::Secure) => "/forgot-password".to_owned(),
            Some(letter::Advice::Restore) => "/login".to_owned(),
            Some(letter::Advice::Ask) | None => return Ok(None),
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
