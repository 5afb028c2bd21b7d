//! What CloudFront must not go on showing.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::{Received, edge::Edge};
use domain::course::CourseStatus;
use kernel::{Id, id::kinds};
use serde::Deserialize;
use serde_dynamo::Item;

/// All that is read of a course.
#[derive(Clone, Debug, Deserialize)]
struct Course {
    id: Id<kinds::Course>,
    slug: String,
    status: CourseStatus,
    price_minor: Option<u64>,
    original_price_minor: Option<u64>,
    currency: String,
}

impl Course {
    /// What is asked of a buyer.
    fn offer(&self) -> (Option<u64>, Option<u64>, &str) {
        (self.price_minor, self.original_price_minor, &self.currency)
    }

    /// Whether visitors may not see any longer what they saw before, a minute included: the course is gone, or costs something else.
    /// Whatever else changes is shown when the copies have ended (docs/architecture.md, "Caching").
    fn misleads(&self, after: Option<&Self>) -> bool {
        let still = after.filter(|after| after.status == CourseStatus::Published);
        self.status == CourseStatus::Published
            && still.is_none_or(|after| after.offer() != self.offer() || after.slug != self.slug)
    }
}

/// The message that a record makes, if it makes one. Only courses that were published count: no other has copies.
///
/// # Errors
/// When the item can't be read.
pub(crate) fn message(
    kind: &str,
    record: &EventRecord,
) -> Result<Option<Received<Edge>>, serde_dynamo::Error> {
    if kind != "course" {
        return Ok(None);
    }
    let read = |image: &Item| match image.is_empty() {
        true => Ok(None),
        false => serde_dynamo::from_item::<Item, Course>(image.clone()).map(Some),
    };
    let (before, after) = (read(&record.change.old_image)?, read(&record.change.new_image)?);
    let misleading = before.filter(|before| before.misleads(after.as_ref()));
    Ok(misleading.map(|course| Received {
        // A record that is given again makes the same message.
        event_id: Id::of_text(&record.event_id),
        occurred_at: crate::time_of(record),
        message: Edge::Course { course_id: course.id, slug: course.slug },
    }))
}
