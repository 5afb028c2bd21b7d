//! What a person may ask of his data: all of it as an archive, and its erasure 30 days after he deleted his account (GDPR, articles 15,
//! 17 and 20). What he is charged for ends with the deletion.
//!
//! [`kinds`] lists every kind of item with what becomes of it, [`places`] every table and bucket with how a person's things are found
//! there. Both tasks may be killed at any line and be done again: the export writes the same object anew, the erasure finds what is
//! left, and the user's own item, from which everything is found, goes last.

mod archive;
mod erase;
mod export;
pub mod kinds;
pub mod places;
mod subscription;

use billing::Billing;
use cloud::{Cloud, Objects};
use contracts::{Queue, privacy::Privacy};
use gateway::Gateway;
use jobs::{Delivery, Edge, JobError, Publisher, StartError};
use kernel::{Ambient, Vars};
use store::{Store, Table, Tables};

pub use self::archive::{Archive, ArchiveError};

/// What the job works with.
pub struct Context {
    store: Store,
    billing: Billing,
    objects: Objects,
    publisher: Publisher,
    edge: Edge,
    ambient: Ambient,
    buckets: Buckets,
}

/// The names of the buckets.
#[derive(Clone, Debug)]
struct Buckets {
    uploads: String,
    media: String,
    exports: String,
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
        let store = Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &Table::ALL)?);
        Ok(Self {
            billing: Billing::new(store.clone(), Gateway::from_env(&vars, &cloud)?),
            store,
            objects: cloud.objects(),
            publisher: Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Notify])?,
            edge: Edge::from_env(&vars, &cloud)?,
            ambient,
            buckets: Buckets {
                uploads: vars.required("UPLOADS_BUCKET")?,
                media: vars.required("MEDIA_BUCKET")?,
                exports: vars.required("EXPORTS_BUCKET")?,
            },
        })
    }
}

impl Context {
    /// With another gateway than that of the settings; tests use this.
    #[must_use]
    pub fn on_gateway(self, gateway: Gateway) -> Self {
        Self { billing: Billing::new(self.store.clone(), gateway), ..self }
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    match contracts::decode(&delivery.body)? {
        Privacy::Export { user_id, export_id } => export::run(context, user_id, export_id).await,
        Privacy::EndSubscription { user_id } => subscription::end_of_deleted(context, user_id).await,
        Privacy::Erase { user_id } => erase::run(context, user_id).await,
    }
}
