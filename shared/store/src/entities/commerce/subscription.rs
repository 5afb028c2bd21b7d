//! Subscriptions (seed 003, UserSubscription). The one that has not ended has a key without a number, so that a user has at most one of
//! them; those that have ended stay beside it as history.

mod invoice;
mod reminder;

use std::collections::BTreeSet;

use domain::commerce::{Amount, BillingInterval, PlanType, PromoCode, Subscription};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use invoice::SubscriptionInvoice;
pub use reminder::SubscriptionReminder;

use super::{
    order::Order,
    promo::{Labels, PromoRule, PromoUse, add_use, remove_use, use_reserved},
};
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Query, Store, StoreError, Table, Transaction,
    TransactionError, Update, from_item, transaction::happened,
};

/// A promo code that a subscription began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoOfSubscription {
    /// The code.
    pub code: PromoCode,
    /// What it takes off the first payment.
    pub discount: Amount,
    /// The first payment, once it came: until then the use is reserved, and freed when the subscription ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Amount>,
    /// The gateway's number of the invoice that was paid with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<String>,
}

/// A change of the plan that was agreed and is being made at the gateway. It is written down before the gateway is asked, so that whoever
/// finds it goes on with the same key and nobody pays twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingChange {
    /// The gateway's idempotency key is made of it.
    pub id: Id<kinds::Event>,
    /// The new plan.
    pub plan_id: Id<kinds::Plan>,
    /// The new interval.
    pub interval: BillingInterval,
    /// The gateway's number of the new price.
    pub price_id: String,
    /// The new price.
    pub price: Amount,
    /// What is charged now, in minor units.
    pub charge_minor: i64,
    /// Whether a new period begins.
    pub new_period: bool,
    /// When it was agreed.
    pub agreed_at: Timestamp,
}

/// A user's subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSubscription {
    /// Identifier; the gateway's object carries it.
    pub id: Id<kinds::Subscription>,
    /// Whose it is.
    pub user_id: Id<kinds::User>,
    /// How far it is.
    #[serde(flatten)]
    pub state: Subscription,
    /// Kind of its plan.
    pub plan_type: PlanType,
    /// What is paid for each interval. It stays when the plan's price changes.
    pub price: Amount,
    /// The gateway's number of the customer.
    pub customer_id: String,
    /// The gateway's number of the subscription, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// The gateway's number of its one item, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// Whether the gateway keeps a card with which the renewals are paid.
    #[serde(default)]
    pub has_payment_method: bool,
    /// Days of the trial that it began with.
    #[serde(default)]
    pub trial_days: u16,
    /// The promo code that it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo: Option<PromoOfSubscription>,
    /// The change that is being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<PendingChange>,
    /// Reminders of [`domain::commerce::subscription::DUNNING_DAYS`] that were sent in this grace period.
    #[serde(default)]
    pub reminders_sent: usize,
    /// When the billing job is to look at it next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// Grows by one with every change; conditions compare it.
    pub version: u64,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl UserSubscription {
    /// What the sort keys of subscriptions that have ended begin with.
    const ENDED: &'static str = "SUBSCRIPTION#";

    /// The key of the subscription of a user that has not ended.
    pub fn live_key(user: Id<kinds::User>) -> Key {
        Key::new(super::partition_of_user(user), "SUBSCRIPTION")
    }

    /// The key of one that has.
    pub fn ended_key(user: Id<kinds::User>, id: Id<kinds::Subscription>) -> Key {
        Key::new(super::partition_of_user(user), format!("{}{id}", Self::ENDED))
    }

    fn reminder(&self) -> Option<SubscriptionReminder> {
        self.look_at.map(|due_at| SubscriptionReminder { due_at, id: self.id, user_id: self.user_id })
    }
}

impl Entity for UserSubscription {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "subscription";

    fn key(&self) -> Key {
        if self.state.status.has_ended() {
            Self::ended_key(self.user_id, self.id)
        } else {
            Self::live_key(self.user_id)
        }
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        vec![IndexKey::new(1, format!("SUBSCRIPTION#{}", self.id), "SUBSCRIPTION")]
    }
}

/// Who a user is at the gateway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GatewayCustomer {
    /// The user.
    pub user_id: Id<kinds::User>,
    /// The gateway's number of him.
    pub customer_id: String,
    /// Whether he has had a trial: he gets no second one.
    #[serde(default)]
    pub had_trial: bool,
    /// Creation.
    pub created_at: Timestamp,
}

impl GatewayCustomer {
    /// The key of a user's.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(super::partition_of_user(user), "CUSTOMER")
    }
}

