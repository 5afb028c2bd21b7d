//! One file for each operation.

pub(crate) mod confirm_payment;
pub(crate) mod confirm_transfer;
pub(crate) mod create_intent;
pub(crate) mod list_transactions;
pub(crate) mod refund_order;
pub(crate) mod revenue;
pub(crate) mod set_asides;
pub(crate) mod shares;
pub(crate) mod webhook;
