//! Plans, subscriptions and what is paid for them as the API shows it (seed 003).

use domain::commerce::{
    BillingInterval, Currency, PlanType, PromoCode, SubscriptionStatus, payment::PaymentStatus,
    plan::MaxResolution,
};
use gateway::{Browser, SubscriptionState};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{SubscriptionInvoice, SubscriptionPlan, UserSubscription};

/// Plans.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PlanList {
    pub(crate) results: Vec<PlanView>,
}

/// A plan. Prices are minor units of its currency, such as cents.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PlanView {
    id: Id<kinds::Plan>,
    #[schema(example = "Premium")]
    name: String,
    plan_type: PlanType,
    max_resolution: MaxResolution,
    /// No advertisements.
    ad_free: bool,
    /// The courses that are part of plans.
    premium_content_access: bool,
    /// New things before others get them.
    early_access: bool,
    #[schema(example = 999)]
    price_monthly_cents: i64,
    /// Null where it can't be paid by the year.
    #[schema(example = 9990)]
    price_annual_cents: Option<i64>,
    /// What paying by the year saves in a year.
    #[schema(example = 1998)]
    annual_saving_cents: i64,
    display_currency: Currency,
    /// Days without payment for who has had no trial yet.
    #[schema(example = 14)]
    trial_days: u16,
    /// Whether it is sold.
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<SubscriptionPlan> for PlanView {
    fn from(stored: SubscriptionPlan) -> Self {
        let annual_saving_cents = stored.plan.annual_saving_minor();
        let SubscriptionPlan { plan, created_at, updated_at, .. } = stored;
        Self {
            id: plan.id,
            name: plan.name,
            plan_type: plan.plan_type,
            max_resolution: plan.features.max_resolution,
            ad_free: plan.features.ad_free,
            premium_content_access: plan.features.premium_content_access,
            early_access: plan.features.early_access,
            price_monthly_cents: plan.price_monthly_minor,
            price_annual_cents: plan.price_annual_minor,
            annual_saving_cents,
            display_currency: plan.currency,
            trial_days: plan.trial_days,
            is_active: plan.is_active,
            created_at,
            updated_at,
        }
    }
}

/// A subscription.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SubscriptionView {
    id: Id<kinds::Subscription>,
    plan_id: Id<kinds::Plan>,
    plan_type: PlanType,
    interval: BillingInterval,
    status: SubscriptionStatus,
    /// Whether it gives the plan's benefits now.
    is_active: bool,
    /// Whether it is in its trial.
    is_trial: bool,
    /// Whether a card is kept, with which the next payment is made. A trial without one ends with its last day.
    has_payment_method: bool,
    /// What is paid for each interval, in minor units. It stays when the plan's price changes.
    #[schema(example = 999)]
    price_cents: i64,
    currency: Currency,
    #[schema(example = "stripe")]
    payment_gateway: &'static str,
    start_date: Timestamp,
    /// Null while it goes on.
    end_date: Option<Timestamp>,
    /// When it is paid next.
    renewal_date: Timestamp,
    cancelled_at: Option<Timestamp>,
    cancel_at_period_end: bool,
    /// Until when the plan goes on after a payment failed.
    grace_period_ends_at: Option<Timestamp>,
    /// The code that it began with.
    promo_code: Option<PromoCode>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SubscriptionView {
    pub(crate) fn new(stored: UserSubscription, now: Timestamp) -> Self {
        let is_active = stored.state.is_live(now);
        let UserSubscription {
            id,
            state,
            plan_type,
            price,
            promo,
            has_payment_method,
            created_at,
            updated_at,
            ..
        } = stored;
        Self {
            id,
            plan_id: state.plan_id,
            plan_type,
            interval: state.interval,
            status: state.status,
            is_active,
            is_trial: state.is_trial,
            has_payment_method,
            price_cents: price.minor,
            currency: price.currency,
            payment_gateway: "stripe",
            start_date: state.start_date,
            end_date: state.end_date,
            renewal_date: state.renewal_date,
            cancelled_at: state.cancelled_at,
            cancel_at_period_end: state.cancel_at_period_end,
            grace_period_ends_at: state.grace_period_ends_at,
            promo_code: promo.map(|promo| promo.code),
            created_at,
            updated_at,
        }
    }
}

