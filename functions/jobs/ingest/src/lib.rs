//! An uploaded file becomes a plan (spec 05, steps 2 and 3): the object is checked and probed, refused with a reason that its owner
//! reads, or planned, and the parts of the plan are sent to the workers.
//!
//! Started by the S3 event of the upload, or by [`contracts::media::IngestUpload`] from a retry or the sweeper; any number of either
//! begins the processing once.
//!
//! An uploaded picture of a person, a course or a video becomes what is shown, in the same way: checked, re-encoded, or refused with a reason.

mod picture;
mod request;

use std::time::Duration;

use cloud::{Cloud, Objects, objects::ObjectError};
use contracts::Queue;
use domain::{
    channel::Quota,
    media::{Limits, Profile, Refusal, SourceInfo, VersionPlan},
    video::TranscodingStatus,
};
use jobs::{Delivery, JobError, Publisher, StartError};
use kernel::{Ambient, SignedDuration, Vars};
use media::{InspectError, Source, Tools};
use store::{
    Store, Table, Tables,
    entities::{
        PictureSubject, StoredPlan, Version, Video,
        pipeline::{SourceFacts, processing_reminder},
    },
};

pub use request::{PictureRequest, Request, VersionRequest, requests};

/// Life of the URL through which the probe reads the source.
const SOURCE_URL_LIFE: Duration = Duration::from_secs(600);
/// When the sweeper looks at a version for the first time.
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(5);

/// What the job works with.
pub struct Context {
    store: Store,
    objects: Objects,
    publisher: Publisher,
    ambient: Ambient,
    tools: Tools,
    bucket: String,
    media_bucket: String,
    public_base_url: String,
    target_workers: u32,
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
            store: Store::new(
                cloud.dynamodb(&vars),
                Tables::from_env(&vars, &[Table::Identity, Table::Media, Table::Social, Table::Catalog])?,
            ),
            objects: cloud.objects(),
            publisher: Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Transcode, Queue::Package])?,
            ambient,
            tools: Tools::find().map_err(|error| StartError::Other(error.to_string()))?,
            bucket: vars.required("UPLOADS_BUCKET")?,
            media_bucket: vars.required("MEDIA_BUCKET")?,
            public_base_url: vars.optional("PUBLIC_BASE_URL").unwrap_or_default(),
            target_workers: vars.parsed("TRANSCODE_WORKERS")?,
        })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    for request in requests(&delivery.body)? {
        match request {
            Request::Version(version) => ingest(context, &version).await?,
            Request::Picture(PictureRequest { subject, picture_id }) => match subject {
                PictureSubject::User(user) => picture::ingest(context, user, picture_id).await?,
                PictureSubject::Course(course) => picture::ingest(context, course, picture_id).await?,
                PictureSubject::Video(video) => picture::ingest(context, video, picture_id).await?,
            },
        }
    }
    Ok(())
}

async fn ingest(context: &Context, request: &VersionRequest) -> Result<(), JobError> {
    let (id, number) = (request.video_id, request.version);
    let versions = context.store.versions();
    let Some(version) = versions.get(id, number).await? else {
        tracing::info!(video = %id, "no such version: its upload was given up");
        return Ok(());
    };
    if request.object_key.as_ref().is_some_and(|key| *key != version.source_object_key) {
        tracing::warn!(video = %id, "an object under a key that no upload has");
        return Ok(());
    }
    let Some(video) = context.store.videos().get(id).await? else { return Ok(()) };
    match version.transcoding_status {
        TranscodingStatus::Pending => plan(context, &video, &version).await,
        // It was planned before; if the run before died while it sent the parts, they are sent again.
        TranscodingStatus::InProgress if version.parts_sent_at.is_none() => {
            send_parts(context, &version).await
        }
        TranscodingStatus::InProgress | TranscodingStatus::Completed | TranscodingStatus::Failed => Ok(()),
    }
}

