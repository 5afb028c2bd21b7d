//! How a review comes, changes and goes, each time together with what its course says of its ratings.

use domain::{
    enrollment::EnrollmentStatus,
    review::{EDITS_MAX, Rating},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{Review, ReviewEdit, ReviewGuard, ReviewReply, Reviews, count};
use crate::{
    Condition, Entity as _, StoreError, Table, Transaction, TransactionError, Update,
    entities::{
        AdminAction, Enrollment,
        course::{RecentReview, RecentReviews},
        teaching::count_ratings,
    },
    from_item,
    transaction::wait_for_turn,
};

/// How often a change is planned anew after another change of the same review was faster. Nobody but its author and an admin change it.
const TRIES: u32 = 16;

/// What became of a new review.
#[derive(Clone, Debug)]
pub enum Reviewed {
    /// It is written, now or by an earlier attempt under the same id.
    Made(Review),
    /// The user has another one of this course.
    Already(Id<kinds::Review>),
    /// His enrolment does not allow it any more.
    NotEnrolled,
    /// The course is gone.
    NoCourse,
}

/// What an author may change; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ReviewChanges {
    /// New stars.
    pub rating: Option<Rating>,
    /// New title.
    pub title: Option<String>,
    /// New comment.
    pub comment: Option<String>,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// The review as it is now.
    Done(Review),
    /// The user has no such review.
    NoReview,
    /// It was changed [`EDITS_MAX`] times.
    TooOften,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone, now.
    Done,
    /// It was gone already.
    Gone,
    /// The caller is no admin any more.
    NotAdmin,
}

