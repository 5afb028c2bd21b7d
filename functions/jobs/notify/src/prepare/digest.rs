//! What somebody has not read, in one mail.

use domain::{
    identity::{Digest, UserStatus, unsubscribe::Mails},
    notification::digest::LISTED_MAX,
};
use jobs::JobError;
use kernel::{Id, Timestamp, id::kinds};
use letters::{Details, Topic};

use super::Prepared;
use crate::Context;

/// The digest of what was made between the two; none where all of it was read meanwhile, or where he wants none any more. What a mail
/// lists is bounded, and so is what is read for it.
pub(super) async fn digest(
    context: &Context,
    user: Id<kinds::User>,
    since: Timestamp,
    until: Timestamp,
) -> Result<Option<Prepared>, JobError> {
    let found = context.store.users().get(user).await?;
    let wants = found.filter(|user| {
        user.status != UserStatus::Deleted && user.preferences.digest_in_force() != Digest::Off
    });
    let Some(user) = wants else { return Ok(None) };
    let listed_max = usize::try_from(LISTED_MAX).unwrap_or(usize::MAX);
    let unread = context.store.notifications().unread_between(user.id, since, until, LISTED_MAX + 1).await?;
    if unread.is_empty() {
        return Ok(None);
    }
    let line = |notice| {
        let note = context.writer.note(notice, user.language, &user.timezone)?;
        Ok(format!("{}: {}", note.title, note.text))
    };
    let lines = unread.iter().take(listed_max).map(|one| line(&one.notice));
    let listed = lines.collect::<Result<_, letters::Error>>().map_err(JobError::fail)?;
    let details = Details { listed, more: unread.len() > listed_max, ..Details::default() };
    Ok(Some(Prepared::to_user(user, Topic::Digest, Mails::Digest, details)))
}
