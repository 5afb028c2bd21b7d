//! What a student has: enrolments, permissions, violations, attendance, progress, certificates, the days on which he learnt.

use jobs::JobError;
use store::{
    Entity as _, Item,
    entities::{Enrollment, EnrollmentGuard, belongings::Part},
    from_item, item_type,
};

use super::{Subject, collect_part, each_page, erase_part};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "enrollment",
    "enrollment_guard",
    "learner_stats",
    "learner_activity",
    "activity_day",
    "quiz_record",
    "quiz_attempt",
    "video_permission",
    "video_violations",
    "attendance",
    "video_progress",
    "lesson_progress",
    "certificate",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    each_page(context, &Part::Learner(subject.id()), async |items| {
        for enrollment in enrollments(&items)? {
            for part in around(&enrollment) {
                collect_part(context, &part, archive).await?;
            }
        }
        Ok(archive.add(items)?)
    })
    .await
}

/// Erases what is left.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let learner = Part::Learner(subject.id());
    each_page(context, &learner, async |items| {
        for enrollment in enrollments(&items)? {
            for part in around(&enrollment) {
                // The guard goes with its enrolment.
                erase_part(context, &part, &[EnrollmentGuard::TYPE]).await?;
            }
            let now = context.ambient.now();
            context.store.belongings().remove_enrollment(&enrollment, now).await?;
        }
        Ok(())
    })
    .await?;
    // The counts, and guards that lost their enrolment.
    erase_part(context, &learner, &[]).await
}

fn enrollments(items: &[Item]) -> Result<Vec<Enrollment>, JobError> {
    let enrollments = items.iter().filter(|item| item_type(item) == Enrollment::TYPE);
    enrollments.map(|item| Ok(from_item(item.clone())?)).collect()
}

/// What is kept of an enrolment under itself and under the videos of its course.
fn around(enrollment: &Enrollment) -> [Part; 3] {
    [Part::Lessons(enrollment.id), Part::Progress(enrollment.id), Part::Permissions(enrollment.id)]
}
