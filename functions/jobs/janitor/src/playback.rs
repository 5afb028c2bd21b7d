//! A play that may have ended without a word. Once it is over, its reminder becomes the one of its events, which are archived later.

use domain::{playback::ARCHIVED_AFTER, sweep::SweepKind};
use jobs::JobError;
use kernel::{Id, SignedDuration, id::kinds};
use store::entities::{Sweep, playback::Overdue};

use crate::{Context, Outcome};

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let session: Id<kinds::Playback> = sweep.subject.parse().map_err(JobError::fail)?;
    let now = context.ambient.now();
    match context.store.playbacks().expire_overdue(session, now).await? {
        Overdue::Over => Ok(Outcome::Becomes(SweepKind::Archive, now + ARCHIVED_AFTER)),
        Overdue::Until(end) => Ok(Outcome::Later(end.duration_since(now).max(SignedDuration::from_secs(60)))),
    }
}
