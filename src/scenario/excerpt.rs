//! The line that is wrong, with a caret under the place.

use super::veil::Veil;
use crate::text::outside::is_direction;

/// Most characters of a line that are shown.
const WIDTH: usize = 100;

/// Line and column count from 1, the column in characters.
pub(super) fn excerpt(text: &Veil, line: u64, column: u64) -> String {
    let shown: Vec<char> = text.line(line).chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1).min(shown.len());
    let start = (column + WIDTH / 2).min(shown.len()).saturating_sub(WIDTH);
    let end = (start + WIDTH).min(shown.len());
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < shown.len() { "…" } else { "" });
    let part: String = shown[start..end].iter().collect();
    let gutter = " ".repeat(line.to_string().len());
    let indent = " ".repeat(column - start + before.chars().count());
    format!("{gutter} |\n{line} | {before}{part}{after}\n{gutter} | {indent}^")
}

/// Whether a terminal shows it, at its place.
fn is_plain(sign: char) -> bool {
    !sign.is_control() && !is_direction(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt_of(text: &str, line: u64, column: u64) -> String {
        excerpt(&Veil::over_part(text), line, column)
    }

    #[test]
    fn the_place_is_pointed_at() {
        assert_eq!(excerpt_of("a: 1\nb: [2, x]\n", 2, 8), "  |\n2 | b: [2, x]\n  |        ^");
        assert_eq!(excerpt_of("", 1, 1), "  |\n1 | \n  | ^");
        assert_eq!(excerpt_of("a: 1\n", 7, 9), "  |\n7 | \n  | ^");
    }

    #[test]
    fn long_lines_are_cropped_around_the_place() {
        let text = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt_of(&text, 1, 501);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].chars().count() < 110);
        assert_eq!(lines[1].chars().nth(lines[2].chars().count() - 1), Some('x'));
    }

    #[test]
    fn secrets_are_not_shown() {
        for line in [
            "access_key_secret: hunter2",
            "- { access_key_id: my key, access_key_secret: 'hunter2, x' }",
            r#"{"access_key_id":"a","access_key_secret":"hunter2"}"#,
            "access_key_secrt: hunter2",
            "acces-key-secret : hunter2",
            "security_tokn: hunter2",
            "- { access_key_id: a, security_token: hunter2, deny: 3 }",
        ] {
            assert!(!excerpt_of(line, 1, 3).contains("hunter2"), "{line}");
        }
        for text in [
            "access_key_secret:\n  hunter2",
            "access_key_secret: |\n\n  hunter2",
            "x: 1\nsecurity_token: >-\n  hunter2",
        ] {
            let line = text.lines().count() as u64;
            assert!(!excerpt_of(text, line, 3).contains("hunter2"), "{text}");
        }
    }
}
