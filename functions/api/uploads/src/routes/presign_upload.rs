//! An instructor begins an upload.

use axum::{extract::State, response::Response};
use domain::{
    channel::ChannelStatus,
    upload::{MAX_FILE_BYTES, PartPlan, URL_LIFE, UploadMode, UploadStatus, seconds_to_next_week, title_of},
    video::{PolicyDefaults, TITLE_MAX, VideoStatus},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Channel, Upload, Video,
    upload::{BeginRefused, NewUpload, UploadPlace},
};

use crate::{
    bucket::Bucket,
    completion::{own_upload, reminder},
    records::{self, NewFile, check_content_type, default_content_type},
    views::{UploadTicket, signed_headers, upload_aborted, upload_completed},
};

/// A new upload.
#[derive(Clone, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresignUpload {
    /// The file's name on the user's machine.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(example = "lesson-1.mp4")]
    filename: String,
    /// Exact bytes: 1 to 50 GiB, and not more than the channel's quota allows.
    #[garde(range(min = 1, max = MAX_FILE_BYTES))]
    #[schema(example = 7_340_032)]
    size: u64,
    /// A type of a video, or application/octet-stream.
    #[serde(default = "default_content_type")]
    #[garde(custom(check_content_type))]
    #[schema(example = "video/mp4")]
    content_type: String,
    /// The video's title; the file's name without its extension unless it is sent.
    #[garde(length(chars, min = 1, max = TITLE_MAX))]
    #[schema(example = "Ownership and borrowing")]
    title: Option<String>,
    /// What the video is for.
    #[garde(skip)]
    target: Option<Target>,
    /// The section that the video is for, in the words of seed 002; instead of `target`.
    #[garde(skip)]
    session: Option<Id<kinds::Section>>,
    /// In one PUT or in parts; by the size unless it is sent. One PUT takes at most 100 MiB.
    #[garde(skip)]
    mode: Option<UploadMode>,
}

/// What a video is for.
#[derive(Clone, Copy, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Target {
    /// A section of a course of his.
    Section {
        /// Its id.
        id: Id<kinds::Section>,
    },
    /// A lesson of kind video of a course of his: it then shows this video.
    Lesson {
        /// Its id.
        id: Id<kinds::Lesson>,
    },
    /// His channel, outside of courses.
    Channel {
        /// Its id.
        id: Id<kinds::Channel>,
    },
}

/// Begins an upload of a video and answers where to send the file: one presigned PUT up to 100 MiB, else presigned parts.
///
/// The video exists from now on, in state PENDING. The channel's weekly quota is counted here and given back by an abort. With
/// an `Idempotency-Key` a repeated request gets the same upload.
#[utoipa::path(
    post, path = "/media/videos/presign", operation_id = "presign_upload", tag = "uploads",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = PresignUpload,
    responses((status = 201, description = "Where to send the file", body = UploadTicket)),
)]
pub(crate) async fn presign_upload(
    State(platform): State<Platform>,
    State(bucket): State<Bucket>,
    Instructor(caller): Instructor,
    key: IdempotencyKey,
    Body(new): Body<PresignUpload>,
) -> ApiResult<Response> {
    let target = match (new.target, new.session) {
        (Some(target), None) => target,
        (None, Some(id)) => Target::Section { id },
        (None, None) => {
            return Err(ApiError::invalid("target", "is needed: a section, a lesson or your channel"));
        }
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("session", "must not be sent together with target"));
        }
    };
    let request = new.clone();
    let PresignUpload { filename, size, content_type, mode, title, .. } = new;
    let file = NewFile { filename, size, content_type, mode };
    file.check()?;
    key.run(&platform, caller.user_id, "presign_upload", &request, async |attempt| {
        let upload = begin(&platform, caller.user_id, target, (file, title), attempt).await?;
        Ok((StatusCode::CREATED, ticket(&platform, &bucket, upload).await?))
    })
    .await
}

