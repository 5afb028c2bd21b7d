//! A file that no lesson got within a day, or that was taken away from its lesson: it goes, in all its versions.
//!
//! A lesson gets a file only by deleting this reminder, and well before it is due: what is due belongs to none.

use jobs::JobError;
use kernel::SignedDuration;
use store::entities::Sweep;

use crate::{Context, Outcome};

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let key = format!("resources/{}", sweep.subject);
    Ok(match context.objects.purge(&context.uploads_bucket, &key).await? {
        true => Outcome::Done,
        false => Outcome::Later(SignedDuration::ZERO),
    })
}
