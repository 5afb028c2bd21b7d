//! The archive of all that the platform holds of a person.

use contracts::{Received, notify::Notify};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::export::ExportStatus;

use crate::{
    Archive, ArchiveError, Context,
    places::{PLACES, Subject},
};

/// Nobody but its owner may keep a copy.
const NO_STORE: &str = "private, no-store";

pub(crate) async fn run(
    context: &Context,
    user_id: Id<kinds::User>,
    export_id: Id<kinds::Export>,
) -> Result<(), JobError> {
    let exports = context.store.exports();
    let Some(export) = exports.of_user(user_id).await?.filter(|export| export.id == export_id) else {
        tracing::info!(user = %user_id, "another export took its place");
        return Ok(());
    };
    let mut ready_at = export.ready_at;
    if export.status == ExportStatus::Pending {
        let Some(subject) = Subject::find(context, user_id).await?.filter(Subject::has_account) else {
            tracing::info!(user = %user_id, "the account was deleted meanwhile");
            return Ok(());
        };
        let archive = gather(context, &subject).await?;
        let size = u64::try_from(archive.len()).map_err(JobError::fail)?;
        let (bucket, key) = (&context.buckets.exports, export.object_key());
        context.objects.write(bucket, &key, "application/zip", NO_STORE, archive).await?;
        let now = context.ambient.now();
        ready_at = exports.ready(&export, size, now).await?.and_then(|export| export.ready_at);
    }
    // Also by who finds it ready: the run before may have died before it could say so. The mail goes once for each identifier.
    if let Some(occurred_at) = ready_at {
        let message = Notify::ExportReady { user_id, export_id };
        let event_id = Id::from_uuid(export_id.uuid());
        context.publisher.send_events(&[Received { event_id, occurred_at, message }]).await?;
    }
    Ok(())
}

async fn gather(context: &Context, subject: &Subject) -> Result<Vec<u8>, JobError> {
    let mut archive = Archive::new()?;
    for place in PLACES {
        place.collect(context, subject, &mut archive).await?;
    }
    Ok(archive.finish()?)
}

impl From<ArchiveError> for JobError {
    fn from(error: ArchiveError) -> Self {
        Self::retry(error)
    }
}
