//! When a task clock showed a time, as far as clients could see: between calls and commands, which say what it showed.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::journal::{CallRecord, CommandRecord};

/// What an account's task clock showed at known real times, in order. Neither ever falls: what was before a reset, which
/// turns the task clock back, is left out.
#[derive(Debug, Default)]
pub(super) struct Readings(Vec<Known>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) at: SignedDuration,
    pub(super) shown: Timestamp,
    pub(super) source: ReadingSource,
}

/// What told what the clock showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadingSource {
    /// The call at this place of the lane.
    Call(usize),
    /// The command at this place.
    Command {
        place: usize,
        moves: bool,
    },
    Present,
}

impl Readings {
    /// From the calls of an account, the commands for it, and the present reading. Of an account with a clock of its own, a
    /// command for all accounts tells only that the clock may have moved: to what the next reading shows.
    pub(super) fn new(
        calls: &[Arc<CallRecord>],
        commands: &[&CommandRecord],
        present: Option<(SignedDuration, Timestamp)>,
        has_own_clock: bool,
    ) -> Self {
        let is_foreign = |known: &Known| match known.source {
            ReadingSource::Command { place, .. } => {
                has_own_clock && commands.get(place).is_some_and(|command| command.account.is_none())
            }
            _ => false,
        };
        let calls = calls.iter().enumerate().map(|(place, call)| Known {
            at: call.arrived,
            shown: call.task_time,
            source: ReadingSource::Call(place),
        });
        let told = commands.iter().enumerate().map(|(place, command)| Known {
            at: command.at,
            shown: command.task_time,
            source: ReadingSource::Command { place, moves: moves_the_clock(command) },
        });
        let present = present.map(|(at, shown)| Known { at, shown, source: ReadingSource::Present });
        let mut known: Vec<Known> = calls.chain(told).chain(present).collect();
        known.sort_by_key(|known| known.at);
        let mut next = None;
        for known in known.iter_mut().rev() {
            if is_foreign(known) {
                known.shown = next.unwrap_or(known.shown);
            }
            next = Some(known.shown);
        }
        let falls = known.windows(2).rposition(|pair| pair[1].shown < pair[0].shown);
        if let Some(last) = falls {
            known.drain(..=last);
        }
        Self(known)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.0.iter()
    }

    /// The real time from which on it showed a time; none if that was before all that is known, or will be.
    pub(super) fn first_at(&self, time: Timestamp) -> Option<SignedDuration> {
        let place = self.place_of(time);
        let next = self.0.get(place)?;
        let Some(last) = place.checked_sub(1).and_then(|place| self.0.get(place)) else {
            return (next.shown == time).then_some(next.at);
        };
        // A command made it jump there; or no client could see it in between.
        if matches!(next.source, ReadingSource::Command { moves: true, .. }) || next.shown == time {
            return Some(next.at);
        }
        let whole = next.shown.duration_since(last.shown).as_secs_f64();
        let part = time.duration_since(last.shown).as_secs_f64() / whole;
        Some(last.at + next.at.saturating_sub(last.at).mul_f64(part))
    }

    /// What is known of the real times at which it showed exactly that.
    pub(super) fn showing(&self, time: Timestamp) -> &[Known] {
        let first = self.place_of(time);
        let count = self.0[first..].partition_point(|known| known.shown == time);
        &self.0[first..first + count]
    }

    /// What it showed at a real time; none outside of what is known.
    pub(super) fn shown_at(&self, at: SignedDuration) -> Option<Timestamp> {
        let place = self.0.partition_point(|known| known.at <= at);
        let last = self.0.get(place.checked_sub(1)?)?;
        let Some(next) = self.0.get(place) else { return (last.at == at).then_some(last.shown) };
        if matches!(next.source, ReadingSource::Command { moves: true, .. }) {
            return Some(last.shown);
        }
        let part = at.saturating_sub(last.at).as_secs_f64() / next.at.saturating_sub(last.at).as_secs_f64();
        last.shown.checked_add(next.shown.duration_since(last.shown).mul_f64(part)).ok()
    }

    fn place_of(&self, time: Timestamp) -> usize {
        self.0.partition_point(|known| known.shown < time)
    }
}

fn moves_the_clock(command: &CommandRecord) -> bool {
    let mut words = command.command.split(' ');
    words.next() == Some("clock") && matches!(words.next(), Some("advance" | "set"))
}
