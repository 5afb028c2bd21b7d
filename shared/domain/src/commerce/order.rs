//! Orders: their states and what may change them.

use std::fmt;

use kernel::SignedDuration;
use serde::{Deserialize, Serialize};

/// Lines of a cart and of an order: all of them are in one item.
pub const LINES_MAX: usize = 50;
/// How long an order waits for a card.
pub const CARD_EXPIRY: SignedDuration = SignedDuration::from_mins(60);
/// How long an order waits for a bank transfer.
pub const BANK_TRANSFER_EXPIRY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// State of an order (seeds 000 and 001 §4.5).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Waits for its payment.
    Pending,
    /// Paid; the API calls it `completed`, as seed 001 does, and takes seed 000's `paid` as well.
    #[serde(rename = "completed", alias = "paid")]
    Paid,
    /// Its time went by, and the last try to pay had failed.
    Failed,
    /// Cancelled by the buyer, or replaced by the order of a changed cart.
    Cancelled,
    /// Its time went by without a payment.
    Expired,
    /// All of the money went back.
    Refunded,
    /// Some of the money went back.
    PartiallyRefunded,
    /// The buyer's bank has claimed the money; the decision is open.
    Disputed,
}

impl OrderStatus {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Paid,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
        Self::Refunded,
        Self::PartiallyRefunded,
        Self::Disputed,
    ];

    /// Its name in keys and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Disputed => "disputed",
        }
    }

    /// Whether it ended without a payment: money that still comes is set aside.
    pub const fn is_closed_unpaid(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Expired)
    }

    /// Whether it was paid at some time.
    pub const fn was_paid(self) -> bool {
        matches!(self, Self::Paid | Self::Refunded | Self::PartiallyRefunded | Self::Disputed)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an order is paid (seed 000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// By card, through the gateway.
    Card,
    /// By a transfer to the platform's bank account, confirmed by an admin.
    BankTransfer,
    /// Nothing to pay.
    Free,
}

impl PaymentMethod {
    /// How long an unpaid order is kept; an order with nothing to pay never waits.
    pub const fn expiry(self) -> Option<SignedDuration> {
        match self {
            Self::Card => Some(CARD_EXPIRY),
            Self::BankTransfer => Some(BANK_TRANSFER_EXPIRY),
            Self::Free => None,
        }
    }
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// All of its money has come.
    Paid,
    /// A try to pay failed; the buyer may try again.
    PaymentFailed,
    /// Its time is over, and the last try to pay had failed.
    Failed,
    /// The buyer cancelled it, or changed the cart.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Some of the money went back, and some remains.
    RefundedPart,
    /// All of the money has gone back.
    RefundedAll,
    /// The buyer's bank claims the money.
    DisputeOpened,
    /// The bank decided for the platform.
    DisputeWon {
        /// Whether a part had been refunded before the dispute.
        partly_refunded: bool,
    },
    /// The bank decided for the buyer.
    DisputeLost {
        /// Whether nothing of the order's money remains.
        all: bool,
    },
}

impl OrderEvent {
    /// Every event.
    pub const ALL: [Self; 12] = [
        Self::Paid,
        Self::PaymentFailed,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
        Self::RefundedPart,
        Self::RefundedAll,
        Self::DisputeOpened,
        Self::DisputeWon { partly_refunded: false },
        Self::DisputeWon { partly_refunded: true },
        Self::DisputeLost { all: true },
        Self::DisputeLost { all: false },
    ];
}

/// What an event does to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It had happened already, or changes nothing: no write.
    Same,
    /// The order changes to this state.
    To(OrderStatus),
}

/// The event can't happen to an order in this state. It is refused and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} can't happen to an order that is {from}")]
pub struct Impossible {
    /// State of the order.
    pub from: OrderStatus,
    /// The event.
    pub event: OrderEvent,
}

