//! The answers of a session and how often each was given: the one part of answers that changes.
//!
//! Invariant: a call is counted under one lock, so a sequence is exact however many call at once; nothing waits under it.
//! Lock order: the account, then the book. The book locks no account; `task` reads one that its caller holds.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::answer::{Answer, AnswerEntry};
use super::counters::{AnswerCounters, AnswerHits};
use super::list::MOST_ANSWERS;
use crate::domain::State;
use crate::domain::keyring::is_possible_id;
use crate::protocol::Call;

/// Most bytes of all answers, as they are written.
const MOST_BYTES: usize = 16 << 20;

/// The answers of a session, in order; the first that matches a call is given.
#[derive(Debug)]
pub(crate) struct AnswerBook {
    held: Mutex<BookContent>,
    /// Whether there are answers at all: most sessions have none, and their calls take no lock for it.
    is_any: AtomicBool,
    /// Whether an answer may look at tasks: then the task of a call is found before the lock is taken.
    looks_at_tasks: AtomicBool,
}

#[derive(Debug)]
struct BookContent {
    /// What a reset goes back to.
    first: Vec<Answer>,
    counted: Vec<CountedAnswer>,
}

#[derive(Debug)]
struct CountedAnswer {
    answer: Answer,
    hits: AnswerHits,
}

/// What one call gets.
#[derive(Debug)]
pub(crate) struct GivenAnswer {
    entries: Arc<[AnswerEntry]>,
    place: usize,
}

impl GivenAnswer {
    pub(crate) fn entry(&self) -> &AnswerEntry {
        &self.entries[self.place]
    }
}

/// A scripted answer, and what it did so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AnswerReport {
    /// Its name.
    pub id: String,
    /// The answer, as it may be written, without its name.
    pub answer: serde_json::Value,
    /// Calls that it was given to.
    pub hits: u64,
    /// The number, from 1, of the entry of its sequence that the next call gets: of the account that is asked for, else of
    /// the account that is furthest. None if it is no sequence.
    pub position: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddAnswerError {
    #[error("an answer is called {0:?} already")]
    Taken(String),
    #[error("there may be {MOST_ANSWERS} answers at once")]
    TooMany,
    #[error("all answers together may have {MOST_BYTES} bytes")]
    TooLarge,
}

impl AnswerBook {
    pub(crate) fn new(answers: Vec<Answer>) -> Self {
        let first = named(answers, &HashSet::new());
        Self::of(BookContent { counted: first.iter().cloned().map(CountedAnswer::new).collect(), first })
    }

    fn of(content: BookContent) -> Self {
        let book = Self {
            held: Mutex::new(content),
            is_any: AtomicBool::default(),
            looks_at_tasks: AtomicBool::default(),
        };
        book.note(&book.lock());
        book
    }

    fn is_any(&self) -> bool {
        self.is_any.load(Ordering::Relaxed)
    }

    /// What a call gets, and counts it; none if no answer matches. `task` is called for the task that the call is about, at
    /// most once, and only if some answer looks at tasks.
    pub(crate) fn give(
        &self,
        call: &Call<'_>,
        account: &str,
        task: impl FnOnce() -> Option<State>,
    ) -> Option<GivenAnswer> {
        if !self.is_any() {
            return None;
        }
        let task = LazyCell::new(task);
        if self.looks_at_tasks.load(Ordering::Relaxed) {
            // Finding it may take long, and other accounts would wait. An answer that is added just now finds it later.
            LazyCell::force(&task);
        }
        let counted = &mut self.lock().counted;
        let CountedAnswer { answer, hits } =
            counted.iter_mut().find(|counted| counted.answer.matches.covers(call, account, || *task))?;
        let (entries, place) = answer.entry(call.action, hits.count(account))?;
        Some(GivenAnswer { entries: Arc::clone(entries), place })
    }

    pub(crate) fn reports(&self, account: Option<&str>) -> Vec<AnswerReport> {
        let report = |CountedAnswer { answer, hits }: &CountedAnswer| AnswerReport {
            id: answer.id.clone(),
            answer: answer.shown.clone(),
            hits: hits.sum(account),
            position: answer.position(hits.furthest(account)),
        };
        self.lock().counted.iter().map(report).collect()
    }

