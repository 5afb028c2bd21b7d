//! What goes wrong in a distributed system goes wrong here on purpose.

mod pipeline;
mod races;
