//! What a teacher answers to a review of his course. Whether he teaches it is for the caller to compare: a course never changes hands.

use kernel::{Id, Timestamp, id::kinds};

use super::{Review, ReviewReply, Reviews};
use crate::{Condition, StoreError, Table, TransactionError, Update};

/// What became of a reply.
#[derive(Clone, Debug)]
pub enum Replied {
    /// It is written.
    Done,
    /// The review has one.
    Already,
    /// The review is gone.
    NoReview,
}

impl Reviews<'_> {
    /// Writes the reply to a review that has none: one transaction, which checks that the review is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reply(&self, reply: &ReviewReply) -> Result<Replied, StoreError> {
        let review = Review::key_of(reply.course_id, reply.review_id);
        let transaction = self
            .0
            .transaction()
            .check("review", Table::Catalog, review, Condition::Exists)
            .put_new("reply", reply);
        match transaction.commit().await {
            Ok(()) => Ok(Replied::Done),
            Err(TransactionError::Failed { label: "review", .. }) => Ok(Replied::NoReview),
            Err(TransactionError::Failed { .. }) => Ok(Replied::Already),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Changes a reply; `None` where there is none. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_reply(
        &self,
        course: Id<kinds::Course>,
        review: Id<kinds::Review>,
        comment: &str,
        now: Timestamp,
    ) -> Result<Option<ReviewReply>, StoreError> {
        let update = Update::of::<ReviewReply>(ReviewReply::key_of(course, review));
        let update = update.set("comment", comment).set("edited_at", now);
        self.0.update_if(update.when(Condition::Exists)).await
    }

    /// Removes a reply; `false` where there is none. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_reply(
        &self,
        course: Id<kinds::Course>,
        review: Id<kinds::Review>,
    ) -> Result<bool, StoreError> {
        let key = ReviewReply::key_of(course, review);
        let removed: Option<ReviewReply> = self.0.take_if(key, Condition::Exists).await?;
        Ok(removed.is_some())
    }
}
