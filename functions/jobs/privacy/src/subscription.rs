//! Who deletes his account is not charged any more.

use domain::identity::UserStatus;
use jobs::JobError;
use kernel::{Id, id::kinds};

use crate::Context;

/// Ends the subscription of somebody whose account is deleted, as soon as the message of the deletion comes. A restored account is left
/// alone; a subscription that has ended stays so when the account comes back.
pub(crate) async fn end_of_deleted(context: &Context, user: Id<kinds::User>) -> Result<(), JobError> {
    match context.store.users().get(user).await? {
        Some(found) if found.status == UserStatus::Deleted => {
            context.billing.end_of_user(user, context.ambient.now()).await.map_err(JobError::retry)
        }
        _ => {
            tracing::info!(%user, "the account is not deleted any more");
            Ok(())
        }
    }
}

/// Ends what subscription a user has, and lets the payment gateway forget him. Whatever fails is tried again with the message.
pub(crate) async fn forget(context: &Context, user: Id<kinds::User>) -> Result<(), JobError> {
    context.billing.forget_user(user, context.ambient.now()).await.map_err(JobError::retry)
}