impl Entity for GatewayCustomer {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "gateway_customer";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// Whether a subscription could begin.
#[derive(Clone, Debug)]
pub enum Begun {
    /// It is written down.
    Done,
    /// The user has one that has not ended.
    HasOne(Box<UserSubscription>),
    /// The promo code's last use is gone, or its rule was changed: read it again.
    PromoChanged,
    /// The user has used the promo code as often as he may.
    PromoUsedByUser,
}

/// The subscriptions.
pub struct Subscriptions<'a>(&'a Store);

impl Store {
    /// The subscriptions.
    pub fn subscriptions(&self) -> Subscriptions<'_> {
        Subscriptions(self)
    }
}

impl Subscriptions<'_> {
    /// The user's subscription that has not ended: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn live(&self, user: Id<kinds::User>) -> Result<Option<UserSubscription>, StoreError> {
        self.0.get(UserSubscription::live_key(user), Consistency::Strong).await
    }

    /// The user's subscription that has not ended, or else the last one that has: one read, and a query where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest(&self, user: Id<kinds::User>) -> Result<Option<UserSubscription>, StoreError> {
        if let Some(live) = self.live(user).await? {
            return Ok(Some(live));
        }
        let query = Query::partition(super::partition_of_user(user)).prefix(UserSubscription::ENDED);
        Ok(self.0.query(query.backward().limit(1)).await?.items.pop())
    }

    /// Whether the user has a plan now that covers the courses which are part of plans: a read, and a query of the plans where he has a
    /// subscription that is live.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn covers_courses(&self, user: Id<kinds::User>, now: Timestamp) -> Result<bool, StoreError> {
        let live = self.live(user).await?.filter(|live| live.state.is_live(now));
        let Some(live) = live else { return Ok(false) };
        Ok(self.0.plans().covering_courses().await?.contains(&live.state.plan_id))
    }

    /// A subscription of this user, whether it has ended or not: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Subscription>,
    ) -> Result<Option<UserSubscription>, StoreError> {
        let keys = [UserSubscription::live_key(user), UserSubscription::ended_key(user, id)];
        let found = self.0.batch().with_all::<UserSubscription>(keys).read().await?;
        let mut found = found.all::<UserSubscription>()?;
        // Both exist only for the moment between the two reads of a batch.
        found.sort_by_key(|one| one.version);
        Ok(found.into_iter().rfind(|one| one.id == id))
    }

    /// A subscription whose user is not known: one query of index 1, which may be some milliseconds behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_by_id(
        &self,
        id: Id<kinds::Subscription>,
    ) -> Result<Option<UserSubscription>, StoreError> {
        let query = Query::index(1, format!("SUBSCRIPTION#{id}")).limit(1);
        Ok(self.0.query(query).await?.items.pop())
    }

    /// Who a user is at the gateway: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer(&self, user: Id<kinds::User>) -> Result<Option<GatewayCustomer>, StoreError> {
        self.0.get(GatewayCustomer::key_of(user), Consistency::Strong).await
    }

    /// Writes down who a user is at the gateway, and gives what is written there: another attempt may have been first. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_customer(&self, customer: GatewayCustomer) -> Result<GatewayCustomer, StoreError> {
        Ok(self.0.put_new(&customer).await?.unwrap_or(customer))
    }

    /// Begins a subscription, while the user has none: one transaction with its reminder and the use of its promo code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        &self,
        new: &UserSubscription,
        promo: Option<(&PromoRule, &PromoUse)>,
    ) -> Result<Begun, StoreError> {
        let mut transaction = self.0.transaction().hot().put_new("live", new);
        if let Some(reminder) = new.reminder() {
            transaction = transaction.put("reminder", &reminder);
        }
        if let Some((rule, record)) = promo {
            let labels = Labels { rule: "rule", of_user: "of_user", record: "record" };
            transaction = add_use(transaction, labels, rule, record);
        }
        match transaction.commit().await {
            Ok(()) => Ok(Begun::Done),
            Err(TransactionError::Failed { label: "live", item: Some(item) }) => {
                Ok(Begun::HasOne(Box::new(from_item(*item)?)))
            }
            Err(TransactionError::Failed { label: "of_user", .. }) => Ok(Begun::PromoUsedByUser),
            Err(TransactionError::Failed { .. }) => Ok(Begun::PromoChanged),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Takes back a beginning that the gateway has refused: one transaction. Nothing where it went on meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_back(&self, subscription: &UserSubscription) -> Result<(), StoreError> {
        let same =
            Condition::equals("version", subscription.version).and(Condition::equals("id", subscription.id));
        let mut transaction =
            self.0.transaction().hot().delete("live", Table::Commerce, subscription.key(), Some(same));
        if let Some(reminder) = subscription.reminder() {
            transaction = transaction.delete("reminder", Table::Commerce, reminder.key(), None);
        }
        happened(freed(transaction, subscription).commit().await).map(drop)
    }

    /// Replaces the subscription that was read, with all that follows from it, in one transaction: its reminder, its place in the history
    /// when it ends, its promo code's use (final with the first payment, freed when it ends without one), the note that the user has
    /// had his trial. Gives it as it is afterwards; `None` when it was changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        before: &UserSubscription,
        after: &UserSubscription,
        now: Timestamp,
    ) -> Result<Option<UserSubscription>, StoreError> {
        let after = UserSubscription { version: before.version + 1, updated_at: now, ..after.clone() };
        let same = Condition::equals("version", before.version).and(Condition::equals("id", before.id));
        let mut transaction = self.0.transaction().hot();
        if before.key() == after.key() {
            transaction = transaction.put_when("subscription", &after, Some(same));
        } else {
            transaction = transaction
                .delete("subscription", Table::Commerce, before.key(), Some(same))
                .put_new("history", &after);
        }
        let (old, new) = (before.reminder(), after.reminder());
        if old.as_ref().map(Entity::key) != new.as_ref().map(Entity::key) {
            if let Some(old) = &old {
                transaction = transaction.delete("reminder", Table::Commerce, old.key(), None);
            }
            if let Some(new) = &new {
                transaction = transaction.put("reminder", new);
            }
        }
        let paid = |subscription: &UserSubscription| {
            subscription.promo.as_ref().is_some_and(|promo| promo.paid.is_some())
        };
        if let Some(promo) = after.promo.as_ref().filter(|_| paid(&after) && !paid(before)) {
            let used = use_reserved(&promo.code, &after.id.to_string(), now);
            transaction = transaction.update("promo", used);
        }
        if after.state.status.has_ended() && !before.state.status.has_ended() {
            transaction = freed(transaction, &after);
        }
        if after.state.is_trial && !before.state.is_trial {
            let had = Update::of::<GatewayCustomer>(GatewayCustomer::key_of(after.user_id))
                .set("had_trial", true)
                .when(Condition::Exists);
            transaction = transaction.update("customer", had);
        }
        Ok(happened(transaction.commit().await)?.then_some(after))
    }
}