/// Makes the upload, or finds the one that an earlier attempt at the same request made.
async fn begin(
    platform: &Platform,
    user: Id<kinds::User>,
    target: Target,
    (file, title): (NewFile, Option<String>),
    attempt: Id<kinds::Event>,
) -> ApiResult<Upload> {
    let channel = async { Ok(platform.store().channels().of_user(user).await?) };
    let (channel, place) = tokio::try_join!(channel, find_place(platform, user, target))?;
    let channel = channel.ok_or_else(channel_required)?;
    if matches!(target, Target::Channel { id } if id != channel.id) {
        return Err(target_not_found());
    }
    check_channel(&channel, file.size)?;
    let now = platform.ambient().now();
    let new = records(&channel, place, (file, title), attempt, now);
    match platform.store().uploads().begin(&new).await? {
        None => Ok(new.upload),
        Some(BeginRefused::Exists) => still_open(own_upload(platform, new.upload.id, user).await?),
        Some(BeginRefused::Quota) => Err(weekly_quota(&channel, now)),
        Some(BeginRefused::Place) => Err(target_not_found()),
        Some(BeginRefused::Published) => Err(ApiError::conflict(
            "COURSE_PUBLISHED",
            "The course is published, so its lessons need their videos. Upload for the section, and give the video to the lesson when it is READY.",
        )),
        Some(BeginRefused::Lesson) => Err(ApiError::conflict(
            "LESSON_CHANGED",
            "The lesson got another video just now, or is not of kind video. Read it again.",
        )),
    }
}

/// The section or lesson, if it is the caller's.
async fn find_place(platform: &Platform, user: Id<kinds::User>, target: Target) -> ApiResult<UploadPlace> {
    let courses = platform.store().courses();
    match target {
        Target::Channel { .. } => Ok(UploadPlace::Channel),
        Target::Section { id } => {
            let place = courses.section_place(id).await?.filter(|place| place.instructor_id == user);
            Ok(UploadPlace::Section(place.ok_or_else(target_not_found)?))
        }
        Target::Lesson { id } => {
            let place = courses.lesson_place(id).await?.filter(|place| place.instructor_id == user);
            let place = place.ok_or_else(target_not_found)?;
            let lesson = courses.lesson(place.course_id, id).await?.ok_or_else(target_not_found)?;
            let video = match lesson.video_id {
                Some(before) => platform.store().videos().get(before).await?,
                None => None,
            };
            // What can be watched is not taken away for a file that may never arrive.
            if video.as_ref().is_some_and(|video| video.status.is_playable()) {
                let message = "The lesson has a video. Upload the new one for its section, and give it to the lesson when it is READY.";
                return Err(ApiError::conflict("LESSON_HAS_VIDEO", message));
            }
            let detach = video.is_some_and(|video| video.lesson_id == Some(id));
            Ok(UploadPlace::Lesson { place, before: lesson.video_id, detach })
        }
    }
}

/// An upload that an earlier attempt at the same request made.
pub(crate) fn still_open(upload: Upload) -> ApiResult<Upload> {
    match upload.status {
        UploadStatus::Open => Ok(upload),
        UploadStatus::Completed => Err(upload_completed()),
        UploadStatus::Aborted => Err(upload_aborted()),
    }
}

pub(crate) fn channel_required() -> ApiError {
    ApiError::conflict(
        "CHANNEL_REQUIRED",
        "Videos belong to a channel. Make yours first with POST /api/v1/channels.",
    )
}

/// Whether the channel takes a file of this size.
pub(crate) fn check_channel(channel: &Channel, size: u64) -> ApiResult<()> {
    if channel.status != ChannelStatus::Active {
        let message =
            "Your channel is suspended and can't take uploads. Its page says why and how to appeal.";
        return Err(ApiError::forbidden("CHANNEL_SUSPENDED", message));
    }
    let limit = channel.quota.max_file_bytes();
    if size > limit {
        let message = format!(
            "The file is larger than your channel may upload ({} GB). Send a smaller one.",
            channel.quota.max_file_size_gb
        );
        let details = serde_json::json!({"limit_bytes": limit});
        return Err(ApiError::unprocessable("QUOTA_FILE_SIZE", message).with_details(details));
    }
    Ok(())
}

