//! Every quarter of an hour, which is how finely time zones differ: has those mailed what they have not read whose hour has come.
//!
//! It reads the plans that are due and no user else. For each it sends a message, whose identifier is made of whose digest it is and when
//! it was due, and then plans the next one. A run that dies in between is followed by one that sends the same message again, which its
//! consumer knows; two runs at once send it twice, and one of them plans. What it can't do stays due.

use contracts::{Queue, Received, notify::Notify};
use domain::{
    identity::{Digest, UserStatus},
    notification::digest,
};
use jobs::{JobError, Publisher, StartError};
use kernel::{Ambient, Id, SignedDuration, Timestamp, Vars, id::kinds};
use serde::Deserialize;
use store::{
    Store, Table, Tables,
    entities::{DigestPlan, User, notification::SHARDS},
};

/// Plans that are read at once.
const BATCH: u32 = 50;
/// Batches of one shard that a run looks at; the next run, a quarter of an hour later, goes on.
const BATCHES: u32 = 20;

/// What the schedule, or a person, asks for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Task {
    /// Look at all plans that are due.
    Due,
    /// Count anew what a user has not read; nothing but damage makes that necessary (docs/operations.md).
    Recount {
        /// Whose.
        user_id: Id<kinds::User>,
    },
}

/// What the job works with.
pub struct Context {
    store: Store,
    publisher: Publisher,
    ambient: Ambient,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let (cloud, ambient) = (cloud::Cloud::from_env(&vars)?, Ambient::system());
        let tables = Tables::from_env(&vars, &[Table::Identity, Table::Social])?;
        let store = Store::new(cloud.dynamodb(&vars), tables);
        let publisher = Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Notify])?;
        Ok(Self::new(store, publisher, ambient))
    }

    /// From parts; tests use this.
    pub const fn new(store: Store, publisher: Publisher, ambient: Ambient) -> Self {
        Self { store, publisher, ambient }
    }
}

/// Does a task. What fails stays due and does not stop the rest.
///
/// # Errors
/// [`JobError`] when something failed.
pub async fn handle(context: &Context, task: Task) -> Result<(), JobError> {
    match task {
        Task::Due => due(context).await,
        Task::Recount { user_id } => {
            let unread = context.store.notifications().recount(user_id, context.ambient.now()).await?;
            tracing::info!(user = %user_id, unread, "counted anew");
            Ok(())
        }
    }
}

async fn due(context: &Context) -> Result<(), JobError> {
    let now = context.ambient.now();
    let (mut looked, mut failed) = (0, 0);
    for shard in 0..SHARDS {
        for _ in 0..BATCHES {
            let plans = context.store.notifications().due_digests(shard, now, BATCH).await?;
            let (whole, failed_before) = (plans.len() == BATCH as usize, failed);
            for plan in plans {
                looked += 1;
                if let Err(JobError::Retry(error) | JobError::Fail(error)) = look(context, &plan, now).await {
                    failed += 1;
                    tracing::error!(user = %plan.user_id, %error, "the digest stays due");
                }
            }
            // What failed would be read again.
            if !whole || failed > failed_before {
                break;
            }
        }
    }
    tracing::info!(looked, failed, "digests");
    if failed == 0 { Ok(()) } else { Err(JobError::retry(format!("{failed} digests stay due"))) }
}

/// Looks at a plan that is due: what its user wants and where he lives may have changed since it was made.
async fn look(context: &Context, plan: &DigestPlan, now: Timestamp) -> Result<(), JobError> {
    let (notifications, user_id) = (context.store.notifications(), plan.user_id);
    let user: Option<User> = context.store.users().get(user_id).await?;
    let user = user.filter(|user| user.status != UserStatus::Deleted);
    let Some(user) = user.filter(|user| user.preferences.digest != Digest::Off) else {
        return Ok(notifications.drop_digest(plan).await?);
    };
    let frequency = user.preferences.digest;
    let next_after = |at| digest::next(frequency, at, &user.timezone);
    // Where he lives now, or as often as he wants it now, it is due at another hour: it waits for that, and lists what this one would have.
    let is_hour = next_after(plan.due_at - SignedDuration::from_nanos(1)) == Some(plan.due_at);
    if let Some(due_at) = next_after(plan.due_at).filter(|due| !is_hour && *due > now) {
        let moved = DigestPlan { frequency, due_at, ..plan.clone() };
        return Ok(notifications.plan_next_digest(plan, &moved).await?);
    }
    // Where the main switch is off the plan goes on without mails.
    if user.preferences.digest_in_force() != Digest::Off {
        let event = Received {
            event_id: Id::of_text(format!("digest:{user_id}:{}", plan.due_at)),
            occurred_at: now,
            message: Notify::Digest { user_id, since: plan.since, until: plan.due_at },
        };
        context.publisher.send_events(&[event]).await?;
    }
    // A standstill of days makes one mail, not one for each of them; what was made since then is in the next one.
    let due_at = next_after(now).ok_or_else(|| JobError::fail("no digest comes after this one"))?;
    let next = DigestPlan { frequency, since: plan.due_at, due_at, ..plan.clone() };
    Ok(notifications.plan_next_digest(plan, &next).await?)
}
