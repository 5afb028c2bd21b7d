//! One file for each operation, or for a few that belong together.

pub(crate) mod admin_plans;
pub(crate) mod admin_promos;
pub(crate) mod change;
pub(crate) mod end;
pub(crate) mod features;
pub(crate) mod invoices;
pub(crate) mod payment_method;
pub(crate) mod plans;
pub(crate) mod promos;
pub(crate) mod subscribe;
pub(crate) mod subscription;
