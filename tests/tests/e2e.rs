//! Tests of the whole system. `contract` compares its descriptions with each other and needs nothing; the others need a running
//! stack, which `make test-system` starts.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't set itself up should stop there"
)]

mod contract;
mod faults;
mod flows;
mod matrix;
mod stack;
