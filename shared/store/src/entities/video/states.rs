//! How an owner changes a video's state.

use domain::video::VideoStatus;
use kernel::{Id, Timestamp, id::kinds};

use super::{Video, Videos};
use crate::{Condition, Entity as _, StoreError, Update, from_item};

/// What became of an owner's wish to change a video's state.
#[derive(Clone, Debug)]
pub enum StateChange {
    /// It is so now, or was so before.
    Done(Box<Video>),
    /// He owns no such video.
    NotFound,
    /// Its state does not allow it.
    Refused(VideoStatus),
}

/// How often a change of state that another writer was faster than is looked at anew: a video has seven states, and
/// only an owner's own clicks can lead through one twice.
const TRIES: usize = 4;

impl Videos<'_> {
    /// Publishes a video of this user now if it can be played, else as soon as it can. One write, or two while it is processed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn publish(&self, video: &Video, now: Timestamp) -> Result<StateChange, StoreError> {
        let at_once = Video::transition(video.id, video.channel_id, VideoStatus::Published, now)
            .set_if_absent("published_at", now)
            // From PROCESSING only the packaging job leads here.
            .when(Condition::one_of("status", [VideoStatus::Ready, VideoStatus::Archived]))
            .when(Video::owned_by(video.owner_id));
        let later = Update::of::<Video>(video.key())
            .set("publish_when_ready", true)
            .set("updated_at", now)
            .when(Condition::one_of(
                "status",
                [VideoStatus::Pending, VideoStatus::Uploaded, VideoStatus::Processing],
            ))
            .when(Video::owned_by(video.owner_id));
        for _ in 0..TRIES {
            let seen = match self.attempt(at_once.clone(), video.owner_id).await? {
                Attempt::Done(video) => return Ok(StateChange::Done(video)),
                Attempt::NotFound => return Ok(StateChange::NotFound),
                Attempt::Other(seen) => seen,
            };
            match seen.status {
                VideoStatus::Published => return Ok(StateChange::Done(seen)),
                status if status.is_under_way() => match self.attempt(later.clone(), video.owner_id).await? {
                    Attempt::Done(video) => return Ok(StateChange::Done(video)),
                    Attempt::NotFound => return Ok(StateChange::NotFound),
                    // It became ready between the two writes.
                    Attempt::Other(_) => {}
                },
                VideoStatus::Ready | VideoStatus::Archived => {}
                status => return Ok(StateChange::Refused(status)),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Takes a video of this user out of its lists. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn archive(&self, video: &Video, now: Timestamp) -> Result<StateChange, StoreError> {
        let update = Video::transition(video.id, video.channel_id, VideoStatus::Archived, now)
            .when(Video::owned_by(video.owner_id));
        Ok(match self.attempt(update, video.owner_id).await? {
            Attempt::Done(video) => StateChange::Done(video),
            Attempt::NotFound => StateChange::NotFound,
            Attempt::Other(seen) if seen.status == VideoStatus::Archived => StateChange::Done(seen),
            Attempt::Other(seen) => StateChange::Refused(seen.status),
        })
    }

    async fn attempt(&self, update: Update, owner: Id<kinds::User>) -> Result<Attempt, StoreError> {
        match self.0.update(update).await {
            Ok(item) => Ok(Attempt::Done(Box::new(from_item(item)?))),
            Err(StoreError::ConditionFailed(None)) => Ok(Attempt::NotFound),
            Err(StoreError::ConditionFailed(Some(item))) => {
                let seen: Video = from_item(*item)?;
                let own = seen.owner_id == owner && seen.deleted_at.is_none();
                Ok(if own { Attempt::Other(Box::new(seen)) } else { Attempt::NotFound })
            }
            Err(error) => Err(error),
        }
    }
}

/// What one conditional write met.
enum Attempt {
    /// The video as it is now.
    Done(Box<Video>),
    /// No such video of this user.
    NotFound,
    /// The video as it was, in a state that the write is not for.
    Other(Box<Video>),
}
