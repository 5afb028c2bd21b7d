//! What a person may ask of his data (GDPR, articles 15, 17 and 20).

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Something is to be done with all data of a person, or because he goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Privacy {
    /// Collect it.
    Export {
        /// Whose data.
        user_id: Id<kinds::User>,
        /// Under which it is kept.
        export_id: Id<kinds::Export>,
    },
    /// Its owner has deleted his account: end his subscription at the payment gateway, so that nothing more is collected.
    EndSubscription {
        /// Whose.
        user_id: Id<kinds::User>,
    },
    /// Erase it: the time in which the owner could have restored the account is over.
    Erase {
        /// Whose data.
        user_id: Id<kinds::User>,
    },
}

impl Message for Privacy {
    const QUEUE: Queue = Queue::Privacy;
    const NAME: &'static str = "privacy";
    const VERSION: u16 = 1;
}
