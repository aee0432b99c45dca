//! Errors of the YAML library in the words of the scenario language.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

use crate::text::similar::choice;

/// The message, without excerpt and position, and with the nearest valid name. `may_quote` decides of each text from the
/// scenario whether the message says it.
pub(super) fn plain(cause: &Error, may_quote: &dyn Fn(&str) -> bool) -> String {
    let message = match cause {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => return plain(error, may_quote),
        Error::SerdeUnknownField { field, expected, .. } => {
            let what = if may_quote(field) { format!("key {field:?}") } else { "such key".to_owned() };
            return format!("there is no {what} here{}", choice(field, expected));
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            let what = if may_quote(variant) { format!("{variant:?}") } else { "this word".to_owned() };
            return format!("{what} is not known here{}", choice(variant, expected));
        }
        Error::SerdeMissingField { field, .. } => return missing(field),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            return format!("expected {}, not {}", wanted(expected), found(unexpected, may_quote));
        }
        Error::SerdeInvalidLength { len, expected, .. } => {
            return format!("expected {}, not {len} of them", wanted(expected));
        }
        Error::InvalidScalar { ty: expected, .. } | Error::Unexpected { expected, .. } => {
            return format!("expected {}", wanted(expected));
        }
        Error::DuplicateMappingKey { key: Some(key), .. } if may_quote(key) => {
            return format!("the key {key:?} stands here twice");
        }
        Error::DuplicateMappingKey { .. } => "a key stands here twice",
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
            let known = JARGON.iter().find(|(jargon, _)| text.contains(jargon)).map(|(_, plain)| *plain);
            return match (known, other) {
                (Some(known), _) => known.to_owned(),
                // One of our own, or of the parser.
                (None, Error::Message { .. } | Error::ExternalMessage { .. }) => {
                    quoting_only(text, may_quote)
                }
                // It is unknown what of it stands in the scenario.
                (None, _) => (if may_quote(text) { text } else { UNREADABLE }).to_owned(),
            };
        }
    };
    message.to_owned()
}

fn missing(key: &str) -> String {
    format!("the key {key:?} is missing")
}

/// The key that such a message is about.
#[cfg(any(test, feature = "cli"))]
pub(super) fn missing_key(message: &str) -> Option<&str> {
    message.strip_prefix("the key \"")?.strip_suffix("\" is missing")
}

/// The message with a mask for what it must not quote.
pub(super) fn quoting_only(message: &str, may_quote: &dyn Fn(&str) -> bool) -> String {
    let (mut shown, mut rest) = (String::new(), message);
    while let Some((before, quoted)) = rest.split_once('"') {
        let mut is_escaped = false;
        let end = quoted.find(|sign| {
            let is_end = sign == '"' && !is_escaped;
            is_escaped = sign == '\\' && !is_escaped;
            is_end
        });
        let (quoted, after) = end.map_or((quoted, ""), |end| quoted.split_at(end));
        shown.extend([before, "\"", if may_quote(quoted) { quoted } else { "***" }]);
        let after = after.strip_prefix('"');
        shown += after.map_or("", |_| "\"");
        rest = after.unwrap_or_default();
    }
    shown + rest
}

const UNREADABLE: &str = "this cannot be read; see whether a quote, a bracket or an indentation is wrong";

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

/// What serde calls what it found; a value stands in backticks, a text in quotes.
fn found<'a>(unexpected: &'a str, may_quote: &dyn Fn(&str) -> bool) -> &'a str {
    if let Some(kind) = kind(unexpected) {
        return kind;
    }
    let value = unexpected.split('`').nth(1).or(unexpected.strip_prefix("string ")).unwrap_or(unexpected);
    if may_quote(value.trim_matches('"')) { value } else { "this" }
}

/// What serde found, if it has no value that could be quoted.
fn kind(unexpected: &str) -> Option<&'static str> {
    match unexpected {
        "sequence" => Some("a list"),
        "map" => Some("keys and values"),
        "unit value" | "unit" | "null" | "Option value" => Some("nothing"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_read_back() {
        assert_eq!(
            (missing_key(&missing("effect")), missing_key("no key is missing")),
            (Some("effect"), None)
        );
    }

    #[test]
    fn what_is_quoted_is_masked() {
        for (message, shown) in [
            ("no quote", "no quote"),
            (r#""a\"b" is no id; expected "*""#, r#""***" is no id; expected "*""#),
            (r#"an end "that is missing"#, r#"an end "***"#),
            (r#""ExportVul" and "x""#, r#""ExportVul" and "***""#),
        ] {
            assert_eq!(quoting_only(message, &|quoted| ["*", "ExportVul"].contains(&quoted)), shown);
        }
    }
}
