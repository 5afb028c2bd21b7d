//! Payments as buyers, admins and the gateway meet them.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod admins;
#[cfg(test)]
mod buyers;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod orders_of_events;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod tampering;
