//! What `GET /search` finds.

use catalog::{ChannelCard, InstructorCard, VideoCard};
use http_kit::{ApiError, ApiResult};
use kernel::{Id, Secret, Timestamp, id::kinds};
use search::{Hit, html};
use serde::Serialize;

use crate::views::{CourseListItem, card, id, rating};

/// Where a result matches: HTML in which everything is escaped but `<mark>`.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Highlighted {
    /// Title or name.
    #[schema(example = "Complete <mark>Web</mark> <mark>Development</mark> Bootcamp 2026")]
    title: String,
    /// Short description.
    #[serde(skip_serializing_if = "String::is_empty")]
    short_description: String,
    /// The beginning of the description.
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
}

impl Highlighted {
    /// The texts of a hit with what matched in them; texts in which nothing matched are left out, but for the title.
    pub(crate) fn new(hit: &Hit) -> Self {
        let (document, marks) = (&hit.document, &hit.highlights);
        let marked = |text: &str, ranges: &[search::Range]| {
            if ranges.is_empty() { String::new() } else { html(text, ranges) }
        };
        Self {
            title: html(&document.title, &marks.title),
            short_description: marked(&document.subtitle, &marks.subtitle),
            description: marked(&document.description, &marks.description),
        }
    }
}

/// A course that was found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseHit {
    #[serde(flatten)]
    pub(crate) course: CourseListItem,
    pub(crate) highlights: Highlighted,
}

/// An instructor who was found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct InstructorHit {
    id: Id<kinds::User>,
    #[schema(example = "Angela")]
    first_name: Secret<String>,
    #[schema(example = "Yu")]
    last_name: Secret<String>,
    profile_picture: String,
    #[schema(example = 12)]
    courses_count: u64,
    #[schema(example = 523_456)]
    students_count: u64,
    #[schema(example = 4.8)]
    rating: f64,
    highlights: Highlighted,
}

impl InstructorHit {
    /// An instructor of the index.
    ///
    /// # Errors
    /// 500 when the document is not one of ours.
    pub(crate) fn new(mut hit: Hit) -> ApiResult<Self> {
        let highlights = Highlighted::new(&hit);
        let card: InstructorCard = card(&mut hit.document)?;
        Ok(Self {
            id: id(&hit.document.id)?,
            first_name: Secret::new(card.first_name),
            last_name: Secret::new(card.last_name),
            profile_picture: hit.document.thumbnail.unwrap_or_default(),
            courses_count: card.courses_count,
            students_count: hit.document.students,
            rating: rating(hit.document.rating_hundredths),
            highlights,
        })
    }
}

/// A channel that was found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ChannelHit {
    id: Id<kinds::Channel>,
    #[schema(example = "Tech Reviews")]
    name: String,
    /// Its page is `GET /channels/@{handle}`.
    #[schema(example = "techreviews")]
    handle: String,
    avatar_url: String,
    verified: bool,
    #[schema(example = 1_250)]
    subscriber_count: u64,
    highlights: Highlighted,
}

impl ChannelHit {
    /// A channel of the index.
    ///
    /// # Errors
    /// 500 when the document is not one of ours.
    pub(crate) fn new(mut hit: Hit) -> ApiResult<Self> {
        let highlights = Highlighted::new(&hit);
        let card: ChannelCard = card(&mut hit.document)?;
        let document = hit.document;
        Ok(Self {
            id: id(&document.id)?,
            name: document.title,
            handle: document.slug,
            avatar_url: document.thumbnail.unwrap_or_default(),
            verified: card.verified,
            subscriber_count: card.subscriber_count,
            highlights,
        })
    }
}

/// The channel of a video.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ChannelOfHit {
    id: Id<kinds::Channel>,
    #[schema(example = "Tech Reviews")]
    name: String,
    #[schema(example = "techreviews")]
    handle: String,
}

/// A public video that was found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VideoHit {
    id: Id<kinds::Video>,
    #[schema(example = "Ownership and borrowing")]
    title: String,
    channel: ChannelOfHit,
    thumbnail_url: Option<String>,
    /// Seconds.
    #[schema(example = 754)]
    duration: u32,
    published_at: Timestamp,
    highlights: Highlighted,
}

impl VideoHit {
    /// A video of the index; its picture lies below this address of the distribution.
    ///
    /// # Errors
    /// 500 when the document is not one of ours.
    pub(crate) fn new(mut hit: Hit, base: &str) -> ApiResult<Self> {
        let highlights = Highlighted::new(&hit);
        let card: VideoCard = card(&mut hit.document)?;
        let document = hit.document;
        let channel = document.instructor.unwrap_or_default();
        Ok(Self {
            id: id(&document.id)?,
            title: document.title,
            channel: ChannelOfHit { id: id(&channel.id)?, name: channel.name, handle: card.channel_handle },
            thumbnail_url: document.thumbnail.map(|path| format!("{base}/{}", path.trim_start_matches('/'))),
            duration: document.duration_seconds,
            published_at: Timestamp::from_second(document.published_at).map_err(ApiError::internal)?,
            highlights,
        })
    }
}

/// A category that was found.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CategoryHit {
    #[schema(example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    id: String,
    #[schema(example = "Development")]
    name: String,
    /// As the filter `category` takes it.
    #[schema(example = "development")]
    slug: String,
    description: String,
    highlights: Highlighted,
}

impl From<Hit> for CategoryHit {
    fn from(hit: Hit) -> Self {
        let highlights = Highlighted::new(&hit);
        let document = hit.document;
        Self {
            id: document.id,
            name: document.title,
            slug: document.slug,
            description: document.description,
            highlights,
        }
    }
}
