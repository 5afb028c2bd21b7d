//! Plans, subscriptions and promo codes as admins and students meet them, with the stand-in of the payment gateway in the same process.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod changes;
mod ends;
mod invoices;
mod payment_methods;
mod plans;
mod promos;
mod setup;
mod subscribe;
