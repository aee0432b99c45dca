//! `KEY=VALUE` words that become a document: a fault rule, an answer, an expectation.
//!
//! Each word is a line of the document that is checked, so the reader of scenarios says which word is wrong.

use std::fmt::Write;

use anyhow::{Error, anyhow};
use serde_json::{Map, Value};

use crate::scenario::{LoadError, load};
use crate::text::similar::nearest;

/// The keys that words may have, by the part of the document that they are of.
pub(super) type Parts<'p> = &'p [(&'static str, &'static [&'static str])];

/// The parts whose members are named by others: such a name is not split at its dots.
const OPEN: [&str; 2] = ["params", "header"];

/// A document and the words that it was made of.
#[derive(Debug)]
pub(super) struct Words<'w> {
    given: &'w [String],
    /// As it is sent.
    pub(super) document: Value,
    /// Where each value of it stands, and the number of its word.
    places: Vec<(Vec<String>, usize)>,
}

impl<'w> Words<'w> {
    /// `noun` is what the document is, for messages: "fault".
    pub(super) fn read(given: &'w [String], noun: &str, parts: Parts<'_>) -> Result<Self, Error> {
        let mut words = Self { given, document: Value::Object(Map::new()), places: Vec::new() };
        for (number, word) in given.iter().enumerate() {
            let (key, text) = word.split_once('=').ok_or_else(|| anyhow!("{word}: expected KEY=VALUE"))?;
            let path = path(key, noun, parts)?;
            let value = value(text).map_err(|error| anyhow!("{word}: {error}"))?;
            put(&mut words.document, &path, value).map_err(|()| anyhow!("{key} is given twice"))?;
            words.places.push((path, number));
        }
        Ok(words)
    }

    /// Whether a word is of that part.
    pub(super) fn has(&self, part: &str) -> bool {
        self.document.get(part).is_some()
    }

    /// Checks the document with the reader of its kind, which gets a text in which each word has a line of its own.
    pub(super) fn check<T>(&self, read: impl FnOnce(&str) -> Result<T, LoadError>) -> Result<(), Error> {
        let (mut text, mut lines) = (String::new(), Vec::new());
        self.write(&self.document, &mut Vec::new(), &mut text, &mut lines);
        let Err(error) = read(&text) else { return Ok(()) };
        Err(match error {
            LoadError::Wrong { line, message, .. } => {
                let at = usize::try_from(line).unwrap_or_default().saturating_sub(1);
                match lines.get(at).copied().flatten().and_then(|number: usize| self.given.get(number)) {
                    Some(word) => anyhow!("{word}: {message}"),
                    None => anyhow!("{message}"),
                }
            }
            LoadError::Unreadable { message, .. } => anyhow!("{message}"),
        })
    }

    fn write(
        &self,
        value: &Value,
        path: &mut Vec<String>,
        text: &mut String,
        lines: &mut Vec<Option<usize>>,
    ) {
        for (name, member) in value.as_object().into_iter().flatten() {
            path.push(name.clone());
            let number = self.places.iter().find(|(place, _)| place == path).map(|(_, number)| *number);
            lines.push(number);
            let indent = 2 * (path.len() - 1);
            let key = Value::from(name.as_str());
            // Writing to a text cannot fail. JSON is YAML.
            let _ = write!(text, "{:indent$}{key}:", "");
            if number.is_some() {
                let _ = writeln!(text, " {member}");
            } else {
                text.push('\n');
                self.write(member, path, text, lines);
            }
            path.pop();
        }
    }
}

/// Most parts of a key: documents are not deeper.
const MOST_STEPS: usize = 32;

/// Where the value of a key stands in the document.
fn path(key: &str, noun: &str, parts: Parts<'_>) -> Result<Vec<String>, Error> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let part =
        parts.iter().find(|(_, keys)| keys.contains(&first)).map(|(part, _)| *part).ok_or_else(|| {
            let known = parts.iter().flat_map(|(_, keys)| keys.iter().copied());
            let hint = match nearest(first, known.clone()) {
                Some(nearest) => format!("; did you mean {nearest}?"),
                None => format!("; there are {}", known.collect::<Vec<_>>().join(", ")),
            };
            anyhow!("{first}: no {noun} has that key{hint}")
        })?;
    let mut path: Vec<String> =
        [part, first].into_iter().filter(|step| !step.is_empty()).map(str::to_owned).collect();
    let mut rest = rest;
    while let Some(text) = rest {
        let is_open = path.last().is_some_and(|step| OPEN.contains(&step.as_str()));
        let (step, after) = match text.split_once('.') {
            Some((step, after)) if !is_open => (step, Some(after)),
            _ => (text, None),
        };
        path.push(step.to_owned());
        rest = after;
    }
    if path.len() > MOST_STEPS {
        Err(anyhow!("{first}: no key has more than {MOST_STEPS} parts"))
    } else if path.iter().any(String::is_empty) {
        Err(anyhow!("{key}: a part of the key is empty"))
    } else {
        Ok(path)
    }
}

/// A value as a document has it: what begins like a list, a mapping or a quoted text is read as YAML, and all else is a
/// number, a truth value or a text.
fn value(text: &str) -> Result<Value, String> {
    if text.starts_with(['{', '[', '"', '\'']) {
        return load::body(text).map_err(|error| match error {
            LoadError::Wrong { message, .. } | LoadError::Unreadable { message, .. } => message,
        });
    }
    let scalar = serde_json::from_str::<Value>(text).ok();
    // 007 is a name, and 1e3 is written otherwise than a number is shown.
    Ok(scalar.filter(|scalar| *scalar.to_string() == *text).unwrap_or_else(|| Value::from(text)))
}

/// Puts a value to its place; fails if there is one already.
fn put(document: &mut Value, path: &[String], value: Value) -> Result<(), ()> {
    let Some(members) = document.as_object_mut() else { return Err(()) };
    match path {
        [] => Err(()),
        [last] if members.contains_key(last) => Err(()),
        [last] => {
            members.insert(last.clone(), value);
            Ok(())
        }
        [first, rest @ ..] => {
            put(members.entry(first.as_str()).or_insert_with(|| Value::Object(Map::new())), rest, value)
        }
    }
}

/// A document in words, as [`Words::read`] takes them: the members of its parts, in that order.
pub(super) fn written(document: &Value, parts: &[&str]) -> String {
    let mut words = Vec::new();
    for part in parts {
        for (key, value) in document[*part].as_object().into_iter().flatten() {
            write(key, value, *part != "effect", &mut words);
        }
    }
    for (key, value) in document.as_object().into_iter().flatten() {
        if !parts.contains(&key.as_str()) {
            write(key, value, false, &mut words);
        }
    }
    words.join(" ")
}

fn write(key: &str, value: &Value, is_split: bool, words: &mut Vec<String>) {
    match value {
        Value::Object(members) if is_split => {
            for (name, member) in members {
                write(&format!("{key}.{name}"), member, is_split, words);
            }
        }
        Value::String(text) if !text.contains(char::is_whitespace) && !text.is_empty() => {
            words.push(format!("{key}={text}"));
        }
        value => words.push(format!("{key}={value}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fault::rule;

    fn rule(words: &[&str]) -> Result<Value, String> {
        let given: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let words = Words::read(&given, "fault", &rule::keys()).map_err(|error| error.to_string())?;
        words.check(|text| load::faults("faults add", text)).map_err(|error| error.to_string())?;
        Ok(words.document)
    }

    #[test]
    fn no_key_is_of_two_parts() {
        let keys = rule::keys();
        let mut all: Vec<&str> = keys.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!((all.len(), count > 20), (count, true), "{all:?}");
    }

    #[test]
    fn words_become_a_rule_and_back() {
        let words = [
            "delay={p50: 200ms, p99: 3s}",
            "error=ServerError",
            "action=GetLastOnceTaskInfo",
            "account=007",
            "params.TaskType=IMAGE_SCAN",
            "task.status=START",
            "calls=3..5",
            "times=3",
            "id=mine",
        ];
        let read = rule(&words).unwrap();
        assert_eq!(
            read,
            json!({
                "effect": { "delay": { "p50": "200ms", "p99": "3s" }, "error": "ServerError" },
                "match": {
                    "action": "GetLastOnceTaskInfo", "account": "007",
                    "params": { "TaskType": "IMAGE_SCAN" }, "task": { "status": "START" },
                },
                "trigger": { "calls": "3..5", "times": 3 },
                "id": "mine",
            })
        );
        assert_eq!(
            written(&read, &["effect", "match", "trigger"]),
            r#"delay={"p50":"200ms","p99":"3s"} error=ServerError action=GetLastOnceTaskInfo account=007 params.TaskType=IMAGE_SCAN task.status=START calls=3..5 times=3 id=mine"#
        );
        assert_eq!(rule(&["effect.delay=1s"]).unwrap(), rule(&["delay=1s"]).unwrap());
    }

    #[test]
    fn a_mistake_names_its_word() {
        let said = |words: &[&str]| rule(words).unwrap_err();
        insta::assert_snapshot!(
            [
                said(&["eror=ServerError"]),
                said(&["error=ServerEror"]),
                said(&["delay=1s", "times=many"]),
                said(&["delay=1s", "action=GetLastOnceTaskInf"]),
                said(&["delay=1s", "delay=2s"]),
                said(&["delay=1s", "delay.p50=2s"]),
                said(&["delay={p50: 1s"]),
                said(&["delay=1s", "task.=START"]),
                said(&["delay=1s", "task.stats=START"]),
                said(&["delay"]),
                said(&["times=3"]),
            ]
            .join("\n"),
            @r#"
        eror: no fault has that key; did you mean error?
        error=ServerEror: no error code is called "ServerEror"; did you mean ServerError? (one of your own: { status: 400, code: ServerEror, message: … })
        times=many: expected a whole number of 0 or more
        action=GetLastOnceTaskInf: no operation is called "GetLastOnceTaskInf"; did you mean GetLastOnceTaskInfo?
        delay is given twice
        delay.p50 is given twice
        delay={p50: 1s: this bracket is never closed
        task.: a part of the key is empty
        task.stats=START: there is no key "stats" here; did you mean status? Known are status, progress
        delay: expected KEY=VALUE
        the key "effect" is missing
        "#
        );
    }
}
