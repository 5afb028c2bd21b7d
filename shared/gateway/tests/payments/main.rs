//! The real client against the stand-in of Stripe's API, over HTTP.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod faults;
mod intents;
mod page;
mod plan_changes;
mod refunds;
mod signatures;
mod stage;
mod subscriptions;
mod webhooks;
