//! Where the payment gateway and the orders meet: what the gateway's objects mean for them, and what is asked of the gateway because of
//! them.
//!
//! Whoever tells that something happened (a webhook, the buyer's browser, a job) is believed in nothing but that there is something to look
//! at: the gateway's newest object is read, and what it says is applied. Each of these operations may run any number of times, at the same
//! time as others, and be killed anywhere; the next run ends at the same state.

mod disputes;
mod intents;
mod refunds;

use domain::commerce::{Amount, Currency, LedgerError, Subject, UnknownCurrency, ledger};
use gateway::{Gateway, GatewayError, IntentState};
use kernel::{Ambient, Id, Timestamp, id::kinds};
use store::{Store, StoreError};

pub use disputes::Disputed;
pub use intents::{Ending, Look};
pub use refunds::{LateReturn, Refunded};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway failed, or did not answer for certain.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The gateway tells of a currency that there is not.
    #[error(transparent)]
    Currency(#[from] UnknownCurrency),
    /// The gateway tells of an amount that can't be booked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The payment is under way: neither can it be given up, nor has it succeeded.
    #[error("the payment is under way")]
    UnderWay,
}

/// What is needed to deal with money.
#[derive(Clone, Debug)]
pub struct Desk {
    store: Store,
    gateway: Gateway,
    ambient: Ambient,
}

impl Desk {
    /// A desk.
    pub fn new(store: Store, gateway: Gateway, ambient: Ambient) -> Self {
        Self { store, gateway, ambient }
    }

    /// The gateway.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    /// Books what the gateway kept of a charge or took for a dispute, once for each `source`.
    async fn book_fee(
        &self,
        order: Id<kinds::Order>,
        source: &str,
        (minor, currency): (i64, &str),
    ) -> Result<(), CheckoutError> {
        if minor == 0 {
            return Ok(());
        }
        let fee = amount(minor, currency)?;
        let set = ledger::gateway_fee(Some(Subject::Order(order)), source, fee, self.now())?;
        self.store.ledger().add(&set).await?;
        Ok(())
    }
}

/// The order and the buyer that an intent was made for; none for one that was not made for an order, such as a subscription's.
fn order_of(intent: &IntentState) -> Option<(Id<kinds::User>, Id<kinds::Order>)> {
    let (user, order) = (intent.user_id.as_ref()?, intent.order_id.as_ref()?);
    Some((user.parse().ok()?, order.parse().ok()?))
}

fn amount(minor: i64, currency: &str) -> Result<Amount, UnknownCurrency> {
    Ok(Amount::new(minor, currency.parse::<Currency>()?))
}
