//! Notifications as their readers meet them.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod lists;
#[cfg(test)]
mod preferences;
#[cfg(test)]
mod races;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod setup;
