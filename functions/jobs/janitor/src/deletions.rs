//! Accounts whose owners deleted them 30 days ago.

use contracts::privacy::Privacy;
use jobs::JobError;

use crate::Context;

/// Accounts that one run has erased. What is left is due the next day still, as is what could not be erased: the reminder goes with
/// the account itself.
const MOST: u32 = 2_000;

pub(crate) async fn send_due(context: &Context) -> Result<(), JobError> {
    let due = context.store.deletions().due(context.ambient.now(), MOST).await?;
    let messages: Vec<_> = due.into_iter().map(|user_id| Privacy::Erase { user_id }).collect();
    context.publisher.send_all(&messages).await?;
    tracing::info!(accounts = messages.len(), "to be erased");
    Ok(())
}
