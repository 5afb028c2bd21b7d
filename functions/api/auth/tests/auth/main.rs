//! Accounts and sessions as their owners, thieves and forgers see them.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod accounts;
mod addresses;
mod enumeration;
mod family;
mod forgeries;
mod lockout;
mod mail_links;
mod mfa;
mod provider;
mod social;
mod social_attacks;
mod social_stage;
mod stage;
