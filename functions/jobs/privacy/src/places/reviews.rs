//! Reviews: what a person wrote about the courses of others, and what others wrote about a course of his.

use jobs::JobError;
use kernel::{Id, id::kinds};
use store::{
    Entity as _, Item, Table,
    entities::{Review, ReviewReply, ReviewVote, belongings::Part},
    from_item, item_type,
};

use super::{Subject, collect_part, each_page, erase_part};
use crate::{Archive, Context};

/// Adds his reviews, what they said before, and his votes to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    collect_part(context, &Part::Reviewer(subject.id()), archive).await
}

/// Adds his replies to the reviews of a course of his. The reviews are their authors'.
pub(super) async fn collect_replies(
    context: &Context,
    course: Id<kinds::Course>,
    archive: &mut Archive,
) -> Result<(), JobError> {
    each_page(context, &Part::Reviews(course), async |mut items| {
        items.retain(|item| item_type(item) == ReviewReply::TYPE);
        Ok(archive.add(items)?)
    })
    .await
}

/// Removes his reviews, with which goes what they said before, and takes his votes back. The counts of courses and reviews follow in the
/// same transactions, so that a job which dies in between counts nothing twice.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let reviews = context.store.reviews();
    each_page(context, &Part::Reviewer(subject.id()), async |items| {
        for item in items {
            match item_type(&item) {
                Review::TYPE => {
                    reviews.remove(from_item(item)?, None).await?;
                }
                ReviewVote::TYPE => {
                    let vote: ReviewVote = from_item(item)?;
                    reviews.unvote(vote.course_id, vote.review_id, vote.user_id).await?;
                }
                _ => {}
            }
        }
        Ok(())
    })
    .await
}

/// Removes what others wrote about a course that goes; each review after what lies around it, so that a run after a crash finds the rest.
pub(super) async fn remove_of_course(context: &Context, course: Id<kinds::Course>) -> Result<(), JobError> {
    each_page(context, &Part::Reviews(course), async |items: Vec<Item>| {
        for item in items.iter().filter(|item| item_type(item) == Review::TYPE) {
            let review: Review = from_item(item.clone())?;
            erase_part(context, &Part::AroundReview(review.id), &[]).await?;
        }
        Ok(context.store.belongings().remove(Table::Catalog, &items).await?)
    })
    .await
}
