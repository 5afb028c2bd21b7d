//! A version that is being processed: still moving, stopped, or beyond help.

use std::time::Duration;

use contracts::media::{IngestUpload, TranscodePart};
use domain::{media::Running, video::TranscodingStatus};
use jobs::JobError;
use kernel::{SignedDuration, Timestamp};
use store::{
    Store,
    entities::{PartRun, Sweep, Version},
};

use crate::{Context, Outcome};

/// Between two looks at a version that moves: a run of the janitor.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Between a push and the look whether it helped.
const AFTER_PUSH: SignedDuration = SignedDuration::from_mins(10);
/// A version without a finished part for so long has stopped. Waiting until a part can't run any more (15 minutes, and once more
/// after its redelivery) would be too late for who waits, so all that is missing is begun a second time: the first result wins.
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
        let late = stragglers(&context.store, &version, now).await?;
        send_again(context, &version, &late).await?;
        return Ok(Outcome::Later(PATIENCE));
    }
    if sweep.attempt >= PUSHES {
        let Some(video) = context.store.videos().get(video_id).await? else { return Ok(Outcome::Done) };
        let reason = "Processing stopped and could not be continued. Start it again with a retry.";
        versions.fail(&video, sweep.version, reason, now).await?;
        return Ok(Outcome::Done);
    }
    push(context, &version).await?;
    Ok(Outcome::Pushed(AFTER_PUSH))
}

/// The parts that take longer than their share. Looks at those that are to be done next: the others wait for a worker.
pub(crate) async fn stragglers(
    store: &Store,
    version: &Version,
    now: Timestamp,
) -> Result<Vec<PartRun>, JobError> {
    if version.transcoding_status != TranscodingStatus::InProgress {
        return Ok(Vec::new());
    }
    let (plan, done) = (jobs::plan_of(store, version).await?, &version.parts_done);
    let mut runs =
        store.versions().runs(version.video_id, version.version_number, &plan.missing(done)).await?;
    let running = runs.iter().map(|run| Running {
        part: run.part,
        elapsed: Duration::try_from(now.duration_since(run.begun_at)).unwrap_or_default(),
        sent_again: run.sent_again,
    });
    let late = plan.stragglers(done, Duration::from_millis(version.chunks_ms), running);
    runs.retain(|run| late.contains(&run.part));
    Ok(runs)
}

async fn send_again(context: &Context, version: &Version, late: &[PartRun]) -> Result<(), JobError> {
    let (video_id, number) = (version.video_id, version.version_number);
    for run in late {
        tracing::warn!(video = %video_id, version = number, part = run.part, "takes too long: sent once more");
        context.publisher.send(&TranscodePart { video_id, version: number, part: run.part }).await?;
        // After the message: one too many does no harm, a straggler that is only marked would wait for the standstill.
        context.store.versions().sent_again(run).await?;
    }
    Ok(())
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
