//! Another price for a running subscription. LearnFlow computes what a change costs; Stripe's own proration stays off.

use stripe_billing::{
    invoice::{
        CreateInvoice, CreateInvoicePendingInvoiceItemsBehavior, FinalizeInvoiceInvoice, PayInvoice,
        VoidInvoiceInvoice,
    },
    invoice_item::CreateInvoiceItem,
    subscription::{
        UpdateSubscription, UpdateSubscriptionItems, UpdateSubscriptionPaymentBehavior,
        UpdateSubscriptionProrationBehavior,
    },
};

use crate::{
    Gateway, GatewayError, InvoiceStatus, Key, SubscriptionState, checked, money, subscriptions::once,
};

/// A change to be.
#[derive(Clone, Debug)]
pub struct PlanChange<'a> {
    /// `sub_…`
    pub subscription: &'a str,
    /// `si_…`, see [`SubscriptionState::item`].
    pub item: &'a str,
    /// `cus_…`
    pub customer: &'a str,
    /// `price_…`, what is paid from now on.
    pub price: &'a str,
    /// ISO 4217.
    pub currency: &'a str,
    /// What the invoice says.
    pub description: &'a str,
    /// What it costs.
    pub change: Change,
}

/// What a change costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The interval stays, and so does the end of the period: this is charged at once, in minor units; 0 charges nothing.
    SamePeriod {
        /// Minor units, not negative.
        charge: i64,
    },
    /// Another interval: Stripe begins a new period and charges its price at once, less this credit; 0 credits nothing.
    NewPeriod {
        /// Minor units, not negative.
        credit: i64,
    },
}

impl Gateway {
    /// Charges for a change and makes it, in this order: whoever does not pay keeps what he has. Calling it again with the same key
    /// goes on where it stopped.
    ///
    /// # Errors
    /// [`GatewayError::Declined`] when the card is declined; then nothing has changed and nothing is owed.
    pub async fn change_plan(
        &self,
        new: &PlanChange<'_>,
        key: &Key,
    ) -> Result<SubscriptionState, GatewayError> {
        let mut item = UpdateSubscriptionItems::new();
        item.id = Some(new.item.to_owned());
        item.price = Some(new.price.to_owned());
        let mut request = UpdateSubscription::new(checked(new.subscription)?)
            .items(vec![item])
            .proration_behavior(UpdateSubscriptionProrationBehavior::None);
        match new.change {
            Change::SamePeriod { charge } if charge > 0 => self.charge(new, charge, key).await?,
            Change::SamePeriod { .. } => (),
            Change::NewPeriod { credit } => {
                // Without the payment the update is not made (402).
                request = request.payment_behavior(UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete);
                if credit > 0 {
                    let coupon =
                        self.coupon(credit, new.currency, new.description, &key.part("coupon")).await?;
                    request = request.discounts(vec![once(coupon)]);
                }
            }
        }
        self.client.write(request, &key.part("switch")).await?;
        self.subscription(new.subscription).await
    }

    /// An invoice of its own, paid now. The item is bound to this invoice, so that one that is not paid can't slip into the next
    /// renewal.
    async fn charge(&self, new: &PlanChange<'_>, charge: i64, key: &Key) -> Result<(), GatewayError> {
        let (amount, currency) = money::payable(charge, new.currency)?;
        let draft = CreateInvoice::new()
            .customer(new.customer)
            .subscription(new.subscription)
            .currency(currency.clone())
            .auto_advance(false)
            .description(new.description)
            .pending_invoice_items_behavior(CreateInvoicePendingInvoiceItemsBehavior::Exclude);
        let draft = self.client.write(draft, &key.part("invoice")).await?;
        let Some(invoice) = draft.id else {
            return Err(GatewayError::Unknown("an invoice without id".into()));
        };
        let line = CreateInvoiceItem::new()
            .customer(new.customer)
            .subscription(new.subscription)
            .invoice(invoice.as_str())
            .amount(amount)
            .currency(currency)
            .description(new.description);
        self.client.write(line, &key.part("line")).await?;
        let finalize = FinalizeInvoiceInvoice::new(invoice.clone()).auto_advance(false);
        let done = self.client.write(finalize, &key.part("finalize")).await.map(drop);
        self.certain(done, invoice.as_str(), |status| status != InvoiceStatus::Draft).await?;
        let pay = PayInvoice::new(invoice.clone()).off_session(true);
        let paid = self.client.write(pay, &key.part("pay")).await.map(drop);
        let paid = self.certain(paid, invoice.as_str(), |status| status == InvoiceStatus::Paid).await;
        if matches!(paid, Err(GatewayError::Declined { .. })) {
            self.client.write(VoidInvoiceInvoice::new(invoice), &key.part("void")).await?;
        }
        paid
    }

    /// Stripe may keep a failure under a key although the work was done (<https://docs.stripe.com/api/idempotent_requests>), so that
    /// asking again gives the failure for ever. The invoice tells what is true.
    async fn certain(
        &self,
        outcome: Result<(), GatewayError>,
        invoice: &str,
        done: impl Fn(InvoiceStatus) -> bool,
    ) -> Result<(), GatewayError> {
        match outcome {
            Err(GatewayError::Unknown(_)) if done(self.invoice(invoice).await?.status) => Ok(()),
            other => other,
        }
    }
}
