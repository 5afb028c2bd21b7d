//! Export, the end of subscriptions and erasure, on an embedded DynamoDB and the emulator's S3, SQS and CloudFront.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod erase;
mod export;
mod person;
mod registry;
mod stage;
mod subscription;
