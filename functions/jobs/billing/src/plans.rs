//! Plans that the gateway does not know whole: whoever made or changed one was stopped before the end.

use jobs::JobError;

use crate::Context;

/// Publishes what is not; gives how many failed.
pub(crate) async fn publish(context: &Context) -> Result<usize, JobError> {
    let mut failed = 0;
    for plan in context.store.plans().all().await? {
        if let Err(error) = context.billing.publish_plan(&plan).await {
            failed += 1;
            tracing::error!(plan = %plan.plan.id, %error, "the plan can't be published");
        }
    }
    Ok(failed)
}
