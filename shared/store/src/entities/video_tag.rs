//! How many videos have a tag (seed 003, VideoTag).

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Entity, IndexKey, Key, Position, Query, QueryPage, SortKey, Store, StoreError, Table, Update,
};

/// A tag that some video has or had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VideoTag {
    /// In its normal form ([`domain::course::tag::normal`]).
    pub name: String,
    /// Videos that have it, in whatever state, until they are deleted. It is its place in the index too.
    pub usage_count: i64,
    /// First used.
    pub created_at: Timestamp,
    /// Last counted.
    pub updated_at: Timestamp,
}

/// The partition of index 3 that lists all tags by their counts.
const ALL: &str = "VIDEOTAGS";

impl VideoTag {
    /// The key of a tag.
    pub fn key_of(name: &str) -> Key {
        Key::new(format!("VIDEOTAG#{name}"), "TAG")
    }

    /// Adds to a tag's count and to its place in the index, which are one number: any number of videos at one moment are counted without a
    /// read. It makes the tag where there is none. It has no condition: what must not be counted twice is the other half of its transaction.
    pub(crate) fn counted(name: &str, by: i64, now: Timestamp) -> Update {
        Update::upsert::<Self>(Self::key_of(name))
            .set("name", name)
            .set("gsi3pk", ALL)
            .set_if_absent("created_at", now)
            .set("updated_at", now)
            .add("usage_count", by)
            .add("gsi3sk", by)
    }
}

impl Entity for VideoTag {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "video_tag";

    fn key(&self) -> Key {
        Self::key_of(&self.name)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(3, ALL, SortKey::Number(self.usage_count))]
    }
}

/// The tags of videos.
pub struct VideoTags<'a>(pub(crate) &'a Store);

impl Store {
    /// The tags of videos.
    pub fn video_tags(&self) -> VideoTags<'_> {
        VideoTags(self)
    }
}

impl VideoTags<'_> {
    /// A page of the tags that most videos have: one query of index 3. Tags of one count stand in no particular order. Those that no video has
    /// any more come last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn popular(
        &self,
        limit: u32,
        after: Option<Position>,
    ) -> Result<QueryPage<VideoTag>, StoreError> {
        self.0.query(Query::index(3, ALL).backward().limit(limit).after(after)).await
    }

    /// Deletes those of these tags that no video has: a batch, and a delete for each, which does nothing when a video got it meanwhile. One
    /// that is left behind by who dies here counts nothing and is shown to nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn forget_unused(&self, names: &[String]) -> Result<(), StoreError> {
        let keys = names.iter().map(|name| VideoTag::key_of(name));
        let found: Vec<VideoTag> = self.0.batch().with_all::<VideoTag>(keys).read().await?.all()?;
        for unused in found.into_iter().filter(|tag| tag.usage_count <= 0) {
            let nobody = Condition::compare("usage_count", "<=", 0);
            self.0.take_if::<VideoTag>(unused.key(), nobody).await?;
        }
        Ok(())
    }
}
