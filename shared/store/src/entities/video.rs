//! A video (seeds 002 and 003 in one).

mod states;
mod tags;

use std::collections::BTreeSet;

use domain::{
    link::VideoLink,
    playback::Audience,
    video::{VideoStatus, Visibility},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use states::StateChange;
pub(crate) use tags::count_tags;

use super::{section::SectionPlace, subtitle::Subtitled};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update, from_item,
};

/// A video. It belongs to a channel and may belong to a section of a course.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Video {
    /// Identifier.
    pub id: Id<kinds::Video>,
    /// Its channel.
    pub channel_id: Id<kinds::Channel>,
    /// The channel's owner: conditions of writes compare it.
    pub owner_id: Id<kinds::User>,
    /// Its course, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_id: Option<Id<kinds::Course>>,
    /// Its section, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section_id: Option<Id<kinds::Section>>,
    /// Its lesson, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson_id: Option<Id<kinds::Lesson>>,
    /// Other courses of its owner that show it too, whose students may watch it. It is written as a set, by adding to it only.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with: BTreeSet<Id<kinds::Course>>,
    /// Their lessons in which it is, or was ([`Video::lessons`]): the lesson says whether it still is. Written as `shared_with`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_lessons: BTreeSet<String>,
    /// Title, up to 200 characters.
    pub title: String,
    /// Up to 10,000 characters.
    #[serde(default)]
    pub description: String,
    /// State.
    pub status: VideoStatus,
    /// Why it failed, for its owner.
    #[serde(default)]
    pub error_reason: String,
    /// Who may see it outside of a course.
    pub visibility: Visibility,
    /// Whether it becomes published as soon as it is ready.
    #[serde(default)]
    pub publish_when_ready: bool,
    /// Place in its section.
    #[serde(default)]
    pub order: u32,
    /// The version that plays; none before the first is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_version: Option<u32>,
    /// The newest version that ever played. Its owner may have gone back to an older one since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_shown: Option<u32>,
    /// How that version is played, where it has subtitles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitled: Option<Subtitled>,
    /// The newest version.
    pub latest_version: u32,
    /// Milliseconds, of the active version; 0 before the first plays.
    #[serde(default)]
    pub duration_ms: u64,
    /// Path of the picture out of the version that plays, below the distribution's address. What stands for the video is [`Video::thumbnail`].
    #[serde(default)]
    pub thumbnail_path: String,
    /// Path of the picture that its owner has uploaded, while it stands for the video. Versions come and go without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded_thumbnail: Option<String>,
    /// Whether students may seek (seed 002).
    #[serde(default)]
    pub allow_skip: bool,
    /// Highest speed of playback (seed 002).
    pub max_speed: f64,
    /// Whether the player shows who watches (seed 002).
    pub show_watermark: bool,
    /// Whether it is for adults alone (seed 003).
    #[serde(default)]
    pub age_restricted: bool,
    /// Codes of the countries in which it is not shown (seed 003).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub geo_restrictions: BTreeSet<String>,
    /// Words by which it is found, in their normal form; each is counted in its [`super::VideoTag`] as long as the video has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Bytes of the source.
    #[serde(default)]
    pub file_size: u64,
    /// The source's key in the uploads bucket.
    #[serde(default)]
    pub file_key: String,
    /// Where it is shown, if another site shows it: it then has no file, no version and no processing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<VideoLink>,
    /// First publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Deletion by the owner; the janitor then removes what is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
}

impl Video {
    /// Whether students of this course may watch it: its own course, or one that shares it.
    pub fn is_in(&self, course: Id<kinds::Course>) -> bool {
        self.course_id == Some(course) || self.shared_with.contains(&course)
    }

    /// Whether there is something to watch: a version that plays, or another site that shows it.
    pub const fn is_watchable(&self) -> bool {
        self.active_version.is_some() || self.link.is_some()
    }

