//! Text from outside, as it may stand in a log line or on a terminal: escaped and cut.

use std::borrow::Cow;

/// Most bytes of a log message.
pub(crate) const LONGEST_MESSAGE: usize = 4 << 10;

/// Whether the sign turns the direction of the text around it, or ends a line for some programs: with it, a text can look
/// like another one.
pub(crate) fn is_direction(sign: char) -> bool {
    matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// On one line: signs that steer a terminal are escaped, as in Rust: `\n`, `\u{1b}`. What is longer than `most` bytes is
/// cut, and says by how much.
pub(crate) fn line(text: &str, most: usize) -> Cow<'_, str> {
    shown(text, most, false)
}

/// The same of a text that is not needed otherwise.
pub(crate) fn owned_line(text: String, most: usize) -> String {
    owned(text, most, false)
}

/// The same of a text that may have several lines, such as a report. Each line but the first is indented, so that none
/// looks like a log line of its own.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the program writes a log"))]
pub(crate) fn message(text: &str) -> Cow<'_, str> {
    shown(text, LONGEST_MESSAGE, true)
}

/// The same of a text that is not needed otherwise.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the program writes a log"))]
pub(crate) fn owned_message(text: String) -> String {
    owned(text, LONGEST_MESSAGE, true)
}

/// A report of several lines for a terminal: each on its own line.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only commands write to a terminal"))]
pub(crate) fn report(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|text| line(text, LONGEST_MESSAGE)).collect();
    lines.join("\n")
}

#[inline]
fn steers(sign: char) -> bool {
    sign.is_control() || is_direction(sign)
}

fn owned(text: String, most: usize, keeps_lines: bool) -> String {
    let Cow::Owned(shown) = shown(&text, most, keeps_lines) else { return text };
    shown
}

/// Whether it is ASCII without control signs, as most texts are. It takes less time than to look at each character.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn shown(text: &str, most: usize, keeps_lines: bool) -> Cow<'_, str> {
    if text.len() <= most && (is_plain(text) || !text.contains(steers)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().min(most) + 32);
    for (at, sign) in text.char_indices() {
        let before = shown.len();
        match sign {
            '\n' if keeps_lines => shown.push_str("\n  "),
            sign if steers(sign) => shown.extend(sign.escape_debug()),
            sign => shown.push(sign),
        }
        if shown.len() > most {
            shown.truncate(before);
            shown.extend(["…(+", &(text.len() - at).to_string(), " bytes)"]);
            break;
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_escaped() {
        for (text, seen) in [
            ("plain, é, 中", "plain, é, 中"),
            ("a\nb\tc\0", r"a\nb\tc\0"),
            ("a~\u{7f}b", r"a~\u{7f}b"),
            ("\u{1b}[2Jx", r"\u{1b}[2Jx"),
            ("a\u{202e}b\u{2066}", r"a\u{202e}b\u{2066}"),
            ("a\u{2028}b\u{85}", r"a\u{2028}b\u{85}"),
        ] {
            assert_eq!(line(text, 100), seen);
        }
        assert_eq!(message("a\nb\u{1b}"), "a\n  b\\u{1b}");
        assert_eq!(owned_line("a\nb".to_owned(), 100), r"a\nb");
        assert_eq!(owned_message("a\nb".to_owned()), "a\n  b");
        assert_eq!(report("a\nb\u{1b}\n"), "a\nb\\u{1b}\n");
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(line(&"é".repeat(10), 7), "ééé…(+14 bytes)");
        assert!(message(&"x".repeat(300_000)).len() < LONGEST_MESSAGE + 40);
        assert_eq!(line("\n\n\n", 5), r"\n\n…(+1 bytes)");
    }
}
