//! Documents of the index, from the items of the tables.
//!
//! A document is made of several items (a course names its teacher), so no item's revision could be its version. Its version is the
//! time, in milliseconds, just before its items were read strongly consistently: who reads later sees no less. A change makes a message
//! that is handled after it, so the last to read has read it.

use domain::{
    category,
    channel::ChannelStatus,
    course::{CourseStatus, Level},
    review::Distribution,
    video::{VideoStatus, Visibility},
};
use search::{Change, Document, Kind};
use serde::{Deserialize, Serialize};
use store::entities::{Category, Channel, Course, Person, Video};

/// What a list shows of a course beyond the index's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CourseCard {
    /// The teacher's given name.
    pub first_name: String,
    /// The teacher's family name.
    pub last_name: String,
    /// Lessons.
    pub lesson_count: u32,
    /// Price in minor units; the index's own number ends at 2^32 - 1.
    pub price_minor: Option<u64>,
    /// Price before the discount, in minor units.
    pub original_price_minor: Option<u64>,
    /// Seconds.
    pub duration_seconds: u64,
    /// Whether plans open it.
    pub in_plans: bool,
}

/// What a list shows of an instructor beyond the index's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstructorCard {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Published courses.
    pub courses_count: u64,
}

/// What a list shows of a channel beyond the index's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelCard {
    /// Whether it is verified.
    pub verified: bool,
    /// Followers.
    pub subscriber_count: u64,
}

/// What a list shows of a video beyond the index's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VideoCard {
    /// Handle of its channel.
    pub channel_handle: String,
}

/// Whether everybody finds the course.
pub fn lists_course(course: &Course) -> bool {
    course.status == CourseStatus::Published && course.deleted_at.is_none() && course.retired_at.is_none()
}

/// Whether everybody finds the channel: those that work.
pub fn lists_channel(channel: &Channel) -> bool {
    channel.status == ChannelStatus::Active
}

/// Whether everybody finds the video, while its channel works: who may watch an unlisted one has its address.
pub fn lists_video(video: &Video) -> bool {
    video.status == VideoStatus::Published
        && video.visibility == Visibility::Public
        && video.deleted_at.is_none()
}

/// Sums over the published courses of an instructor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Courses.
    pub courses: u64,
    /// Their students; who is in two counts twice.
    pub students: u64,
    /// Their reviews.
    pub ratings: Distribution,
}

