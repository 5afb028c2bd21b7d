//! A video as the API shows it: the fields of seed 002's serializer, then those of seed 003's model.

use std::collections::BTreeSet;

use domain::{
    link::VideoLink,
    subtitle::LanguageTag,
    video::{VideoStatus, Visibility},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Video;

/// Where a video's picture comes from (seed 002, `source_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceType {
    /// An uploaded file.
    S3,
    /// YouTube.
    Youtube,
    /// Another site.
    External,
    /// Nothing yet.
    Unknown,
}

/// Where a video's picture comes from, and by what another site knows it.
#[derive(Clone, Debug)]
pub struct VideoSource {
    /// Where from.
    pub source_type: SourceType,
    /// YouTube's identifier, where YouTube shows it; else empty.
    pub youtube_id: String,
    /// The address, where another site shows it; else empty.
    pub external_url: String,
}

impl VideoSource {
    /// That of a video.
    pub fn of(video: &Video) -> Self {
        let (source_type, youtube_id, external_url) = match &video.link {
            Some(VideoLink::Youtube { id }) => (SourceType::Youtube, id.clone(), String::new()),
            Some(VideoLink::External { url }) => (SourceType::External, String::new(), url.clone()),
            None if video.file_key.is_empty() => (SourceType::Unknown, String::new(), String::new()),
            None => (SourceType::S3, String::new(), String::new()),
        };
        Self { source_type, youtube_id, external_url }
    }
}

/// The address of a video's picture below that of the distribution (without a slash at its end); none until it was encoded or its owner uploaded one.
pub fn thumbnail_url(video: &Video, base: &str) -> Option<String> {
    let path = video.thumbnail().trim_start_matches('/');
    (!path.is_empty()).then(|| format!("{base}/{path}"))
}

/// A video.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VideoView {
    id: Id<kinds::Video>,
    /// Its section: a session of a lecture in seed 002.
    session_id: Option<Id<kinds::Section>>,
    /// The same as `session_id`, under the name that seed 002's client reads.
    session: Option<Id<kinds::Section>>,
    #[schema(example = "Ownership and borrowing")]
    title: String,
    /// The video at YouTube, where YouTube shows it; else empty.
    #[schema(example = "")]
    youtube_id: String,
    /// Its address, where another site shows it; else empty.
    #[schema(example = "")]
    external_url: String,
    /// Always null; seed 002's client reads it.
    file: Option<String>,
    /// The source's key in the uploads bucket. For its owner only.
    file_key: Option<String>,
    /// Seconds; null until it was encoded.
    duration: Option<u64>,
    order: u32,
    status: VideoStatus,
    allow_skip: bool,
    #[schema(example = 1.5)]
    max_speed: f64,
    show_watermark: bool,
    /// Whether it is for adults of 18 years and more alone.
    age_restricted: bool,
    /// Codes (ISO 3166-1 alpha-2) of the countries in which it is not shown. For its owner only.
    #[schema(example = json!(["CN", "KP"]))]
    geo_restrictions: Option<BTreeSet<String>>,
    created_at: Timestamp,
    updated_at: Timestamp,
    source_type: SourceType,
    /// Bytes of the source. For its owner only.
    file_size: Option<u64>,
    channel_id: Id<kinds::Channel>,
    course_id: Option<Id<kinds::Course>>,
    lesson_id: Option<Id<kinds::Lesson>>,
    description: String,
    /// Words by which it is found, in their normal form.
    #[schema(example = json!(["rust", "web development"]))]
    tags: Vec<String>,
    visibility: Visibility,
    /// Seconds; 0 until it was encoded.
    duration_seconds: u64,
    /// The version that plays; null before the first is ready.
    active_version: Option<u32>,
    /// Languages of the subtitles that its player offers.
    #[schema(value_type = Vec<String>, example = json!(["en", "ko"]))]
    subtitle_languages: Vec<LanguageTag>,
    /// The newest version. For its owner only.
    latest_version: Option<u32>,
    /// Absolute: its owner's own picture, else one out of the video; null until there is one.
    #[schema(example = "https://learn.example/posters/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/poster_0.jpg")]
    thumbnail_url: Option<String>,
    /// Why it failed; empty when it did not. For its owner only.
    error_reason: Option<String>,
    /// Whether it becomes published as soon as it is ready. For its owner only.
    publish_when_ready: Option<bool>,
    published_at: Option<Timestamp>,
}

impl VideoView {
    /// What its owner sees. `base` is the address of the distribution, without a slash at its end.
    pub fn own(video: Video, base: &str) -> Self {
        Self {
            file_key: Some(video.file_key.clone()).filter(|key| !key.is_empty()),
            file_size: Some(video.file_size),
            latest_version: Some(video.latest_version),
            error_reason: Some(video.error_reason.clone()),
            publish_when_ready: Some(video.publish_when_ready),
            geo_restrictions: Some(video.geo_restrictions.clone()),
            ..Self::reduced(video, base)
        }
    }

    /// What others see who may see it.
    pub fn reduced(video: Video, base: &str) -> Self {
        let (encoded, duration_seconds) = (video.active_version.is_some(), video.duration_seconds());
        let thumbnail_url = thumbnail_url(&video, base);
        let VideoSource { source_type, youtube_id, external_url } = VideoSource::of(&video);
        Self {
            id: video.id,
            session_id: video.section_id,
            session: video.section_id,
            title: video.title,
            youtube_id,
            external_url,
            file: None,
            file_key: None,
            duration: encoded.then_some(duration_seconds),
            order: video.order,
            status: video.status,
            allow_skip: video.allow_skip,
            max_speed: video.max_speed,
            show_watermark: video.show_watermark,
            age_restricted: video.age_restricted,
            geo_restrictions: None,
            created_at: video.created_at,
            updated_at: video.updated_at,
            source_type,
            file_size: None,
            channel_id: video.channel_id,
            course_id: video.course_id,
            lesson_id: video.lesson_id,
            description: video.description,
            tags: video.tags,
            visibility: video.visibility,
            duration_seconds,
            active_version: video.active_version,
            subtitle_languages: video.subtitled.map(|subtitled| subtitled.languages).unwrap_or_default(),
            latest_version: None,
            thumbnail_url,
            error_reason: None,
            publish_when_ready: None,
            published_at: video.published_at,
        }
    }
}
