//! Splits short texts, such as a list of names in a header.

/// The pieces between separators of one ASCII character, as [`str::split`] gives them. In a short text, the search that
/// [`str::split`] makes costs more than it saves.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(place) = text.bytes().position(|byte| byte == separator) else { return rest.take() };
        rest = Some(&text[place + 1..]);
        Some(&text[..place])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_those_of_the_standard_library() {
        for text in ["", ";", "a", "a;b", ";a;", "é;中;;b"] {
            assert!(split(text, b';').eq(text.split(';')), "{text}");
        }
    }
}
