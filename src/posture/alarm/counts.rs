//! How many alarms of a server are not over, by level.

use std::collections::HashMap;

use super::changes::AlarmChanges;
use super::drawn::Alarms;

/// Counted once for many servers.
#[derive(Debug)]
pub(crate) struct AlarmCounts<'a, 'f> {
    alarms: &'a Alarms<'f>,
    over: HashMap<u32, [u32; 3]>,
}

impl<'f> Alarms<'f> {
    pub(crate) fn counts<'a>(&'a self, changes: &AlarmChanges) -> AlarmCounts<'a, 'f> {
        let mut over = HashMap::<u32, [u32; 3]>::new();
        let ended = changes.iter().filter(|(_, handling)| handling.status().is_over());
        for alarm in ended.filter_map(|(number, _)| self.get(number)) {
            over.entry(alarm.place).or_default()[alarm.kind.level as usize] += 1;
        }
        AlarmCounts { alarms: self, over }
    }
}

impl AlarmCounts<'_, '_> {
    /// Of the server at a place, in the order of the levels.
    pub(crate) fn on(&self, place: u32) -> [u32; 3] {
        let mut levels = self.alarms.levels_on(place);
        for (count, over) in levels.iter_mut().zip(self.over.get(&place).copied().unwrap_or_default()) {
            *count = count.saturating_sub(over);
        }
        levels
    }
}
