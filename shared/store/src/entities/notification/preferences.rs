//! What a user wants to be told, and how. It stands in his own item; his digest's plan follows it in the same transaction.

use domain::{
    identity::{AlwaysSent, Preferences},
    notification::digest,
};
use kernel::{Id, Timestamp, id::kinds};

use super::{DigestPlan, Notifications};
use crate::{
    StoreError, Table,
    entities::user::{PREFERENCE_ROUNDS, User, preferring},
    transaction::happened,
};

impl Notifications<'_> {
    /// Changes what a user wants and gives it as it is afterwards; `Ok(Err(_))` where `change` refuses, `Ok(Ok(None))` when the account is
    /// gone. A read and a write, again when he changed it in between; where the digest changes, a transaction with its plan.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when he keeps changing it.
    pub async fn change_preferences(
        &self,
        user: Id<kinds::User>,
        now: Timestamp,
        change: impl Fn(&mut Preferences) -> Result<(), AlwaysSent>,
    ) -> Result<Result<Option<Preferences>, AlwaysSent>, StoreError> {
        for _ in 0..PREFERENCE_ROUNDS {
            let (before, after) = match self.0.users().decide(user, &change).await? {
                Ok(Some(decided)) => decided,
                Ok(None) => return Ok(Ok(None)),
                Err(refused) => return Ok(Err(refused)),
            };
            let update = preferring(&before, &after);
            let done = if after == before.preferences {
                true
            } else if after.digest == before.preferences.digest {
                self.0.update_if::<User>(update).await?.is_some()
            } else {
                let transaction = self.0.transaction().update("user", update);
                let transaction = match digest::next(after.digest, now, &before.timezone) {
                    Some(due_at) => {
                        let plan = DigestPlan { user_id: user, frequency: after.digest, since: now, due_at };
                        transaction.put("plan", &plan)
                    }
                    None => transaction.delete("plan", Table::Social, DigestPlan::key_of(user), None),
                };
                happened(transaction.commit().await)?
            };
            if done {
                return Ok(Ok(Some(after)));
            }
        }
        Err(StoreError::Throttled)
    }
}
