//! Cards for later payments, given while nothing is to be paid, <https://docs.stripe.com/payments/save-and-reuse>.

use std::collections::HashMap;

use kernel::Secret;
use stripe_billing::subscription::{RetrieveSubscription, UpdateSubscription};
use stripe_core::setup_intent::{CreateSetupIntent, CreateSetupIntentUsage, RetrieveSetupIntent};
use stripe_shared::SetupIntentStatus;
use stripe_types::Expandable;

use crate::{Gateway, GatewayError, Key, checked, expand};

/// The member of the metadata that names the subscription which the card is for.
const SUBSCRIPTION: &str = "subscription";

impl Gateway {
    /// Asks for a card for the renewals of a subscription (`sub_…`) of this customer: the secret with which the browser gives it. Nothing is
    /// charged.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn ask_for_card(
        &self,
        customer: &str,
        subscription: &str,
        key: &Key,
    ) -> Result<Option<Secret<String>>, GatewayError> {
        let request = CreateSetupIntent::new()
            .customer(checked(customer)?)
            .usage(CreateSetupIntentUsage::OffSession)
            .metadata(HashMap::from([(SUBSCRIPTION.to_owned(), subscription.to_owned())]));
        Ok(self.client.write(request, key).await?.client_secret.map(Secret::new))
    }

    /// Lets a subscription be paid with the card that was given for it: the subscription, or `None` where the card was given for nothing of
    /// this kind, or was not given. Any number of times, it has its effect once; told of late, it takes the place of no card that was given
    /// after it. A caller who says whose it must be gets `None` for another's.
    ///
    /// # Errors
    /// [`GatewayError`]; refused when the subscription has ended.
    pub async fn use_card(
        &self,
        setup_intent: &str,
        of: Option<&str>,
    ) -> Result<Option<String>, GatewayError> {
        let request = RetrieveSetupIntent::new(checked(setup_intent)?).expand(expand(["payment_method"]));
        let given = self.client.read(request).await?;
        let subscription = given.metadata.and_then(|mut metadata| metadata.remove(SUBSCRIPTION));
        let (SetupIntentStatus::Succeeded, Some(subscription), Some(card)) =
            (given.status, subscription, given.payment_method.and_then(Expandable::into_object))
        else {
            return Ok(None);
        };
        if of.is_some_and(|expected| expected != subscription) {
            return Ok(None);
        }
        let id = checked(&subscription)?;
        let request = RetrieveSubscription::new(id).expand(expand(["default_payment_method"]));
        let kept = self.client.read(request).await?.default_payment_method.and_then(Expandable::into_object);
        if kept.is_some_and(|kept| kept.created > card.created) {
            return Ok(Some(subscription));
        }
        let request = UpdateSubscription::new(id).default_payment_method(card.id.as_str());
        self.client.write(request, &Key::new("use-card", setup_intent)).await?;
        Ok(Some(subscription))
    }
}
