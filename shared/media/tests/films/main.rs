//! Films made from generated clips, measured from outside.

// `cfg(test)` tells clippy that helpers belong to tests, too.
#[cfg(test)]
mod avatars;
#[cfg(test)]
mod common;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod remote;
