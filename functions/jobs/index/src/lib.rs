//! Keeps the search index: reads what changed from the tables and writes its documents, a batch of messages in one commit.
//!
//! A message names a thing and nothing of its state, so messages may come twice, late and out of order: the document has the time of
//! its reading as its version ([`catalog::documents`]), and the index keeps the last reading. Any number of these jobs may run.

mod changes;
mod channels;
mod rebuild;

use std::collections::BTreeSet;

use catalog::Bucket;
use cloud::Cloud;
use contracts::index::Index;
use jobs::{Delivery, JobError, Outcome, StartError};
use kernel::{Ambient, Timestamp, Vars};
use search::{Objects, Writer};
use store::{Store, Table, Tables};

/// Generations between two looks for objects that nothing needs any more.
const SWEEP_EVERY: u64 = 64;

/// What the job works with. The objects are those of S3, or of memory in tests.
pub struct Context<O> {
    store: Store,
    writer: Writer<O>,
    ambient: Ambient,
}

impl<O: Objects> Context<O> {
    /// From parts; tests use this.
    pub fn new(store: Store, writer: Writer<O>, ambient: Ambient) -> Self {
        Self { store, writer, ambient }
    }
}

/// The job's context from the environment.
///
/// # Errors
/// [`StartError`] naming what is missing.
pub async fn from_env(vars: Vars) -> Result<Context<Bucket>, StartError> {
    let cloud = Cloud::from_env(&vars)?;
    let tables = Tables::from_env(&vars, &[Table::Catalog, Table::Identity, Table::Media, Table::Social])?;
    let bucket = Bucket::new(cloud.objects(), vars.required("INDEX_BUCKET")?);
    let writer = Writer::new(bucket, catalog::place());
    Ok(Context::new(Store::new(cloud.dynamodb(&vars), tables), writer, Ambient::system()))
}

/// The version of documents that are read from now on.
fn version(now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond()).unwrap_or(0)
}

/// Handles a batch: each thing once, all of them in one commit; a rebuild or a sweep after that.
pub async fn handle<O: Objects>(context: &Context<O>, deliveries: Vec<Delivery>) -> Vec<Outcome> {
    let decoded: Vec<Result<Index, JobError>> =
        deliveries.iter().map(|delivery| Ok(contracts::decode(&delivery.body)?)).collect();
    let mut wanted: BTreeSet<Index> = decoded.iter().flatten().cloned().collect();
    let (rebuild, old) = (wanted.remove(&Index::Rebuild), wanted.remove(&Index::Sweep));
    let refreshed = if wanted.is_empty() { Ok(()) } else { refresh(context, &wanted).await };
    let rebuilt = if rebuild { rebuild::run(context).await } else { Ok(()) };
    // A rebuild ends with a sweep of its own.
    if old && !rebuild {
        sweep(context).await;
    }
    let outcome = |message: Index| {
        let result = match message {
            Index::Rebuild => &rebuilt,
            Index::Sweep => &Ok(()),
            _ => &refreshed,
        };
        result.as_ref().copied().map_err(|error| JobError::retry(error.to_string()))
    };
    decoded.into_iter().map(|message| message.and_then(outcome)).collect()
}

/// Brings the documents of these things up to date.
async fn refresh<O: Objects>(context: &Context<O>, wanted: &BTreeSet<Index>) -> Result<(), search::Error> {
    let changes = changes::read(context, wanted).await.map_err(|e| search::Error::Source(e.into()))?;
    let now = context.ambient.now().as_second();
    let applied = match context.writer.apply(&changes, now).await {
        // This release can't go on with it. One of a newer release is left alone: that one is about to take over.
        Err(search::Error::Format { found, known }) if found < known => return rebuild::run(context).await,
        Err(search::Error::Damaged { .. }) => return rebuild::run(context).await,
        applied => applied?,
    };
    tracing::info!(
        changed = applied.changed,
        stale = applied.stale,
        generation = applied.generation,
        "indexed"
    );
    if applied.generation == 1 {
        // There was no index before: what the tables hold longer than their streams tell of has made no message.
        return rebuild::run(context).await;
    }
    if applied.changed > 0 && applied.generation.is_multiple_of(SWEEP_EVERY) {
        sweep(context).await;
    }
    Ok(())
}

/// Removes what nothing needs any more. What fails here is found the next time.
async fn sweep<O: Objects>(context: &Context<O>) {
    match context.writer.sweep(context.ambient.now().as_second()).await {
        Ok(swept) => tracing::info!(removed = swept.removed, kept = swept.kept, "swept"),
        Err(error) => tracing::warn!(%error, "the sweep failed"),
    }
}
