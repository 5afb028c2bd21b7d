//! Payments: intents and the charges that they lead to.

use std::collections::{BTreeMap, HashMap};

use kernel::Secret;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CancelPaymentIntentCancellationReason, CreatePaymentIntent,
    CreatePaymentIntentAutomaticPaymentMethods, CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects,
    RetrievePaymentIntent,
};
use stripe_shared::{ApiErrors, Charge, PaymentIntent, PaymentIntentStatus};
use stripe_types::Expandable;

use crate::{Gateway, GatewayError, Key, checked, expand, money};

/// A payment to be. Amount and currency come from the stored order only.
#[derive(Clone, Debug)]
pub struct NewIntent<'a> {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// `cus_…`
    pub customer: Option<&'a str>,
    /// Kept in the metadata; webhooks lead back to the order by it.
    pub order_id: &'a str,
    /// Kept in the metadata.
    pub user_id: &'a str,
    /// What the person sees, such as the order's number.
    pub description: &'a str,
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentStatus {
    /// No card yet, or the last one was declined.
    AwaitingMethod,
    /// A card is there and has to be confirmed.
    AwaitingConfirmation,
    /// The bank wants to ask the person.
    AwaitingAction,
    /// On its way.
    Processing,
    /// Authorised and not captured. LearnFlow captures at once, so that none of its own is in this state.
    Authorised,
    /// Paid.
    Succeeded,
    /// Given up; it can't be paid any more.
    Cancelled,
    /// A state that this version does not know. Nothing may be concluded from it.
    Other,
}

/// Why the last try to pay failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentError {
    /// Such as `card_declined`.
    pub code: String,
    /// The bank's reason, such as `insufficient_funds`.
    pub reason: Option<String>,
    /// A sentence for the person.
    pub message: Option<String>,
}

/// A payment as the gateway sees it.
#[derive(Clone, Debug)]
pub struct IntentState {
    /// `pi_…`
    pub id: String,
    /// How far it is.
    pub status: IntentStatus,
    /// What is asked for, in minor units.
    pub minor: i64,
    /// What was taken, in minor units.
    pub received: i64,
    /// ISO 4217.
    pub currency: String,
    /// `cus_…`
    pub customer: Option<String>,
    /// With it the browser pays. For the buyer only.
    pub client_secret: Option<Secret<String>>,
    /// Our order.
    pub order_id: Option<String>,
    /// Our user.
    pub user_id: Option<String>,
    /// Everything that was kept with it.
    pub metadata: BTreeMap<String, String>,
    /// The newest charge, where it was asked for.
    pub charge: Option<ChargeState>,
    /// Why the last try failed.
    pub error: Option<IntentError>,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub cancelled_at: Option<i64>,
}

/// How a charge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    /// On its way.
    Pending,
    /// Taken.
    Succeeded,
    /// Declined.
    Failed,
}

/// One try to take money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeState {
    /// `ch_…`
    pub id: String,
    /// How it ended.
    pub status: ChargeStatus,
    /// Minor units.
    pub minor: i64,
    /// What was taken.
    pub captured: i64,
    /// What went back.
    pub refunded: i64,
    /// Whether the bank took it back or may do so.
    pub disputed: bool,
    /// What the gateway keeps of it. None until the balance has its row.
    pub fee: Option<FeeState>,
    /// The card, where it was one.
    pub card: Option<CardState>,
    /// Seconds since 1970.
    pub created: i64,
}

/// What the gateway keeps of a charge, in the currency of the account, which may be another than the charge's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeState {
    /// `txn_…`, the row of the gateway's balance.
    pub id: String,
    /// What the charge brings before the fee.
    pub gross: i64,
    /// The fee.
    pub minor: i64,
    /// What remains.
    pub net: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What a receipt may show of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardState {
    /// Such as `visa`.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
}

