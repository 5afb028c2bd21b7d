//! What readers get, and what they do not.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod digests;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod inside;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod ses;
#[cfg(test)]
mod stage;
