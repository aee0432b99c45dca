//! Makes an answer of what is written, or says what does not fit the operation and where it stands.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use serde_saphyr::Spanned;

use super::answer::{Answer, AnswerEntry};
use super::keys::{AnswerKeys, EntryKeys};
use super::placeholder::{Placeholder, TextPart, parts};
use super::template::Template;
use super::written::{TextPlace, WrittenValue, text_place};
use crate::fault::InjectedError;
use crate::operations::names;
use crate::shapes::{self, Deviation, PathStep, Shape, Wording, Writing};

/// Most entries of a sequence.
const MOST_ENTRIES: usize = 1_000;
const MOST_OPERATIONS: usize = 20;

/// Why an answer does not fit its operation, and where that stands; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) message: String,
}

/// `at` is the place of the answer.
pub(super) fn checked(keys: AnswerKeys, at: TextPlace) -> Result<Answer, Misfit> {
    let AnswerKeys { id, matches, reply, whole, error, sequence, unchecked } = keys;
    let at_match = text_place(&matches.referenced);
    let matches = matches.value.0;
    if unchecked { matches.check_caller() } else { matches.check() }.map_err(misfit(at_match))?;
    let mut actions = matches.actions().to_vec();
    actions.sort_unstable();
    actions.dedup();
    if actions.is_empty() || actions.iter().any(|action| names::is_pattern(action)) {
        let message = "an answer names its operations, as in match: { action: DescribeVulList }";
        return Err(misfit(at_match)(message.to_owned()));
    }
    // The entries are kept once for each operation, since its shape decides what they become.
    if actions.len() > MOST_OPERATIONS {
        let message = format!("an answer is for at most {MOST_OPERATIONS} operations, not {}", actions.len());
        return Err(misfit(at_match)(message));
    }
    let is_sequence = sequence.is_some();
    let written = match (sequence, WrittenForm::of(reply, whole, error)) {
        (None, Some(written)) => vec![written],
        (Some(Spanned { value: entries, referenced, .. }), None) => {
            let at = text_place(&referenced);
            if entries.is_empty() || entries.len() > MOST_ENTRIES {
                let message = format!("a sequence has 1 to {MOST_ENTRIES} entries, not {}", entries.len());
                return Err(misfit(at)(message));
            }
            let entry = |Spanned { value: EntryKeys { reply, whole, error }, referenced, .. }| {
                let message = "an entry of a sequence has exactly one of reply, whole and error";
                WrittenForm::of(reply, whole, error)
                    .ok_or_else(|| misfit(text_place(&referenced))(message.to_owned()))
            };
            entries.into_iter().map(entry).collect::<Result<_, _>>()?
        }
        _ => {
            let message = "an answer has exactly one of reply, whole, error and sequence";
            return Err(misfit(at)(message.to_owned()));
        }
    };
    let script = |action: String| {
        let shape = if unchecked { None } else { Some(documented(&action, at_match)?) };
        let shape = shape.as_ref().unwrap_or(&Shape::Any);
        let checker = Checker { action: &action, is_strict: !unchecked, shape };
        let entries = written.iter().map(|entry| checker.entry(entry)).collect::<Result<Arc<[_]>, _>>()?;
        Ok((action, entries))
    };
    let scripts = actions.into_iter().map(script).collect::<Result<_, _>>()?;
    let mut shown = Map::from_iter([("match".to_owned(), json!(matches))]);
    let entries: Vec<Map<String, Json>> = written.iter().map(WrittenForm::shown).collect();
    if is_sequence {
        shown.insert("sequence".to_owned(), json!(entries));
    } else {
        shown.extend(entries.into_iter().flatten());
    }
    if unchecked {
        shown.insert("unchecked".to_owned(), true.into());
    }
    let shown = Json::from(shown);
    let bytes = shown.to_string().len();
    Ok(Answer { id, matches, scripts, is_sequence, shown, bytes })
}

/// The shape of what an operation replies.
fn documented(action: &str, at: TextPlace) -> Result<Shape, Misfit> {
    shapes::find(action).map(|found| found.reply).ok_or_else(|| {
        misfit(at)(format!(
            "what {action:?} replies is not documented here; unchecked: true takes it as it stands"
        ))
    })
}

fn misfit((line, column): TextPlace) -> impl Fn(String) -> Misfit {
    move |message| Misfit { line, column, message }
}

