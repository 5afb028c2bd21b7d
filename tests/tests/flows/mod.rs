//! What people do, from the first click to the last segment.

mod browser;
mod main_job;
mod odd_inputs;

pub(crate) use main_job::FILM;
