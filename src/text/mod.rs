//! Values and names as people write them: lengths of time, limits, scalars, shares, misspelt names.

pub(crate) mod bounds;
pub(crate) mod by_hand;
pub(crate) mod counted;
pub(crate) mod duration;
pub(crate) mod erased;
pub(crate) mod fields;
pub(crate) mod limited;
pub(crate) mod outside;
pub(crate) mod pieces;
pub(crate) mod scalar;
#[cfg(test)]
pub(crate) mod schema;
pub(crate) mod share;
pub(crate) mod similar;

/// The names of the keys that a type reads.
pub(crate) type KeyNames = &'static [&'static str];
