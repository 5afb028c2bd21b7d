//! A version that is being processed: still moving, stopped, or beyond help.

use contracts::media::IngestUpload;
use domain::video::TranscodingStatus;
use jobs::JobError;
use kernel::SignedDuration;
use store::entities::{Sweep, Version};

use crate::{Context, Outcome};

/// Between two looks at a version that moves.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// A version without a finished part for so long has stopped. Longer than a part may take (15 minutes) with its one
/// redelivery would be too late for who waits, so a part that is merely slow is begun a second time: the first result wins.
const STANDSTILL: SignedDuration = SignedDuration::from_mins(10);
/// How often a version that stopped is pushed before it is given up.
const PUSHES: u32 = 6;

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let Some(video_id) = sweep.video_id else { return Ok(Outcome::Done) };
    let versions = context.store.versions();
    let Some(version) = versions.get(video_id, sweep.version).await? else { return Ok(Outcome::Done) };
    if !matches!(version.transcoding_status, TranscodingStatus::Pending | TranscodingStatus::InProgress) {
        return Ok(Outcome::Done);
    }
    let now = context.ambient.now();
    // A reminder that is looked at before its time was asked for by somebody who does not want to wait.
    let asked_for = sweep.due_at > now;
    if now.duration_since(version.progress_at) < STANDSTILL && !asked_for {
        return Ok(Outcome::Later(PATIENCE));
    }
    if sweep.attempt >= PUSHES {
        let Some(video) = context.store.videos().get(video_id).await? else { return Ok(Outcome::Done) };
        let reason = "Processing stopped and could not be continued. Start it again with a retry.";
        versions.fail(&video, sweep.version, reason, now).await?;
        return Ok(Outcome::Done);
    }
    push(context, &version).await?;
    Ok(Outcome::Pushed(PATIENCE))
}

/// Sends what is missing once more.
async fn push(context: &Context, version: &Version) -> Result<(), JobError> {
    let (video_id, number) = (version.video_id, version.version_number);
    if version.transcoding_status == TranscodingStatus::Pending {
        // A retry of what failed before there was a plan, whose message was lost.
        context.publisher.send(&IngestUpload { video_id, version: number }).await?;
        return Ok(());
    }
    let missing = jobs::send_missing(&context.store, &context.publisher, version).await?;
    tracing::warn!(video = %video_id, version = number, missing, "processing stopped: pushed on");
    Ok(())
}
