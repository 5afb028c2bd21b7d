//! Subscriptions: begin, read, end.

use std::collections::{BTreeMap, HashMap};

use kernel::Secret;
use stripe_billing::subscription::{
    CancelSubscription, CreateSubscription, CreateSubscriptionItems, CreateSubscriptionPaymentBehavior,
    CreateSubscriptionPaymentSettings, CreateSubscriptionPaymentSettingsSaveDefaultPaymentMethod,
    CreateSubscriptionTrialSettings, CreateSubscriptionTrialSettingsEndBehavior,
    CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod, DiscountsDataParam, RetrieveSubscription,
    UpdateSubscription,
};
use stripe_product::coupon::CreateCoupon;
use stripe_shared::{CouponDuration, Subscription};
use stripe_types::Expandable;

use crate::{Gateway, GatewayError, InvoiceState, InvoiceStatus, Key, PriceState, checked, expand, money};

/// What a subscription's answer brings along: the newest invoice with the secret with which the browser pays it, and with its
/// payments; and the intent to keep a card, which a trial has in place of an invoice to pay.
const DETAILS: [&str; 3] =
    ["latest_invoice.confirmation_secret", "latest_invoice.payments", "pending_setup_intent"];

/// A subscription to be.
#[derive(Clone, Debug)]
pub struct NewSubscription<'a> {
    /// `cus_…`
    pub customer: &'a str,
    /// `price_…`
    pub price: &'a str,
    /// Days without payment at the start.
    pub trial_days: Option<u32>,
    /// What a promo code takes off the first payment: minor units, ISO 4217, and the name that the invoice shows.
    pub first_discount: Option<(i64, &'a str, &'a str)>,
    /// Our subscription, kept in the metadata.
    pub subscription_id: &'a str,
    /// Kept in the metadata.
    pub user_id: &'a str,
}

/// How far a subscription is, <https://docs.stripe.com/billing/subscriptions/overview>, "Subscription statuses".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// The first payment is not made; after 23 hours it is `Expired`.
    Incomplete,
    /// The first payment was never made.
    Expired,
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A renewal failed and is tried again.
    PastDue,
    /// A renewal failed for good; invoices are written and not collected.
    Unpaid,
    /// Ended.
    Cancelled,
    /// Its trial ended without a card, in accounts that are set so.
    Paused,
    /// A state that this version does not know. Nothing may be concluded from it.
    Other,
}

/// A subscription as the gateway sees it.
#[derive(Clone, Debug)]
pub struct SubscriptionState {
    /// `sub_…`
    pub id: String,
    /// How far it is.
    pub status: SubscriptionStatus,
    /// `cus_…`
    pub customer: String,
    /// `si_…`, what a change of price names.
    pub item: String,
    /// What is paid.
    pub price: PriceState,
    /// Start of the period that runs; seconds since 1970.
    pub period_start: i64,
    /// End of the period that runs; seconds since 1970.
    pub period_end: i64,
    /// End of the trial; seconds since 1970.
    pub trial_end: Option<i64>,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When someone ended it; seconds since 1970.
    pub cancelled_at: Option<i64>,
    /// When it was over; seconds since 1970.
    pub ended_at: Option<i64>,
    /// Our subscription.
    pub subscription_id: Option<String>,
    /// Our user.
    pub user_id: Option<String>,
    /// Everything that was kept with it.
    pub metadata: BTreeMap<String, String>,
    /// The newest invoice.
    pub latest_invoice: Option<InvoiceState>,
    /// With it the browser confirms the payment of the newest invoice while that is open, or in a trial the card. For the subscriber only.
    pub client_secret: Option<Secret<String>>,
    /// Whether `client_secret` is that of a setup intent (a card is kept, nothing is paid).
    pub setup_only: bool,
    /// Whether a card is kept, with which the renewals are paid.
    pub has_card: bool,
    /// Seconds since 1970.
    pub created: i64,
}

