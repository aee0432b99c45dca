//! The line that is wrong, with a caret under the place. What may be a secret is not shown.

use crate::text::similar::nearest;

/// Most characters of a line that are shown.
const WIDTH: usize = 100;
/// What an account may say: a key that is most like one of its secrets was meant as one.
const ACCOUNT_KEYS: [&str; 4] = ["access_key_id", "access_key_secret", "security_token", "expires"];
const SECRETS: [&str; 2] = ["access_key_secret", "security_token"];
const MASK: &str = "***";

/// Line and column count from 1, the column in characters.
pub(super) fn excerpt(text: &str, line: u64, column: u64) -> String {
    let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    let lines: Vec<&str> = text.lines().take(index + 1).collect();
    let written = lines.get(index).copied().unwrap_or_default();
    // A secret may stand below its key.
    let above = lines.iter().take(index).rev().find(|line| !line.trim().is_empty());
    let shown = match above.and_then(|above| secret_after(above).map(|end| above[end..].trim())) {
        Some("" | "|" | ">" | "|-" | ">-" | "|+" | ">+") => MASK.to_owned(),
        // Up to the first value that may be a secret.
        _ => match secret_after(written) {
            Some(end) if !written[end..].trim().is_empty() => format!("{} {MASK}", &written[..end]),
            _ => written.to_owned(),
        },
    };
    let shown: Vec<char> = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1).min(shown.len());
    let start = (column + WIDTH / 2).min(shown.len()).saturating_sub(WIDTH);
    let end = (start + WIDTH).min(shown.len());
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < shown.len() { "…" } else { "" });
    let part: String = shown[start..end].iter().collect();
    let gutter = " ".repeat(line.to_string().len());
    let indent = " ".repeat(column - start + before.chars().count());
    format!("{gutter} |\n{line} | {before}{part}{after}\n{gutter} | {indent}^")
}

/// Where the first key of a secret ends, its colon included.
fn secret_after(line: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut rest = 0;
    while let Some(start) = line[rest..].find(is_word).map(|at| at + rest) {
        let end = line[start..].find(|c| !is_word(c)).map_or(line.len(), |at| at + start);
        let word = line[start..end].to_lowercase().replace('-', "_");
        let is_secret = word.contains("secret")
            || word.contains("token")
            || nearest(&word, ACCOUNT_KEYS).is_some_and(|key| SECRETS.contains(&key));
        let after = line[end..].trim_start_matches(['"', '\'', ' ']);
        if is_secret && let Some(value) = after.strip_prefix(':') {
            return Some(line.len() - value.len());
        }
        rest = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_pointed_at() {
        assert_eq!(excerpt("a: 1\nb: [2, x]\n", 2, 8), "  |\n2 | b: [2, x]\n  |        ^");
        assert_eq!(excerpt("", 1, 1), "  |\n1 | \n  | ^");
        assert_eq!(excerpt("a: 1\n", 7, 9), "  |\n7 | \n  | ^");
    }

    #[test]
    fn long_lines_are_cropped_around_the_place() {
        let text = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, 1, 501);
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
            let shown = excerpt(line, 1, 3);
            assert!(shown.contains(MASK) && !shown.contains("hunter2"), "{shown}");
        }
        for text in [
            "access_key_secret:\n  hunter2",
            "access_key_secret: |\n\n  hunter2",
            "x: 1\nsecurity_token: >-\n  hunter2",
        ] {
            let line = text.lines().count() as u64;
            assert!(!excerpt(text, line, 3).contains("hunter2"), "{text}");
        }
        assert!(excerpt("- { access_key_id: my key }", 1, 20).contains("my key"));
    }
}
