//! Money of subscriptions that goes back: refunds, which people make at the gateway's own desk, and disputes.

use domain::commerce::{
    Amount, EntrySet, LedgerError, PaymentMethod, Subject, ledger, payment::SetAsideReason,
    subscription::CancelWhen,
};
use gateway::{DisputeState, DisputeStatus, RefundState, RefundStatus};
use kernel::Timestamp;
use store::entities::{SetAside, SubscriptionInvoice, UserSubscription};

use crate::{Applied, Billing, BillingError, mapping::currency};

/// The platform's prices are without tax so far (`domain::commerce::tax`), so that none goes back.
const TAX: i64 = 0;

impl Billing {
    /// Reads all refunds of a payment at the gateway and books what is not booked yet. `false` where the payment is none of a
    /// subscription.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn look_at_refunds(&self, intent: &str, now: Timestamp) -> Result<bool, BillingError> {
        let Some((ours, invoice)) = self.paid_with(intent, now).await? else { return Ok(false) };
        let mut refunds = self.gateway.refunds_of(intent).await?;
        refunds.reverse();
        for refund in &refunds {
            self.book_refund(&ours, &invoice, refund, now).await?;
        }
        self.end_unpaid(&ours, now).await?;
        Ok(true)
    }

    /// Reads a dispute and books what it says, with the fees that came with it. `false` where it is none of a subscription's payment.
    ///
    /// # Errors
    /// [`BillingError`].
    pub async fn look_at_dispute(&self, id: &str, now: Timestamp) -> Result<bool, BillingError> {
        let dispute = self.gateway.dispute(id).await?;
        let Some(intent) = &dispute.intent else { return Ok(false) };
        let Some((ours, invoice)) = self.paid_with(intent, now).await? else { return Ok(false) };
        let (subject, sets) = (Subject::Subscription(ours.id), self.store.ledger());
        for row in dispute.rows.iter().filter(|row| row.fee != 0) {
            let fee = amount(&ours, row.fee, &row.currency)?;
            sets.add(&ledger::gateway_fee(Some(subject), &row.id, fee, now)?).await?;
        }
        let moved =
            !matches!(dispute.status, DisputeStatus::Inquiry | DisputeStatus::Closed | DisputeStatus::Other);
        if !moved {
            return Ok(true);
        }
        let claimed = amount(&ours, dispute.minor, &dispute.currency)?;
        // An end may be told of before the beginning: both are booked, in this order.
        sets.add(&ledger::dispute_opened(subject, id, claimed, now)?).await?;
        match dispute.status {
            DisputeStatus::Won => {
                sets.add(&ledger::dispute_won(subject, id, claimed, now)?).await?;
            }
            DisputeStatus::Lost => {
                self.book_loss(&ours, &invoice, (&dispute, claimed), now).await?;
                self.end_unpaid(&ours, now).await?;
            }
            _ => {}
        }
        Ok(true)
    }

    /// The subscription and the invoice that a payment has paid, which is booked then: money may go back before anybody has told that it
    /// came.
    async fn paid_with(
        &self,
        intent: &str,
        now: Timestamp,
    ) -> Result<Option<(UserSubscription, SubscriptionInvoice)>, BillingError> {
        let Some(invoice) = self.gateway.invoice_of_intent(intent).await? else { return Ok(None) };
        let Some(subscription) = &invoice.subscription else { return Ok(None) };
        let Applied::Done(ours) = self.follow(subscription, now).await? else { return Ok(None) };
        let record = self.store.subscriptions().invoice(ours.id, &invoice.id).await?;
        Ok(record.filter(|record| record.paid_at.is_some()).map(|record| (*ours, record)))
    }

    async fn book_refund(
        &self,
        ours: &UserSubscription,
        invoice: &SubscriptionInvoice,
        refund: &RefundState,
        now: Timestamp,
    ) -> Result<(), BillingError> {
        let back = amount(ours, refund.minor, &refund.currency)?;
        let set = ledger::subscription_refund(ours.id, &refund.id, back, TAX, now)?;
        match refund.status {
            // The gateway takes the money from its balance at once, also while the bank is slow.
            RefundStatus::Succeeded | RefundStatus::Pending | RefundStatus::AwaitingAction => {
                self.book_return(invoice, set.id(), now, |_| Ok((back.minor, vec![set.clone()]))).await
            }
            RefundStatus::Failed | RefundStatus::Cancelled => {
                // Only what was booked as gone has come back. It is still the subscriber's, and a person looks at it.
                if self.store.ledger().get(set.id()).await?.is_none() {
                    return Ok(());
                }
                let subject = Some(Subject::Subscription(ours.id));
                let late = ledger::late_money(subject, &refund.id, (back, PaymentMethod::Card), now)?;
                let aside = SetAside {
                    captured: Some(back),
                    ..aside(ours, invoice, format!("refund:{}", refund.id), SetAsideReason::RefundFailed, now)
                };
                if self.store.set_asides().add_money(&aside, &late).await? {
                    tracing::error!(subscription = %ours.id, refund = refund.id, "a refund could not be taken");
                }
                Ok(())
            }
        }
    }

    /// The bank has decided for the subscriber. What it took beyond what was left of the invoice is the platform's loss, and a person looks
    /// at it.
    async fn book_loss(
        &self,
        ours: &UserSubscription,
        invoice: &SubscriptionInvoice,
        (dispute, claimed): (&DisputeState, Amount),
        now: Timestamp,
    ) -> Result<(), BillingError> {
        let of_end = |left: i64| -> Result<(i64, Vec<EntrySet>), LedgerError> {
            let covered = claimed.minor.min(left.max(0));
            let taken = Amount::new(covered, claimed.currency);
            let excess = Amount::new(claimed.minor - covered, claimed.currency);
            let subject = Subject::Subscription(ours.id);
            let lost = ledger::subscription_dispute_lost(ours.id, &dispute.id, taken, TAX, now)?;
            let mut sets = vec![lost, ledger::dispute_excess(subject, &dispute.id, excess, now)?];
            sets.retain(|set| !set.is_empty());
            Ok((covered, sets))
        };
        // Where nothing was left of the invoice, all of it is beyond.
        let excess = format!("dispute_excess:{}", dispute.id);
        if self.store.ledger().get(&excess).await?.is_none() {
            let closed = format!("dispute_closed:{}", dispute.id);
            let left = |invoice: &SubscriptionInvoice| invoice.amount.minor - invoice.returned_minor;
            self.book_return(invoice, &closed, now, |invoice| of_end(left(invoice))).await?;
        }
        if self.store.ledger().get(&excess).await?.is_some() {
            let aside = SetAside {
                captured: Some(claimed),
                ..aside(
                    ours,
                    invoice,
                    format!("dispute:{}", dispute.id),
                    SetAsideReason::DisputeUnmatched,
                    now,
                )
            };
            self.store.set_asides().add(&aside).await?;
        }
        Ok(())
    }

    /// Books once that money of an invoice went back: `id` is that of the set which says so, `sets` gives what went back and the sets for an
    /// invoice as it was read.
    async fn book_return(
        &self,
        invoice: &SubscriptionInvoice,
        id: &str,
        now: Timestamp,
        sets: impl Fn(&SubscriptionInvoice) -> Result<(i64, Vec<EntrySet>), LedgerError>,
    ) -> Result<(), BillingError> {
        let subscriptions = self.store.subscriptions();
        for _ in 0..crate::ROUNDS {
            if self.store.ledger().get(id).await?.is_some() {
                return Ok(());
            }
            let Some(found) = subscriptions.invoice(invoice.subscription_id, &invoice.id).await? else {
                return Ok(());
            };
            let (minor, sets) = sets(&found)?;
            if subscriptions.invoice_returned(&found, minor, &sets, now).await? {
                tracing::info!(subscription = %found.subscription_id, invoice = found.id, minor, set = id, "money went back");
                return Ok(());
            }
        }
        Err(BillingError::Busy)
    }

    /// Ends a subscription whose newest payment for a period has gone back whole: what is not paid is not used, as with a course of an
    /// order, and whoever did not want this payment is not charged the next one.
    async fn end_unpaid(&self, ours: &UserSubscription, now: Timestamp) -> Result<(), BillingError> {
        let subscriptions = self.store.subscriptions();
        for _ in 0..crate::ROUNDS {
            let invoices = subscriptions.invoices(ours.id).await?;
            let paid = invoices.iter().filter(|invoice| invoice.paid_a_period());
            let last = paid.max_by_key(|invoice| invoice.created_at);
            if !last.is_some_and(SubscriptionInvoice::is_returned) {
                return Ok(());
            }
            let Some(found) = subscriptions.find(ours.user_id, ours.id).await? else { return Ok(()) };
            let Ok(ended) = found.state.cancel(CancelWhen::Now, now) else { return Ok(()) };
            if self.end(&found, ended, false, now).await?.is_some() {
                tracing::info!(subscription = %ours.id, "it has ended, since its last payment went back");
                return Ok(());
            }
        }
        Err(BillingError::Busy)
    }
}

fn amount(ours: &UserSubscription, minor: i64, code: &str) -> Result<Amount, BillingError> {
    let found = currency(code).map(|currency| Amount::new(minor, currency));
    found.ok_or_else(|| BillingError::Foreign {
        subscription: ours.gateway_id.clone().unwrap_or_default(),
        reason: "an unknown currency",
    })
}

fn aside(
    ours: &UserSubscription,
    invoice: &SubscriptionInvoice,
    subject: String,
    reason: SetAsideReason,
    now: Timestamp,
) -> SetAside {
    SetAside {
        user_id: Some(ours.user_id),
        intent_id: invoice.intent_id.clone(),
        charge_id: invoice.charge_id.clone(),
        ..SetAside::new(subject, reason, now)
    }
}
