//! Values and names as people write them: lengths of time, bounds, scalars, misspelt names.

pub mod bounds;
pub mod duration;
pub mod scalar;
pub mod similar;

/// At most 80 characters: a text of a client must not make a message grow.
pub fn shorten(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(end, _)| &text[..end])
}
