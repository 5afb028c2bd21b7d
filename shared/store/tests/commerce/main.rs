//! Orders as storage keeps them, whoever races and whatever dies.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod promo;
mod refunds;
mod settle;
mod stage;
