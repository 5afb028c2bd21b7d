//! Reviews of courses (seeds 000, 001 §4.3): the review, what it said before, who found it helpful, the teacher's reply.
//!
//! What a course says of its ratings ([`Course::ratings`]), and its teacher's profile of his ([`super::TeachingStats`]), changes in the
//! transaction that changes a review. That is one item each which all
//! reviewers of a course write, and it stays one: every list and page of courses reads it, and a counter in shards would cost each of
//! those reads more items, to serve a moment that hardly ever comes. Hundreds who review in the same second meet each other there;
//! their transactions wait for their turn ([`Transaction::hot`](crate::Transaction::hot)).

mod reply;
mod vote;
mod write;

use domain::review::{Distribution, Ordering, Rating};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use reply::Replied;
pub use write::{Changed, Removed, ReviewChanges, Reviewed};

use super::course::Course;
use crate::{
    Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, SortKey, Store, StoreError, Table, Update,
};

/// A student's review of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Identifier.
    pub id: Id<kinds::Review>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Who wrote it.
    pub user_id: Id<kinds::User>,
    /// Who teaches the course, which never changes hands: his numbers count the rating too.
    pub instructor_id: Id<kinds::User>,
    /// Stars.
    pub rating: Rating,
    /// Title, up to 255 characters.
    #[serde(default)]
    pub title: String,
    /// What he says.
    #[serde(default)]
    pub comment: String,
    /// How many others found it helpful. It changes without `edits`: others vote while the author writes.
    #[serde(default)]
    pub helpful_count: u32,
    /// How often its author has changed it; conditions compare it.
    #[serde(default)]
    pub edits: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its author changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
}

/// What one vote adds to the place of a review among the most helpful: more than all seconds since 1970 until the year 2286, so that
/// the age decides between reviews with as many votes. 900 million votes fit into 64 bits.
const VOTE: i64 = 10_000_000_000;

impl Review {
    /// The partition that holds the reviews of a course, their guards and replies.
    pub(crate) fn partition(course: Id<kinds::Course>) -> String {
        format!("REVIEWS#{course}")
    }

    /// The key of a review.
    pub fn key_of(course: Id<kinds::Course>, id: Id<kinds::Review>) -> Key {
        // Identifiers begin with their time, so the partition is in the order of age.
        Key::new(Self::partition(course), format!("REVIEW#{id}"))
    }

    /// The partition that holds what lies around a review: what it said before, and who found it helpful.
    pub(crate) fn surroundings(id: Id<kinds::Review>) -> String {
        format!("REVIEW#{id}")
    }

    /// The index partition of what a user wrote and voted for.
    pub(crate) fn by_user(user: Id<kinds::User>) -> String {
        format!("REVIEWER#{user}")
    }

    /// The index partition of a course's reviews with this rating.
    fn with_rating(course: Id<kinds::Course>, rating: Rating) -> String {
        format!("{}#{}", Self::partition(course), rating.stars())
    }

    /// Its place among a course's reviews by rating.
    fn by_rating(&self) -> String {
        format!("{}#{}", self.rating.stars(), self.id)
    }
}

impl Entity for Review {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "review";

    fn key(&self) -> Key {
        Self::key_of(self.course_id, self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let helpful = SortKey::Number(i64::from(self.helpful_count) * VOTE + self.created_at.as_second());
        vec![
            IndexKey::new(1, Self::by_user(self.user_id), format!("REVIEW#{}", self.id)),
            IndexKey::new(2, Self::partition(self.course_id), self.by_rating()),
            IndexKey::new(3, Self::partition(self.course_id), helpful.clone()),
            IndexKey::new(4, Self::with_rating(self.course_id, self.rating), helpful),
        ]
    }
}

/// Keeps one review a user and course, and finds it by them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewGuard {
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Who reviewed it.
    pub user_id: Id<kinds::User>,
    /// The review.
    pub review_id: Id<kinds::Review>,
}

impl ReviewGuard {
    /// The key of a guard.
    pub fn key_of(course: Id<kinds::Course>, user: Id<kinds::User>) -> Key {
        Key::new(Review::partition(course), format!("USER#{user}"))
    }
}

impl Entity for ReviewGuard {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "review_guard";

    fn key(&self) -> Key {
        Self::key_of(self.course_id, self.user_id)
    }
}

/// What a review said before a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewEdit {
    /// The review.
    pub review_id: Id<kinds::Review>,
    /// Which change, from 1.
    pub number: u32,
    /// Who wrote it.
    pub user_id: Id<kinds::User>,
    /// Stars before the change.
    pub rating: Rating,
    /// Title before the change.
    #[serde(default)]
    pub title: String,
    /// Comment before the change.
    #[serde(default)]
    pub comment: String,
    /// When this was written.
    pub written_at: Timestamp,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

impl ReviewEdit {
    /// What the sort keys of a review's edits begin with.
    const PREFIX: &'static str = "EDIT#";