/// What one call gets, as it is written.
enum WrittenForm {
    Reply(WrittenValue),
    Whole(WrittenValue),
    Error(InjectedError),
}

impl WrittenForm {
    /// None unless it is exactly one of them.
    fn of(
        reply: Option<WrittenValue>,
        whole: Option<WrittenValue>,
        error: Option<InjectedError>,
    ) -> Option<Self> {
        match (reply, whole, error) {
            (Some(reply), None, None) => Some(Self::Reply(reply)),
            (None, Some(whole), None) => Some(Self::Whole(whole)),
            (None, None, Some(error)) => Some(Self::Error(error)),
            _ => None,
        }
    }

    fn shown(&self) -> Map<String, Json> {
        let (key, value) = match self {
            Self::Reply(value) => ("reply", value.json()),
            Self::Whole(value) => ("whole", value.json()),
            Self::Error(error) => ("error", json!(error)),
        };
        Map::from_iter([(key.to_owned(), value)])
    }
}

/// Holds what is written against one operation.
struct Checker<'c> {
    action: &'c str,
    /// Whether names that are not documented are refused.
    is_strict: bool,
    shape: &'c Shape,
}

impl Checker<'_> {
    fn entry(&self, written: &WrittenForm) -> Result<AnswerEntry, Misfit> {
        match written {
            WrittenForm::Reply(value) => self.template("reply", value, true).map(AnswerEntry::Reply),
            WrittenForm::Whole(value) => self.template("whole", value, false).map(AnswerEntry::Whole),
            WrittenForm::Error(error) => Ok(AnswerEntry::Error(Box::new(error.error()))),
        }
    }

    fn template(&self, key: &str, value: &WrittenValue, removes: bool) -> Result<Template, Misfit> {
        let refused = |Deviation { path, is_name, message }: Deviation| {
            let shown = if is_name { &path[..path.len() - 1] } else { &path[..] };
            let place = format!("{key}{} of {}", json_path(shown), self.action);
            misfit(value.place(&path, is_name))(format!("{place}: {message}"))
        };
        let json = value.json();
        if !value.is_object() {
            return Err(refused(Deviation {
                path: Vec::new(),
                is_name: false,
                message: "expected the members of a reply, such as { TotalCount: 0 }".to_owned(),
            }));
        }
        self.placeholders(&json, &mut Vec::new()).map_err(refused)?;
        let writing = Writing { removes, wording: &wording };
        writing.check(&json, self.shape).map_err(|deviation| {
            let refused = refused(deviation);
            let is_final = writing.check(&json, &Shape::Any).is_err();
            let hint = if is_final { "" } else { " (unchecked: true takes it as it stands)" };
            Misfit { message: format!("{}{hint}", refused.message), ..refused }
        })?;
        Template::new(&json, self.shape, "").map_err(misfit(value.place(&[], false)))
    }

    /// Checks every placeholder in a value; `path` is where that value is.
    fn placeholders(&self, value: &Json, path: &mut Vec<PathStep>) -> Result<(), Deviation> {
        match value {
            Json::String(text) => self.placeholders_of(text).map_err(|message| Deviation {
                path: path.clone(),
                is_name: false,
                message,
            }),
            Json::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
                path.push(PathStep::Item(index));
                self.placeholders(item, path)?;
                path.pop();
                Ok(())
            }),
            Json::Object(members) => members.iter().try_for_each(|(name, value)| {
                path.push(PathStep::Member(name.clone()));
                self.placeholders(value, path)?;
                path.pop();
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    fn placeholders_of(&self, text: &str) -> Result<(), String> {
        for part in parts(text)? {
            if let (TextPart::Filled(Placeholder::Param(name)), true) = (part, self.is_strict) {
                names::check_params(&[self.action], [name.as_str()].into_iter())?;
            }
        }
        Ok(())
    }
}

fn wording(text: &str) -> Wording {
    match parts(text).as_deref() {
        Ok([TextPart::Filled(_)]) => Wording::Open,
        Ok([TextPart::Fixed(_)]) | Err(_) => Wording::Fixed,
        Ok(_) => Wording::Partial,
    }
}

/// As in `reply.VulRecords[0].Name`.
fn json_path(path: &[PathStep]) -> String {
    let step = |step: &PathStep| match step {
        PathStep::Member(name) => format!(".{name}"),
        PathStep::Item(index) => format!("[{index}]"),
    };
    path.iter().map(step).collect()
}
