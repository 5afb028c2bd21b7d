//! The documents of the index: what the catalogue's writers hand over, and what a search answers with.
//!
//! The same JSON would feed another search server, so nothing here knows how the index keeps it.

use serde::{Deserialize, Serialize};

/// What a document is about (spec: search over courses, instructors, channels, videos, categories).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A course.
    #[default]
    Course,
    /// A person who teaches.
    Instructor,
    /// A channel.
    Channel,
    /// A video of a channel.
    Video,
    /// A category of courses.
    Category,
}

impl Kind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Course, Self::Instructor, Self::Channel, Self::Video, Self::Category];

    /// The number that stands for it in the index. It is stored: never renumber.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The name in keys and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Instructor => "instructor",
            Self::Channel => "channel",
            Self::Video => "video",
            Self::Category => "category",
        }
    }
}

/// Level of a course (seed 001).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No knowledge needed.
    Beginner,
    /// Some knowledge needed.
    Intermediate,
    /// Much knowledge needed.
    Advanced,
}

impl Level {
    /// Every level, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Beginner, Self::Intermediate, Self::Advanced];

    /// The name in JSON and in facets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Beginner => "beginner",
            Self::Intermediate => "intermediate",
            Self::Advanced => "advanced",
        }
    }
}

/// Who finds a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody, in lists and searches.
    #[default]
    Public,
    /// Who knows its id: no list and no search shows it.
    Unlisted,
}

/// An id and the name that is shown for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Id, as in the tables.
    pub id: String,
    /// Name as shown; it is searched.
    pub name: String,
}

/// One document. Texts may be of any length and script: the index reads a bounded part of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Kind; `(kind, id)` is the document's key.
    pub kind: Kind,
    /// Id within the kind.
    pub id: String,
    /// Version of the source item. A document of a lower or the same version never replaces this one.
    pub version: u64,
    /// Who finds it.
    pub visibility: Visibility,
    /// Slug of its page.
    pub slug: String,
    /// Title, or the name of a person, channel or category.
    pub title: String,
    /// Short description.
    pub subtitle: String,
    /// Description. Answers carry only its beginning.
    pub description: String,
    /// What students learn; searched, not answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_you_learn: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Category, by its slug or id as the filter names it.
    pub category: Option<Named>,
    /// Instructor.
    pub instructor: Option<Named>,
    /// Level.
    pub level: Option<Level>,
    /// Language code, for example `ko`.
    pub language: String,
    /// Price in minor units of `currency`.
    pub price_cents: u32,
    /// Price before the discount, in minor units.
    pub original_price_cents: Option<u32>,
    /// ISO 4217 code.
    pub currency: String,
    /// Average rating in hundredths of a star: 0 to 500, exact in filters and orderings.
    pub rating_hundredths: u16,
    /// How many ratings.
    pub rating_count: u32,
    /// Students.
    pub students: u64,
    /// Length in seconds.
    pub duration_seconds: u32,
    /// Unix seconds of the first publication.
    pub published_at: i64,
    /// Unix seconds of the last change.
    pub updated_at: i64,
    /// How much it is asked for: any number that grows with demand. It breaks ties and lifts the ranking.
    pub popularity: u32,
    /// Address of the picture.
    pub thumbnail: Option<String>,
    /// What else a list shows; kept as it is, never searched.
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    pub extra: serde_json::Value,
}

/// Characters of the description that an answer carries; highlights are found in them.
pub const EXCERPT: usize = 240;

impl Document {
    /// The key of a document, unique in the index.
    pub fn key(kind: Kind, id: &str) -> String {
        format!("{}:{id}", kind.name())
    }

    /// The part of the document that answers carry: a list stays light however long the texts are.
    #[must_use]
    pub fn card(&self) -> Self {
        let mut card = self.clone();
        card.what_you_learn = Vec::new();
        if let Some((end, _)) = card.description.char_indices().nth(EXCERPT) {
            card.description.truncate(end);
        }
        card
    }

    /// Whether nothing is to be paid.
    pub const fn is_free(&self) -> bool {
        self.price_cents == 0
    }
}

/// One change of the index. Changes may come twice, late, or out of order: the highest version of a key wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// The document is now this.
    Upsert {
        /// The whole document.
        document: Box<Document>,
    },
    /// The document is gone: deleted, unpublished, or hidden.
    Delete {
        /// Kind of the document.
        kind: Kind,
        /// Id of the document.
        id: String,
        /// Version of the deletion.
        version: u64,
        /// Unix seconds of the deletion; its marker is kept for [`TOMBSTONE_SECONDS`].
        at: i64,
    },
}

/// How long a deletion is remembered: 28 days, twice the longest retention of an SQS queue (14 days), so that no older
/// change of a deleted document can still arrive when the marker goes.
pub const TOMBSTONE_SECONDS: i64 = 28 * 24 * 3600;

impl Change {
    /// Key of the document.
    pub fn key(&self) -> String {
        match self {
            Self::Upsert { document } => Document::key(document.kind, &document.id),
            Self::Delete { kind, id, .. } => Document::key(*kind, id),
        }
    }

    /// Version after the change.
    pub fn version(&self) -> u64 {
        match self {
            Self::Upsert { document } => document.version,
            Self::Delete { version, .. } => *version,
        }
    }
}
