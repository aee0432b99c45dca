//! From texts to [`Scenario`]: the one call of the YAML library, and errors with file, line and column.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_saphyr::{Location, Locations};

use super::excerpt::excerpt;
use super::veil::{Veil, is_harmless};
use super::words::{plain, quoting_only};
use super::{Document, LoadError, Scenario, Source};
use crate::answers::{Answer, MOST_ANSWERS, Misfit, OneOrMoreAnswers};
use crate::fault::rule::MOST_RULES;
use crate::fault::{OneOrMoreRules, Rule};
use crate::text::erased::Erased;
use crate::text::outside::{LONGEST_MESSAGE, line};

/// A scenario file larger than this is a mistake.
pub const MAX_BYTES: usize = 1 << 20;

/// A scenario that was not read yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The name of a built-in scenario or of a file, as it was given.
    pub source: String,
    pub text: String,
}

/// Without the text: secrets stand in it.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Reads a scenario from YAML or JSON (which is YAML); `file` is for messages.
pub fn parse(file: &str, text: &str) -> Result<Scenario, LoadError> {
    together(&[Text { source: file.to_owned(), text: text.to_owned() }])
}

/// Reads scenarios and lays each over those before it. Each is checked alone, so an error is of the file it is in.
pub fn together(texts: &[Text]) -> Result<Scenario, LoadError> {
    let (mut documents, mut sources, mut expecting) = (Vec::new(), Vec::new(), None);
    for text in texts {
        let document: Document = read_as(&text.source, &text.text, Veil::over_scenario)?;
        if let Some(misfit) = document.misfit() {
            return Err(misfitting(&text.source, &Veil::over_scenario(&text.text), misfit));
        }
        expecting = document.expectation_places().map(|places| (text, places)).or(expecting);
        let written = masked(read_as(&text.source, &text.text, Veil::over_scenario)?);
        sources.push(Source { source: text.source.clone(), document: written });
        documents.push(document);
    }
    let last = texts.last().map_or("--scenario", |text| &text.source);
    let document = documents.into_iter().reduce(Document::then);
    let document = document.ok_or_else(|| LoadError::unreadable(last, "no scenario is named"))?;
    let scenario = Scenario { sources, ..document.into() };
    if scenario.faults.len() > MOST_RULES {
        let message = format!("there may be {MOST_RULES} faults at once; together there are more");
        return Err(LoadError::unreadable(last, message));
    }
    if scenario.answers.len() > MOST_ANSWERS {
        let message = format!("there may be {MOST_ANSWERS} answers at once; together there are more");
        return Err(LoadError::unreadable(last, message));
    }
    match (scenario.check_expectations(), expecting) {
        (Err((index, message)), Some((Text { source, text }, places))) => {
            let place = places.get(index).copied().unwrap_or((1, 1));
            Err(wrong(source, &Veil::over_scenario(text), place, message))
        }
        _ => Ok(scenario),
    }
}

pub(super) fn check_size(bytes: usize) -> Result<(), String> {
    if bytes > MAX_BYTES { Err(format!("is larger than {MAX_BYTES} bytes")) } else { Ok(()) }
}

/// Reads fault rules as the control API takes them: one, or a list; `file` is for messages.
pub fn faults(file: &str, text: &str) -> Result<Vec<Rule>, LoadError> {
    read_as(file, text, Veil::over_part).map(|OneOrMoreRules(rules)| rules)
}

/// Reads scripted answers as the control API takes them: one, or a list; `file` is for messages.
pub(crate) fn answers(file: &str, text: &str) -> Result<Vec<Answer>, LoadError> {
    let OneOrMoreAnswers(answers) = read_as(file, text, Veil::over_part)?;
    match answers.misfit() {
        Some(misfit) => Err(misfitting(file, &Veil::over_part(text), misfit)),
        None => Ok(answers.fitting()),
    }
}

/// Reads what a body of the control API says, with errors as scenarios have them.
pub fn body<T: DeserializeOwned>(text: &str) -> Result<T, LoadError> {
    part("body", text)
}

/// The same of a file that is to be such a body.
pub fn part<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, LoadError> {
    read_as(file, text, Veil::over_part)
}

fn read_as<T: DeserializeOwned>(file: &str, text: &str, veil: fn(&str) -> Veil) -> Result<T, LoadError> {
    check_size(text.len()).map_err(|message| LoadError::unreadable(file, message))?;
    // Limits far above what a scenario needs, and far below what a bomb does.
    let options = serde_saphyr::options! {
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
        },
        // Reading takes stack for each level. No reply of the service has more than 12.
        budget: serde_saphyr::budget! { max_depth: 24 },
    };
    let read = serde_saphyr::from_str_with_options(text, options).map(|Erased(value)| value);
    read.map_err(|cause| {
        let veil = veil(text);
        // An error without a place has line 0.
        let place = |at: Location| (at.line().max(1), at.column().max(1));
        // Through an alias, what is wrong stands in two places.
        let places: Vec<_> = cause.locations().into_iter().flat_map(both).map(place).collect();
        let may_quote = may_quote(&veil, &places);
        let message = plain(&cause, &may_quote);
        let place = cause.location().map_or((1, 1), place);
        wrong(file, &veil, place, line(&message, LONGEST_MESSAGE).into_owned())
    })
}

/// Whether a message about these places may say a text of the document.
fn may_quote<'v>(veil: &'v Veil, places: &[(u64, u64)]) -> impl Fn(&str) -> bool + 'v {
    let is_hidden = places.iter().any(|place| veil.hides(*place)) || (places.is_empty() && veil.hides_any());
    move |text| if is_hidden { is_harmless(text) } else { veil.shows(text) }
}

fn misfitting(file: &str, veil: &Veil, Misfit { line: at, column, message }: &Misfit) -> LoadError {
    let place = (*at, *column);
    let message = quoting_only(message, &may_quote(veil, &[place]));
    wrong(file, veil, place, line(&message, LONGEST_MESSAGE).into_owned())
}

fn both(places: Locations) -> [Location; 2] {
    [places.reference_location, places.defined_location]
}

pub(super) fn wrong(file: &str, text: &Veil, (line, column): (u64, u64), message: String) -> LoadError {
    LoadError::Wrong { file: file.to_owned(), line, column, message, excerpt: excerpt(text, line, column) }
}

/// The document as it may be shown. It was checked: secrets are where the language has them.
fn masked(mut document: Value) -> Value {
    let accounts = document.get_mut("accounts").and_then(Value::as_array_mut);
    for account in accounts.into_iter().flatten() {
        for key in ["access_key_secret", "security_token"] {
            if let Some(secret) = account.get_mut(key) {
                *secret = Value::from("***");
            }
        }
    }
    document
}
