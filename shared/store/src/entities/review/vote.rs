//! Who found a review helpful.

use kernel::{Id, Timestamp, id::kinds};

use super::{Review, ReviewVote, Reviews, VOTE};
use crate::{Condition, Entity as _, StoreError, Table, TransactionError, Update};

impl Reviews<'_> {
    /// Counts a user's vote for a review once, however often he gives it: the vote, and the review's count with its places among the
    /// most helpful, in one transaction. Both are added to, so that any number of voters at one moment are counted without a read.
    /// Gives the review as it is afterwards, `None` where it is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn vote(
        &self,
        course_id: Id<kinds::Course>,
        review_id: Id<kinds::Review>,
        voter: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Option<Review>, StoreError> {
        let vote = ReviewVote { review_id, course_id, user_id: voter, created_at: now };
        let transaction = self
            .0
            .transaction()
            .hot()
            .put_new("vote", &vote)
            .update("review", helpful(course_id, review_id, 1).when(Condition::Exists));
        match transaction.commit().await {
            Ok(()) | Err(TransactionError::Failed { .. }) => self.get(course_id, review_id).await,
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Takes a user's vote back, if he gave one: as [`Reviews::vote`]. A vote for a review that is gone goes alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unvote(
        &self,
        course_id: Id<kinds::Course>,
        review_id: Id<kinds::Review>,
        voter: Id<kinds::User>,
    ) -> Result<Option<Review>, StoreError> {
        let key = ReviewVote::key_of(review_id, voter);
        let some = Condition::compare("helpful_count", ">", 0);
        let transaction = self
            .0
            .transaction()
            .hot()
            .delete("vote", Table::Catalog, key.clone(), Some(Condition::Exists))
            .update("review", helpful(course_id, review_id, -1).when(some));
        match transaction.commit().await {
            Ok(()) | Err(TransactionError::Failed { label: "vote", .. }) => {}
            Err(TransactionError::Failed { .. }) => self.0.delete(ReviewVote::TABLE, key).await?,
            Err(TransactionError::Store(error)) => return Err(error),
        }
        self.get(course_id, review_id).await
    }
}

/// Adds votes to a review and to its places in the indexes.
fn helpful(course: Id<kinds::Course>, review: Id<kinds::Review>, votes: i64) -> Update {
    Update::of::<Review>(Review::key_of(course, review))
        .add("helpful_count", votes)
        .add("gsi3sk", votes * VOTE)
        .add("gsi4sk", votes * VOTE)
}
