//! Sending what a version still lacks; ingest does so when it has planned, the janitor when processing stopped.

use contracts::media::{PackageVersion, TranscodePart};
use domain::media::VersionPlan;
use store::{
    Store,
    entities::{StoredPlan, Version},
};

use crate::{JobError, Publisher};

/// Reads a stored plan.
///
/// # Errors
/// [`JobError::Fail`] when it is none.
pub fn read_plan(stored: &StoredPlan) -> Result<VersionPlan, JobError> {
    serde_json::from_str(&stored.plan).map_err(JobError::fail)
}

/// The plan of a version that is being processed.
///
/// # Errors
/// [`JobError::Retry`] when there is none (yet).
pub async fn plan_of(store: &Store, version: &Version) -> Result<VersionPlan, JobError> {
    let stored = store.versions().plan(version.video_id, version.version_number).await?;
    read_plan(
        &stored.ok_or_else(|| JobError::retry("the plan of a version that is being processed is missing"))?,
    )
}

/// Sends a message for each part that is not done, or the one for packaging when all are. Gives how many parts were missing.
///
/// # Errors
/// [`JobError`].
pub async fn send_missing(
    store: &Store,
    publisher: &Publisher,
    version: &Version,
) -> Result<usize, JobError> {
    let (video_id, number) = (version.video_id, version.version_number);
    let missing = plan_of(store, version).await?.missing(&version.parts_done);
    if missing.is_empty() {
        publisher.send(&PackageVersion { video_id, version: number }).await?;
        return Ok(0);
    }
    let part = |part| TranscodePart { video_id, version: number, part };
    let messages: Vec<_> = missing.into_iter().map(part).collect();
    publisher.send_all(&messages).await?;
    Ok(messages.len())
}
