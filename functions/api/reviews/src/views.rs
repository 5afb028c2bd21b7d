//! Reviews as the API shows them (seed 001 §4.3).

use domain::review::Rating;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Person, Review, ReviewReply};

/// A review.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReviewView {
    id: Id<kinds::Review>,
    course_id: Id<kinds::Course>,
    /// Null where the account is gone.
    author: Option<ReviewAuthor>,
    rating: Rating,
    #[schema(example = "Best course ever!")]
    title: String,
    #[schema(example = "Excellent course with great projects")]
    comment: String,
    /// How many others found it helpful.
    #[schema(example = 234)]
    helpful_count: u32,
    /// Whether the caller is one of them; false for visitors.
    found_helpful: bool,
    /// What the course's teacher answers.
    reply: Option<ReplyView>,
    created_at: Timestamp,
    /// When its author changed it last; null where he has not.
    edited_at: Option<Timestamp>,
}

impl ReviewView {
    pub(crate) fn new(
        review: Review,
        author: Option<&Person>,
        reply: Option<ReviewReply>,
        found_helpful: bool,
    ) -> Self {
        Self {
            id: review.id,
            course_id: review.course_id,
            author: author.map(ReviewAuthor::from),
            rating: review.rating,
            title: review.title,
            comment: review.comment,
            helpful_count: review.helpful_count,
            found_helpful,
            reply: reply.map(ReplyView::from),
            created_at: review.created_at,
            edited_at: review.edited_at,
        }
    }
}

/// Who wrote a review.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReviewAuthor {
    id: Id<kinds::User>,
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[schema(example = "Smith")]
    last_name: Secret<String>,
    /// Empty where there is none.
    avatar: String,
}

impl From<&Person> for ReviewAuthor {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            avatar: person.avatar_url.clone(),
        }
    }
}

/// What the course's teacher answers to a review.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReplyView {
    #[schema(example = "Thank you! The next part comes in May.")]
    comment: String,
    created_at: Timestamp,
    /// When he changed it last; null where he has not.
    edited_at: Option<Timestamp>,
}

impl From<ReviewReply> for ReplyView {
    fn from(reply: ReviewReply) -> Self {
        Self { comment: reply.comment, created_at: reply.created_at, edited_at: reply.edited_at }
    }
}
