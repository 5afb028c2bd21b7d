//! Once a week what is kept of each enrolment in a published course is compared with what it follows from: the count of its completed lessons with
//! the lessons, its state with the course's lessons, and its certificate with its state. Nothing of that should ever be found, but after a mistake,
//! a restored table, or a change of the rules, such as that there are certificates.
//!
//! A page of a class is looked at, then how far the round is is stored. What is found is mended on the condition that nobody has changed it
//! meanwhile, by the transaction or the message that would have done it in time; so a run that dies at any line, or two at once, do nothing twice.

use std::collections::HashMap;

use contracts::{Received, certify::Certify};
use domain::learning::{completes_course, recount::Stored};
use jobs::JobError;
use kernel::{Id, SignedDuration, id::kinds};
use store::{
    Position,
    entities::{Enrollment, Recount},
};

use crate::Context;

/// How often a round begins.
const EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Enrolments of a page.
const PAGE: u32 = 100;
/// Pages of a run; the next one, an hour later, goes on.
const PAGES: u32 = 20;

/// What was done for enrolments.
#[derive(Default)]
struct Done {
    looked_at: u64,
    failed: u64,
    mended: u64,
    completed: u64,
    certify: Vec<Received<Certify>>,
}

/// Goes on with the round, or begins the next one when the last began a week ago.
///
/// # Errors
/// [`JobError`] when lists can't be read, or some enrolments failed; those are looked at again in the next round.
pub(crate) async fn go_on(context: &Context) -> Result<(), JobError> {
    let recounts = context.store.recounts();
    let last = recounts.last().await?;
    let now = context.ambient.now();
    let mut before = last.as_ref().map(|last| last.revision);
    let mut round = match last {
        Some(last) if last.ended_at.is_none() => last,
        Some(last) if now.duration_since(last.begun_at) < EVERY => return Ok(()),
        last => Recount::begin(last.as_ref(), now),
    };
    let mut failed = 0;
    for _ in 0..PAGES {
        failed += page(context, &mut round).await?;
        round.revision += 1;
        round.updated_at = now;
        if !recounts.save(&round, before).await? {
            tracing::info!("another run goes on with the round");
            break;
        }
        before = Some(round.revision);
        if round.ended_at.is_some() {
            let Recount { looked_at, mended, completed, certified, .. } = round;
            tracing::info!(looked_at, mended, completed, certified, "a round of recounting has ended");
            break;
        }
    }
    ended(failed)
}

/// Looks at one class from its beginning to its end, published or not: for operators.
///
/// # Errors
/// As [`go_on`].
pub(crate) async fn class(context: &Context, course: Id<kinds::Course>) -> Result<(), JobError> {
    let (mut after, mut failed) = (None, 0);
    loop {
        let (done, next) = page_of(context, course, after).await?;
        failed += done.failed;
        let (looked_at, mended, completed, certified) =
            (done.looked_at, done.mended, done.completed, done.certify.len());
        tracing::info!(%course, looked_at, mended, completed, certified, "a page of a class was recounted");
        match next {
            Some(next) => after = Some(next),
            None => return ended(failed),
        }
    }
}

fn ended(failed: u64) -> Result<(), JobError> {
    match failed {
        0 => Ok(()),
        _ => Err(JobError::retry(format!("{failed} enrolments could not be recounted"))),
    }
}

/// Looks at the round's next page; gives how many enrolments failed.
async fn page(context: &Context, round: &mut Recount) -> Result<u64, JobError> {
    let course = match round.course_id {
        Some(course) => course,
        None => {
            let mut list = context.store.courses().published(round.courses.take(), 0, 1).await?;
            round.courses = list.next;
            match list.items.pop() {
                Some(course) => course.id,
                None => {
                    round.ended_at = Some(context.ambient.now());
                    return Ok(0);
                }
            }
        }
    };
    let (done, next) = page_of(context, course, round.class.take()).await?;
    round.looked_at += done.looked_at;
    round.mended += done.mended;
    round.completed += done.completed;
    round.certified += done.certify.len() as u64;
    (round.course_id, round.class) = (next.is_some().then_some(course), next);
    if round.course_id.is_none() && round.courses.is_none() {
        round.ended_at = Some(context.ambient.now());
    }
    Ok(done.failed)
}

/// Looks at a page of a class; gives where the next one begins.
async fn page_of(
    context: &Context,
    course: Id<kinds::Course>,
    after: Option<Position>,
) -> Result<(Done, Option<Position>), JobError> {
    let mut done = Done::default();
    let Some(outline) = context.store.courses().outline(course).await? else { return Ok((done, None)) };
    let lessons = outline.lessons().map(|lesson| (lesson.id, lesson.video_id)).collect();
    let class = context.store.classes().page(course, PAGE, after).await?;
    for enrollment in &class.items {
        done.looked_at += 1;
        if let Err(error) = look(context, enrollment, &lessons, &mut done).await {
            done.failed += 1;
            tracing::error!(enrollment = %enrollment.id, ?error, "the enrolment is not recounted");
        }
    }
    // Before the round goes on: who dies here asks again, and a message that comes twice makes no second certificate.
    context.publisher.send_events(&done.certify).await?;
    Ok((done, class.next))
}

async fn look(
    context: &Context,
    enrollment: &Enrollment,
    lessons: &HashMap<Id<kinds::Lesson>, Option<Id<kinds::Video>>>,
    done: &mut Done,
) -> Result<(), JobError> {
    let (learning, now) = (context.store.learning(), context.ambient.now());
    // The enrolment was read before its lessons: what is completed from then on changes it, and a count that was read too early is not written.
    let counted = learning.counted(enrollment.id).await?;
    let stored = Stored { lessons, completed: &counted.lessons, counted_videos: &counted.videos };
    let count = stored.mended(enrollment.lessons_completed);
    if count != enrollment.lessons_completed && learning.mend_count(enrollment, count, now).await? {
        done.mended += 1;
        let before = enrollment.lessons_completed;
        tracing::warn!(enrollment = %enrollment.id, before, count, "a count of completed lessons was wrong");
    }
    let all = completes_course(lessons.keys().copied(), &stored.completed_in_course());
    if enrollment.status.after_last_lesson().is_some() && all {
        let Enrollment { user_id, id, course_id, .. } = *enrollment;
        if learning.complete_course(user_id, id, course_id, now).await? {
            done.completed += 1;
            tracing::info!(enrollment = %id, "all lessons were completed and the course was not");
        }
    }
    // One that was completed just now is certified by the table's stream.
    if let Some(at) = enrollment.completed_at.filter(|_| enrollment.certificate().is_none()) {
        done.certify.push(Certify::completed(enrollment.user_id, enrollment.id, at));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
