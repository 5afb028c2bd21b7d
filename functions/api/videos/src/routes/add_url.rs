//! An instructor adds a video that another site shows.

use api_views::VideoView;
use axum::{extract::State, response::Response};
use domain::{
    channel::ChannelStatus,
    link::{URL_MAX, VideoLink},
    video::{PolicyDefaults, TITLE_MAX, VideoStatus},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::Video;

use crate::access::section_not_found;

/// A video of another site (seed 002, `createVideoUrl`).
#[derive(Clone, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddUrl {
    /// A section of a course of the caller.
    #[garde(skip)]
    session: Id<kinds::Section>,
    #[garde(length(chars, min = 1, max = TITLE_MAX))]
    #[schema(example = "Ownership and borrowing")]
    title: String,
    /// An address with https. Of one of YouTube only the id of the video is kept.
    #[garde(length(min = 1, max = URL_MAX))]
    #[schema(example = "https://www.youtube.com/watch?v=dQw4w9WgXcQ")]
    url: String,
}

/// Adds a video that YouTube or another site shows to a section. It is READY at once: nothing is processed, and nothing of it is streamed from
/// here. Students find `youtube_id` or `external_url` in the video; what they watch there is not known here.
#[utoipa::path(
    post, path = "/media/videos/add-url", operation_id = "add_video_url", tag = "videos",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = AddUrl,
    responses((status = 201, description = "The video", body = VideoView)),
)]
pub(crate) async fn add_url(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    key: IdempotencyKey,
    Body(new): Body<AddUrl>,
) -> ApiResult<Response> {
    let link = VideoLink::parse(&new.url).map_err(|refused| ApiError::invalid("url", refused.to_string()))?;
    key.run(&platform, caller.user_id, "add_video_url", &new, async |attempt| {
        let video = add(&platform, caller.user_id, new.clone(), link, attempt).await?;
        Ok((StatusCode::CREATED, VideoView::own(video, platform.public_base_url())))
    })
    .await
}

async fn add(
    platform: &Platform,
    owner: Id<kinds::User>,
    new: AddUrl,
    link: VideoLink,
    attempt: Id<kinds::Event>,
) -> ApiResult<Video> {
    let (courses, channels) = (platform.store().courses(), platform.store().channels());
    let place = courses.section_place(new.session).await?.filter(|place| place.instructor_id == owner);
    let place = place.ok_or_else(section_not_found)?;
    let channel = channels.of_user(owner).await?.ok_or_else(|| {
        let message = "Videos belong to a channel. Make yours first with POST /api/v1/channels.";
        ApiError::conflict("CHANNEL_REQUIRED", message)
    })?;
    if channel.status != ChannelStatus::Active {
        let message = "Your channel is suspended and can't take videos. Its page says why and how to appeal.";
        return Err(ApiError::forbidden("CHANNEL_SUSPENDED", message));
    }
    let (policy, now) = (PolicyDefaults::COURSE, platform.ambient().now());
    let video = Video {
        // The same at every attempt.
        id: Id::from_uuid(attempt.uuid()),
        channel_id: channel.id,
        owner_id: owner,
        course_id: Some(place.course_id),
        section_id: Some(place.section_id),
        lesson_id: None,
        shared_with: Default::default(),
        shared_lessons: Default::default(),
        title: new.title,
        description: String::new(),
        status: VideoStatus::Ready,
        error_reason: String::new(),
        visibility: policy.visibility,
        publish_when_ready: false,
        // Videos of the same order are listed by age, so the next one comes last without a count.
        order: 1,
        active_version: None,
        newest_shown: None,
        subtitled: None,
        latest_version: 0,
        duration_ms: 0,
        thumbnail_path: String::new(),
        uploaded_thumbnail: None,
        allow_skip: policy.allow_skip,
        max_speed: policy.max_speed,
        show_watermark: policy.show_watermark,
        age_restricted: false,
        geo_restrictions: Default::default(),
        tags: Vec::new(),
        file_size: 0,
        file_key: String::new(),
        link: Some(link),
        published_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    platform.store().videos().add_link(&video, &place).await?.ok_or_else(section_not_found)
}
