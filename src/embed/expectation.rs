//! What a test expects of its calls: a selector, and what must hold for the calls that it matches.

use super::error::or_panic;
use crate::expect::{self, Demand, Milestone, Misbehaviour, Selector, StatusPattern};
use crate::text::bounds::Count;

/// Calls of some kind, and what must hold for them: that there is at least one, unless a demand says otherwise. Made by
/// [`calls()`].
#[derive(Debug, Clone)]
#[must_use = "it is for verify, expect or wait_for"]
pub struct Expectation {
    pub(super) selector: Selector,
    pub(super) count: Option<Count>,
    demands: Vec<Demand>,
}

/// Calls of an operation, whose name may have `*` and `?` in it: the beginning of an [`Expectation`]. Panics if there is no
/// such operation: that it was not called would always be true.
///
/// ```
/// use sas_emulator::calls;
///
/// let polls = calls("GetLastOnceTaskInfo").with("TaskType", "IMAGE_*").class(2).times(3..=5);
/// ```
#[track_caller]
pub fn calls(operation: &str) -> Expectation {
    let action = Some(operation.to_owned()).filter(|action| action != "*");
    let selector = Selector { action, ..Selector::default() };
    Expectation { selector, count: None, demands: Vec::new() }.checked()
}

impl Expectation {
    /// That have this parameter, with a value like this; `*` and `?` are wild. Panics if the operation has no such parameter,
    /// or there is no such `TaskType`.
    #[track_caller]
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.selector.params.insert(parameter.to_owned(), value.to_owned());
        self.checked()
    }

    /// With this HTTP status in their response.
    pub fn status(mut self, status: u16) -> Self {
        self.selector.status = Some(StatusPattern::Exactly(status));
        self
    }

    /// With an HTTP status of this class, which is its first digit.
    pub fn class(mut self, digit: u16) -> Self {
        self.selector.status = Some(StatusPattern::Class(digit));
        self
    }

    /// Without a response: the connection was broken instead.
    pub fn unanswered(mut self) -> Self {
        self.selector.status = Some(StatusPattern::Nothing);
        self
    }

    /// With this error code in their response, `*` and `?` being wild. One that does not exist is refused when the
    /// expectation is judged.
    pub fn code(mut self, code: &str) -> Self {
        self.selector.code = Some(code.to_owned());
        self
    }

    /// For which a fault of this name fired, `*` and `?` being wild. One that does not exist is refused when the
    /// expectation is judged.
    pub fn fault(mut self, name: &str) -> Self {
        self.selector.fault = Some(name.to_owned());
        self
    }

    /// How many: `3`, `3..=5`, `3..`, `..=5`.
    pub fn times(mut self, count: impl Into<Count>) -> Self {
        self.count = Some(count.into());
        self
    }

    /// The real time from each such call to the next of its account: `">=1s"`, `"<=30s"`, `"1s..30s"`. Panics if that is no
    /// gap.
    #[track_caller]
    pub fn gap(mut self, gap: &str) -> Self {
        self.demands.push(Demand::Gap(or_panic(expect::gap(gap))));
        self
    }

    /// There are none after this moment.
    pub fn none_after(mut self, milestone: Milestone) -> Self {
        self.demands.push(Demand::NoCallsAfter(milestone));
        self
    }

    /// None comes before the end of the wait that the response before it demanded (`x-acs-retry-after`).
    pub fn retry_after_honoured(mut self) -> Self {
        self.demands.push(Demand::RetryAfter);
        self
    }

    /// The client never misbehaves in them, in any of the ways that docs/run.md lists.
    pub fn well_behaved(mut self) -> Self {
        self.demands.extend(Misbehaviour::ALL.map(Demand::Never));
        self
    }

    #[track_caller]
    fn checked(self) -> Self {
        or_panic(self.selector.check_api_names());
        self
    }

    /// One for each demand.
    pub(super) fn into_list(self) -> Vec<expect::Expectation> {
        let Self { selector, count, mut demands } = self;
        if count.is_some() || demands.is_empty() {
            demands.insert(0, Demand::Number(count.unwrap_or_default()));
        }
        demands.into_iter().map(|demand| expect::Expectation::Calls(selector.clone(), demand)).collect()
    }
}