impl Reviews<'_> {
    /// Writes a user's review of a course: the review, its guard and the course's count of the rating in one transaction, on the
    /// condition that he learns there at that moment. Of racers one gets it; an attempt after a crash, which comes with the same
    /// id, finds what the first one made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(
        &self,
        review: &Review,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Reviewed, StoreError> {
        let Review { id: review_id, course_id, user_id, instructor_id, .. } = *review;
        let learns = Condition::one_of("status", [EnrollmentStatus::Active, EnrollmentStatus::Completed]);
        let one_more = [(review.rating.counter(), 1)];
        let shown = RecentReview { review_id, user_id };
        let rated = count(course_id, &one_more).set(RecentReviews::place(review_id), shown);
        let transaction = self
            .0
            .transaction()
            .hot()
            .put_new("guard", &ReviewGuard { course_id, user_id, review_id })
            .put_new("review", review)
            .check("enrollment", Table::Learning, Enrollment::key_of(user_id, enrollment), learns)
            .update("course", rated.when(Condition::Exists).when(Condition::HasNot("deleted_at")))
            .update("teaching", count_ratings(instructor_id, &one_more));
        match transaction.commit().await {
            Ok(()) => Ok(Reviewed::Made(review.clone())),
            Err(TransactionError::Failed { label: "guard", item: Some(item) }) => {
                let guard: ReviewGuard = from_item(*item)?;
                match self.get(course_id, guard.review_id).await? {
                    Some(earlier) if earlier.id == review_id => Ok(Reviewed::Made(earlier)),
                    _ => Ok(Reviewed::Already(guard.review_id)),
                }
            }
            Err(TransactionError::Failed { label: "enrollment", .. }) => Ok(Reviewed::NotEnrolled),
            Err(TransactionError::Failed { label: "course", .. }) => Ok(Reviewed::NoCourse),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Changes a user's own review: the review, what it said before, and where the rating changes the course's counts, in one
    /// transaction. A change that changes nothing is not kept.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when the review is changed all the time.
    pub async fn change(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Review>,
        author: Id<kinds::User>,
        changes: &ReviewChanges,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let mut found = self.get(course, id).await?;
        for attempt in 0..TRIES {
            let Some(before) = found.filter(|review| review.user_id == author) else {
                return Ok(Changed::NoReview);
            };
            let after = changed(&before, changes, now);
            if (after.rating, &after.title, &after.comment) == (before.rating, &before.title, &before.comment)
            {
                return Ok(Changed::Done(before));
            }
            if before.edits >= EDITS_MAX {
                return Ok(Changed::TooOften);
            }
            match self.edit(&before, &after, now).commit().await {
                Ok(()) => return Ok(Changed::Done(after)),
                Err(TransactionError::Failed { label: "review", item }) => {
                    found = item.map(|item| from_item(*item)).transpose()?;
                }
                Err(TransactionError::Failed { item, .. }) => return Err(StoreError::ConditionFailed(item)),
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(attempt).await;
        }
        Err(StoreError::Throttled)
    }

    /// What brings a review from one state to the next. Votes are left alone: they may come at the same time.
    fn edit(&self, before: &Review, after: &Review, now: Timestamp) -> Transaction<'_> {
        let kept = ReviewEdit {
            review_id: before.id,
            number: after.edits,
            user_id: before.user_id,
            rating: before.rating,
            title: before.title.clone(),
            comment: before.comment.clone(),
            written_at: before.edited_at.unwrap_or(before.created_at),
            replaced_at: now,
        };
        let update = Update::of::<Review>(before.key())
            .set("rating", after.rating)
            .set("title", &after.title)
            .set("comment", &after.comment)
            .set("edits", after.edits)
            .set("edited_at", after.edited_at)
            .set("gsi2sk", after.by_rating())
            .set("gsi4pk", Review::with_rating(after.course_id, after.rating))
            .when(Condition::equals("edits", before.edits));
        let transaction = self.0.transaction().hot().update("review", update).put_new("edit", &kept);
        if before.rating == after.rating {
            return transaction;
        }
        let (old, new) = (before.rating.counter(), after.rating.counter());
        let moved = [(old, -1), (new, 1)];
        let rated = count(before.course_id, &moved).when(Condition::compare(old, ">", 0));
        transaction.update("course", rated).update("teaching", count_ratings(before.instructor_id, &moved))
    }

    /// Removes a review with its guard, its reply, what it said before, and its share in the course's counts, in one transaction; an
    /// admin's with the line in the log. Votes stay, which nothing leads to any more. A course that is gone has no counts.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when the review is changed all the time.
    pub async fn remove(
        &self,
        mut review: Review,
        by_admin: Option<&AdminAction>,
    ) -> Result<Removed, StoreError> {
        let mut counted = true;
        for attempt in 0..TRIES {
            let removal = match by_admin {
                Some(action) => self.0.admin_transaction(action, &[]),
                None => self.0.transaction(),
            };
            let mut removal = without(removal.hot(), &review);
            if counted {
                let counter = review.rating.counter();
                let one_less = [(counter, -1)];
                let rated = count(review.course_id, &one_less)
                    .remove(RecentReviews::place(review.id))
                    .when(Condition::compare(counter, ">", 0));
                removal = removal
                    .update("course", rated)
                    .update("teaching", count_ratings(review.instructor_id, &one_less));
            }
            match removal.commit().await {
                Ok(()) => return Ok(Removed::Done),
                Err(TransactionError::Failed { label: "review", item: Some(item) }) => {
                    review = from_item(*item)?;
                }
                Err(TransactionError::Failed { label: "review", item: None }) => return Ok(Removed::Gone),
                Err(TransactionError::Failed { label: "admin", .. }) => return Ok(Removed::NotAdmin),
                Err(TransactionError::Failed { label: "course", .. }) => counted = false,
                Err(TransactionError::Failed { item, .. }) => return Err(StoreError::ConditionFailed(item)),
                Err(TransactionError::Store(error)) => return Err(error),
            }
            wait_for_turn(attempt).await;
        }
        Err(StoreError::Throttled)
    }
}

fn changed(before: &Review, changes: &ReviewChanges, now: Timestamp) -> Review {
    let mut after = before.clone();
    after.rating = changes.rating.unwrap_or(after.rating);
    if let Some(title) = &changes.title {
        after.title.clone_from(title);
    }
    if let Some(comment) = &changes.comment {
        after.comment.clone_from(comment);
    }
    after.edits += 1;
    after.edited_at = Some(now);
    after
}

/// Removes a review as it was read, and what belongs to it.
fn without<'a>(transaction: Transaction<'a>, review: &Review) -> Transaction<'a> {
    let table = Table::Catalog;
    let unchanged = Condition::equals("edits", review.edits);
    let guard = ReviewGuard::key_of(review.course_id, review.user_id);
    let transaction = transaction
        .delete("review", table, review.key(), Some(unchanged))
        .delete(
            "guard",
            table,
            guard,
            Some(Condition::equals("review_id", review.id).or(Condition::NotExists)),
        )
        .delete("reply", table, ReviewReply::key_of(review.course_id, review.id), None);
    let edits = (1..=review.edits).map(|number| ReviewEdit::key_of(review.id, number));
    edits.fold(transaction, |all, key| all.delete("edit", table, key, None))
}
