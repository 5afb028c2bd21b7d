//! The invariants, one module each.

pub(crate) mod answers;

pub(crate) mod forward;
pub(crate) mod learning;
pub(crate) mod ledger;
pub(crate) mod live;
pub(crate) mod money;
pub(crate) mod places;
pub(crate) mod promos;
pub(crate) mod since;
pub(crate) mod subscriptions;
pub(crate) mod tags;
