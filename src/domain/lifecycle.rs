//! How tasks of a type behave: the template from which the [`Plan`] of a new task is drawn.

use jiff::SignedDuration;

use super::plan::{Curve, Ending, Pace, Plan};
use super::state::ScanResult;

/// A length of time: fixed when both ends are equal, else drawn once for each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub min: SignedDuration,
    pub max: SignedDuration,
}

impl Span {
    pub const fn exactly(length: SignedDuration) -> Self {
        Self { min: length, max: length }
    }
}

/// What moves tasks of this type along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    Time {
        queued: Span,
        running: Span,
    },
    /// So many looks see INIT, then START.
    Polls {
        init: u32,
        start: u32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    pub advance: Advance,
    /// `TotalCount`, if it is not simply the number of targets.
    pub targets: Option<u32>,
    pub curve: Curve,
    pub ending: Ending,
}

impl Lifecycle {
    /// The plan of a task with `targets` targets (`None`: of a kind that is not listed one by one). `draw` picks a length
    /// from a range; it is not called for fixed lengths, so that a range for one type moves no draw of another.
    pub fn plan(&self, targets: Option<u32>, mut draw: impl FnMut(Span) -> SignedDuration) -> Plan {
        let mut length = |span: Span| if span.min == span.max { span.min } else { draw(span) };
        let pace = match self.advance {
            Advance::Time { queued, running } => {
                Pace::Time { queued: length(queued), running: length(running) }
            }
            Advance::Polls { init, start } => Pace::Polls { init, start },
        };
        let targets = self.targets.or(targets).unwrap_or(Self::TARGETS);
        Plan::Course { pace, targets, curve: self.curve.clone(), ending: self.ending }
    }

    /// Time in INIT unless a scenario says otherwise: long enough to be seen, short enough to wait for.
    pub const QUEUED: Span = Span::exactly(SignedDuration::from_secs(2));
    /// Time in START unless a scenario says otherwise.
    pub const RUNNING: Span = Span::exactly(SignedDuration::from_secs(8));
    /// Targets of a task whose targets are not known one by one.
    pub const TARGETS: u32 = 5;
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            advance: Advance::Time { queued: Self::QUEUED, running: Self::RUNNING },
            targets: None,
            curve: Curve::Linear,
            ending: Ending::Success(ScanResult::Success),
        }
    }
}