/// What the browser confirms with the client secret.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confirms {
    /// A payment: the first one, or one that failed.
    Payment,
    /// A card for later: the one that is charged when the trial ends, or another one for the renewals.
    Setup,
}

/// A subscription, and what the browser is to confirm for it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Subscribed {
    subscription: SubscriptionView,
    /// With it the browser confirms. Null where nothing is to be confirmed.
    #[schema(example = "pi_3MtwBw_secret_YrKJUKri")]
    client_secret: Option<String>,
    confirms: Option<Confirms>,
    #[serde(flatten)]
    browser: Browser,
}

impl Subscribed {
    /// The subscription with what the gateway has said of it.
    pub(crate) fn new(
        stored: UserSubscription,
        state: &SubscriptionState,
        browser: Browser,
        now: Timestamp,
    ) -> Self {
        let client_secret = state.client_secret.as_ref().map(|secret| secret.expose().clone());
        let confirms = match (&client_secret, state.setup_only) {
            (None, _) => None,
            (Some(_), true) => Some(Confirms::Setup),
            (Some(_), false) => Some(Confirms::Payment),
        };
        Self { subscription: SubscriptionView::new(stored, now), client_secret, confirms, browser }
    }
}

/// How far an invoice is (seed 003, PaymentTransaction).
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceStatus {
    /// It is to be paid, and was not tried yet.
    Pending,
    /// It is paid; a part of it may have gone back.
    Completed,
    /// The last try failed, or it was given up.
    Failed,
    /// All that was paid has gone back.
    Refunded,
}

/// What an invoice is for.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceReason {
    /// The first period, or the trial.
    Beginning,
    /// A period that follows another one.
    Renewal,
    /// A change of the plan.
    Change,
    /// Something else, written by those who run the platform.
    Other,
}

/// An invoice of a subscription.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct InvoiceView {
    /// The payment service's number of it.
    #[schema(example = "in_1MtHbELkdIwHu7ixl4OzzPMv")]
    id: String,
    subscription_id: Id<kinds::Subscription>,
    /// The number that stands on it; null while it has none.
    #[schema(example = "LF-00042")]
    number: Option<String>,
    reason: InvoiceReason,
    /// What was paid, or is to be, in minor units. 0 for a trial.
    #[schema(example = 999)]
    amount_cents: i64,
    /// What of it went back.
    #[schema(example = 0)]
    refunded_cents: i64,
    currency: Currency,
    status: InvoiceStatus,
    #[schema(example = "stripe")]
    payment_gateway: &'static str,
    /// The payment service's number of the charge; null while it is not known.
    #[schema(example = "ch_3MmlLrLkdIwHu7ix0snN0B15")]
    gateway_transaction_id: Option<String>,
    /// How often the payment service has tried to collect it.
    #[schema(example = 0)]
    attempts: u64,
    created_at: Timestamp,
    /// When it was paid.
    completed_at: Option<Timestamp>,
}

impl From<SubscriptionInvoice> for InvoiceView {
    fn from(stored: SubscriptionInvoice) -> Self {
        let status = match stored.status {
            PaymentStatus::Pending => InvoiceStatus::Pending,
            PaymentStatus::Failed => InvoiceStatus::Failed,
            PaymentStatus::Succeeded if stored.is_returned() => InvoiceStatus::Refunded,
            PaymentStatus::Succeeded => InvoiceStatus::Completed,
        };
        // The gateway's words, https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason; within a period we charge a change
        // by an invoice of its own.
        let reason = match stored.reason.as_deref() {
            Some("subscription_create") => InvoiceReason::Beginning,
            Some("subscription_cycle") => InvoiceReason::Renewal,
            Some("subscription_update" | "manual") => InvoiceReason::Change,
            _ => InvoiceReason::Other,
        };
        Self {
            id: stored.id,
            subscription_id: stored.subscription_id,
            number: stored.number,
            reason,
            amount_cents: stored.amount.minor,
            refunded_cents: stored.returned_minor,
            currency: stored.amount.currency,
            status,
            payment_gateway: "stripe",
            gateway_transaction_id: stored.charge_id,
            attempts: stored.attempts,
            created_at: stored.created_at,
            completed_at: stored.paid_at,
        }
    }
}
