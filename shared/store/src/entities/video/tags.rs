//! What changes the tags of a video: its owner's word, and its end. Each tag's count changes in the same transaction, on the condition that the
//! video had the tags that were counted.

use std::collections::BTreeSet;

use kernel::{Id, Timestamp, id::kinds};

use super::{Video, Videos};
use crate::{
    Condition, Entity as _, StoreError, Transaction, TransactionError, Update,
    entities::{VideoTag, sweep::Sweep},
    from_item,
    transaction::wait_for_turn,
};

/// How often a change that another writer was faster than is planned anew: only clicks of one owner meet on one video.
const TRIES: u32 = 8;

impl Video {
    /// The change that takes a video with these tags out of every list and from its tags. The item stays until the janitor has removed the
    /// objects. Goes with [`count_tags`], which takes the video off each tag's count.
    pub(crate) fn removal(id: Id<kinds::Video>, tags: &[String], now: Timestamp) -> Update {
        let update = Update::of::<Self>(Self::key_of(id)).set("deleted_at", now).set("updated_at", now);
        ["gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk", "tags"]
            .into_iter()
            .fold(update, Update::remove)
            .when(Condition::HasNot("deleted_at"))
            .when(Self::has_tags(tags))
    }

    /// The condition that these, in this order, are its tags.
    fn has_tags(tags: &[String]) -> Condition {
        const NAME: &str = "tags";
        if tags.is_empty() { Condition::HasNot(NAME) } else { Condition::equals(NAME, tags) }
    }
}

/// Counts a video in each of the tags that it gets and out of each that it loses.
pub(crate) fn count_tags<'a, L: Clone + std::fmt::Debug>(
    transaction: Transaction<'a, L>,
    label: L,
    (before, after): (&[String], &[String]),
    now: Timestamp,
) -> Transaction<'a, L> {
    // A set for each: DynamoDB refuses a transaction that names an item twice.
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let lost = before.difference(&after).map(|tag| (tag, -1));
    let new = after.difference(&before).map(|tag| (tag, 1));
    lost.chain(new).fold(transaction, |transaction, (tag, by)| {
        transaction.update(label.clone(), VideoTag::counted(tag, by, now))
    })
}

impl Videos<'_> {
    /// Gives a video of this user these tags, in their normal form, instead of those that it has; `None` when he owns no such video. A read,
    /// and one transaction of the video and each tag that it gets or loses: they are counted once, whoever races or dies. No write where they
    /// are the same. What no video has any more is forgotten, with a batch and a delete for each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_tags(
        &self,
        id: Id<kinds::Video>,
        owner: Id<kinds::User>,
        tags: &[String],
        now: Timestamp,
    ) -> Result<Option<Video>, StoreError> {
        let mut known = self.own(id, owner).await?;
        for attempt in 0..TRIES {
            let Some(video) = known else { return Ok(None) };
            if video.tags == tags {
                return Ok(Some(video));
            }
            let update = Update::of::<Video>(video.key())
                .set("tags", (!tags.is_empty()).then_some(tags))
                .set("updated_at", now)
                .when(Video::owned_by(owner))
                .when(Video::has_tags(&video.tags));
            let transaction = self.0.transaction().hot().update(Target::Video, update);
            match count_tags(transaction, Target::Tag, (&video.tags, tags), now).commit().await {
                Ok(()) => {
                    let lost: Vec<_> = video.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
                    self.0.video_tags().forget_unused(&lost).await?;
                    return Ok(Some(Video { tags: tags.to_vec(), updated_at: now, ..video }));
                }
                Err(TransactionError::Failed { item, .. }) => {
                    known = item.map(|item| from_item::<Video>(*item)).transpose()?;
                    known = known.filter(|video| video.owner_id == owner && video.deleted_at.is_none());
                }
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(attempt).await;
        }
        Err(StoreError::Throttled)
    }

    /// Deletes a video of this user, with the reminder to remove what is left of it and off the counts of its tags, in one transaction; `false`
    /// when he owns no such video. One call, and two more or so for one with tags.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(
        &self,
        id: Id<kinds::Video>,
        owner: Id<kinds::User>,
        purge: &Sweep,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Most have none; what is there says so otherwise.
        let mut tags: Vec<String> = Vec::new();
        for attempt in 0..TRIES {
            let removal = Video::removal(id, &tags, now).when(Condition::equals("owner_id", owner));
            let transaction = self.0.transaction().hot().update(Target::Video, removal);
            let transaction = transaction.put(Target::Purge, purge);
            match count_tags(transaction, Target::Tag, (&tags, &[]), now).commit().await {
                Ok(()) => {
                    self.0.video_tags().forget_unused(&tags).await?;
                    return Ok(true);
                }
                Err(TransactionError::Failed { item: Some(item), .. }) => {
                    let seen: Video = from_item(*item)?;
                    if seen.owner_id != owner || seen.deleted_at.is_some() {
                        return Ok(false);
                    }
                    tags = seen.tags;
                }
                Err(TransactionError::Failed { item: None, .. }) => return Ok(false),
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(attempt).await;
        }
        Err(StoreError::Throttled)
    }
}

/// What an action of a transaction is on; the video's alone has a condition.
#[derive(Clone, Copy, Debug)]
enum Target {
    Video,
    Tag,
    Purge,
}