/// Frees the use of the promo code of a subscription that ends before its first payment.
fn freed<'a>(transaction: Transaction<'a>, subscription: &UserSubscription) -> Transaction<'a> {
    match &subscription.promo {
        Some(promo) if promo.paid.is_none() => {
            let subject = subscription.id.to_string();
            remove_use(transaction, "promo", &promo.code, subscription.user_id, &subject)
        }
        _ => transaction,
    }
}

impl Store {
    /// What was paid with these uses of a promo code, less what went back: orders and first payments of subscriptions. One batch for
    /// each 33 of them, and one for each 100 of the invoices.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paid_with(&self, uses: &[PromoUse]) -> Result<Vec<Amount>, StoreError> {
        let mut batch = self.batch();
        for one in uses {
            if let Ok(order) = one.subject.parse() {
                batch = batch.with::<Order>(Order::key_of(one.user_id, order));
            }
            if let Ok(subscription) = one.subject.parse() {
                let user = one.user_id;
                let keys =
                    [UserSubscription::live_key(user), UserSubscription::ended_key(user, subscription)];
                batch = batch.with_all::<UserSubscription>(keys);
            }
        }
        let found = batch.read().await?;
        let subjects: BTreeSet<&str> = uses.iter().map(|one| one.subject.as_str()).collect();
        let mut paid = Vec::new();
        for order in found.all::<Order>()? {
            let returned: i64 = order.returned.values().sum();
            paid.push(Amount::new(order.total_minor - returned, order.currency));
        }
        let mut invoices = self.batch();
        for subscription in found.all::<UserSubscription>()? {
            let Some(promo) = subscription.promo else { continue };
            if !subjects.contains(subscription.id.to_string().as_str()) {
                continue;
            }
            paid.extend(promo.paid);
            if let Some(invoice) = promo.invoice_id {
                let key = SubscriptionInvoice::key_of(subscription.id, &invoice);
                invoices = invoices.with::<SubscriptionInvoice>(key);
            }
        }
        for invoice in invoices.read().await?.all::<SubscriptionInvoice>()? {
            paid.push(Amount::new(-invoice.returned_minor, invoice.amount.currency));
        }
        Ok(paid)
    }
}
