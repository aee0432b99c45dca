//! Where calls are drawn: each on its own while there is room, and the calls of a crowded column counted by kind of answer.

use std::collections::HashSet;

use super::axis::Axis;
use super::build::{Lane, Timeline};
use crate::journal::CallRecord;

/// How a call was answered, as a picture tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Answered {
    Well,
    /// 4xx, and escaped calls.
    Refused,
    /// 5xx.
    Failed,
    Broken,
    /// Not yet.
    InFlight,
}

/// One or several calls, where they are drawn.
#[derive(Debug)]
pub(super) struct Placed<'t> {
    pub(super) x: f64,
    /// Where the last of them ended.
    pub(super) end: f64,
    /// From the bottom.
    pub(super) level: usize,
    pub(super) answered: Answered,
    /// At least one; in the order of arrival.
    pub(super) calls: Vec<&'t CallRecord>,
}

/// Most calls above one another.
pub(super) const LEVELS: usize = 5;
/// Most marks of one picture.
const MOST_MARKS: usize = 2_000;
/// What one mark takes.
const MARK_WIDTH: f64 = 8.0;

impl Answered {
    pub(super) const ALL: [Self; 5] = [Self::Well, Self::Refused, Self::Failed, Self::Broken, Self::InFlight];

    pub(super) fn of(call: &CallRecord) -> Self {
        match call.status() {
            _ if call.is_in_flight() => Self::InFlight,
            None => Self::Broken,
            Some(500..) => Self::Failed,
            Some(400..) => Self::Refused,
            Some(_) => Self::Well,
        }
    }

    /// As classes, names of marks and JSON have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::InFlight => "open",
        }
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Well => "answered",
            Self::Refused => "refused (4xx)",
            Self::Failed => "failed (5xx)",
            Self::Broken => "connection broken",
            Self::InFlight => "in flight",
        }
    }
}

/// The marks of each lane. `pinned` are numbers of calls that have marks of their own whatever the crowd.
pub(super) fn place<'t>(timeline: &'t Timeline, axis: &Axis, pinned: &HashSet<u64>) -> Vec<Vec<Placed<'t>>> {
    let mut width = MARK_WIDTH;
    loop {
        let lanes: Vec<Vec<Placed<'t>>> =
            timeline.lanes.iter().map(|lane| place_lane(lane, axis, pinned, width)).collect();
        let count: usize = lanes.iter().map(Vec::len).sum();
        if count <= MOST_MARKS + pinned.len() || width > 1e4 {
            return lanes;
        }
        width *= 2.0;
    }
}

fn place_lane<'t>(lane: &'t Lane, axis: &Axis, pinned: &HashSet<u64>, width: f64) -> Vec<Placed<'t>> {
    let mut placed = Vec::new();
    // Up to where each level is taken.
    let mut taken = [f64::MIN; LEVELS];
    let column = |call: &CallRecord| (axis.x(call.arrived) / width).floor();
    for calls in lane.calls.chunk_by(|one, other| column(one) == column(other)) {
        let is_alone = |call: &&CallRecord| calls.len() <= LEVELS || pinned.contains(&call.sequence);
        let (alone, crowd): (Vec<&CallRecord>, Vec<_>) = calls.iter().map(AsRef::as_ref).partition(is_alone);
        let crowds = Answered::ALL.map(|answered| {
            crowd.iter().copied().filter(|call| Answered::of(call) == answered).collect::<Vec<_>>()
        });
        for calls in crowds.into_iter().chain(alone.into_iter().map(|call| vec![call])) {
            placed.extend(Placed::on_a_free_level(calls, axis, &mut taken));
        }
    }
    placed
}

impl<'t> Placed<'t> {
    fn on_a_free_level(calls: Vec<&'t CallRecord>, axis: &Axis, taken: &mut [f64; LEVELS]) -> Option<Self> {
        let first = calls.first()?;
        let (x, answered) = (axis.x(first.arrived), Answered::of(first));
        let end = calls.iter().filter_map(|call| call.finished()).map(|end| axis.x(end)).fold(x, f64::max);
        let least = || taken.iter().enumerate().min_by(|(_, one), (_, other)| one.total_cmp(other));
        let free = taken.iter().position(|taken| *taken <= x);
        let level = free.or_else(|| least().map(|(level, _)| level))?;
        // With the count beside it, or the line to its end.
        let right = match calls.len() {
            1 => end,
            count => x + if count < 100 { 14.0 } else { 26.0 },
        };
        *taken.get_mut(level)? = (x + MARK_WIDTH).max(right + 2.0);
        Some(Self { x, end, level, answered, calls })
    }
}
