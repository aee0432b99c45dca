//! Values and names as people write them: lengths of time, limits, scalars, misspelt names.

pub mod bounds;
pub mod by_hand;
pub mod duration;
pub mod scalar;
#[cfg(test)]
pub mod schema;
pub mod similar;
