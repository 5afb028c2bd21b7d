//! Invoices of subscriptions.

use kernel::Secret;
use stripe_billing::{
    invoice::{ListInvoice, RetrieveInvoice, VoidInvoiceInvoice},
    invoice_payment::{ListInvoicePayment, ListInvoicePaymentPayment, ListInvoicePaymentPaymentType},
};
use stripe_shared::{Invoice, InvoiceLineItem};

use crate::{Gateway, GatewayError, Key, Page, checked, expand, money};

/// Invoices per page.
const PAGE: i64 = 24;

/// How far an invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Being written.
    Draft,
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Given up.
    Uncollectible,
    /// Taken back.
    Void,
    /// A state that this version does not know. Nothing may be concluded from it.
    Other,
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    /// Minor units, negative for a credit.
    pub minor: i64,
    /// What it is for.
    pub description: Option<String>,
    /// Start of what it pays for; seconds since 1970.
    pub start: i64,
    /// End of what it pays for; seconds since 1970.
    pub end: i64,
}

/// An invoice as the gateway sees it. What was paid is `paid`, whatever was asked for.
#[derive(Clone, Debug)]
pub struct InvoiceState {
    /// `in_…`
    pub id: String,
    /// How far it is.
    pub status: InvoiceStatus,
    /// The gateway's number of it.
    pub number: Option<String>,
    /// `sub_…`
    pub subscription: Option<String>,
    /// `cus_…`
    pub customer: Option<String>,
    /// Why it was written: `subscription_create`, `subscription_cycle`, `subscription_update`, `manual`, …
    pub reason: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// Sum of the lines, in minor units.
    pub subtotal: i64,
    /// Subtotal less discounts, plus tax.
    pub total: i64,
    /// What is to be paid, after credit that the customer has.
    pub due: i64,
    /// What was paid.
    pub paid: i64,
    /// What is still to be paid.
    pub remaining: i64,
    /// How often it was tried to collect it.
    pub attempts: u64,
    /// When it is tried next; seconds since 1970. None when no more.
    pub next_attempt: Option<i64>,
    /// What is paid for.
    pub lines: Vec<InvoiceLine>,
    /// The payment, `pi_…`, where it was asked for.
    pub intent: Option<String>,
    /// With it the browser pays. For the subscriber only.
    pub client_secret: Option<Secret<String>>,
    /// Seconds since 1970.
    pub paid_at: Option<i64>,
    /// Seconds since 1970.
    pub created: i64,
}

impl Gateway {
    /// An invoice with its payment.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn invoice(&self, id: &str) -> Result<InvoiceState, GatewayError> {
        let request = RetrieveInvoice::new(checked(id)?).expand(expand(["payments", "confirmation_secret"]));
        self.client.read(request).await.map(InvoiceState::of)
    }

    /// The invoices of a subscription, the newest first; `after` is the last id of the page before.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn invoices_of(
        &self,
        subscription: &str,
        after: Option<&str>,
    ) -> Result<Page<InvoiceState>, GatewayError> {
        let mut request = ListInvoice::new()
            .subscription(checked(subscription)?)
            .limit(PAGE)
            .expand(expand(["data.payments"]));
        if let Some(after) = after {
            request = request.starting_after(checked(after)?);
        }
        let list = self.client.read(request).await?;
        let next = if list.has_more { list.data.last().and_then(|last| last.id.clone()) } else { None };
        let rows = list.data.into_iter().map(InvoiceState::of).collect();
        Ok(Page { rows, next: next.map(|id| id.as_str().to_owned()) })
    }

    /// The invoice that a payment (`pi_…`) pays; none for one that pays no invoice. A payment itself does not name its invoice since
    /// 2025-03-31 ("basil").
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn invoice_of_intent(&self, intent: &str) -> Result<Option<InvoiceState>, GatewayError> {
        let mut payment = ListInvoicePaymentPayment::new(ListInvoicePaymentPaymentType::PaymentIntent);
        payment.payment_intent = Some(checked(intent)?.to_owned());
        let request = ListInvoicePayment::new().payment(payment).limit(1).expand(expand(["data.invoice"]));
        let list = self.client.read(request).await?;
        let invoice = list.data.into_iter().next().and_then(|found| found.invoice.into_object());
        Ok(invoice.map(InvoiceState::of))
    }

    /// Takes an open invoice back, so that it can't be paid any more. One that was paid or taken back before is answered as it is: the
    /// caller looks at the status.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn void_invoice(&self, id: &str, key: &Key) -> Result<InvoiceState, GatewayError> {
        match self.client.write(VoidInvoiceInvoice::new(checked(id)?), key).await {
            Ok(invoice) => Ok(InvoiceState::of(invoice)),
            // Whatever was answered, the invoice tells what is true.
            Err(error) => match self.invoice(id).await {
                Ok(invoice) if invoice.status != InvoiceStatus::Open => Ok(invoice),
                _ => Err(error),
            },
        }
    }
}

impl InvoiceState {
    pub(crate) fn of(invoice: Invoice) -> Self {
        use stripe_shared::InvoiceStatus as Theirs;
        let status = match invoice.status {
            Some(Theirs::Draft) => InvoiceStatus::Draft,
            Some(Theirs::Open) => InvoiceStatus::Open,
            Some(Theirs::Paid) => InvoiceStatus::Paid,
            Some(Theirs::Uncollectible) => InvoiceStatus::Uncollectible,
            Some(Theirs::Void) => InvoiceStatus::Void,
            _ => InvoiceStatus::Other,
        };
        let parent =
            invoice.parent.and_then(|parent| parent.subscription_details).map(|details| details.subscription);
        let subscription =
            parent.or(invoice.subscription).map(|subscription| subscription.id().as_str().to_owned());
        let payments = invoice.payments.map(|payments| payments.data).unwrap_or_default();
        let default = payments.iter().find(|payment| payment.is_default).or(payments.first());
        let intent = default.and_then(|payment| payment.payment.payment_intent.as_ref());
        Self {
            intent: intent.map(|intent| intent.id().as_str().to_owned()),
            // Only the preview of an invoice has no id.
            id: invoice.id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
            status,
            number: invoice.number,
            subscription,
            customer: invoice.customer.map(|customer| customer.id().as_str().to_owned()),
            reason: invoice.billing_reason.map(|reason| reason.as_str().to_owned()),
            currency: money::code(&invoice.currency),
            subtotal: invoice.subtotal,
            total: invoice.total,
            due: invoice.amount_due,
            paid: invoice.amount_paid,
            remaining: invoice.amount_remaining,
            attempts: invoice.attempt_count,
            next_attempt: invoice.next_payment_attempt,
            lines: invoice.lines.data.into_iter().map(InvoiceLine::of).collect(),
            client_secret: invoice.confirmation_secret.map(|secret| Secret::new(secret.client_secret)),
            paid_at: invoice.status_transitions.paid_at,
            created: invoice.created,
        }
    }
}

impl InvoiceLine {
    fn of(line: InvoiceLineItem) -> Self {
        Self {
            minor: line.amount,
            description: line.description,
            start: line.period.start,
            end: line.period.end,
        }
    }
}
