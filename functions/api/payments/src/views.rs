//! Refunds and set-aside money as the API shows them.

use domain::commerce::{Amount, Currency, Money, OrderStatus, PaymentMethod, payment::SetAsideReason};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Order, Refund, SetAside, commerce::order::RefundStatus};

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RefundState {
    /// The payment service has not answered for certain; it is asked again.
    Pending,
    /// The money is on its way to the buyer.
    Succeeded,
}

/// What went back of an item.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RefundItemView {
    item_id: Id<kinds::OrderItem>,
    amount: Money,
}

/// A refund.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RefundView {
    id: Id<kinds::Refund>,
    order_id: Id<kinds::Order>,
    status: RefundState,
    amount: Money,
    currency: Currency,
    items: Vec<RefundItemView>,
    #[schema(example = "The buyer bought it twice.")]
    reason: String,
    /// The order's state after it.
    order_status: OrderStatus,
    created_at: Timestamp,
}

impl RefundView {
    pub(crate) fn new(order: &Order, refund: Refund) -> Self {
        let currency = refund.amount.currency;
        let item = |line: &store::entities::commerce::order::RefundLine| RefundItemView {
            item_id: line.item_id,
            amount: Money(Amount::new(line.minor, currency)),
        };
        Self {
            id: refund.id,
            order_id: refund.order_id,
            status: match refund.status {
                RefundStatus::Succeeded => RefundState::Succeeded,
                RefundStatus::Pending | RefundStatus::Failed => RefundState::Pending,
            },
            amount: Money(refund.amount),
            currency,
            items: refund.lines.iter().map(item).collect(),
            reason: refund.reason,
            order_status: order.status,
            created_at: refund.created_at,
        }
    }
}

/// Something about money that a person must look at.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SetAsideView {
    /// What it is about.
    #[schema(example = "payment:pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    id: String,
    reason: SetAsideReason,
    order_id: Option<Id<kinds::Order>>,
    user_id: Option<Id<kinds::User>>,
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    payment_intent_id: Option<String>,
    #[schema(example = "ch_3MmlLrLkdIwHu7ix0snN0B15")]
    transaction_id: Option<String>,
    /// How the money came; null where none did with a payment of an order.
    payment_method: Option<PaymentMethod>,
    /// What came; null where no money did.
    amount: Option<Money>,
    /// What the order asks for.
    expected_amount: Option<Money>,
    currency: Option<Currency>,
    created_at: Timestamp,
}

impl From<SetAside> for SetAsideView {
    fn from(aside: SetAside) -> Self {
        Self {
            id: aside.subject,
            reason: aside.reason,
            order_id: aside.order_id,
            user_id: aside.user_id,
            payment_intent_id: aside.intent_id,
            transaction_id: aside.charge_id,
            payment_method: aside.method,
            amount: aside.captured.map(Money),
            expected_amount: aside.expected.map(Money),
            currency: aside.captured.map(|amount| amount.currency),
            created_at: aside.set_aside_at,
        }
    }
}