impl Numbers {
    /// Adds a published course.
    pub fn add(&mut self, course: &Course) {
        self.courses += 1;
        self.students += course.student_count;
        let (all, one) = (&mut self.ratings, &course.ratings);
        all.rated_1 += one.rated_1;
        all.rated_2 += one.rated_2;
        all.rated_3 += one.rated_3;
        all.rated_4 += one.rated_4;
        all.rated_5 += one.rated_5;
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn hundredths(ratings: &Distribution) -> u16 {
    u16::try_from(ratings.average_hundredths()).unwrap_or(u16::MAX)
}

fn picture(address: &str) -> Option<String> {
    (!address.is_empty()).then(|| address.to_owned())
}

fn names(person: Option<&Person>) -> (String, String) {
    person.map_or_else(Default::default, |person| {
        (person.first_name.expose().to_owned(), person.last_name.expose().to_owned())
    })
}

/// The document of a published course. Without a teacher's account it is found without his name.
pub fn course(course: &Course, teacher: Option<&Person>, version: u64) -> Document {
    let (first_name, last_name) = names(teacher);
    let card = CourseCard {
        first_name,
        last_name,
        lesson_count: course.lesson_count,
        price_minor: course.price_minor,
        original_price_minor: course.original_price_minor,
        duration_seconds: course.duration_seconds,
        in_plans: course.in_plans,
    };
    Document {
        kind: Kind::Course,
        id: course.id.to_string(),
        version,
        slug: course.slug.clone(),
        title: course.title.clone(),
        subtitle: course.short_description.clone(),
        description: course.description.clone(),
        what_you_learn: course.outcomes.clone(),
        tags: course.tags.clone(),
        category: Some(category::normal(&course.category))
            .filter(|id| !id.is_empty())
            .map(|id| search::Named { id, name: course.category.clone() }),
        instructor: Some(search::Named {
            id: course.instructor_id.to_string(),
            name: teacher.map(|teacher| teacher.full_name().into_inner()).unwrap_or_default(),
        }),
        level: Some(match course.level {
            Level::Beginner => search::Level::Beginner,
            Level::Intermediate => search::Level::Intermediate,
            Level::Advanced => search::Level::Advanced,
        }),
        language: course.language.clone(),
        price_cents: narrow(course.price_minor.unwrap_or(0)),
        original_price_cents: course.original_price_minor.map(narrow),
        currency: course.currency.clone(),
        rating_hundredths: hundredths(&course.ratings),
        rating_count: narrow(course.ratings.count()),
        students: course.student_count,
        duration_seconds: narrow(course.duration_seconds),
        published_at: course.published_at.map_or(0, |at| at.as_second()),
        updated_at: course.updated_at.as_second(),
        // Seed 001, 10.4: lists come by the count of students unless asked otherwise.
        popularity: narrow(course.student_count),
        thumbnail: picture(&course.thumbnail),
        extra: serde_json::to_value(card).unwrap_or_default(),
        ..Document::default()
    }
}

/// The document of somebody who teaches a published course.
pub fn instructor(person: &Person, numbers: &Numbers, version: u64) -> Document {
    let (first_name, last_name) = names(Some(person));
    let card = InstructorCard { first_name, last_name, courses_count: numbers.courses };
    Document {
        kind: Kind::Instructor,
        id: person.id.to_string(),
        version,
        slug: person.id.to_string(),
        title: person.full_name().into_inner(),
        description: person.bio.clone(),
        rating_hundredths: hundredths(&numbers.ratings),
        rating_count: narrow(numbers.ratings.count()),
        students: numbers.students,
        popularity: narrow(numbers.students),
        thumbnail: picture(&person.avatar_url),
        extra: serde_json::to_value(card).unwrap_or_default(),
        ..Document::default()
    }
}

/// The document of a category.
pub fn category(category: &Category, version: u64) -> Document {
    Document {
        kind: Kind::Category,
        id: category.id.to_string(),
        version,
        slug: category.slug.clone(),
        title: category.name.clone(),
        description: category.description.clone(),
        updated_at: category.updated_at.as_second(),
        ..Document::default()
    }
}

/// The document of a channel.
pub fn channel(channel: &Channel, version: u64) -> Document {
    let card = ChannelCard { verified: channel.verified, subscriber_count: channel.subscriber_count };
    Document {
        kind: Kind::Channel,
        id: channel.id.to_string(),
        version,
        slug: channel.handle.clone(),
        title: channel.name.clone(),
        // The handle is typed as often as the name.
        tags: vec![channel.handle.clone()],
        description: channel.description.clone(),
        published_at: channel.created_at.as_second(),
        updated_at: channel.updated_at.as_second(),
        popularity: narrow(channel.subscriber_count),
        thumbnail: picture(&channel.avatar_url),
        extra: serde_json::to_value(card).unwrap_or_default(),
        ..Document::default()
    }
}

/// The document of a public video. Its picture is a path below the distribution's address, which a document must not hold: it may change.
pub fn video(video: &Video, channel: &Channel, version: u64) -> Document {
    let card = VideoCard { channel_handle: channel.handle.clone() };
    Document {
        kind: Kind::Video,
        id: video.id.to_string(),
        version,
        slug: video.id.to_string(),
        title: video.title.clone(),
        tags: video.tags.clone(),
        description: video.description.clone(),
        // Who made it: it is found by the name of its channel too.
        instructor: Some(search::Named { id: channel.id.to_string(), name: channel.name.clone() }),
        duration_seconds: narrow(video.duration_seconds()),
        published_at: video.published_at.map_or(0, |at| at.as_second()),
        updated_at: video.updated_at.as_second(),
        // Nothing counts views of a video yet: it is asked for as its channel is.
        popularity: narrow(channel.subscriber_count),
        thumbnail: picture(video.thumbnail()),
        extra: serde_json::to_value(card).unwrap_or_default(),
        ..Document::default()
    }
}

/// The document's change to this.
pub fn upsert(document: Document) -> Change {
    Change::Upsert { document: Box::new(document) }
}
