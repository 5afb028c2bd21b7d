//! What component tests stand on: an embedded DynamoDB with the tables of template.yaml, a clock that stands still, people with
//! valid tokens, and a caller that counts DynamoDB calls. For tests only.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't set itself up should stop there"
)]

pub mod app;
pub mod aws;
pub mod conflicts;
pub mod cut;
pub mod dynamo;
pub mod fields;
pub mod fixtures;
mod proxy;
pub mod shape;
pub mod shop;
pub mod storm;
pub mod template;
pub mod valkey;
pub mod world;

pub use app::{App, Reply};
pub use world::{Caller, World};
