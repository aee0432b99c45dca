//! What of a scenario's text may be shown: not what stands in `accounts:`, nor what may have been meant to.
//!
//! Nothing here knows what a secret looks like. Shown are the parts under the other keys of the language; elsewhere only
//! words that are known and no secrets are.

mod scan;
mod words;

use self::scan::{Found, Place, Scan};
pub(super) use self::words::is_harmless;
use self::words::is_word;

const MASK: char = '*';

/// The text, line by line, with what is hidden.
#[derive(Debug)]
pub(super) struct Veil {
    lines: Vec<String>,
    /// Where each hidden part begins and ends: line and column from 0.
    parts: Vec<(Place, Place)>,
    /// Whether nothing is hidden, no comment either.
    is_open: bool,
}

impl Veil {
    /// Of the text of a scenario.
    pub(super) fn over_scenario(text: &str) -> Self {
        Self::over(Scan::new(text, true).run())
    }

    /// Of another text of the same language: it has no accounts, unless by mistake.
    pub(super) fn over_part(text: &str) -> Self {
        Self::over(Scan::new(text, false).run())
    }

    fn over(found: Found) -> Self {
        let lines = found.lines.iter().enumerate();
        let lines = lines.map(|(line, signs)| masked(&found, line, signs)).collect();
        let is_open = found.parts.is_empty() && found.comments.is_empty();
        Self { lines, parts: found.parts, is_open }
    }

    /// The line as it may be shown; lines count from 1.
    pub(super) fn line(&self, line: u64) -> &str {
        let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.lines.get(index).map_or("", String::as_str)
    }

    /// Whether a message about this place must not quote what stands there; both count from 1.
    pub(super) fn hides(&self, (line, column): (u64, u64)) -> bool {
        let index = |count: u64| usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
        let place = (index(line), index(column));
        is_in(&self.parts, place)
    }

    pub(super) fn hides_any(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Whether a message may quote this: all of it stands in one line as it is shown. Where a quote is not closed, for
    /// instance, what is wrong begins in a part that is shown and ends in a hidden one.
    pub(super) fn shows(&self, quoted: &str) -> bool {
        self.is_open || is_harmless(quoted) || self.lines.iter().any(|line| line.contains(quoted))
    }
}

/// The line as it may be shown.
fn masked(found: &Found, line: usize, signs: &[char]) -> String {
    let at = found.comments.partition_point(|place| *place < (line, 0));
    let comment = found.comments.get(at).filter(|place| place.0 == line).map_or(usize::MAX, |place| place.1);
    let mut shown = String::new();
    let mut column = 0;
    while column < signs.len() {
        let place = (line, column);
        let is_comment = column >= comment;
        let is_hidden = is_comment || is_in(&found.parts, place);
        let length = signs[column..].iter().take_while(|sign| is_word(**sign)).count();
        let part = &signs[column..column + length.max(1)];
        column += part.len();
        let word: String = part.iter().collect();
        let is_plain = length == 0 && "{}[],:\"' \t\u{feff}".contains(part[0]);
        if !is_hidden || is_plain || (!is_comment && is_harmless(&word)) {
            shown += &word;
        } else {
            shown.extend(part.iter().map(|_| MASK));
        }
    }
    shown
}

/// Whether a place is in one of these parts, which are in order.
fn is_in(parts: &[(Place, Place)], place: Place) -> bool {
    let next = parts.partition_point(|(start, _)| *start <= place);
    next.checked_sub(1).and_then(|last| parts.get(last)).is_some_and(|(_, end)| place < *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Veil::over_scenario(text).lines.join("\n")
    }

    #[test]
    fn accounts_are_hidden_and_the_rest_is_shown() {
        insta::assert_snapshot!(shown("version: 1\naccounts:\n  - access_key_id: LTAI5tFakeFakeFake\n    sk: hunter2 # x\n    deny: ['yundun-sas:ExportVul', no]\nname: it's [x # y\nfaults: [a]\n"), @r"
        version: 1
        accounts:
          - access_key_id: LTAI5tFakeFakeFake
            **: ******* * *
            deny: ['yundun-sas:ExportVul', **]
        name: it's [x * *
        faults: [a]
        ");
        insta::assert_snapshot!(shown(r#"{"version":1,"accounts":[{"access_key_id":"*","acces_key":"hun,ter]2"}],"name":"x"}"#), @r#"{"version":1,"accounts":[{"access_key_id":"*","*********":"***,***]*"}],"name":"*"}"#);
        insta::assert_snapshot!(shown("keys:\n  a: b\nseed: 1\nhunter2\nseed: 2\n"), @r"
        keys:
          *: *
        seed: 1
        *******
        seed: 2
        ");
    }

    #[test]
    fn where_the_structure_is_broken_the_rest_is_hidden() {
        insta::assert_snapshot!(shown("accounts: [{ access_key_id: a\nname: x\n"), @r"
        accounts: [{ access_key_id: *
        name: *
        ");
        insta::assert_snapshot!(shown(r#"{"accounts":[{"access_key_id":"a","sk":"b}],"name":"x"}"#), @r#"{"accounts":[{"access_key_id":"*","**":"*}],"name":"*"}"#);
    }

    /// None panics; and if a step cost more with a longer line, this would take long.
    #[test]
    fn large_texts() {
        let pieces =
            [" ", "\"", "#\n", "a: b\nseed: 1\n", ",", "a:", "{", "secret: x,", "x", "'a' # ", "*", "]}, "];
        for piece in pieces {
            for start in ["", "{", "{\"a\": 1,", "seed: 1\naccounts: "] {
                let text = format!("{start}{}", piece.repeat((8 << 10) / piece.len()));
                assert!(Veil::over_scenario(&text).shows("*"));
            }
        }
    }

    /// Were each word that is hidden sought in what is said, or each key compared with all others again, this would take
    /// minutes.
    #[test]
    fn texts_of_a_mebibyte() {
        let key = "k".repeat(500 << 10);
        let words: Vec<String> = (0..100_000).map(|word| format!(" {word:04x}")).collect();
        let mut words = words.concat();
        words.truncate(500 << 10);
        let veil = Veil::over_scenario(&format!("{key}: 1\naccounts:{words}"));
        assert!(veil.shows(&key[1..]) && !veil.shows(&words) && !veil.shows(&format!("{key}x")));
        let keys: Vec<String> = (0..50_000).map(|key| format!("k{key}: ")).collect();
        for text in ["a: ".repeat((1 << 20) / 3), keys.concat()] {
            assert!(!Veil::over_part(&text).hides_any());
        }
    }

    #[test]
    fn places() {
        let veil = Veil::over_scenario("name: x\naccounts: []\nseed: x\n");
        assert_eq!(
            [(1, 7), (2, 1), (2, 11), (3, 1), (3, 7)].map(|place| veil.hides(place)),
            [false, false, true, false, false]
        );
        assert!(!Veil::over_part("account: x\n").hides_any());
    }
}
