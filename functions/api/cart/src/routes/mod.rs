//! One file for each endpoint, or for those of one path.

pub(crate) mod add_item;
pub(crate) mod cart;
pub(crate) mod promo;
pub(crate) mod remove_item;
pub(crate) mod wishes;
