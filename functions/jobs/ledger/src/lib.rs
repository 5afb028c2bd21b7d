//! What follows from what was written to the commerce table: sets of the ledger are added to the balances of their accounts and to what
//! creators earned, large orders get the rest of their courses, buyers get mails, and a person is called when money was set aside.
//!
//! The stream gives every write at least once, in the order of each item, so nothing of it is left out whenever a handler dies; a batch that
//! comes twice adds nothing twice (a condition of each transaction) and mails once (each mail has an identifier that is made of what it
//! tells of).

mod mails;

use aws_lambda_events::dynamodb::EventRecord;
use cloud::{Cloud, Queues};
use contracts::{Queue, Received, notify::Notify};
use domain::commerce::OrderStatus;
use jobs::{JobError, Publisher, StartError};
use kernel::{Ambient, Vars};
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, Item};
use store::{
    Store, Table, Tables,
    entities::{Order, SetAside, StoredSet},
};

/// What the job works with.
pub struct Context {
    store: Store,
    ambient: Ambient,
    publisher: Publisher,
    parking: Parking,
}

/// Where a person finds what he has to look at.
enum Parking {
    Sqs {
        queues: Queues,
        dead_letters: String,
        set_asides: String,
    },
    /// Nowhere. Component tests only.
    None,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let (cloud, ambient) = (Cloud::from_env(&vars)?, Ambient::system());
        let tables = [Table::Commerce, Table::Catalog, Table::Learning, Table::Identity];
        Ok(Self {
            store: Store::new(cloud.dynamodb(&vars), Tables::from_env(&vars, &tables)?),
            publisher: Publisher::from_env(&vars, &cloud, &ambient, &[Queue::Notify])?,
            parking: Parking::Sqs {
                queues: cloud.queues(),
                dead_letters: vars.required("DEAD_LETTERS_URL")?,
                set_asides: vars.required("SET_ASIDES_URL")?,
            },
            ambient,
        })
    }

    /// On a given store, clock and publisher; tests use this.
    pub fn new(store: Store, ambient: Ambient, publisher: Publisher) -> Self {
        Self { store, ambient, publisher, parking: Parking::None }
    }
}

/// What a batch asks for.
#[derive(Debug, Default)]
pub struct Sorted {
    /// Sets that are new.
    pub sets: Vec<StoredSet>,
    /// Paid orders of which some courses are not granted yet.
    pub orders: Vec<Order>,
    /// Mails, in the order of the records.
    pub mails: Vec<Received<Notify>>,
    /// What was set aside.
    pub asides: Vec<SetAside>,
    /// Keys of the unreadable records as JSON, each with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Sorts the records of a batch.
pub fn sort(records: &[EventRecord]) -> Sorted {
    let mut sorted = Sorted::default();
    for record in records {
        if let Err(error) = look(record, &mut sorted) {
            let keys = serde_json::to_string(&record.change.keys).unwrap_or_default();
            sorted.unreadable.push((keys, error));
        }
    }
    sorted
}

fn look(record: &EventRecord, sorted: &mut Sorted) -> Result<(), String> {
    let (old, new) = (&record.change.old_image, &record.change.new_image);
    // What is deleted needs nothing any more.
    let Some(AttributeValue::S(kind)) = new.get("type") else { return Ok(()) };
    match kind.as_str() {
        "ledger_set" if old.is_empty() => {
            let stored: StoredSet = read(new)?;
            // A corrupted set would corrupt the balances.
            stored.set.verify().map_err(|error| error.to_string())?;
            sorted.sets.push(stored);
        }
        "set_aside" if old.is_empty() => sorted.asides.push(read(new)?),
        "order" => {
            let order: Order = read(new)?;
            let before = if old.is_empty() { None } else { Some(read::<Order>(old)?.status) };
            sorted.mails.extend(mails::of_order(before, &order));
            if before.is_none_or(|before| before == OrderStatus::Pending)
                && order.status.was_paid()
                && !order.is_fulfilled()
            {
                sorted.orders.push(order);
            }
        }
        "payment" => sorted.mails.extend(mails::of_payment(old, &read(new)?)),
        "refund" => sorted.mails.extend(mails::of_refund(old, &read(new)?)),
        _ => {}
    }
    Ok(())
}

fn read<T: DeserializeOwned>(image: &Item) -> Result<T, String> {
    serde_dynamo::from_item(image.clone()).map_err(|error| error.to_string())
}

/// Handles one batch. A record that can't be read is parked in the dead letters by its key, where an alarm tells of it; it must not hold up
/// everybody else's.
///
/// # Errors
/// [`JobError::Retry`] when storage or a queue fails; what was done before is known then.
pub async fn handle(context: &Context, records: Vec<EventRecord>) -> Result<(), JobError> {
    let Context { store, ambient, publisher, parking } = context;
    let sorted = sort(&records);
    for stored in &sorted.sets {
        store.ledger().post(&stored.set, ambient.now()).await?;
        store.revenue().count(stored, ambient.now()).await?;
    }
    for order in &sorted.orders {
        store.orders().fulfil(order.user_id, order.id, ambient.now()).await?;
    }
    if !sorted.mails.is_empty() {
        publisher.send_events(&sorted.mails).await?;
    }
    let (sets, mails) = (sorted.sets.len(), sorted.mails.len());
    tracing::info!(sets, mails, orders = sorted.orders.len(), "booked");
    for aside in &sorted.asides {
        tracing::error!(subject = aside.subject, reason = ?aside.reason, "money was set aside");
        if let Parking::Sqs { queues, set_asides, .. } = parking {
            queues.park(set_asides, aside.subject.clone(), "money was set aside").await?;
        }
    }
    for (keys, reason) in sorted.unreadable {
        tracing::error!(keys, reason, "a record that can't be read");
        if let Parking::Sqs { queues, dead_letters, .. } = parking {
            queues.park(dead_letters, keys, &reason).await?;
        }
    }
    Ok(())
}