impl Gateway {
    /// Opens a payment.
    ///
    /// # Errors
    /// [`GatewayError`]; `amount_too_small` below the gateway's minimum (50 cents).
    pub async fn create_intent(&self, new: &NewIntent<'_>, key: &Key) -> Result<IntentState, GatewayError> {
        let (amount, currency) = money::payable(new.minor, new.currency)?;
        let metadata = [("order_id", new.order_id), ("user_id", new.user_id)];
        let methods = CreatePaymentIntentAutomaticPaymentMethods {
            // Methods that lead away from the page need a page to come back to.
            allow_redirects: Some(CreatePaymentIntentAutomaticPaymentMethodsAllowRedirects::Never),
            enabled: true,
        };
        let mut request = CreatePaymentIntent::new(amount, currency)
            .automatic_payment_methods(methods)
            .description(new.description)
            .metadata(
                metadata
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into_iter()
                    .collect::<HashMap<_, _>>(),
            );
        if let Some(customer) = new.customer {
            request = request.customer(customer);
        }
        self.client.write(request, key).await.map(IntentState::of)
    }

    /// A payment with its newest charge and the gateway's fee.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn intent(&self, id: &str) -> Result<IntentState, GatewayError> {
        let request =
            RetrievePaymentIntent::new(checked(id)?).expand(expand(["latest_charge.balance_transaction"]));
        self.client.read(request).await.map(IntentState::of)
    }

    /// Gives a payment up, so that it can't be paid any more. One that was paid or given up before is answered as it is: the caller
    /// looks at the status.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn cancel_intent(&self, id: &str, key: &Key) -> Result<IntentState, GatewayError> {
        let reason = CancelPaymentIntentCancellationReason::Abandoned;
        let request = CancelPaymentIntent::new(checked(id)?).cancellation_reason(reason);
        match self.client.write(request, key).await {
            Ok(intent) => Ok(IntentState::of(intent)),
            Err(error) if error.is_wrong_state() => self.intent(id).await,
            Err(error) => Err(error),
        }
    }
}

impl IntentState {
    fn of(intent: PaymentIntent) -> Self {
        let status = match intent.status {
            PaymentIntentStatus::RequiresPaymentMethod => IntentStatus::AwaitingMethod,
            PaymentIntentStatus::RequiresConfirmation => IntentStatus::AwaitingConfirmation,
            PaymentIntentStatus::RequiresAction => IntentStatus::AwaitingAction,
            PaymentIntentStatus::Processing => IntentStatus::Processing,
            PaymentIntentStatus::RequiresCapture => IntentStatus::Authorised,
            PaymentIntentStatus::Succeeded => IntentStatus::Succeeded,
            PaymentIntentStatus::Canceled => IntentStatus::Cancelled,
            _ => IntentStatus::Other,
        };
        let metadata: BTreeMap<String, String> = intent.metadata.into_iter().collect();
        Self {
            id: intent.id.as_str().to_owned(),
            status,
            minor: intent.amount,
            received: intent.amount_received,
            currency: money::code(&intent.currency),
            customer: intent.customer.map(|customer| customer.id().as_str().to_owned()),
            client_secret: intent.client_secret.map(Secret::new),
            order_id: metadata.get("order_id").cloned(),
            user_id: metadata.get("user_id").cloned(),
            metadata,
            charge: intent.latest_charge.and_then(Expandable::into_object).map(ChargeState::of),
            error: intent.last_payment_error.map(|error| IntentError::of(*error)),
            created: intent.created,
            cancelled_at: intent.canceled_at,
        }
    }
}

impl IntentError {
    fn of(error: ApiErrors) -> Self {
        let code =
            error.code.map_or_else(|| error.type_.as_str().to_owned(), |code| code.as_str().to_owned());
        Self { code, reason: error.decline_code, message: error.message }
    }
}

impl ChargeState {
    fn of(charge: Charge) -> Self {
        use stripe_shared::ChargeStatus as Theirs;
        let status = match charge.status {
            Theirs::Succeeded => ChargeStatus::Succeeded,
            Theirs::Failed => ChargeStatus::Failed,
            _ => ChargeStatus::Pending,
        };
        let fee = charge.balance_transaction.and_then(Expandable::into_object).map(|row| FeeState {
            id: row.id.as_str().to_owned(),
            gross: row.amount,
            minor: row.fee,
            net: row.net,
            currency: money::code(&row.currency),
        });
        let card = charge.payment_method_details.and_then(|details| details.card);
        Self {
            id: charge.id.as_str().to_owned(),
            status,
            minor: charge.amount,
            captured: charge.amount_captured,
            refunded: charge.amount_refunded,
            disputed: charge.disputed,
            fee,
            card: card.map(|card| CardState { brand: card.brand, last4: card.last4 }),
            created: charge.created,
        }
    }
}
