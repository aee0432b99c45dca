//! Values and names as people write them: lengths of time, bounds, scalars, misspelt names.

pub mod bounds;
pub mod checked;
pub mod duration;
pub mod scalar;
#[cfg(test)]
pub mod schema;
pub mod similar;
pub mod text_or;
