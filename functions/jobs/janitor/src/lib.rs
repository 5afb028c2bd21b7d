//! Nothing that began is forgotten: the janitor looks at every reminder ([`store::entities::Sweep`]) that is due. It finds uploads
//! whose S3 event was lost or that were given up, versions whose processing stopped, plays that ended without a word, and
//! removes what is left of deleted videos and of versions that were replaced, and files of lessons that have none. It ends enrolments whose
//! time is over, and moves old events of players into an archive. Once a week it compares what is kept of enrolments with what it follows from. Once a day it has those accounts erased that were deleted 30 days ago.

mod archive;
mod deletions;
mod enrollments;
mod playback;
mod processing;
mod purge;
mod recount;
mod resources;
#[cfg(test)]
mod tests;
mod uploads;
mod versions;

use cloud::{Cloud, Objects};
use contracts::Queue;
use domain::sweep::SweepKind;
use jobs::{Edge, JobError, Publisher, StartError};
use kernel::{Ambient, Id, SignedDuration, Timestamp, Vars, id::kinds};
use serde::Deserialize;
use store::{Store, Table, Tables, entities::Sweep};

/// Reminders that are read at once.
const BATCH: u32 = 200;
/// Batches of one kind that a run looks at; the next run, minutes later, goes on.
const BATCHES: u32 = 25;

/// What the schedule asks for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Task {
    /// Look at all that is due.
    Sweep {
        /// Look at what will be due within so many seconds too; for tests and operators in a hurry.
        #[serde(default)]
        ahead_seconds: i64,
    },
    /// Have those accounts erased whose time is over.
    Daily,
    /// Compare counts, states and certificates of enrolments with what they follow from: go on with the round.
    Recount {
        /// Look at the class of this course instead, all of it and now; for operators.
        #[serde(default)]
        course_id: Option<Id<kinds::Course>>,
    },
}

/// What the job works with.
pub struct Context {
    pub(crate) store: Store,
    pub(crate) objects: Objects,
    pub(crate) publisher: Publisher,
    pub(crate) ambient: Ambient,
    pub(crate) edge: Edge,
    pub(crate) uploads_bucket: String,
    pub(crate) media_bucket: String,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        Self::with(vars, Ambient::system())
    }

    /// From these settings, at the time that is given; tests use this.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub fn with(vars: Vars, ambient: Ambient) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let queues = [Queue::Ingest, Queue::Transcode, Queue::Package, Queue::Privacy, Queue::Certify];
        Ok(Self {
            store: Store::new(
                cloud.dynamodb(&vars),
                Tables::from_env(&vars, &[Table::Identity, Table::Media, Table::Catalog, Table::Learning])?,
            ),
            objects: cloud.objects(),
            publisher: Publisher::from_env(&vars, &cloud, &ambient, &queues)?,
            ambient,
            edge: Edge::from_env(&vars, &cloud)?,
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            media_bucket: vars.required("MEDIA_BUCKET")?,
        })
    }
}

/// What becomes of a reminder.
pub(crate) enum Outcome {
    /// There is nothing left to look after.
    Done,
    /// Look again after this time.
    Later(SignedDuration),
    /// It was pushed on; look after this time whether that helped. Counts as an attempt.
    Pushed(SignedDuration),
    /// This is done, and then there is something else to look at.
    Becomes(SweepKind, Timestamp),
}

/// Does a task. A reminder that fails, or an account that can't be erased yet, stays due and does not stop the others.
///
/// # Errors
/// [`JobError`] when the reminders can't be read, or some of them failed.
pub async fn handle(context: &Context, task: Task) -> Result<(), JobError> {
    let ahead_seconds = match task {
        Task::Sweep { ahead_seconds } => ahead_seconds,
        Task::Daily => return deletions::send_due(context).await,
        Task::Recount { course_id: None } => return recount::go_on(context).await,
        Task::Recount { course_id: Some(course) } => return recount::class(context, course).await,
    };
    let until = context.ambient.now() + SignedDuration::from_secs(ahead_seconds);
    let mut failed = 0;
    for kind in SweepKind::ONE_BY_ONE {
        for _ in 0..BATCHES {
            let due = context.store.sweeps().due(kind, until, BATCH).await?;
            let whole = due.len() == BATCH as usize;
            let failed_before = failed;
            for sweep in due {
                if let Err(error) = look(context, &sweep).await {
                    failed += 1;
                    tracing::error!(%kind, subject = sweep.subject, ?error, "the reminder stays due");
                }
            }
            // What failed would be read again; so would what was put off into the time that a caller looks ahead.
            if !whole || failed > failed_before || ahead_seconds > 0 {
                break;
            }
        }
    }
    archive::run(context, until).await?;
    match failed {
        0 => Ok(()),
        _ => Err(JobError::retry(format!("{failed} reminders could not be handled"))),
    }
}

async fn look(context: &Context, sweep: &Sweep) -> Result<(), JobError> {
    let outcome = match sweep.kind {
        SweepKind::Upload => uploads::look(context, sweep).await?,
        SweepKind::Processing => processing::look(context, sweep).await?,
        SweepKind::Playback => playback::look(context, sweep).await?,
        SweepKind::Purge => purge::look(context, sweep).await?,
        SweepKind::Resource => resources::look(context, sweep).await?,
        SweepKind::Enrollment => enrollments::look(context, sweep).await?,
        // [`archive::run`] takes many at once.
        SweepKind::Archive => return Ok(()),
        SweepKind::Version => versions::look(context, sweep).await?,
    };
    let (now, sweeps) = (context.ambient.now(), context.store.sweeps());
    match outcome {
        Outcome::Done => sweeps.done(sweep).await?,
        Outcome::Later(after) => sweeps.postpone(sweep, now + after, sweep.attempt).await?,
        Outcome::Pushed(after) => sweeps.postpone(sweep, now + after, sweep.attempt + 1).await?,
        Outcome::Becomes(kind, due_at) => sweeps.turn_into(sweep, kind, due_at).await?,
    }
    Ok(())
}
