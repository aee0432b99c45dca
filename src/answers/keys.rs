//! `answers:` as documents write it: the keys of an answer and of an entry of a sequence.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::written::WrittenValue;
use crate::fault::{InjectedError, UncheckedMatch, rule_id};
#[cfg(feature = "cli")]
use crate::text::{KeyNames, fields::fields};

/// One answer: which calls it is for, and one of `reply`, `whole`, `error` and `sequence`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[serde(expecting = "an answer such as { match: { action: DescribeVulList }, reply: { TotalCount: 0 } }")]
pub(super) struct AnswerKeys {
    /// What lists call it. An answer without one gets it when it is added.
    #[serde(default, deserialize_with = "rule_id")]
    #[cfg_attr(test, schemars(with = "Option<String>", length(min = 1, max = 80)))]
    #[cfg_attr(test, schemars(regex(pattern = "^[^/]*$")))]
    pub(super) id: String,
    /// Which calls it is for; it names their operation.
    #[serde(rename = "match")]
    #[cfg_attr(test, schemars(with = "crate::fault::Match"))]
    pub(super) matches: Spanned<UncheckedMatch>,
    /// Members that are laid over the modelled or shaped reply; `null` takes one out, lists replace.
    #[cfg_attr(test, schemars(with = "Option<schema::ReplyMembers>"))]
    pub(super) reply: Option<WrittenValue>,
    /// All members of the reply but its `RequestId`; the operation is not performed.
    #[cfg_attr(test, schemars(with = "Option<schema::ReplyMembers>"))]
    pub(super) whole: Option<WrittenValue>,
    /// An error instead of a reply; the operation is not performed.
    pub(super) error: Option<InjectedError>,
    /// The first call of an account gets the first of these, the second the second, all after the last the last.
    #[cfg_attr(test, schemars(with = "Option<Vec<EntryKeys>>", length(min = 1, max = 1_000)))]
    pub(super) sequence: Option<Spanned<Vec<Spanned<EntryKeys>>>>,
    /// Takes members, types, words and parameters that are not documented.
    #[serde(default)]
    pub(super) unchecked: bool,
}

/// The keys of an answer, by the part that they are of; those of the answer itself are of none.
#[cfg(feature = "cli")]
pub(crate) fn keys() -> [(&'static str, KeyNames); 2] {
    [("", fields::<AnswerKeys>()), ("match", fields::<UncheckedMatch>())]
}

/// One entry of a sequence.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
#[serde(deny_unknown_fields, expecting = "an entry such as { reply: { TotalCount: 0 } }")]
pub(super) struct EntryKeys {
    /// Members that are laid over the modelled or shaped reply.
    #[cfg_attr(test, schemars(with = "Option<schema::ReplyMembers>"))]
    pub(super) reply: Option<WrittenValue>,
    /// All members of the reply.
    #[cfg_attr(test, schemars(with = "Option<schema::ReplyMembers>"))]
    pub(super) whole: Option<WrittenValue>,
    /// An error instead of a reply.
    pub(super) error: Option<InjectedError>,
}

#[cfg(test)]
pub(super) mod schema {
    use crate::text::schema::described;

    pub(crate) struct ReplyMembers;

    described! {
        ReplyMembers = schemars::json_schema!({
            "description": "Members of a reply.",
            "type": "object",
            "examples": [{ "TotalCount": 0 }],
        });
    }
}
