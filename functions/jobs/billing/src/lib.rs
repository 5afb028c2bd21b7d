//! What time does to money (`billing-cycle`): every hour it looks at the subscriptions and orders whose time has come. It finds what webhooks
//! have lost, reminds who has not paid, ends what was not paid, goes on with what was begun and stopped, and publishes plans that the
//! gateway does not know yet. Once a day it compares the gateway's books with the ledger.

mod mails;
mod orders;
mod plans;
mod promos;
mod reconcile;
mod subscriptions;

use billing::{Billing, BillingError};
use checkout::{CheckoutError, Desk};
use cloud::Cloud;
use contracts::Queue;
use gateway::Gateway;
use jiff::civil::Date;
use jobs::{JobError, Publisher, StartError};
use kernel::{Ambient, Vars};
use serde::Deserialize;
use store::{Store, Table, Tables};

/// Reminders that are read at once.
const BATCH: u32 = 100;
/// Batches of one shard that a run looks at; the next run, an hour later, goes on.
const BATCHES: u32 = 10;

/// What the schedule asks for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Task {
    /// Look at all whose time has come.
    Cycle,
    /// Compare a day of the gateway's books with the ledger.
    Reconcile {
        /// The day, UTC; yesterday where none is named.
        date: Option<Date>,
    },
}

/// What the job works with.
pub struct Context {
    pub(crate) store: Store,
    pub(crate) billing: Billing,
    pub(crate) desk: Desk,
    pub(crate) publisher: Publisher,
    pub(crate) ambient: Ambient,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let (cloud, ambient) = (Cloud::from_env(&vars)?, Ambient::system());
        let tables = [Table::Commerce, Table::Learning, Table::Catalog];
        let store = Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &tables)?);
        let publisher = Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Notify])?;
        Ok(Self::new(store, Gateway::from_env(&vars, &cloud)?, publisher, ambient))
    }

    /// From parts; tests use this.
    pub fn new(store: Store, gateway: Gateway, publisher: Publisher, ambient: Ambient) -> Self {
        let billing = Billing::new(store.clone(), gateway.clone());
        let desk = Desk::new(store.clone(), gateway, ambient.clone());
        Self { store, billing, desk, publisher, ambient }
    }
}

/// Does a task. What fails stays due and does not stop the rest.
///
/// # Errors
/// [`JobError`] when something failed.
pub async fn handle(context: &Context, task: Task) -> Result<(), JobError> {
    match task {
        Task::Cycle => cycle(context).await,
        Task::Reconcile { date } => match reconcile::reconcile(context, date).await?.difference_count {
            0 => Ok(()),
            // A failed run is what the alarm counts (template.yaml); the report says what to look at.
            count => {
                Err(JobError::fail(format!("the gateway's books and the ledger differ in {count} places")))
            }
        },
    }
}

async fn cycle(context: &Context) -> Result<(), JobError> {
    let parts = [
        ("plans", plans::publish(context).await),
        ("promo codes", promos::expire(context).await),
        ("orders", orders::look_at_due(context).await),
        ("subscriptions", subscriptions::look_at_due(context).await),
    ];
    let mut failed = Vec::new();
    for (name, outcome) in parts {
        match outcome {
            Ok(0) => {}
            Ok(number) => failed.push(format!("{number} {name}")),
            Err(JobError::Retry(error) | JobError::Fail(error)) => {
                tracing::error!(name, %error, "could not be read");
                failed.push(name.to_owned());
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(JobError::retry(format!("stay due: {}", failed.join(", ")))) }
}

/// As the job's error: all of it is tried again.
pub(crate) fn later(error: impl Into<Failure>) -> JobError {
    match error.into() {
        Failure::Billing(error) => JobError::retry(error),
        Failure::Checkout(error) => JobError::retry(error),
    }
}

/// What the shared crates fail with.
pub(crate) enum Failure {
    Billing(BillingError),
    Checkout(CheckoutError),
}

impl From<BillingError> for Failure {
    fn from(error: BillingError) -> Self {
        Self::Billing(error)
    }
}

impl From<CheckoutError> for Failure {
    fn from(error: CheckoutError) -> Self {
        Self::Checkout(error)
    }
}