    /// From whom its owner keeps it.
    pub const fn audience(&self) -> Audience<'_> {
        Audience { age_restricted: self.age_restricted, geo_restrictions: &self.geo_restrictions }
    }

    /// Path of the picture that stands for it below the distribution's address: its owner's own, else that out of the version that plays; empty for none.
    pub fn thumbnail(&self) -> &str {
        self.uploaded_thumbnail.as_deref().unwrap_or(&self.thumbnail_path)
    }

    /// Whether its own state is that of this version: as long as none ever played, that of the newest. Later versions come and fail while
    /// another one plays.
    pub const fn follows(&self, version: u32) -> bool {
        self.active_version.is_none() && self.latest_version == version
    }

    /// All courses whose students may watch it.
    pub fn courses(&self) -> impl Iterator<Item = Id<kinds::Course>> {
        self.course_id.into_iter().chain(self.shared_with.iter().copied())
    }

    /// All lessons that may show it, each with its course.
    pub fn lessons(&self) -> impl Iterator<Item = (Id<kinds::Course>, Id<kinds::Lesson>)> {
        let shared = self.shared_lessons.iter().filter_map(|place| {
            let (course, lesson) = place.split_once('/')?;
            Some((course.parse().ok()?, lesson.parse().ok()?))
        });
        self.course_id.zip(self.lesson_id).into_iter().chain(shared)
    }

    /// A lesson of a course that shares it, as `shared_lessons` keeps it.
    pub(crate) fn shared_lesson(course: Id<kinds::Course>, lesson: Id<kinds::Lesson>) -> String {
        format!("{course}/{lesson}")
    }

    /// The partition that holds a video, its versions, plans, parts and assets.
    pub fn partition(id: Id<kinds::Video>) -> String {
        format!("VIDEO#{id}")
    }

    /// The key of a video.
    pub fn key_of(id: Id<kinds::Video>) -> Key {
        Key::new(Self::partition(id), "VIDEO")
    }

    /// The index attribute that holds a channel's videos of one state: every write that changes the status sets it too,
    /// which is why they all begin with [`Video::transition`].
    pub fn status_partition(channel: Id<kinds::Channel>, status: VideoStatus) -> String {
        format!("CHANNEL#{channel}#{status}")
    }

    /// Its length in whole seconds, begun ones counted, as people read it. Shares are computed from the milliseconds: against
    /// rounded seconds, a short film that was watched whole could stay below its 90 percent.
    pub const fn duration_seconds(&self) -> u64 {
        self.duration_ms.div_ceil(1_000)
    }

    /// The change of a video's state, to which the caller adds what changes with it. Happens only from a state that leads
    /// to this one ([`VideoStatus::reached_from`]) and never to a deleted video, which must not come back into the indexes.
    pub fn transition(
        id: Id<kinds::Video>,
        channel: Id<kinds::Channel>,
        to: VideoStatus,
        now: Timestamp,
    ) -> Update {
        Update::of::<Self>(Self::key_of(id))
            .set("status", to)
            .set("gsi3pk", Self::status_partition(channel, to))
            .set("updated_at", now)
            .when(Condition::one_of("status", to.reached_from()))
            .when(Condition::HasNot("deleted_at"))
    }

    /// Videos of a section are listed by their order, those of the same order by age (seed 002, `ordering`).
    fn section_sort(order: u32, id: Id<kinds::Video>) -> String {
        format!("{order:010}#{id}")
    }

    /// The condition that the version that plays is still this one, or still none does.
    pub(crate) fn shows(version: Option<u32>) -> Condition {
        const NAME: &str = "active_version";
        version.map_or(Condition::HasNot(NAME), |version| Condition::equals(NAME, version))
    }

    /// The condition that it was not deleted.
    pub(crate) fn is_there() -> Condition {
        Condition::Exists.and(Condition::HasNot("deleted_at"))
    }

    /// The condition of [`Video::follows`].
    pub(crate) fn is_following(version: u32) -> Condition {
        Condition::equals("latest_version", version).and(Condition::HasNot("active_version"))
    }

    /// The condition of all that only the owner may do.
    pub(crate) fn owned_by(owner: Id<kinds::User>) -> Condition {
        Condition::equals("owner_id", owner).and(Condition::HasNot("deleted_at"))
    }
}

impl Entity for Video {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "video";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        if self.deleted_at.is_some() {
            return Vec::new();
        }
        let mut keys = vec![
            IndexKey::new(2, format!("CHANNEL#{}", self.channel_id), self.id.to_string()),
            IndexKey::new(3, Self::status_partition(self.channel_id, self.status), self.id.to_string()),
        ];
        if let Some(section) = self.section_id {
            keys.push(IndexKey::new(
                1,
                format!("SECTION#{section}"),
                Self::section_sort(self.order, self.id),
            ));
        }
        keys
    }
}

