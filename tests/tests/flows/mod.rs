//! What people do, from the first click to the last segment.

mod browser;
mod erasure;
mod login_provider;
mod logs;
mod mails;
mod main_job;
mod odd_inputs;
mod profiles;

pub(crate) use main_job::FILM;
