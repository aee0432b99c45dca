//! Finds the parts of a scenario's text that may hold secrets.
//!
//! The text may be broken in any way, so its structure is guessed: what begins a hidden part is taken for that easily, and
//! what ends one must be a known key where such keys stand.

use super::words::{Verdicts, is_account_list, is_quote, is_space, is_word, looks_like_a_key};

/// Line and column, from 0.
pub(super) type Place = (usize, usize);

/// Most signs that are looked at behind a word, so that a long line costs no more than its length.
const AHEAD: usize = 200;

/// A text and what is hidden of it.
pub(super) struct Found {
    pub(super) lines: Vec<Vec<char>>,
    /// Where each hidden part begins and ends.
    pub(super) parts: Vec<(Place, Place)>,
    /// Where a comment begins; it ends with its line.
    pub(super) comments: Vec<Place>,
}

/// Reads a text from its start to its end and notes what is hidden.
pub(super) struct Scan {
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
    verdicts: Verdicts,
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
    pub(super) fn new(text: &str, is_scenario: bool) -> Self {
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
            verdicts: Verdicts::default(),
        }
    }

    /// Reads all of it.
    pub(super) fn run(mut self) -> Found {
        for line in 0..self.lines.len() {
            self.line(line);
        }
        if let Some(start) = self.hidden {
            self.parts.push((start, (usize::MAX, usize::MAX)));
        }
        Found { lines: self.lines, parts: self.parts, comments: self.comments }
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
            let start = column + usize::from(is_quote(*sign));
            if !is_space(*sign) && (!is_word(earlier) || start > column) {
                let length = signs[start..].iter().take_while(|sign| is_word(**sign)).count();
                let is_first = first == Some(column);
                self.word(Word { line, column, start, end: start + length, is_first }, &signs);
            }
            self.sign(*sign, earlier);
            if self.is_scenario && self.colons > 1 && self.hidden.is_none() {
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
        let mut ahead = signs[end..].iter().take(AHEAD);
        let after = ahead.find(|sign| !is_space(**sign) && !is_quote(**sign));
        let is_whole = start == column || signs.get(end) == Some(&signs[column]);
        let is_key = is_whole && !word.is_empty() && after.is_some_and(|sign| [':', '='].contains(sign));
        let is_top = self.is_scenario
            && if self.is_flow {
                let is_outside = self.quote.is_none() && self.depth == i64::from(self.hidden.is_none());
                is_outside && ['{', ','].contains(&self.before)
            } else {
                is_first && column <= self.top
            };
        if let Some(start) = self.hidden {
            let may_end = is_top && !self.to_the_end && self.quote.is_none() && self.depth <= 0;
            if may_end && after == Some(&':') && self.verdicts.of(&word).is_shown {
                self.parts.push((start, (line, column)));
                self.hidden = None;
                self.begin_section((line, end), signs);
            }
            return;
        }
        let verdict = is_key.then(|| self.verdicts.of(&word));
        let is_shown = verdict.is_some_and(|verdict| verdict.is_shown);
        let is_account = verdict.is_some_and(|verdict| verdict.is_account);
        // After the last bracket there is nothing more in a scenario.
        let is_beyond =
            self.is_scenario && self.is_flow && self.depth <= 0 && ['}', ']'].contains(&self.before);
        if (is_top && !is_shown && !is_neutral(&signs[column..])) || is_beyond {
            let name = if is_key && looks_like_a_key(&word) { end } else { column };
            // What is no key begins no value, so it is unknown where that ends.
            self.hide((line, name), self.is_flow && !is_key);
        } else if is_key && !is_shown && (is_account || is_account_list(&word, &signs[end..])) {
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
        let value =
            signs[place.1..].iter().find(|sign| !is_space(**sign) && !is_quote(**sign) && **sign != ':');
        self.section = (place, value.is_some_and(|sign| *sign != '#'));
        // What was counted before may be wrong.
        (self.depth, self.quote) = (0, None);
    }

    fn hide(&mut self, place: Place, to_the_end: bool) {
        (self.hidden, self.to_the_end) = (Some(place), to_the_end || self.is_flow);
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
        if !is_space(sign) && !is_quote(sign) {
            self.before = sign;
        }
    }
}

/// Whether the rest of a line only closes brackets, or marks the end of a document, or is a comment or a directive.
fn is_neutral(rest: &[char]) -> bool {
    let text: String = rest.iter().take(AHEAD).take_while(|sign| **sign != '#').collect();
    let text = text.trim_end();
    (rest.len() < AHEAD && text.starts_with('%'))
        || ["---", "..."].contains(&text)
        || (rest.len() < AHEAD && text.trim_matches([']', '}', ',', ' ']).is_empty())
}