/// What an owner may change; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct VideoChanges {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New place in its section.
    pub order: Option<u32>,
    /// New visibility.
    pub visibility: Option<Visibility>,
    /// Whether students may seek.
    pub allow_skip: Option<bool>,
    /// Highest speed.
    pub max_speed: Option<f64>,
    /// Whether the watermark is shown.
    pub show_watermark: Option<bool>,
    /// Whether it is for adults alone.
    pub age_restricted: Option<bool>,
    /// The countries in which it is not shown.
    pub geo_restrictions: Option<BTreeSet<String>>,
}

/// The videos.
pub struct Videos<'a>(pub(crate) &'a Store);

impl Store {
    /// The videos.
    pub fn videos(&self) -> Videos<'_> {
        Videos(self)
    }
}

impl Videos<'_> {
    /// The video by its id, unless it is deleted: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: Id<kinds::Video>) -> Result<Option<Video>, StoreError> {
        let found: Option<Video> = self.0.get(Video::key_of(id), Consistency::Strong).await?;
        Ok(found.filter(|video| video.deleted_at.is_none()))
    }

    /// The video by its id, if this user owns it: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn own(
        &self,
        id: Id<kinds::Video>,
        owner: Id<kinds::User>,
    ) -> Result<Option<Video>, StoreError> {
        Ok(self.get(id).await?.filter(|video| video.owner_id == owner))
    }

    /// A page of a section's videos in their order: one query of index 1.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_section(
        &self,
        section: Id<kinds::Section>,
        limit: u32,
        after: Option<Position>,
    ) -> Result<QueryPage<Video>, StoreError> {
        self.0.query(Query::index(1, format!("SECTION#{section}")).limit(limit).after(after)).await
    }

    /// A page of a channel's videos, the newest first, all or those of one state: one query of index 2 or 3.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_channel(
        &self,
        channel: Id<kinds::Channel>,
        status: Option<VideoStatus>,
        limit: u32,
        after: Option<Position>,
    ) -> Result<QueryPage<Video>, StoreError> {
        let query = match status {
            None => Query::index(2, format!("CHANNEL#{channel}")),
            Some(status) => Query::index(3, Video::status_partition(channel, status)),
        };
        self.0.query(query.backward().limit(limit).after(after)).await
    }

    /// Makes a video that another site shows, in a section of a course of its owner: one transaction of a put and a check. An attempt after a
    /// crash, which comes with the same id, finds what the first one made. `None` when the section is not his any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_link(&self, video: &Video, place: &SectionPlace) -> Result<Option<Video>, StoreError> {
        let own = Condition::equals("instructor_id", video.owner_id)
            .and(Condition::equals("course_id", place.course_id));
        let transaction = self.0.transaction().put_new("video", video).check(
            "place",
            SectionPlace::TABLE,
            place.key(),
            own,
        );
        match transaction.commit().await {
            Ok(()) => Ok(Some(video.clone())),
            Err(TransactionError::Failed { label: "video", item: Some(item) }) => from_item(*item).map(Some),
            Err(TransactionError::Failed { .. }) => Ok(None),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Changes a video of this user; `None` when he owns no such video. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        id: Id<kinds::Video>,
        owner: Id<kinds::User>,
        changes: VideoChanges,
        now: Timestamp,
    ) -> Result<Option<Video>, StoreError> {
        let update = Update::of::<Video>(Video::key_of(id))
            .set_some("title", changes.title)
            .set_some("description", changes.description)
            .set_some("order", changes.order)
            // Without `gsi1pk`, in a video without a section, this alone puts it into no list.
            .set_some("gsi1sk", changes.order.map(|order| Video::section_sort(order, id)))
            .set_some("visibility", changes.visibility)
            .set_some("allow_skip", changes.allow_skip)
            .set_some("max_speed", changes.max_speed)
            .set_some("show_watermark", changes.show_watermark)
            .set_some("age_restricted", changes.age_restricted)
            .set_some("geo_restrictions", changes.geo_restrictions)
            .set("updated_at", now)
            .when(Video::owned_by(owner));
        self.0.update_if(update).await
    }
}
