//! Errors of the YAML library in the words of the scenario language.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use crate::text::similar::nearest;

/// The message, without excerpt and position, and with the nearest valid name.
pub(super) fn plain(cause: &Error) -> String {
    let message = match cause {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => return plain(error),
        Error::SerdeUnknownField { field, expected, .. } => {
            return format!("there is no key {field:?} here{}", choice(field, expected));
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            return format!("{variant:?} is not known here{}", choice(variant, expected));
        }
        Error::SerdeMissingField { field, .. } => return format!("the key {field:?} is missing"),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            return format!("expected {}, not {}", wanted(expected), found(unexpected));
        }
        Error::SerdeInvalidLength { len, expected, .. } => {
            return format!("expected {}, not {len} of them", wanted(expected));
        }
        Error::InvalidScalar { ty: expected, .. } | Error::Unexpected { expected, .. } => {
            return format!("expected {}", wanted(expected));
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            return format!("the key {key:?} stands here twice");
        }
        Error::DuplicateMappingKey { key: None, .. } => "a key stands here twice",
        Error::InvalidBooleanStrict { .. } => "expected true or false",
        Error::NullIntoString { .. } => "expected a text, not nothing; \"\" is an empty one",
        Error::UnexpectedValueForUnitEnumVariant { .. } => "this word takes no value",
        Error::UnknownAnchor { .. } => {
            "there is no anchor for this alias; a * that is meant as a text needs quotes: \"*\""
        }
        Error::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            "only one of these may stand here; take the others out"
        }
        Error::MultipleDocuments { .. } => "a file holds one document; this begins a second one",
        Error::Eof { .. } => "the file is empty, or ends too early",
        Error::NonFiniteFloat { .. } => "expected a finite number",
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            "its aliases (*name) stand for too much; write out what is meant"
        }
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => "it is nested too deeply",
            BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. } => {
                "it has too many anchors (&name) or aliases (*name)"
            }
            _ => "it has too many parts for a scenario",
        },
        other => {
            let text = other.without_snippet().to_string();
            let text = text.split(" at line ").next().unwrap_or_default().trim_end_matches(':');
            let known = JARGON.iter().find(|(jargon, _)| text.contains(jargon));
            return known.map_or(text, |(_, plain)| plain).to_owned();
        }
    };
    message.to_owned()
}

/// Parts of messages of the YAML library, and what an author can do about it.
const JARGON: &[(&str, &str)] = &[
    (
        "mapping values are not allowed",
        "a text with a colon in it needs quotes; or this line is indented wrongly",
    ),
    ("simple key expected", "expected a colon after this key"),
    ("tabs disallowed", "indent with spaces, not with tabs"),
    ("misplaced bracket", "this bracket closes nothing"),
    ("unclosed bracket", "this bracket is never closed"),
    ("unclosed quote", "this quote is never closed"),
    ("did not find expected key", "this line is indented unlike its neighbours"),
    ("did not find expected ',' or '}'", "expected ',' or '}' before this"),
    ("did not find expected ',' or ']'", "expected ',' or ']' before this"),
    ("externally tagged enum expected", "expected a text, or one key with its value"),
    (r#"in the "friendly" duration format"#, "expected a length of time such as 2s, 1m 30s, 6h or 3650d"),
];

/// The nearest of the known names first, then all of them.
fn choice(name: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(name, known.iter().copied()) {
        _ if known.is_empty() => String::new(),
        Some(nearest) => format!("; did you mean {nearest}? Known are {all}"),
        None => format!("; known are {all}"),
    }
}

/// What serde and the YAML library call what they want.
fn wanted(expected: &str) -> &str {
    match expected {
        "bool" | "a boolean" | "boolean" => "true or false",
        "f64" | "f32" | "floating point" => "a number",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of 0 or more",
        "i64" | "i32" => "a whole number",
        "a nonzero u32" => "a whole number from 1 to 4294967295",
        "a string" | "string" | "string scalar" | "scalar" => "a text",
        "a sequence" | "sequence start" | "sequence" => "a list",
        "a map" | "mapping start" | "mapping" => "keys and values",
        "an array of length 2" => "a list of two",
        other => other,
    }
}

/// What serde calls what it found; a value stands in backticks.
fn found(unexpected: &str) -> &str {
    match unexpected {
        "sequence" => "a list",
        "map" => "keys and values",
        "unit value" | "unit" | "null" | "Option value" => "nothing",
        other => other.split('`').nth(1).or(other.strip_prefix("string ")).unwrap_or(other),
    }
}