impl Gateway {
    /// Begins a subscription. It waits for the first payment, which the browser confirms with the answer's client secret; the card
    /// is kept for the renewals. With a trial it runs at once, and the browser confirms a card.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn create_subscription(
        &self,
        new: &NewSubscription<'_>,
        key: &Key,
    ) -> Result<SubscriptionState, GatewayError> {
        let metadata = [("subscription_id", new.subscription_id), ("user_id", new.user_id)];
        let mut item = CreateSubscriptionItems::new();
        item.price = Some(new.price.to_owned());
        let mut settings = CreateSubscriptionPaymentSettings::new();
        settings.save_default_payment_method =
            Some(CreateSubscriptionPaymentSettingsSaveDefaultPaymentMethod::OnSubscription);
        let mut request = CreateSubscription::new()
            .customer(new.customer)
            .items(vec![item])
            .payment_behavior(CreateSubscriptionPaymentBehavior::DefaultIncomplete)
            .payment_settings(settings)
            .metadata(
                metadata
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into_iter()
                    .collect::<HashMap<_, _>>(),
            )
            .expand(expand(DETAILS));
        if let Some(days) = new.trial_days {
            let mut end = CreateSubscriptionTrialSettingsEndBehavior::new();
            end.missing_payment_method =
                Some(CreateSubscriptionTrialSettingsEndBehaviorMissingPaymentMethod::Cancel);
            request =
                request.trial_period_days(days).trial_settings(CreateSubscriptionTrialSettings::new(end));
        }
        if let Some((minor, currency, name)) = new.first_discount {
            let coupon = self.coupon(minor, currency, name, &key.part("coupon")).await?;
            request = request.discounts(vec![once(coupon)]);
        }
        self.client.write(request, key).await.and_then(SubscriptionState::of)
    }

    /// A subscription with its newest invoice.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn subscription(&self, id: &str) -> Result<SubscriptionState, GatewayError> {
        self.client
            .read(RetrieveSubscription::new(checked(id)?).expand(expand(DETAILS)))
            .await
            .and_then(SubscriptionState::of)
    }

    /// Ends a subscription now. Nothing is paid back. One that has ended is answered as it is.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn cancel_subscription(&self, id: &str, key: &Key) -> Result<SubscriptionState, GatewayError> {
        let request = CancelSubscription::new(checked(id)?).prorate(false).invoice_now(false);
        match self.client.write(request, key).await {
            Ok(_) => self.subscription(id).await,
            // Stripe answers 404 for the end of what has ended, and still shows it.
            Err(error) if error.is_missing() => self.subscription(id).await,
            Err(error) => Err(error),
        }
    }

    /// Lets a subscription end with its period, or takes that back.
    ///
    /// # Errors
    /// [`GatewayError`]; refused when it has ended.
    pub async fn set_cancel_at_period_end(
        &self,
        id: &str,
        ends: bool,
        key: &Key,
    ) -> Result<SubscriptionState, GatewayError> {
        let request =
            UpdateSubscription::new(checked(id)?).cancel_at_period_end(ends).expand(expand(DETAILS));
        self.client.write(request, key).await.and_then(SubscriptionState::of)
    }

    /// A coupon for one invoice.
    pub(crate) async fn coupon(
        &self,
        minor: i64,
        currency: &str,
        name: &str,
        key: &Key,
    ) -> Result<String, GatewayError> {
        let (amount, currency) = money::payable(minor, currency)?;
        // The name that Stripe takes has at most 40 characters.
        let name: String = name.chars().take(40).collect();
        let request = CreateCoupon::new()
            .amount_off(amount)
            .currency(currency)
            .duration(CouponDuration::Once)
            .max_redemptions(1)
            .name(name);
        Ok(self.client.write(request, key).await?.id.as_str().to_owned())
    }
}

pub(crate) fn once(coupon: String) -> DiscountsDataParam {
    DiscountsDataParam { coupon: Some(coupon), ..DiscountsDataParam::new() }
}

impl SubscriptionState {
    pub(crate) fn of(subscription: Subscription) -> Result<Self, GatewayError> {
        use stripe_shared::SubscriptionStatus as Theirs;
        let status = match subscription.status {
            Theirs::Incomplete => SubscriptionStatus::Incomplete,
            Theirs::IncompleteExpired => SubscriptionStatus::Expired,
            Theirs::Trialing => SubscriptionStatus::Trialing,
            Theirs::Active => SubscriptionStatus::Active,
            Theirs::PastDue => SubscriptionStatus::PastDue,
            Theirs::Unpaid => SubscriptionStatus::Unpaid,
            Theirs::Canceled => SubscriptionStatus::Cancelled,
            Theirs::Paused => SubscriptionStatus::Paused,
            _ => SubscriptionStatus::Other,
        };
        let Some(item) = subscription.items.data.into_iter().next() else {
            return Err(GatewayError::Unknown("a subscription without items".into()));
        };
        let setup = subscription
            .pending_setup_intent
            .and_then(Expandable::into_object)
            .and_then(|setup| setup.client_secret);
        let latest_invoice =
            subscription.latest_invoice.and_then(Expandable::into_object).map(InvoiceState::of);
        let open = latest_invoice.as_ref().filter(|invoice| invoice.status == InvoiceStatus::Open);
        let payment = open.and_then(|invoice| invoice.client_secret.clone());
        let metadata: BTreeMap<String, String> = subscription.metadata.into_iter().collect();
        Ok(Self {
            id: subscription.id.as_str().to_owned(),
            status,
            customer: subscription.customer.id().as_str().to_owned(),
            item: item.id.as_str().to_owned(),
            price: PriceState::of(item.price),
            period_start: item.current_period_start,
            period_end: item.current_period_end,
            trial_end: subscription.trial_end,
            cancel_at_period_end: subscription.cancel_at_period_end,
            cancelled_at: subscription.canceled_at,
            ended_at: subscription.ended_at,
            subscription_id: metadata.get("subscription_id").cloned(),
            user_id: metadata.get("user_id").cloned(),
            metadata,
            setup_only: payment.is_none() && setup.is_some(),
            has_card: subscription.default_payment_method.is_some(),
            client_secret: payment.or_else(|| setup.map(Secret::new)),
            latest_invoice,
            created: subscription.created,
        })
    }
}
