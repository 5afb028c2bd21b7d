//! Commerce: amounts, orders, promo codes, plans and subscriptions, and the ledger that says where each cent is.
//! Everything here is exact integer arithmetic on minor units; `docs/money.md` explains it with an example.

pub mod amount;
pub mod bank;
pub mod charge;
pub mod currency;
pub mod entitlement;
pub mod ledger;
pub mod order;
pub mod order_number;
pub mod payment;
pub mod plan;
pub mod pricing;
pub mod promo;
pub mod proration;
pub mod refund;
#[cfg(test)]
mod samples;
pub mod share;
pub mod split;
pub mod spread;
pub mod subscription;
pub mod tax;

pub use amount::{Amount, AmountError, BasisPoints, InvalidAmount, InvalidBasisPoints, Money};
pub use bank::BankAccount;
pub use currency::{Currency, UnknownCurrency};
pub use entitlement::{Source, SourceKey, Sources};
pub use ledger::{Account, EntrySet, LedgerError, LedgerEvent, Subject};
pub use order::{OrderEvent, OrderStatus, PaymentMethod};
pub use order_number::OrderNumber;
pub use plan::{BillingInterval, Plan, PlanType};
pub use pricing::{Line, PricedOrder, PricingError};
pub use promo::{Promo, PromoCode};
pub use spread::spread;
pub use subscription::{Subscription, SubscriptionStatus};
