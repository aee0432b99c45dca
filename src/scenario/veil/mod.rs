//! What of a scenario's text may be shown: not what stands in `accounts:`, nor what may have been meant to.
//!
//! Nothing here knows what a secret looks like. Shown are the parts under the other keys of the language; elsewhere only
//! words that are known and no secrets are.

mod scan;
mod words;

use std::collections::HashSet;

use self::scan::{Found, Place, Scan};
pub(super) use self::words::is_harmless;
use self::words::is_word;

const MASK: char = '*';
/// Shorter ones stand in many messages, and say little.
const LEAST_WORD: usize = 4;

/// The text, line by line, with what is hidden.
#[derive(Debug)]
pub(super) struct Veil {
    lines: Vec<String>,
    /// Where each hidden part begins and ends: line and column from 0.
    parts: Vec<(Place, Place)>,
    /// What stands in them, word by word.
    words: HashSet<String>,
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
        let mut words = HashSet::new();
        let lines = found.lines.iter().enumerate();
        let lines = lines.map(|(line, signs)| masked(&found, line, signs, &mut words)).collect();
        Self { lines, parts: found.parts, words }
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

    /// Whether a message repeats something that is hidden: where a quote is not closed, what is wrong begins in a part that
    /// is shown and ends in a hidden one.
    pub(super) fn hides_what_is_said(&self, message: &str) -> bool {
        self.words.iter().any(|word| message.contains(word.as_str()))
    }
}

/// The line as it may be shown; what is hidden goes to `words`.
fn masked(found: &Found, line: usize, signs: &[char], words: &mut HashSet<String>) -> String {
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
            continue;
        }
        shown.extend(part.iter().map(|_| MASK));
        if length >= LEAST_WORD {
            words.insert(word);
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
                assert!(!Veil::over_scenario(&text).hides_what_is_said("nothing"));
            }
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
