//! Commerce: carts, wish lists, orders, promo codes, payments, refunds, and the ledger.

pub mod basket;
pub mod cart;
pub mod ledger;
pub mod order;
pub mod payment;
pub mod plan;
pub mod promo;
pub mod reconciliation;
pub mod reminder;
pub mod revenue;
pub mod set_aside;
pub mod share;
pub mod subscription;
pub mod wish;

use kernel::{Id, id::kinds};

pub use basket::Basket;
pub use cart::{Cart, CartLine};
pub use ledger::{Balance, StoredSet};
pub use order::{BuyerStats, Order, OrderCounter, Refund};
pub use payment::{GatewayEvent, Payment};
pub use plan::{GatewayPrice, SubscriptionPlan};
pub use promo::{PromoOfUser, PromoRule, PromoUse};
pub use reconciliation::Reconciliation;
pub use reminder::Reminder;
pub use revenue::RevenueMonth;
pub use set_aside::SetAside;
pub use share::CreatorShare;
pub use subscription::{GatewayCustomer, SubscriptionInvoice, SubscriptionReminder, UserSubscription};
pub use wish::Wish;

/// The partition that holds what a buyer has: cart, wishes, orders, counts.
fn partition_of_user(user: Id<kinds::User>) -> String {
    format!("USER#{user}")
}

/// The partition that holds what belongs to an order: payments, refunds, the receipt.
fn partition_of_order(order: Id<kinds::Order>) -> String {
    format!("ORDER#{order}")
}
