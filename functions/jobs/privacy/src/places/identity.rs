//! The account and all that belongs to it.

use jobs::JobError;
use serde_json::json;
use store::{
    Entity as _,
    entities::{
        ApiKey, Deletion, User,
        belongings::{Guard, Part},
    },
    from_item, item_type,
};

use super::{Subject, collect_part, erase_part};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "user",
    "email_guard",
    "username_guard",
    "profile_picture",
    "session",
    "device",
    "security_event",
    "network_address",
    "mfa",
    "recovery_code",
    "login_attempts",
    "account_failures",
    "social_account",
    "social_link",
    "api_key",
    "api_key_use",
    "api_key_ring",
    "deletion",
    "export",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    for part in parts(subject) {
        collect_part(context, &part, archive).await?;
    }
    for part in key_uses(context, subject).await? {
        collect_part(context, &part, archive).await?;
    }
    collect_part(context, &Part::AdminLog(subject.id()), archive).await?;
    if let Some(reason) = context.store.mails().suppressed(&subject.email()).await? {
        let fields = json!({"stopped": reason});
        archive.line("mail", fields.as_object().unwrap_or(&serde_json::Map::new()))?;
    }
    Ok(())
}

/// All but the user and the deletion: the erasure ends with these two in one transaction.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let belongings = context.store.belongings();
    belongings.forget_reasons(subject.id()).await?;
    belongings.free(&Guard::Email(&subject.email(), subject.id())).await?;
    belongings.free(&Guard::Username(&subject.username(), subject.id())).await?;
    // Before the keys, which lead to them.
    let uses = key_uses(context, subject).await?;
    for part in uses.into_iter().chain(parts(subject)) {
        erase_part(context, &part, &[User::TYPE, Deletion::TYPE]).await?;
    }
    Ok(())
}

/// Where the uses of his API keys are.
async fn key_uses(context: &Context, subject: &Subject) -> Result<Vec<Part>, JobError> {
    let logins = context.store.belongings().all(&Part::Logins(subject.id())).await?;
    let keys = logins.into_iter().filter(|item| item_type(item) == ApiKey::TYPE);
    keys.map(|item| Ok(Part::KeyUse(from_item::<ApiKey>(item)?.id))).collect()
}

/// Where the account's things are.
fn parts(subject: &Subject) -> [Part; 4] {
    let id = subject.id();
    [Part::Attempts(id), Part::Events(id), Part::Logins(id), Part::Account(id)]
}
