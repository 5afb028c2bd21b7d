//! Making a part in a folder of its own, and uploading what came out.

use std::{path::Path, time::Duration};

use contracts::media::TranscodePart;
use domain::media::{PartKind, VersionPlan};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jobs::JobError;
use media::{EncodeOptions, Source};

use crate::Context;

/// Uploads at once: enough to hide S3's latency.
const UPLOADS: usize = 8;
/// Objects under a version's prefix never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What came out of a part.
pub(crate) struct Made {
    /// JSON of the step's result.
    pub(crate) result: String,
    /// CPU seconds that the encoder took.
    pub(crate) cpu_seconds: f64,
}

/// Why nothing came out.
pub(crate) enum Failure {
    /// Trying again may help.
    Later(JobError),
    /// The source can't be encoded; what the owner reads.
    Never(String),
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::Later(error)
    }
}

impl From<media::Error> for Failure {
    fn from(error: media::Error) -> Self {
        if error.is_retryable() {
            return Self::Later(JobError::retry(error));
        }
        tracing::error!(%error, "the encoder failed");
        Self::Never(
            "The video can't be encoded: its content is damaged. Export it anew and upload it again.".into(),
        )
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Later(JobError::fail(error))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Later(error.into())
    }
}

pub(crate) async fn make(
    context: &Context,
    message: &TranscodePart,
    version: &VersionPlan,
    kind: PartKind,
    source: &Source,
    limit: Duration,
) -> Result<Made, Failure> {
    // Removed when it goes out of scope: a warm instance starts every part with an empty /tmp.
    let folder = tempfile::tempdir()?;
    let out = folder.path();
    let (tools, container, plan) = (&context.tools, version.container, &version.plan);
    let options = EncodeOptions { timeout_s: limit.as_secs().max(1), ..EncodeOptions::default() };
    let hls = format!("hls/videos/{}/{}", message.video_id, message.version);
    match kind {
        PartKind::Chunk(index) => {
            let made = media::encode_chunk(tools, source, container, plan, index, out, &options).await?;
            let files = made.rungs.iter().flat_map(media::RungOutput::files).collect();
            upload(context, out, &hls, files).await?;
            Ok(Made {
                result: serde_json::to_string(&made)?,
                cpu_seconds: made.cpu.total_ms() as f64 / 1_000.0,
            })
        }
        PartKind::Audio => {
            let made = media::encode_audio(tools, source, container, plan, out, &options).await?;
            upload(context, out, &hls, made.files()).await?;
            Ok(Made {
                result: serde_json::to_string(&made)?,
                cpu_seconds: made.cpu.total_ms() as f64 / 1_000.0,
            })
        }
        PartKind::Pictures => {
            let pictures = media::posters(tools, source, container, plan, out).await?;
            media::storyboard(tools, source, container, plan, out).await?;
            let mut files: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
            files.extend(["storyboard.jpg".to_owned(), "storyboard.vtt".to_owned()]);
            upload(context, out, &format!("posters/{}/{}", message.video_id, message.version), files).await?;
            Ok(Made { result: serde_json::to_string(&pictures)?, cpu_seconds: 0.0 })
        }
    }
}

async fn upload(context: &Context, folder: &Path, prefix: &str, files: Vec<String>) -> Result<(), Failure> {
    let one = |file: String| async move {
        let (key, path) = (format!("{prefix}/{file}"), folder.join(&file));
        let sent = context.objects.write_file(
            &context.media_bucket,
            &key,
            media::content_type(&file),
            IMMUTABLE,
            &path,
        );
        sent.await.map_err(|error| Failure::Later(error.into()))
    };
    stream::iter(files).map(one).buffer_unordered(UPLOADS).try_collect().await
}
