//! Disputes: a bank takes a payment back for its customer.

use stripe_core::dispute::RetrieveDispute;
use stripe_shared::Dispute;

use crate::{BalanceRow, Gateway, GatewayError, checked, money};

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// An inquiry: the bank asks, no money has moved.
    Inquiry,
    /// The money is gone for now, and evidence can be sent.
    Open,
    /// The bank decides.
    UnderReview,
    /// The money is back.
    Won,
    /// The money is gone.
    Lost,
    /// Closed without money having moved: an inquiry that ended, or one that a programme of the card network prevented.
    Closed,
    /// A state that this version does not know. Nothing may be concluded from it.
    Other,
}

/// A dispute as the gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeState {
    /// `dp_…`
    pub id: String,
    /// How far it is.
    pub status: DisputeStatus,
    /// `pi_…`
    pub intent: Option<String>,
    /// `ch_…`
    pub charge: String,
    /// What the bank takes back, in minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The bank's reason, such as `fraudulent`.
    pub reason: String,
    /// Until when evidence can be sent; seconds since 1970.
    pub due_by: Option<i64>,
    /// What it did to the gateway's balance: the amount out with the gateway's fee, and back in when won.
    pub rows: Vec<BalanceRow>,
    /// Seconds since 1970.
    pub created: i64,
}

impl Gateway {
    /// A dispute.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn dispute(&self, id: &str) -> Result<DisputeState, GatewayError> {
        self.client.read(RetrieveDispute::new(checked(id)?)).await.map(DisputeState::of)
    }
}

impl DisputeState {
    fn of(dispute: Dispute) -> Self {
        use stripe_shared::DisputeStatus as Theirs;
        let status = match dispute.status {
            Theirs::WarningNeedsResponse | Theirs::WarningUnderReview => DisputeStatus::Inquiry,
            Theirs::NeedsResponse => DisputeStatus::Open,
            Theirs::UnderReview => DisputeStatus::UnderReview,
            Theirs::Won => DisputeStatus::Won,
            Theirs::Lost => DisputeStatus::Lost,
            Theirs::WarningClosed | Theirs::Prevented => DisputeStatus::Closed,
            _ => DisputeStatus::Other,
        };
        Self {
            id: dispute.id.as_str().to_owned(),
            status,
            intent: dispute.payment_intent.map(|intent| intent.id().as_str().to_owned()),
            charge: dispute.charge.id().as_str().to_owned(),
            minor: dispute.amount,
            currency: money::code(&dispute.currency),
            reason: dispute.reason,
            due_by: dispute.evidence_details.due_by,
            rows: dispute.balance_transactions.into_iter().map(BalanceRow::of).collect(),
            created: dispute.created,
        }
    }
}