    /// Adds further answers behind the others, all of them or none; their names.
    pub(crate) fn add(&self, answers: Vec<Answer>) -> Result<Vec<String>, AddAnswerError> {
        let mut content = self.lock();
        let counted = &mut content.counted;
        let taken = counted.iter().map(|counted| counted.answer.id.as_str()).collect();
        let answers = named(answers, &taken);
        if let Some(answer) = answers.iter().find(|answer| taken.contains(answer.id.as_str())) {
            return Err(AddAnswerError::Taken(answer.id.clone()));
        }
        if counted.len() + answers.len() > MOST_ANSWERS {
            return Err(AddAnswerError::TooMany);
        }
        let all = counted.iter().map(|counted| &counted.answer).chain(&answers);
        if all.map(|answer| answer.bytes).sum::<usize>() > MOST_BYTES {
            return Err(AddAnswerError::TooLarge);
        }
        let names = answers.iter().map(|answer| answer.id.clone()).collect();
        counted.extend(answers.into_iter().map(CountedAnswer::new));
        self.note(&content);
        Ok(names)
    }

    pub(crate) fn replace(&self, answers: Vec<Answer>) {
        let mut content = self.lock();
        content.counted = named(answers, &HashSet::new()).into_iter().map(CountedAnswer::new).collect();
        self.note(&content);
    }

    /// Takes out the answers for which `is_meant` holds; how many there were.
    pub(crate) fn remove(&self, is_meant: impl Fn(&Answer) -> bool) -> usize {
        let mut content = self.lock();
        let before = content.counted.len();
        content.counted.retain(|counted| !is_meant(&counted.answer));
        self.note(&content);
        before - content.counted.len()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.lock().counted.iter().map(|counted| counted.answer.id.clone()).collect()
    }

    /// Error codes of the answers and of those that a reset goes back to.
    pub(crate) fn codes(&self) -> Vec<String> {
        let BookContent { counted, first } = &*self.lock();
        let answers = counted.iter().map(|counted| &counted.answer).chain(first);
        answers.flat_map(Answer::codes).map(str::to_owned).collect()
    }

    pub(crate) fn counters(&self) -> AnswerCounters {
        self.lock().counted.iter().map(|counted| (counted.answer.id.clone(), counted.hits.clone())).collect()
    }

    /// A new book with the same answers, the same answers of the start, and these counts. Answers that are not among them
    /// begin anew. Also the names of counted answers that are not here; those counts are lost.
    pub(crate) fn resumed(&self, mut counters: AnswerCounters) -> (Self, Vec<String>) {
        let BookContent { first, counted } = &*self.lock();
        let resume = |CountedAnswer { answer, .. }: &CountedAnswer| {
            let mut hits = counters.remove(&answer.id).unwrap_or_default();
            hits.accounts.retain(|account, _| is_possible_id(account));
            CountedAnswer { answer: answer.clone(), hits }
        };
        let counted = counted.iter().map(resume).collect();
        (Self::of(BookContent { first: first.clone(), counted }), counters.into_keys().collect())
    }

    /// One account begins anew: its counts, and without the answers that were added later for its calls alone.
    pub(crate) fn forget(&self, account: &str) {
        let mut content = self.lock();
        let BookContent { counted, first } = &mut *content;
        counted.retain(|CountedAnswer { answer, .. }| {
            answer.matches.account.as_deref() != Some(account)
                || first.iter().any(|first| first.id == answer.id)
        });
        for counted in counted {
            counted.hits.forget(account);
        }
        self.note(&content);
    }

    /// An account was evicted: it begins anew when it calls again, under the same answers.
    pub(crate) fn evict(&self, account: &str) {
        for counted in &mut self.lock().counted {
            counted.hits.evict(account);
        }
    }

    /// The accounts that answers name.
    pub(crate) fn named_accounts(&self) -> HashSet<String> {
        self.lock().counted.iter().filter_map(|counted| counted.answer.matches.account.clone()).collect()
    }

    fn note(&self, content: &BookContent) {
        let looks = content.counted.iter().any(|counted| counted.answer.matches.task.is_some());
        self.looks_at_tasks.store(looks, Ordering::Relaxed);
        self.is_any.store(!content.counted.is_empty(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, BookContent> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CountedAnswer {
    fn new(answer: Answer) -> Self {
        Self { answer, hits: AnswerHits::default() }
    }
}

/// Gives `answer-1`, `answer-2` and so on to those that have no name, leaving out what is taken.
fn named(mut answers: Vec<Answer>, taken: &HashSet<&str>) -> Vec<Answer> {
    let given: HashSet<String> = answers.iter().map(|answer| answer.id.clone()).collect();
    let mut free = (1..)
        .map(|number| format!("answer-{number}"))
        .filter(|name| !given.contains(name) && !taken.contains(name.as_str()));
    for answer in answers.iter_mut().filter(|answer| answer.id.is_empty()) {
        answer.id = free.next().unwrap_or_default();
    }
    answers
}
