//! Lists, search, suggestions, clicks, sitemap and feed.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

mod bad_input;
mod caching;
mod lists;
mod recommendations;
mod searches;
mod site;
mod stage;
