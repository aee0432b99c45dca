//! Which alarms a caller asks for, and where they are in time.

use std::ops::Range;

use jiff::Timestamp;

use super::changes::{AlarmChanges, AlarmHandling};
use super::drawn::{Alarm, Alarms, SLOTS};
use super::kinds::{ALARM_KINDS, AlarmKind};
use super::row::AlarmRow;

/// What is wanted of alarms. What the default wants is every alarm.
pub(crate) struct AlarmChoice<'c> {
    kinds: u64,
    /// The places of servers, ascending; none for all.
    places: Option<Vec<u32>>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// One alarm, if it is found; none of them if it is not.
    number: Option<Option<u32>>,
    /// By what was done with an alarm, if anything was.
    handled: Box<dyn Fn(Option<&AlarmHandling>) -> bool + 'c>,
}

/// The alarms of a choice, in the order of time or of their handling.
#[derive(Debug)]
pub(crate) struct AlarmSelection<'a, 'f> {
    alarms: &'a Alarms<'f>,
    chosen: Chosen,
    newest_first: bool,
}

#[derive(Debug)]
enum Chosen {
    /// A row, without those at these indexes, ascending.
    Row(AlarmRow, Vec<u32>),
    Listed(Vec<u32>),
}

impl Default for AlarmChoice<'_> {
    fn default() -> Self {
        Self {
            kinds: u64::MAX,
            places: None,
            since: None,
            until: None,
            number: None,
            handled: Box::new(|_| true),
        }
    }
}

impl<'c> AlarmChoice<'c> {
    /// Those that wait or are being handled.
    pub(crate) fn open() -> Self {
        Self::default().handled(|handling| handling.is_none_or(|handling| !handling.status().is_over()))
    }

    #[must_use]
    pub(crate) fn kinds(mut self, is_wanted: impl Fn(&AlarmKind) -> bool) -> Self {
        for (place, kind) in ALARM_KINDS.iter().enumerate() {
            if !is_wanted(kind) {
                self.kinds &= !(1 << place);
            }
        }
        self
    }

    /// On these servers, by their places in ascending order.
    #[must_use]
    pub(crate) fn on(mut self, places: Vec<u32>) -> Self {
        self.places = Some(match self.places {
            Some(others) => places.into_iter().filter(|place| others.binary_search(place).is_ok()).collect(),
            None => places,
        });
        self
    }

    /// Risen from one time on, and by another one.
    #[must_use]
    pub(crate) fn between(self, since: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        Self { since, until, ..self }
    }

    /// The alarm of that number alone; without one, none.
    #[must_use]
    pub(crate) fn only(mut self, number: Option<u32>) -> Self {
        let is_other = self.number.is_some_and(|other| other != number);
        self.number = Some(number.filter(|_| !is_other));
        self
    }

    /// By what was done with them, beside what was demanded before.
    #[must_use]
    pub(crate) fn handled(mut self, is_wanted: impl Fn(Option<&AlarmHandling>) -> bool + 'c) -> Self {
        let before = self.handled;
        self.handled = Box::new(move |handling| before(handling) && is_wanted(handling));
        self
    }
}