/// What `event` does to an order in state `from`. An event that comes again, or after one which says more, changes nothing.
///
/// # Errors
/// [`Impossible`], such as a payment of a cancelled order.
pub const fn transition(from: OrderStatus, event: OrderEvent) -> Result<Transition, Impossible> {
    use OrderEvent as E;
    use OrderStatus as S;
    use Transition::{Same, To};
    Ok(match (from, event) {
        (S::Pending, E::Paid) => To(S::Paid),
        (S::Paid | S::PartiallyRefunded | S::Refunded | S::Disputed, E::Paid) => Same,

        (_, E::PaymentFailed) => Same,

        (S::Pending, E::Failed) => To(S::Failed),
        (S::Pending, E::Cancelled) => To(S::Cancelled),
        (S::Pending, E::Expired) => To(S::Expired),
        (S::Failed | S::Cancelled | S::Expired, E::Failed | E::Cancelled | E::Expired) => Same,

        // No refund is begun while there is a dispute, but one that was under way may succeed.
        (S::Paid, E::RefundedPart) => To(S::PartiallyRefunded),
        (S::PartiallyRefunded | S::Refunded | S::Disputed, E::RefundedPart) => Same,
        (S::Paid | S::PartiallyRefunded | S::Disputed, E::RefundedAll) => To(S::Refunded),
        (S::Refunded, E::RefundedAll) => Same,

        (S::Paid | S::PartiallyRefunded, E::DisputeOpened) => To(S::Disputed),
        (S::Disputed | S::Refunded, E::DisputeOpened) => Same,
        (S::Disputed, E::DisputeWon { partly_refunded }) => {
            To(if partly_refunded { S::PartiallyRefunded } else { S::Paid })
        }
        (S::Paid | S::PartiallyRefunded | S::Refunded, E::DisputeWon { .. }) => Same,
        (S::Disputed | S::Paid | S::PartiallyRefunded, E::DisputeLost { all: true }) => To(S::Refunded),
        (S::Disputed | S::Paid, E::DisputeLost { all: false }) => To(S::PartiallyRefunded),
        (S::PartiallyRefunded, E::DisputeLost { all: false }) | (S::Refunded, E::DisputeLost { .. }) => Same,

        _ => return Err(Impossible { from, event }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        use OrderStatus as S;
        // One column for each event of [`OrderEvent::ALL`]: · nothing changes, ! impossible, otherwise the initials of the new state.
        for (from, row) in [
            (S::Pending, "P  ·  F  C  E  !  !  !  !  !  !  !"),
            (S::Paid, "·  ·  !  !  !  PR R  D  ·  ·  R  PR"),
            (S::Failed, "!  ·  ·  ·  ·  !  !  !  !  !  !  !"),
            (S::Cancelled, "!  ·  ·  ·  ·  !  !  !  !  !  !  !"),
            (S::Expired, "!  ·  ·  ·  ·  !  !  !  !  !  !  !"),
            (S::Refunded, "·  ·  !  !  !  ·  ·  ·  ·  ·  ·  ·"),
            (S::PartiallyRefunded, "·  ·  !  !  !  ·  R  D  ·  ·  R  ·"),
            (S::Disputed, "·  ·  !  !  !  ·  R  ·  P  PR R  PR"),
        ] {
            let cells: Vec<_> = row.split_ascii_whitespace().collect();
            assert_eq!(cells.len(), OrderEvent::ALL.len());
            for (event, cell) in OrderEvent::ALL.into_iter().zip(cells) {
                let expected = match cell {
                    "·" => Ok(Transition::Same),
                    "!" => Err(Impossible { from, event }),
                    "P" => Ok(Transition::To(S::Paid)),
                    "F" => Ok(Transition::To(S::Failed)),
                    "C" => Ok(Transition::To(S::Cancelled)),
                    "E" => Ok(Transition::To(S::Expired)),
                    "R" => Ok(Transition::To(S::Refunded)),
                    "PR" => Ok(Transition::To(S::PartiallyRefunded)),
                    _ => Ok(Transition::To(S::Disputed)),
                };
                assert_eq!(transition(from, event), expected, "{from} {event:?}");
                // Every event may come twice.
                if let Ok(Transition::To(next)) = expected {
                    assert_eq!(transition(next, event), Ok(Transition::Same), "{from} {event:?} twice");
                }
            }
        }
    }

    #[test]
    fn what_was_paid_stays_paid_and_what_was_closed_stays_closed() {
        for from in OrderStatus::ALL {
            assert!(!(from.was_paid() && from.is_closed_unpaid()));
            assert_eq!(from.was_paid() || from.is_closed_unpaid(), from != OrderStatus::Pending);
            let late = transition(from, OrderEvent::Paid);
            assert_eq!(late.is_err(), from.is_closed_unpaid(), "{from}: late money is set aside");
        }
    }

    #[test]
    fn names_are_those_of_json_and_paid_is_taken_for_completed() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{status}\""));
            assert_eq!(serde_json::from_str::<OrderStatus>(&format!("\"{status}\"")).unwrap(), status);
        }
        assert_eq!(serde_json::from_str::<OrderStatus>("\"paid\"").unwrap(), OrderStatus::Paid);
        assert_eq!(OrderStatus::Paid.to_string(), "completed");
    }

    #[test]
    fn cards_have_an_hour_and_bank_transfers_a_week() {
        let seconds = [PaymentMethod::Card, PaymentMethod::BankTransfer, PaymentMethod::Free]
            .map(|method| method.expiry().map(|time| time.as_secs()));
        assert_eq!(seconds, [Some(3_600), Some(604_800), None]);
    }
}
