//! What makes an upload complete, whichever endpoint says so.

use api_views::VideoView;
use domain::{
    sweep::SweepKind,
    upload::{FIRST_LOOK, PartPlan, UploadStatus},
};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Platform};
use kernel::Timestamp;
use store::entities::{Sweep, Upload, Video, upload::Completion, video::VideoChanges};

use crate::{
    bucket::{Bucket, Held, numbered},
    views::{upload_aborted, upload_not_found},
};

/// Checks that S3 holds the file, then marks upload and video. Saying it twice gives the same answer.
pub(crate) async fn complete(
    platform: &Platform,
    bucket: &Bucket,
    upload: Upload,
    title: Option<String>,
) -> ApiResult<VideoView> {
    let now = platform.ambient().now();
    match upload.status {
        UploadStatus::Completed => {}
        UploadStatus::Aborted => return Err(upload_aborted()),
        UploadStatus::Open => {
            assemble(bucket, &upload).await?;
            match platform.store().uploads().complete(&upload, &reminder(&upload, now), now).await? {
                Completion::Done => {}
                Completion::Aborted => return Err(upload_aborted()),
                Completion::VideoGone => return Err(video_gone()),
            }
        }
    }
    let videos = platform.store().videos();
    let mut video: Video = videos.own(upload.video_id, upload.user_id).await?.ok_or_else(video_gone)?;
    if title.as_ref().is_some_and(|title| *title != video.title) {
        let changes = VideoChanges { title, ..VideoChanges::default() };
        video = videos.change(video.id, video.owner_id, changes, now).await?.ok_or_else(video_gone)?;
    }
    Ok(VideoView::own(video, platform.public_base_url()))
}

/// The upload of this id, if it is the caller's.
pub(crate) async fn own_upload(
    platform: &Platform,
    id: kernel::Id<kernel::id::kinds::Upload>,
    user: kernel::Id<kernel::id::kinds::User>,
) -> ApiResult<Upload> {
    let upload = platform.store().uploads().get(id).await?;
    upload.filter(|upload| upload.user_id == user).ok_or_else(upload_not_found)
}

/// The reminder to look at an upload.
pub(crate) fn reminder(upload: &Upload, now: Timestamp) -> Sweep {
    Sweep {
        kind: SweepKind::Upload,
        due_at: now + FIRST_LOOK,
        subject: upload.id.to_string(),
        video_id: Some(upload.video_id),
        version: upload.version,
        upload_id: Some(upload.id),
        user_id: Some(upload.user_id),
        attempt: 0,
    }
}

/// Makes the object out of what S3 holds.
async fn assemble(bucket: &Bucket, upload: &Upload) -> ApiResult<()> {
    let parts = match bucket.held(upload).await? {
        Held::Object => return Ok(()),
        Held::Nothing => return Err(object_not_found()),
        Held::Parts(parts) => parts,
    };
    let faults =
        PartPlan::begun(upload.size_bytes, upload.part_size).faults(parts.iter().filter_map(numbered));
    if !faults.is_empty() {
        let message =
            "Some parts are missing or of another size: see details. Send them, then complete again.";
        let details = serde_json::json!({"missing": faults.missing, "wrong_size": faults.wrong_size});
        return Err(ApiError::new(StatusCode::CONFLICT, "PARTS_MISSING", message).with_details(details));
    }
    if bucket.join(upload, &parts).await? { Ok(()) } else { Err(object_not_found()) }
}

fn object_not_found() -> ApiError {
    let message = "The file is not there, or not in the size that was announced. Send it to the upload's URLs, then complete again.";
    ApiError::conflict("OBJECT_NOT_FOUND", message)
}

fn video_gone() -> ApiError {
    ApiError::not_found("VIDEO_NOT_FOUND", "The video was deleted. Begin a new upload.")
}
