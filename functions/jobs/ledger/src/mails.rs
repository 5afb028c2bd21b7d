//! Which writes make mails. A mail's identifier is made of what it tells of, so that a write that is told of twice mails once.

use contracts::{Received, notify::Notify};
use domain::commerce::{OrderStatus, PaymentMethod, payment::PaymentStatus};
use kernel::{Id, Timestamp};
use serde_dynamo::{AttributeValue, Item};
use store::entities::{Order, Payment, Refund, commerce::order::RefundStatus};

/// The code with which a payment is noted that was given up, not declined.
const GIVEN_UP: &str = "canceled";

/// An order was made that is to be paid by transfer, was paid, or its money was claimed.
pub(crate) fn of_order(before: Option<OrderStatus>, order: &Order) -> Option<Received<Notify>> {
    let (user_id, order_id) = (order.user_id, order.id);
    let was_open = before.is_none_or(|before| before == OrderStatus::Pending);
    let (name, message) = match order.status {
        OrderStatus::Pending if before.is_none() && order.payment_method == PaymentMethod::BankTransfer => {
            ("transfer", Notify::OrderTransferAwaited { user_id, order_id })
        }
        status if was_open && status.was_paid() => ("paid", Notify::OrderPaid { user_id, order_id }),
        OrderStatus::Disputed if before != Some(OrderStatus::Disputed) => {
            ("disputed", Notify::OrderDisputed { user_id, order_id })
        }
        _ => return None,
    };
    Some(received(&format!("{name}:{order_id}"), order.updated_at, message))
}

/// A try to pay failed; of several tries of one payment only the first is told.
pub(crate) fn of_payment(old: &Item, payment: &Payment) -> Option<Received<Notify>> {
    let declined = payment.failure_code.as_deref().is_some_and(|code| code != GIVEN_UP);
    if payment.status != PaymentStatus::Failed || !declined || was(old, "failed") {
        return None;
    }
    let message = Notify::OrderPaymentFailed { user_id: payment.user_id, order_id: payment.order_id };
    Some(received(&format!("failed:{}", payment.id), payment.updated_at, message))
}

/// Money is on its way back.
pub(crate) fn of_refund(old: &Item, refund: &Refund) -> Option<Received<Notify>> {
    if refund.status != RefundStatus::Succeeded || was(old, "succeeded") {
        return None;
    }
    let message =
        Notify::OrderRefunded { user_id: refund.user_id, order_id: refund.order_id, refund_id: refund.id };
    Some(received(&format!("refunded:{}", refund.id), refund.updated_at, message))
}

fn was(old: &Item, status: &str) -> bool {
    matches!(old.get("status"), Some(AttributeValue::S(before)) if before == status)
}

fn received(subject: &str, occurred_at: Timestamp, message: Notify) -> Received<Notify> {
    Received { event_id: Id::of_text(subject), occurred_at, message }
}
