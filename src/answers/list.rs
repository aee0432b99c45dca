//! Lists of answers as they are read: each is checked, and what does not fit is kept with its place.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::answer::Answer;
use super::check::{Misfit, checked};
use super::keys::AnswerKeys;
use super::written::text_place;

pub(crate) const MOST_ANSWERS: usize = 1_000;

/// An answer as it is read. It is checked when the number of all is known, since checking takes longer than reading.
type ReadAnswer = Spanned<AnswerKeys>;

/// Answers in order, of which no two have the same name.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Vec<AnswerKeys>"))]
#[serde(try_from = "Vec<ReadAnswer>")]
pub(crate) struct Answers(
    // A misfit is kept until it can be reported with its own place: an error of the reader would have that of the whole answer.
    Vec<Result<Answer, Misfit>>,
);

impl TryFrom<Vec<ReadAnswer>> for Answers {
    type Error = String;

    fn try_from(answers: Vec<ReadAnswer>) -> Result<Self, String> {
        if answers.len() > MOST_ANSWERS {
            return Err(format!("there may be {MOST_ANSWERS} answers at once, not {}", answers.len()));
        }
        let check = |Spanned { value, referenced, .. }: ReadAnswer| checked(value, text_place(&referenced));
        let answers: Vec<_> = answers.into_iter().map(check).collect();
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
