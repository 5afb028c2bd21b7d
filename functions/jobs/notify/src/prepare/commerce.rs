//! Orders and subscriptions. What is told of them has the kind that is always told: it says where the reader's money is, or is to go.

use contracts::notify::Notify;
use domain::{
    commerce::{OrderStatus, SubscriptionStatus},
    notification::Notice,
};
use jobs::JobError;
use store::Store;

use super::Prepared;
use crate::Context;

/// About an order, or a refund of one; nothing about a transfer or a failed payment of an order that was paid or closed meanwhile, or
/// about a transfer where none are taken.
pub(super) async fn of_order(context: &Context, message: &Notify) -> Result<Option<Prepared>, JobError> {
    let (user_id, order_id) = match *message {
        Notify::OrderTransferAwaited { user_id, order_id }
        | Notify::OrderPaid { user_id, order_id }
        | Notify::OrderPaymentFailed { user_id, order_id }
        | Notify::OrderRefunded { user_id, order_id, .. }
        | Notify::OrderDisputed { user_id, order_id } => (user_id, order_id),
        _ => return Ok(None),
    };
    let store = &context.store;
    let Some(found) = store.orders().get(user_id, order_id).await? else { return Ok(None) };
    let (order, amount) = (found.order_number.to_string(), found.total().to_string());
    let waits = found.status == OrderStatus::Pending;
    let mut account = None;
    let notice = match *message {
        Notify::OrderTransferAwaited { .. } => {
            account.clone_from(&context.settings.account);
            if !waits || account.is_none() {
                return Ok(None);
            }
            Notice::OrderTransferAwaited { order_id, order, amount, pay_by: found.pay_by }
        }
        Notify::OrderPaid { .. } => Notice::OrderPaid { order_id, order, amount },
        Notify::OrderPaymentFailed { .. } if waits => Notice::OrderPaymentFailed { order_id, order },
        Notify::OrderRefunded { refund_id, .. } => {
            let Some(refund) = store.orders().refund(order_id, refund_id).await? else { return Ok(None) };
            Notice::OrderRefunded { order_id, order, amount: refund.amount.to_string() }
        }
        Notify::OrderDisputed { .. } => Notice::OrderDisputed { order_id, order },
        _ => return Ok(None),
    };
    let user = store.users().get(user_id).await?.filter(|user| user.deleted_at.is_none());
    Ok(user.map(|user| {
        let mut prepared = Prepared::about(user, notice);
        prepared.details.account = account;
        prepared
    }))
}

/// About a subscription that is not paid; nothing where it was paid meanwhile, or has ended in another way.
pub(super) async fn of_subscription(store: &Store, message: &Notify) -> Result<Option<Prepared>, JobError> {
    let (user_id, subscription_id, reminder) = match *message {
        Notify::PaymentFailed { user_id, subscription_id, reminder } => {
            (user_id, subscription_id, Some(reminder))
        }
        Notify::SubscriptionLapsed { user_id, subscription_id } => (user_id, subscription_id, None),
        _ => return Ok(None),
    };
    let Some(found) = store.subscriptions().find(user_id, subscription_id).await? else { return Ok(None) };
    let wanted = match reminder {
        Some(_) => SubscriptionStatus::GracePeriod,
        None => SubscriptionStatus::Cancelled,
    };
    if found.state.status != wanted {
        return Ok(None);
    }
    let plan = store.plans().get(found.state.plan_id).await?.map(|plan| plan.plan.name);
    let notice = match reminder {
        Some(reminder) => Notice::PaymentFailed { plan, ends: found.state.grace_period_ends_at, reminder },
        None => Notice::SubscriptionLapsed { plan },
    };
    let user = store.users().get(user_id).await?.filter(|user| user.deleted_at.is_none());
    Ok(user.map(|user| Prepared::about(user, notice)))
}
