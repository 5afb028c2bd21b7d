//! One part of a plan becomes segments (spec 05, step 4): a chunk of the picture in all rungs, the sound, or the posters and the
//! storyboard. Reads only its part of the source, uploads what it made, then marks the part as done; whoever marks the last one
//! sends the version to be packaged.
//!
//! Every attempt at a part writes the same bytes under the same keys, so it may run twice, even at the same time.

mod work;

use std::time::Duration;

use cloud::{Cloud, Objects};
use contracts::{
    Queue,
    media::{PackageVersion, TranscodePart},
};
use domain::{media::PartKind, video::TranscodingStatus};
use jobs::{Delivery, JobError, Publisher, StartError};
use kernel::{Ambient, Vars};
use media::{Source, Tools};
use store::{
    Store, Table, Tables,
    entities::{Part, Version},
};

/// Longer than a part may run.
const SOURCE_URL_LIFE: Duration = Duration::from_secs(3600);
/// What is kept of the invocation's time for uploading and marking.
const RESERVE: Duration = Duration::from_secs(10);

/// What the job works with.
pub struct Context {
    store: Store,
    objects: Objects,
    publisher: Publisher,
    ambient: Ambient,
    tools: Tools,
    uploads_bucket: String,
    media_bucket: String,
    max_receives: u32,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let ambient = Ambient::system();
        Ok(Self {
            store: Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &[Table::Media])?),
            objects: cloud.objects(),
            publisher: Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Package])?,
            ambient,
            tools: Tools::find().map_err(|error| StartError::Other(error.to_string()))?,
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            media_bucket: vars.required("MEDIA_BUCKET")?,
            max_receives: vars.parsed("TRANSCODE_MAX_RECEIVES")?,
        })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    let message: TranscodePart = contracts::decode(&delivery.body)?;
    let versions = context.store.versions();
    let Some(version) = versions.get(message.video_id, message.version).await? else {
        return Ok(());
    };
    if version.transcoding_status != TranscodingStatus::InProgress {
        return Ok(());
    }
    if version.parts_done.contains(&message.part) {
        // The run before may have died between its mark and this message.
        return package_when_done(context, &version).await;
    }
    let plan = jobs::plan_of(&context.store, &version).await?;
    let kind = plan.part(message.part).ok_or_else(|| JobError::fail("the plan has no such part"))?;

    let begun_at = context.ambient.now();
    versions.begin_part(message.video_id, message.version, message.part, begun_at).await?;
    let (key, object_version) = (&version.source_object_key, version.source_version_id.as_deref());
    let url =
        context.objects.presign_get(&context.uploads_bucket, key, object_version, SOURCE_URL_LIFE).await?;
    let limit = delivery.time_left.saturating_sub(RESERVE);
    match work::make(context, &message, &plan, kind, &Source::url(url), limit).await {
        Ok(made) => {
            let now = context.ambient.now();
            let part = Part {
                video_id: message.video_id,
                version_number: message.version,
                part: message.part,
                result: made.result,
                cpu_seconds: made.cpu_seconds,
                created_at: now,
            };
            let took = Duration::try_from(now.duration_since(begun_at)).unwrap_or_default();
            let chunk_time = matches!(kind, PartKind::Chunk(_)).then_some(took);
            match versions.finish_part(&part, chunk_time).await? {
                Some(version) => package_when_done(context, &version).await,
                // Another attempt at this part was faster; it sends what is to be sent.
                None => Ok(()),
            }
        }
        Err(work::Failure::Later(error)) if delivery.receive_count < context.max_receives => Err(error),
        Err(work::Failure::Later(error)) => {
            let reason = "Encoding did not succeed after several tries. Try again later; if it stays so, export the video anew.";
            give_up(context, &version, reason).await?;
            Err(error)
        }
        Err(work::Failure::Never(reason)) => give_up(context, &version, &reason).await,
    }
}

async fn package_when_done(context: &Context, version: &Version) -> Result<(), JobError> {
    if u32::try_from(version.parts_done.len()) == Ok(version.parts_total) {
        let message = PackageVersion { video_id: version.video_id, version: version.version_number };
        context.publisher.send(&message).await?;
    }
    Ok(())
}

async fn give_up(context: &Context, version: &Version, reason: &str) -> Result<(), JobError> {
    tracing::warn!(video = %version.video_id, reason, "given up");
    let Some(video) = context.store.videos().get(version.video_id).await? else { return Ok(()) };
    context.store.versions().fail(&video, version.version_number, reason, context.ambient.now()).await?;
    Ok(())
}
