//! A version whose parts are all done becomes a stream (spec 05, step 5): playlists from what the parts report, asset rows, and one
//! transaction that makes the version the one that plays, unless a newer one did before, and the video READY or PUBLISHED.
//!
//! The master playlist is written last and nobody gets cookies before that transaction, so no player ever meets a half of it.

use cloud::{Cloud, Objects};
use contracts::media::PackageVersion;
use domain::{
    media::{PartKind, VersionPlan},
    video::TranscodingStatus,
};
use jobs::{Delivery, JobError, StartError};
use kernel::{Ambient, Vars};
use media::{AudioOutput, ChunkOutput, Picture, Presentation};
use store::{
    Store, Table, Tables,
    entities::{Asset, Part, Poster, Version, Video, version_switch::Packaged},
};

/// Playlists of a version never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// How often a switch is tried that another change of the video was faster than.
const LOOKS: usize = 4;

/// What the job works with.
pub struct Context {
    store: Store,
    objects: Objects,
    ambient: Ambient,
    media_bucket: String,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        Self::with(vars, Ambient::system())
    }

    /// From these settings, at the time that is given; tests use this.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub fn with(vars: Vars, ambient: Ambient) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        Ok(Self {
            store: Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &[Table::Media])?),
            objects: cloud.objects(),
            ambient,
            media_bucket: vars.required("MEDIA_BUCKET")?,
        })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    let message: PackageVersion = contracts::decode(&delivery.body)?;
    let versions = context.store.versions();
    let Some(version) = versions.get(message.video_id, message.version).await? else {
        return Ok(());
    };
    let whole = u32::try_from(version.parts_done.len()) == Ok(version.parts_total);
    if version.transcoding_status != TranscodingStatus::InProgress || !whole {
        return Ok(());
    }
    let Some(video) = context.store.videos().get(message.video_id).await? else { return Ok(()) };
    let made = Made::read(&versions.parts(video.id, message.version).await?, context, &version).await?;
    let presentation = match media::assemble(&made.plan.plan, &made.chunks, made.audio.as_ref()) {
        Ok(presentation) => presentation,
        Err(error) => {
            tracing::error!(video = %video.id, %error, "the parts do not fit together");
            let reason = "The encoded parts do not fit together. Start the processing again.";
            versions.fail(&video, message.version, reason, context.ambient.now()).await?;
            return Err(JobError::fail(error));
        }
    };
    publish(context, &video, &version, &made, &presentation).await
}

async fn publish(
    context: &Context,
    video: &Video,
    version: &Version,
    made: &Made,
    presentation: &Presentation,
) -> Result<(), JobError> {
    let (id, number) = (video.id, version.version_number);
    let prefix = format!("hls/videos/{id}/{number}");
    for playlist in &presentation.playlists {
        let (key, body) = (format!("{prefix}/{}", playlist.path), playlist.body.clone().into_bytes());
        let kind = media::content_type(&playlist.path);
        context.objects.write(&context.media_bucket, &key, kind, IMMUTABLE, body).await?;
    }
    let now = context.ambient.now();
    let asset = |track: &media::RungTrack| Asset {
        video_id: id,
        version_number: number,
        resolution: track.rung.name(),
        bitrate_kbps: track.average.div_ceil(1_000).try_into().unwrap_or(u32::MAX),
        playlist_url: format!("/{prefix}/{}/{}", track.rung.dir(), media::PLAYLIST),
        segment_path_prefix: format!("{prefix}/{}/", track.rung.dir()),
        file_size_bytes: track.bytes,
        codec: "H.264".into(),
        created_at: now,
    };
    let poster = |picture: &Picture| Poster {
        path: format!("/posters/{id}/{number}/{}", picture.name),
        at_ms: picture.at_ms,
    };
    let packaged = Packaged {
        posters: made.pictures.iter().map(poster).collect(),
        assets: presentation.rungs.iter().map(asset).collect(),
    };
    switch(context, video.clone(), version, &packaged).await
}

/// Makes the version the one that plays, if it is the newest. The owner may ask for publication while this runs, or another version or delivery be
/// faster: then it looks again.
async fn switch(
    context: &Context,
    mut video: Video,
    version: &Version,
    packaged: &Packaged,
) -> Result<(), JobError> {
    let (id, number, versions) = (video.id, version.version_number, context.store.versions());
    for _ in 0..LOOKS {
        if versions.complete(&video, version, packaged, context.ambient.now()).await? {
            tracing::info!(video = %id, version = number, rungs = packaged.assets.len(), "ready");
            return Ok(());
        }
        let again = versions.get(id, number).await?;
        if again.is_none_or(|version| version.transcoding_status != TranscodingStatus::InProgress) {
            return Ok(());
        }
        let Some(seen) = context.store.videos().get(id).await? else { return Ok(()) };
        video = seen;
    }
    Err(JobError::retry("the video changed while it was packaged"))
}

/// What the parts of a version reported.
struct Made {
    plan: VersionPlan,
    chunks: Vec<ChunkOutput>,
    audio: Option<AudioOutput>,
    pictures: Vec<Picture>,
}

impl Made {
    async fn read(parts: &[Part], context: &Context, version: &Version) -> Result<Self, JobError> {
        let plan = jobs::plan_of(&context.store, version).await?;
        let mut made = Self { plan, chunks: Vec::new(), audio: None, pictures: Vec::new() };
        for part in parts {
            match made.plan.part(part.part) {
                Some(PartKind::Chunk(_)) => {
                    made.chunks.push(serde_json::from_str(&part.result).map_err(JobError::fail)?);
                }
                Some(PartKind::Audio) => {
                    made.audio = Some(serde_json::from_str(&part.result).map_err(JobError::fail)?);
                }
                Some(PartKind::Pictures) => {
                    made.pictures = serde_json::from_str(&part.result).map_err(JobError::fail)?
                }
                None => return Err(JobError::fail("a part that the plan does not have")),
            }
        }
        Ok(made)
    }
}
