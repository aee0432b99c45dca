//! `answers:` as documents write it, and its checks: each answer is held against the shapes of its operations.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::answer::Answer;
use super::check::checked;
use super::written::{WrittenValue, text_place};
use crate::fault::{InjectedError, UncheckedMatch, rule_id};

pub(crate) const MOST_ANSWERS: usize = 1_000;

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

/// Why an answer does not fit its operation, and where that stands; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) message: String,
}

/// An answer that was read. A misfit is kept until it can be reported with its own place: an error of the reader would
/// have that of the whole answer.
#[derive(Debug, Clone)]
struct ReadAnswer(Result<Answer, Misfit>);

impl<'de> Deserialize<'de> for ReadAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value: keys, referenced, .. } = Spanned::deserialize(deserializer)?;
        Ok(Self(checked(keys, text_place(&referenced))))
    }
}

/// Answers in order, of which no two have the same name.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Vec<AnswerKeys>"))]
#[serde(try_from = "Vec<ReadAnswer>")]
pub(crate) struct Answers(Vec<Result<Answer, Misfit>>);

impl TryFrom<Vec<ReadAnswer>> for Answers {
    type Error = String;

    fn try_from(answers: Vec<ReadAnswer>) -> Result<Self, String> {
        if answers.len() > MOST_ANSWERS {
            return Err(format!("there may be {MOST_ANSWERS} answers at once, not {}", answers.len()));
        }
        let answers: Vec<_> = answers.into_iter().map(|ReadAnswer(answer)| answer).collect();
        let mut known = HashSet::new();
        let ids = answers.iter().flatten().map(|answer| &answer.id).filter(|id| !id.is_empty());
        match ids.into_iter().find(|id| !known.insert(*id)) {
            Some(twice) => Err(format!("two answers are called {twice:?}")),
            None => Ok(Self(answers)),
        }
    }
}

impl Answers {
    /// The first one that does not fit.
    pub(crate) fn misfit(&self) -> Option<&Misfit> {
        self.0.iter().find_map(|answer| answer.as_ref().err())
    }

    /// Those that fit.
    pub(crate) fn fitting(self) -> Vec<Answer> {
        self.0.into_iter().flatten().collect()
    }

    /// With those of a later document: one of a known name takes its place, the others come last.
    #[must_use]
    pub(crate) fn overlay(mut self, later: Self) -> Self {
        for answer in later.0.into_iter().flatten() {
            let known =
                self.0.iter_mut().flatten().find(|known| !answer.id.is_empty() && known.id == answer.id);
            match known {
                Some(known) => *known = answer,
                None => self.0.push(Ok(answer)),
            }
        }
        self
    }
}

/// Answers as the control API takes them: a list, or a single one.
#[derive(Debug)]
pub(crate) struct OneOrMoreAnswers(pub(crate) Answers);

impl<'de> Deserialize<'de> for OneOrMoreAnswers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Not an untagged enum: that would forget what is wrong with the one that was meant.
        struct AnswerOrAnswers;
        impl<'de> Visitor<'de> for AnswerOrAnswers {
            type Value = Answers;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an answer, or a list of them")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Answers, A::Error> {
                Answers::deserialize(SeqAccessDeserializer::new(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Answers, A::Error> {
                // Its own place is where the text begins.
                AnswerKeys::deserialize(MapAccessDeserializer::new(members))
                    .map(|keys| Answers(vec![checked(keys, (1, 1))]))
            }
        }
        deserializer.deserialize_any(AnswerOrAnswers).map(Self)
    }
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