/// Upload and video share the attempt's UUID, so that every attempt at a request makes the same ones.
fn records(
    channel: &Channel,
    place: UploadPlace,
    (file, title): (NewFile, Option<String>),
    attempt: Id<kinds::Event>,
    now: Timestamp,
) -> NewUpload {
    let video_id = Id::from_uuid(attempt.uuid());
    let upload = file.upload(channel, (video_id, 1), attempt, now);
    let (course_id, section_id, lesson_id) = match &place {
        UploadPlace::Channel => (None, None, None),
        UploadPlace::Section(place) => (Some(place.course_id), Some(place.section_id), None),
        UploadPlace::Lesson { place, .. } => {
            (Some(place.course_id), Some(place.section_id), Some(place.lesson_id))
        }
    };
    let policy = if course_id.is_some() { PolicyDefaults::COURSE } else { PolicyDefaults::CHANNEL };
    let video = Video {
        shared_with: std::collections::BTreeSet::new(),
        shared_lessons: std::collections::BTreeSet::new(),
        id: video_id,
        channel_id: channel.id,
        owner_id: channel.user_id,
        course_id,
        section_id,
        lesson_id,
        title: title.unwrap_or_else(|| title_of(&upload.filename)),
        description: String::new(),
        status: VideoStatus::Pending,
        error_reason: String::new(),
        visibility: policy.visibility,
        publish_when_ready: false,
        // Videos of the same order are listed by age, so the next one comes last without a count.
        order: 1,
        active_version: None,
        newest_shown: None,
        subtitled: None,
        latest_version: upload.version,
        duration_ms: 0,
        thumbnail_path: String::new(),
        uploaded_thumbnail: None,
        allow_skip: policy.allow_skip,
        max_speed: policy.max_speed,
        show_watermark: policy.show_watermark,
        age_restricted: false,
        geo_restrictions: std::collections::BTreeSet::new(),
        tags: Vec::new(),
        file_size: upload.size_bytes,
        file_key: upload.object_key.clone(),
        link: None,
        published_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let version = records::version(&upload);
    let sweep = reminder(&upload, now);
    NewUpload { upload, video, version, sweep, place, weekly_limit: channel.quota.max_videos_per_week }
}

/// Where to send the file of an upload.
pub(crate) async fn ticket(platform: &Platform, bucket: &Bucket, upload: Upload) -> ApiResult<UploadTicket> {
    let expires_at = platform.ambient().now() + URL_LIFE;
    let (upload_url, part_count, parts, upload) = match upload.mode {
        UploadMode::Single => (Some(bucket.put_url(&upload).await?), 0, Vec::new(), upload),
        UploadMode::Multipart => {
            let upload = bucket.begin_multipart(platform, upload).await?;
            let plan = PartPlan::begun(upload.size_bytes, upload.part_size);
            (None, plan.count(), bucket.part_urls(&upload, plan.first()).await?, upload)
        }
    };
    Ok(UploadTicket {
        upload_id: upload.id,
        video_id: upload.video_id,
        version: upload.version,
        mode: upload.mode,
        upload_url,
        headers: signed_headers(&upload),
        file_key: upload.object_key,
        part_size: upload.part_size,
        part_count,
        parts,
        expires_at,
        upload_expires_at: upload.valid_until,
    })
}

pub(crate) fn weekly_quota(channel: &Channel, now: Timestamp) -> ApiError {
    let limit = channel.quota.max_videos_per_week.unwrap_or(0);
    let wait = seconds_to_next_week(now);
    let message = format!(
        "Your channel may begin {limit} uploads a week, and they are used up. Try again on Monday (UTC)."
    );
    let resets_at = now + kernel::SignedDuration::from_secs(i64::from(wait));
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "QUOTA_VIDEOS_PER_WEEK", message)
        .with_retry_after(wait)
        .with_details(serde_json::json!({"limit": limit, "resets_at": resets_at}))
}

fn target_not_found() -> ApiError {
    let message = "You have no such section, lesson or channel. Check the target's kind and id.";
    ApiError::not_found("TARGET_NOT_FOUND", message)
}
