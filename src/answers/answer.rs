//! A scripted answer: for which calls it is, and what it gives them. Plain data.

use std::sync::Arc;

use serde_json::Value as Json;

use super::template::Template;
use crate::domain::ApiError;
use crate::fault::Match;

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its name; empty until it is added if the author gave none.
    pub(crate) id: String,
    pub(crate) matches: Match,
    /// What it gives, for each operation that it is for: the placeholders of each have the types of its own shape.
    pub(super) scripts: Vec<(String, Arc<[AnswerEntry]>)>,
    pub(super) is_sequence: bool,
    /// As it is written, without its name.
    pub(super) shown: Json,
    /// Of that, as text.
    pub(super) bytes: usize,
}

/// What one call gets.
#[derive(Debug)]
pub(crate) enum AnswerEntry {
    /// Laid over the modelled or shaped reply.
    Reply(Template),
    /// The whole reply; the operation is not performed.
    Whole(Template),
    /// The operation is not performed.
    Error(Box<ApiError>),
}

impl Answer {
    /// For calls of that account alone; refused if it is for another one.
    pub(crate) fn for_account(&mut self, account: &str) -> Result<(), String> {
        match self.matches.account.replace(account.to_owned()) {
            Some(other) if other != account => {
                Err(format!("the answer is for the account {other:?}, and this is {account:?}"))
            }
            _ => {
                self.shown["match"]["account"] = account.into();
                Ok(())
            }
        }
    }

    /// What the call after so many gets: the entries in order, then the last one for ever.
    pub(super) fn entry(&self, action: &str, calls: u64) -> Option<(&Arc<[AnswerEntry]>, usize)> {
        let (_, entries) = self.scripts.iter().find(|(known, _)| known == action)?;
        Some((entries, Self::place(entries.len(), calls)))
    }

    /// The number of the entry that the call after so many gets, from 1; none if it is no sequence.
    pub(super) fn position(&self, calls: u64) -> Option<usize> {
        let (_, entries) = self.scripts.first()?;
        self.is_sequence.then(|| Self::place(entries.len(), calls) + 1)
    }

    fn place(entries: usize, calls: u64) -> usize {
        usize::try_from(calls).unwrap_or(usize::MAX).min(entries.saturating_sub(1))
    }

    /// The error codes that it may answer with.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        let entries = self.scripts.first().into_iter().flat_map(|(_, entries)| entries.iter());
        entries.filter_map(|entry| match entry {
            AnswerEntry::Error(error) => Some(error.code.as_ref()),
            _ => None,
        })
    }
}
