//! What of a scenario's text may be shown: not what stands in `accounts:`, nor what may have been meant to.
//!
//! Nothing here knows what a secret looks like. Shown are the parts under the other keys of the language; elsewhere only
//! words that are known and no secrets are. The text may be broken in any way, so the structure is guessed: what begins a
//! hidden part is taken for that easily, and what ends one must be a known key where such keys stand.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::Value;

use crate::domain::permission::PREFIXES;
use crate::operations;
use crate::text::similar::{misspelt, nearest};

const ACCOUNTS: &str = "accounts";
const MASK: char = '*';
/// Shorter ones stand in many messages, and say little.
const LEAST_WORD: usize = 4;
const QUOTES: [char; 2] = ['"', '\''];

/// The text, line by line, with what is hidden.
#[derive(Debug)]
pub(super) struct Veil {
    lines: Vec<String>,
    /// Where each hidden part begins and ends: line and column from 0.
    parts: Vec<(Place, Place)>,
    /// What stands in them, word by word.
    words: HashSet<String>,
}

type Place = (usize, usize);

impl Veil {
    /// Of the text of a scenario.
    pub(super) fn over_scenario(text: &str) -> Self {
        Scan::new(text, true).finish()
    }

    /// Of another text of the same language: it has no accounts, unless by mistake.
    pub(super) fn over_part(text: &str) -> Self {
        Scan::new(text, false).finish()
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
        self.parts.iter().any(|(start, end)| (start..end).contains(&&place))
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

/// The keys of the language, from its schema.
struct Keys {
    document: Vec<String>,
    account: Vec<String>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(super::published::COMMITTED).unwrap_or_default();
    let keys = |pointer: &str| {
        let members = schema.pointer(pointer).and_then(Value::as_object);
        members.into_iter().flat_map(|members| members.keys().cloned()).collect()
    };
    Keys { document: keys("/properties"), account: keys("/$defs/AccountKeys/properties") }
});

/// Whether a part under this key of a scenario is shown: that of a key of the language, and that of a misspelt one,
/// but for accounts.
fn is_shown_key(word: &str) -> bool {
    let document = KEYS.document.iter().map(String::as_str);
    let meant = document.clone().find(|key| *key == word).or_else(|| {
        let slip = misspelt(word, document)?;
        // Of two letters in a short word, too little is left to tell what was meant.
        let is_near = word.len() >= 8 || strsim::damerau_levenshtein(word, slip) == 1;
        is_near.then_some(slip)
    });
    meant.is_some_and(|key| key != ACCOUNTS)
}

/// Whether a key with this name begins a hidden part wherever it stands.
fn is_account_key(word: &str) -> bool {
    let word = word.to_lowercase().replace('-', "_");
    let is_token = word.contains("token") && !["nexttoken", "clienttoken"].contains(&word.as_str());
    let own = || KEYS.account.iter().map(String::as_str);
    let is_accounts = word == ACCOUNTS || (word != "account" && misspelt(&word, [ACCOUNTS]).is_some());
    is_token
        || is_accounts
        || ["secret", "passw"].iter().any(|part| word.contains(part))
        || own().any(|key| key == word)
        || nearest(&word, own().filter(|key| key.len() > 10)).is_some()
}

/// Whether this is `account: [` or `account: {`, which stands nowhere in the language.
fn is_account_list(word: &str, rest: &[char]) -> bool {
    let value = rest.iter().find(|sign| !is_space(**sign) && !QUOTES.contains(*sign) && ![':', '='].contains(*sign));
    word.eq_ignore_ascii_case("account") && value.is_some_and(|sign| ['[', '{'].contains(sign))
}

/// Whether a word may be shown in a hidden part: one of the language, of the service, or an id that is clearly one.
pub(super) fn is_harmless(word: &str) -> bool {
    let is_id = word.strip_prefix("LTAI").is_some_and(|rest| {
        (8..=24).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    is_id
        || ["-", "*", "true", "false", "null", "test"].contains(&word)
        || PREFIXES.contains(&word)
        || KEYS.document.iter().chain(&KEYS.account).any(|key| key == word)
        || operations::is_known(word)
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || ['_', '-', '.'].contains(&sign)
}

/// Keys are written so; a secret hardly ever is.
fn looks_like_a_key(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Reads a text from its start to its end and notes what is hidden.
struct Scan {
    lines: Vec<Vec<char>>,
    parts: Vec<(Place, Place)>,
    /// Comments have nothing that an error could be about.
    comments: Vec<Place>,
    /// Where the hidden part began that the scan is in.
    hidden: Option<Place>,
    /// The rest of the text is hidden: the part began at an unknown depth.
    to_the_end: bool,
    is_scenario: bool,
    /// The whole text is in brackets, as JSON is.
    is_flow: bool,
    /// The indentation of the keys of a scenario that is not in brackets.
    top: usize,
    /// Where the value of the last such key begins, and whether it is on the same line.
    section: (Place, bool),
    /// Open brackets: since the hidden part or the section began; of a text in brackets, since its start.
    depth: i64,
    /// Of a text in brackets: since the last key, outside of further brackets.
    colons: u32,
    quote: Option<char>,
    /// The last sign that is neither space nor quote.
    before: char,
}

/// One word in its line; it may be empty.
#[derive(Clone, Copy)]
struct Word {
    line: usize,
    /// Where it begins, with a quote before it.
    column: usize,
    start: usize,
    end: usize,
    is_first: bool,
}

impl Scan {
    fn new(text: &str, is_scenario: bool) -> Self {
        // As the parser counts them.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<Vec<char>> = text.split('\n').map(|line| line.chars().collect()).collect();
        let content = lines.iter().find_map(|line| {
            let start = line.iter().position(|sign| !is_space(*sign))?;
            let is_directive = ['#', '%'].contains(&line[start]) || line[start..].starts_with(&['-'; 3]);
            (!is_directive).then(|| (start, line[start]))
        });
        let (top, first) = content.unwrap_or_default();
        Self {
            lines,
            parts: Vec::new(),
            comments: Vec::new(),
            hidden: None,
            to_the_end: false,
            is_scenario,
            is_flow: ['{', '['].contains(&first),
            top,
            section: ((0, 0), false),
            depth: 0,
            colons: 0,
            quote: None,
            before: '\n',
        }
    }

    fn finish(mut self) -> Veil {
        for line in 0..self.lines.len() {
            self.line(line);
        }
        if let Some(start) = self.hidden {
            self.parts.push((start, (usize::MAX, usize::MAX)));
        }
        let mut words = HashSet::new();
        let lines = self.lines.iter().enumerate().map(|(line, signs)| self.masked(line, signs, &mut words));
        Veil { lines: lines.collect(), parts: self.parts, words }
    }

    /// The line as it may be shown; what is hidden goes to `words`.
    fn masked(&self, line: usize, signs: &[char], words: &mut HashSet<String>) -> String {
        let comment = self.comments.iter().find(|place| place.0 == line).map_or(usize::MAX, |place| place.1);
        let mut shown = String::new();
        let mut column = 0;
        while column < signs.len() {
            let place = (line, column);
            let is_comment = column >= comment;
            let is_hidden = is_comment || self.parts.iter().any(|(start, end)| (*start..*end).contains(&place));
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

    fn line(&mut self, line: usize) {
        let signs = std::mem::take(&mut self.lines[line]);
        let first = signs.iter().position(|sign| !is_space(*sign));
        let is_below = !self.is_flow && first.is_some_and(|first| first > self.top);
        if is_below && self.is_scenario && self.hidden.is_none() && self.is_section_over() {
            self.hide((line, 0), false);
        }
        for (column, sign) in signs.iter().enumerate() {
            let earlier = column.checked_sub(1).map_or(' ', |earlier| signs[earlier]);
            if *sign == '#' && is_space(earlier) {
                self.comments.push((line, column));
                if self.quote.is_none() {
                    break;
                }
            }
            let start = column + usize::from(QUOTES.contains(sign));
            if !is_word(earlier) || start > column {
                let length = signs[start..].iter().take_while(|sign| is_word(**sign)).count();
                let is_first = first == Some(column);
                self.word(Word { line, column, start, end: start + length, is_first }, &signs);
            }
            self.sign(*sign, earlier);
            if self.colons > 1 && self.hidden.is_none() {
                // The value of a key is itself a key.
                self.hide(self.section.0, false);
            }
        }
        self.lines[line] = signs;
    }

    /// Whether the last key has its value, so that what follows further in belongs to nothing.
    fn is_section_over(&self) -> bool {
        self.section.1 && self.depth <= 0 && self.quote.is_none()
    }

    /// Does a part begin or end with this word?
    fn word(&mut self, Word { line, column, start, end, is_first }: Word, signs: &[char]) {
        let word: String = signs[start..end].iter().collect();
        let after = signs[end..].iter().find(|sign| !is_space(**sign) && !QUOTES.contains(*sign));
        let is_key = !word.is_empty() && after.is_some_and(|sign| [':', '='].contains(sign));
        let is_top = self.is_scenario
            && if self.is_flow {
                let is_outside = self.quote.is_none() && self.depth == i64::from(self.hidden.is_none());
                is_outside && ['{', ','].contains(&self.before) && !is_space(signs[column])
            } else {
                is_first && column <= self.top
            };
        if let Some(start) = self.hidden {
            let ends = self.quote.is_none() && self.depth <= 0 && after == Some(&':') && is_shown_key(&word);
            if ends && is_top && !self.to_the_end {
                self.parts.push((start, (line, column)));
                self.hidden = None;
                self.begin_section((line, end), signs);
            }
            return;
        }
        let is_neutral = is_neutral(&signs[column..]);
        let is_shown = is_key && is_shown_key(&word);
        // After the last bracket there is nothing more in a scenario.
        let is_beyond =
            self.is_scenario && self.is_flow && self.depth <= 0 && ['}', ']'].contains(&self.before);
        if (is_top && !is_shown && !is_neutral) || is_beyond {
            let name = if is_key && looks_like_a_key(&word) { end } else { column };
            self.hide((line, name), false);
        } else if is_key && !is_shown && (is_account_key(&word) || is_account_list(&word, &signs[end..])) {
            // Perhaps its list began before it: without the key above the list, it is part of the section.
            let is_section = self.is_scenario && !self.is_flow;
            self.hide(if is_section { self.section.0 } else { (line, column) }, self.is_flow);
        } else if is_top && is_shown {
            self.begin_section((line, end), signs);
        }
    }

    fn begin_section(&mut self, place: Place, signs: &[char]) {
        if self.is_flow {
            (self.depth, self.section, self.colons) = (1, (place, true), 0);
            return;
        }
        let value = signs[place.1..].iter().find(|sign| !is_space(**sign) && !QUOTES.contains(*sign) && **sign != ':');
        self.section = (place, value.is_some_and(|sign| *sign != '#'));
        // What was counted before may be wrong.
        (self.depth, self.quote) = (0, None);
    }

    fn hide(&mut self, place: Place, to_the_end: bool) {
        (self.hidden, self.to_the_end) = (Some(place), to_the_end);
        (self.depth, self.quote, self.colons) = (0, None, 0);
    }

    /// Counts a sign.
    fn sign(&mut self, sign: char, earlier: char) {
        match (self.quote, sign) {
            (Some('"'), _) if earlier == '\\' => (),
            (Some(quote), _) if quote == sign => self.quote = None,
            (None, '"' | '\'') if !is_word(earlier) => self.quote = Some(sign),
            (None, ':') if self.is_flow && self.depth == 1 && self.hidden.is_none() => self.colons += 1,
            (None, '[' | '{') => self.depth += 1,
            (None, ']' | '}') => {
                self.depth -= 1;
                // More is closed than was opened: what follows belongs to nothing that is known.
                self.to_the_end |= self.is_flow && self.depth < 0;
            }
            _ => (),
        }
        if !is_space(sign) && !QUOTES.contains(&sign) {
            self.before = sign;
        }
    }
}

/// Whether the rest of a line only closes brackets, or marks the end of a document, or is a comment or a directive.
fn is_neutral(rest: &[char]) -> bool {
    let text: String = rest.iter().take_while(|sign| **sign != '#').collect();
    let text = text.trim_end();
    text.starts_with('%') || ["---", "..."].contains(&text) || text.trim_matches([']', '}', ',', ' ']).is_empty()
}

fn is_space(sign: char) -> bool {
    [' ', '\t', '\u{feff}'].contains(&sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Veil::over_scenario(text).lines.join("\n")
    }

    #[test]
    fn the_keys_are_those_of_the_schema() {
        assert!(KEYS.document.len() >= 16 && KEYS.account.len() >= 7);
        assert!(["version", "expect", "lifecycle", "unknown_access_keys"].into_iter().all(is_shown_key));
        assert!(!["accounts", "acounts", "account", "keys", "pass", "colour"].into_iter().any(is_shown_key));
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
        insta::assert_snapshot!(shown(r#"{"version":1,"accounts":[{"access_key_id":"*","acces_key":"hun,ter]2"}],"name":"x"}"#), @r#"{"version":1,"accounts":[{"access_key_id":"*","*********":"***,***]*"}],"name":"x"}"#);
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

    #[test]
    fn places() {
        let veil = Veil::over_scenario("name: x\naccounts: []\nseed: x\n");
        assert_eq!([(1, 7), (2, 1), (2, 11), (3, 1), (3, 7)].map(|place| veil.hides(place)), [false, false, true, false, false]);
        assert!(!Veil::over_part("account: x\n").hides_any());
    }
}
