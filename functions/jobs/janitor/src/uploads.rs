//! An upload: its file came and the S3 event was lost, or it never came.

use cloud::objects::ObjectError;
use contracts::media::IngestUpload;
use domain::{upload::UploadStatus, video::TranscodingStatus};
use jobs::JobError;
use kernel::SignedDuration;
use store::entities::{Sweep, Upload, upload::Abortion};

use crate::{Context, Outcome};

/// Between two looks: a lost event is found within 15 minutes (spec 06).
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// How often a file is sent to be checked before its video is given up.
const PUSHES: u32 = 6;

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let (Some(video_id), Some(upload_id)) = (sweep.video_id, sweep.upload_id) else {
        return Ok(Outcome::Done);
    };
    let versions = context.store.versions();
    let Some(version) = versions.get(video_id, sweep.version).await? else { return Ok(Outcome::Done) };
    let Some(upload) = context.store.uploads().get(upload_id).await? else { return Ok(Outcome::Done) };
    if version.transcoding_status != TranscodingStatus::Pending || upload.status == UploadStatus::Aborted {
        return Ok(Outcome::Done);
    }
    match context.objects.head(&context.uploads_bucket, &upload.object_key).await {
        Ok(_) => {
            if sweep.attempt >= PUSHES {
                let Some(video) = context.store.videos().get(video_id).await? else {
                    return Ok(Outcome::Done);
                };
                let reason = "The file could not be checked. Start the processing again with a retry.";
                versions.fail(&video, sweep.version, reason, context.ambient.now()).await?;
                return Ok(Outcome::Done);
            }
            tracing::warn!(video = %video_id, "the file is there and nothing has begun: its event was lost");
            context.publisher.send(&IngestUpload { video_id, version: sweep.version }).await?;
            Ok(Outcome::Pushed(PATIENCE))
        }
        Err(ObjectError::NotFound) if upload.valid_until > context.ambient.now() => {
            Ok(Outcome::Later(PATIENCE))
        }
        Err(ObjectError::NotFound) => give_up(context, &upload).await,
        Err(error) => Err(error.into()),
    }
}

/// Frees what the upload holds: its parts in S3, its place in the week's quota, its video, and the lesson that shows it.
pub(crate) async fn give_up(context: &Context, upload: &Upload) -> Result<Outcome, JobError> {
    tracing::info!(video = %upload.video_id, "the upload was abandoned");
    if let Some(multipart) = &upload.multipart_id {
        context.objects.abort_multipart(&context.uploads_bucket, &upload.object_key, multipart).await?;
    }
    let now = context.ambient.now();
    match context.store.uploads().abort(upload, &upload.purge(now), now).await? {
        Abortion::Done => Ok(Outcome::Done),
        Abortion::Completed => Ok(Outcome::Later(PATIENCE)),
    }
}