    fn key_of(review: Id<kinds::Review>, number: u32) -> Key {
        Key::new(Review::surroundings(review), format!("{}{number:03}", Self::PREFIX))
    }
}

impl Entity for ReviewEdit {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "review_edit";

    fn key(&self) -> Key {
        Self::key_of(self.review_id, self.number)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let place = format!("EDIT#{}#{:03}", self.review_id, self.number);
        vec![IndexKey::new(1, Review::by_user(self.user_id), place)]
    }
}

/// Somebody found a review helpful.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewVote {
    /// The review.
    pub review_id: Id<kinds::Review>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Who found it helpful.
    pub user_id: Id<kinds::User>,
    /// When he said so.
    pub created_at: Timestamp,
}

impl ReviewVote {
    /// The key of a vote.
    pub fn key_of(review: Id<kinds::Review>, user: Id<kinds::User>) -> Key {
        Key::new(Review::surroundings(review), format!("VOTE#{user}"))
    }
}

impl Entity for ReviewVote {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "review_vote";

    fn key(&self) -> Key {
        Self::key_of(self.review_id, self.user_id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, Review::by_user(self.user_id), format!("VOTE#{}", self.review_id))]
    }
}

/// What the course's teacher answers to a review.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewReply {
    /// The review.
    pub review_id: Id<kinds::Review>,
    /// Its course; who teaches it has written this.
    pub course_id: Id<kinds::Course>,
    /// What he says.
    pub comment: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
}

impl ReviewReply {
    /// The key of a reply.
    pub fn key_of(course: Id<kinds::Course>, review: Id<kinds::Review>) -> Key {
        Key::new(Review::partition(course), format!("REPLY#{review}"))
    }
}

impl Entity for ReviewReply {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "review_reply";

    fn key(&self) -> Key {
        Self::key_of(self.course_id, self.review_id)
    }
}

/// The reviews.
pub struct Reviews<'a>(&'a Store);

impl Store {
    /// The reviews.
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews(self)
    }
}

impl Reviews<'_> {
    /// A review of this course: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        course: Id<kinds::Course>,
        id: Id<kinds::Review>,
    ) -> Result<Option<Review>, StoreError> {
        self.0.get(Review::key_of(course, id), Consistency::Strong).await
    }

    /// The ratings that a user gave: a query of index 1, eventually consistent; 1 MB a call, which are some thousand reviews.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ratings_by(&self, user: Id<kinds::User>) -> Result<Distribution, StoreError> {
        #[derive(Deserialize)]
        struct Rated {
            rating: Rating,
        }
        let malformed = |error: serde_dynamo::Error| StoreError::Malformed {
            kind: Review::TYPE,
            reason: error.to_string(),
        };
        let query = Query::index(1, Review::by_user(user)).prefix("REVIEW#").only("rating").limit(1_000);
        let items = self.0.query_all(Table::Catalog, query).await?;
        let ratings =
            items.into_iter().map(|item| serde_dynamo::from_item::<_, Rated>(item).map_err(malformed));
        ratings.map(|rated| rated.map(|rated| rated.rating)).collect()
    }

    /// What a review said before each of its changes, the oldest first: one query, at most [`domain::review::EDITS_MAX`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn edits_of(&self, id: Id<kinds::Review>) -> Result<Vec<ReviewEdit>, StoreError> {
        let query = Query::partition(Review::surroundings(id)).prefix(ReviewEdit::PREFIX);
        Ok(self.0.query::<ReviewEdit>(query).await?.items)
    }

    /// The reviews of a course in an order, all of them or those with a rating: one query. By age alone it is strongly consistent, by
    /// rating or votes an index answers, which may be some milliseconds behind. Reads what it skips.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_course(
        &self,
        course: Id<kinds::Course>,
        ordering: Ordering,
        rating: Option<Rating>,
        start: Option<Position>,
        skip: u32,
        limit: u32,
    ) -> Result<QueryPage<Review>, StoreError> {
        let all = Review::partition(course);
        let query = match (ordering, rating) {
            (Ordering::Newest | Ordering::Oldest, None) => Query::partition(all).prefix("REVIEW#"),
            (Ordering::Highest | Ordering::Lowest, None) => Query::index(2, all),
            (Ordering::MostHelpful, None) => Query::index(3, all),
            (Ordering::MostHelpful, Some(rating)) => Query::index(4, Review::with_rating(course, rating)),
            // Of reviews with one rating the age decides.
            (_, Some(rating)) => Query::index(2, all).prefix(format!("{}#", rating.stars())),
        };
        let query = match ordering {
            Ordering::Oldest | Ordering::Lowest => query,
            Ordering::Newest | Ordering::Highest | Ordering::MostHelpful => query.backward(),
        };
        self.0.window(query.after(start), skip, limit).await
    }
}

/// A change of what a course says of its ratings, by the names of their counters.
fn count(course: Id<kinds::Course>, changes: &[(&'static str, i64)]) -> Update {
    let update = Update::of::<Course>(Course::key_of(course));
    changes.iter().fold(update, |update, (counter, by)| update.add(*counter, *by))
}
