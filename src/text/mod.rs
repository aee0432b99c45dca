//! Values and names as people write them: lengths of time, bounds, scalars, misspelt names.

pub mod bounds;
pub mod duration;
pub mod scalar;
pub mod similar;
