//! What was paid for subscriptions: one record for each invoice, one set of the ledger for each that is paid, one for the gateway's fee.

use domain::commerce::{Amount, Subject, ledger, payment::PaymentStatus};
use gateway::{InvoiceState, InvoiceStatus};
use kernel::Timestamp;
use store::entities::{SubscriptionInvoice, UserSubscription};

use crate::{Billing, BillingError, mapping::currency};

/// What came for an invoice, where something did.
pub(crate) fn paid(invoice: &InvoiceState) -> Option<Amount> {
    let currency = currency(&invoice.currency)?;
    (invoice.status == InvoiceStatus::Paid && invoice.paid > 0).then(|| Amount::new(invoice.paid, currency))
}

impl Billing {
    /// Books every invoice of a subscription that is not booked yet. The newest come first, so that it stops at the first page that has
    /// nothing new; one page holds two years of months.
    pub(crate) async fn book_all(
        &self,
        ours: &UserSubscription,
        gateway_id: &str,
        now: Timestamp,
    ) -> Result<(), BillingError> {
        let known = self.store.subscriptions().invoices(ours.id).await?;
        let mut after = None;
        loop {
            let page = self.gateway.invoices_of(gateway_id, after.as_deref()).await?;
            let mut news = false;
            for invoice in &page.rows {
                let record = known.iter().find(|known| known.id == invoice.id);
                let settled = record.is_some_and(|record| {
                    record.status == PaymentStatus::Succeeded
                        && (record.charge_id.is_some() || record.intent_id.is_none())
                });
                if !settled {
                    news = true;
                    self.book(ours, invoice, now).await?;
                }
            }
            after = page.next.filter(|_| news);
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Writes one invoice down; books what was paid, and the gateway's fee for it.
    async fn book(
        &self,
        ours: &UserSubscription,
        invoice: &InvoiceState,
        now: Timestamp,
    ) -> Result<(), BillingError> {
        let foreign = |reason| BillingError::Foreign {
            subscription: ours.gateway_id.clone().unwrap_or_default(),
            reason,
        };
        let currency = currency(&invoice.currency).ok_or_else(|| foreign("an unknown currency"))?;
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or(now);
        let is_paid = invoice.status == InvoiceStatus::Paid;
        let status = match invoice.status {
            InvoiceStatus::Paid => PaymentStatus::Succeeded,
            InvoiceStatus::Open if invoice.attempts == 0 => PaymentStatus::Pending,
            InvoiceStatus::Open | InvoiceStatus::Uncollectible | InvoiceStatus::Void => PaymentStatus::Failed,
            // A draft is nothing yet, and of what is not known nothing is said.
            InvoiceStatus::Draft | InvoiceStatus::Other => return Ok(()),
        };
        let record = SubscriptionInvoice {
            id: invoice.id.clone(),
            subscription_id: ours.id,
            user_id: ours.user_id,
            number: invoice.number.clone(),
            reason: invoice.reason.clone(),
            amount: Amount::new(if is_paid { invoice.paid } else { invoice.due }, currency),
            returned_minor: 0,
            status,
            attempts: invoice.attempts,
            intent_id: invoice.intent.clone(),
            charge_id: None,
            paid_at: is_paid.then(|| invoice.paid_at.map_or(now, time)),
            created_at: time(invoice.created),
            updated_at: now,
        };
        let subscriptions = self.store.subscriptions();
        if !is_paid {
            subscriptions.invoice_open(&record).await?;
            return Ok(());
        }
        // The platform's prices are without tax so far (`domain::commerce::tax`), so that none is part of what was paid.
        let income = ledger::subscription_income(ours.id, &invoice.id, record.amount, 0, now)?;
        if subscriptions.invoice_paid(&record, &income).await? {
            tracing::info!(subscription = %ours.id, invoice = invoice.id, "an invoice was paid");
        }
        self.book_fee(ours, &record, now).await
    }

    /// Books what the gateway keeps of a payment. Where its balance has no row yet, the next look finds it.
    async fn book_fee(
        &self,
        ours: &UserSubscription,
        record: &SubscriptionInvoice,
        now: Timestamp,
    ) -> Result<(), BillingError> {
        let Some(intent) = &record.intent_id else { return Ok(()) };
        let charge = self.gateway.intent(intent).await?.charge;
        let Some((charge, fee)) = charge.and_then(|charge| charge.fee.clone().map(|fee| (charge, fee)))
        else {
            return Ok(());
        };
        if let Some(currency) = currency(&fee.currency) {
            let subject = Some(Subject::Subscription(ours.id));
            let set = ledger::gateway_fee(subject, &charge.id, Amount::new(fee.minor, currency), now)?;
            if !set.is_empty() {
                self.store.ledger().add(&set).await?;
            }
        }
        Ok(self.store.subscriptions().invoice_charged(record, &charge.id).await?)
    }
}
