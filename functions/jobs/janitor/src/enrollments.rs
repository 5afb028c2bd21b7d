//! An enrolment whose time may be over.

use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::Sweep;

use crate::{Context, Outcome};

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let enrollment: Id<kinds::Enrollment> = sweep.subject.parse().map_err(JobError::fail)?;
    // One that was extended has another reminder.
    if let Some(student) = sweep.user_id {
        context.store.enrollments().end_overdue(student, enrollment, context.ambient.now()).await?;
    }
    Ok(Outcome::Done)
}