impl<'f> Alarms<'f> {
    /// The alarms of a choice, the newest first.
    pub(crate) fn select<'a>(
        &'a self,
        choice: &AlarmChoice<'_>,
        changes: &AlarmChanges,
    ) -> AlarmSelection<'a, 'f> {
        let row = self.row(choice);
        let known = || {
            changes.iter().filter_map(|(number, handling)| Some((row.index_of(number)?, number, handling)))
        };
        let chosen = if (choice.handled)(None) {
            let left_out =
                known().filter(|(.., handling)| !(choice.handled)(Some(handling))).map(|(index, ..)| index);
            let left_out = left_out.collect();
            Chosen::Row(row, left_out)
        } else {
            let found = known().filter(|(.., handling)| (choice.handled)(Some(handling)));
            Chosen::Listed(found.map(|(_, number, _)| number).collect())
        };
        AlarmSelection { alarms: self, chosen, newest_first: true }
    }

    /// How many of a choice there are, by level.
    pub(crate) fn levels(&self, choice: &AlarmChoice<'_>, changes: &AlarmChanges) -> [usize; 3] {
        let whole = self.select(choice, changes);
        let mut levels = [0; 3];
        if let Chosen::Row(AlarmRow::Slots { range, .. }, left_out) = &whole.chosen {
            let mut counted = [0_u32; 3];
            for slot in (0..SLOTS).filter(|slot| self.is_wanted(choice, *slot)) {
                let of_slot = AlarmRow::Slots { slots: vec![slot], range: range.clone() };
                let kind = self.kind_of_slot(slot).and_then(|kind| ALARM_KINDS.get(kind));
                counted[kind.map_or(0, |kind| kind.level as usize)] += of_slot.len();
            }
            for index in left_out {
                let AlarmSelection { chosen: Chosen::Row(row, _), .. } = &whole else { continue };
                let alarm = row.get(*index).and_then(|number| self.get(number));
                counted[alarm.map_or(0, |alarm| alarm.kind.level as usize)] -= 1;
            }
            return counted.map(|count| count as usize);
        }
        for alarm in whole.range(0..whole.len()) {
            levels[alarm.kind.level as usize] += 1;
        }
        levels
    }

    fn is_wanted(&self, choice: &AlarmChoice<'_>, slot: u32) -> bool {
        self.kind_of_slot(slot).is_some_and(|kind| choice.kinds >> kind & 1 == 1)
    }

    fn row(&self, choice: &AlarmChoice<'_>) -> AlarmRow {
        let start = choice.since.map_or(0, |since| self.before(since, false));
        let end = choice.until.map_or(self.len(), |until| self.before(until, true).min(self.len()));
        let range = start.min(end)..end;
        if let Some(number) = choice.number {
            let alarm = number.filter(|number| range.contains(number)).and_then(|number| self.get(number));
            let fits = |alarm: &Alarm| {
                self.is_wanted(choice, alarm.number % SLOTS)
                    && choice.places.as_ref().is_none_or(|places| places.binary_search(&alarm.place).is_ok())
            };
            return AlarmRow::Listed(alarm.filter(fits).map(|alarm| alarm.number).into_iter().collect());
        }
        let Some(places) = &choice.places else {
            let slots = (0..SLOTS).filter(|slot| self.is_wanted(choice, *slot)).collect();
            return AlarmRow::Slots { slots, range };
        };
        let mut numbers: Vec<u32> =
            places.iter().flat_map(|place| self.on(*place, choice.kinds, &range)).collect();
        numbers.sort_unstable();
        AlarmRow::Listed(numbers)
    }
}

impl AlarmSelection<'_, '_> {
    pub(crate) fn len(&self) -> usize {
        match &self.chosen {
            Chosen::Row(row, left_out) => row.len() as usize - left_out.len(),
            Chosen::Listed(numbers) => numbers.len(),
        }
    }

    #[must_use]
    pub(crate) fn oldest_first(self) -> Self {
        Self { newest_first: false, ..self }
    }

    /// By the times at which they were handled, where all of them were.
    #[must_use]
    pub(crate) fn by_handling(mut self, changes: &AlarmChanges) -> Self {
        if let Chosen::Listed(numbers) = &mut self.chosen {
            numbers.sort_by_key(|number| changes.get(*number).map(|handling| (handling.at, *number)));
        }
        self
    }

    /// Some of them, counted from the first.
    pub(crate) fn range(&self, places: Range<usize>) -> impl Iterator<Item = Alarm> {
        let len = self.len();
        places.take_while(move |place| *place < len).filter_map(move |place| {
            let index = if self.newest_first { len - 1 - place } else { place };
            let number = match &self.chosen {
                Chosen::Row(row, left_out) => row.get(passing(left_out, u32::try_from(index).ok()?)),
                Chosen::Listed(numbers) => numbers.get(index).copied(),
            };
            self.alarms.get(number?)
        })
    }
}

/// The index of what is at an index once some are left out.
fn passing(left_out: &[u32], index: u32) -> u32 {
    // As far behind as there are before it that are left out.
    let (mut low, mut high) = (0, left_out.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let is_before = u64::from(left_out[middle]) <= u64::from(index) + middle as u64;
        (low, high) = if is_before { (middle + 1, high) } else { (low, middle) };
    }
    index + u32::try_from(low).unwrap_or_default()
}