async fn plan(context: &Context, video: &Video, version: &Version) -> Result<(), JobError> {
    let (id, number) = (video.id, version.version_number);
    let versions = context.store.versions();
    let quota = context
        .store
        .channels()
        .get(video.channel_id)
        .await?
        .map_or(Quota::STANDARD, |channel| channel.quota);
    let now = context.ambient.now();
    let (info, object_version) = match inspect(context, version, &quota).await {
        Ok(found) => found,
        Err(Stopped::Refused(reason)) => {
            tracing::info!(video = %id, reason, "refused");
            versions.fail(video, number, &reason, now).await?;
            return Ok(());
        }
        Err(Stopped::Later(error)) => return Err(error),
    };
    let profile = Profile { target_workers: context.target_workers, ..Profile::default() };
    let Some(made) = domain::media::plan(&info, &profile) else {
        let reason = Refusal::Unreadable.to_string();
        versions.fail(video, number, &reason, now).await?;
        return Ok(());
    };
    let made = VersionPlan { container: info.container, plan: made };
    let text = serde_json::to_string(&made).map_err(JobError::fail)?;
    let kept = StoredPlan { video_id: id, version_number: number, plan: text, created_at: now };
    let kept = jobs::read_plan(&versions.keep_plan(kept).await?)?;
    let facts = SourceFacts {
        object_version,
        duration_seconds: kept.plan.duration_ms() as f64 / 1_000.0,
        resolution: info.video.as_ref().map(|video| video.resolution()).unwrap_or_default(),
        codec: info.video.as_ref().map(|video| video.codec.clone()).unwrap_or_default(),
    };
    let reminder = processing_reminder(id, number, now + FIRST_LOOK);
    if !versions.begin_processing(video, number, &facts, kept.parts(), &reminder, now).await? {
        // Another delivery was faster, or the owner deleted the video meanwhile.
        return Ok(());
    }
    tracing::info!(video = %id, version = number, parts = kept.parts(), "planned");
    match versions.get(id, number).await? {
        Some(version) => send_parts(context, &version).await,
        None => Ok(()),
    }
}

async fn send_parts(context: &Context, version: &Version) -> Result<(), JobError> {
    jobs::send_missing(&context.store, &context.publisher, version).await?;
    context
        .store
        .versions()
        .parts_sent(version.video_id, version.version_number, context.ambient.now())
        .await?;
    Ok(())
}

enum Stopped {
    /// For good, with what the owner reads.
    Refused(String),
    /// For now.
    Later(JobError),
}

impl From<ObjectError> for Stopped {
    fn from(error: ObjectError) -> Self {
        Self::Later(error.into())
    }
}

/// Looks at the object: its size against what was announced, its content against what can be a video, its length against the
/// channel's quota.
async fn inspect(
    context: &Context,
    version: &Version,
    quota: &Quota,
) -> Result<(SourceInfo, Option<String>), Stopped> {
    let (bucket, key) = (&context.bucket, &version.source_object_key);
    let head = match context.objects.head(bucket, key).await {
        Err(ObjectError::NotFound) => {
            let reason = "The file is not in the storage. Upload it again.";
            return Err(Stopped::Refused(reason.into()));
        }
        other => other?,
    };
    if head.size != version.source_file_size_bytes {
        let reason = format!(
            "The file has {} bytes, but {} were announced. Upload it again.",
            head.size, version.source_file_size_bytes
        );
        return Err(Stopped::Refused(reason));
    }
    let wanted = u64::try_from(media::sniffable_bytes()).unwrap_or(4096);
    let first = match head.size {
        0 => Vec::new(),
        size => context.objects.read_range(bucket, key, 0, size.min(wanted) - 1).await?,
    };
    let limits = Limits {
        max_duration_s: quota.max_duration_seconds(),
        max_bytes: quota.max_file_bytes(),
        ..Limits::default()
    };
    let url = context.objects.presign_get(bucket, key, head.version_id.as_deref(), SOURCE_URL_LIFE).await?;
    match media::inspect(&context.tools, &Source::url(url), &first, head.size, &limits).await {
        Ok(info) => Ok((info, head.version_id)),
        Err(InspectError::Refused(refusal)) => Err(Stopped::Refused(refusal.to_string())),
        Err(InspectError::Failed(error)) if error.is_retryable() => {
            Err(Stopped::Later(JobError::retry(error)))
        }
        Err(InspectError::Failed(error)) => {
            tracing::error!(%error, "the probe failed");
            Err(Stopped::Refused(Refusal::Unreadable.to_string()))
        }
    }
}
