//! What people do, from the first click to the last segment.

mod audience;
mod browser;
mod browser_catalogue;
mod browser_checkout;
mod browser_learning;
mod certificate;
mod checkout;
mod course_archive;
mod ended_session;
mod erasure;
mod freshness;
mod learning;
mod login_provider;
mod logs;
mod mails;
mod main_job;
mod odd_inputs;
mod profiles;
mod reupload;
mod search;
mod subscription;

pub(crate) use main_job::FILM;
