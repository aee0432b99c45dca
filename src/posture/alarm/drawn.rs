//! The alarms of an account as its seed has them: a cycle of slots, and an even spread over time.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::kinds::{ALARM_KINDS, AlarmKind, AlarmLevel};
use super::settings::AlarmSettings;
use crate::dice::{WorldDice, WorldStream};
use crate::posture::spread::{Order, Spread};
use crate::posture::{Fleet, Platform};

/// How many alarms are drawn; then the kinds come again, each on the next server.
pub(super) const SLOTS: u32 = 40;

/// The alarms of an account that have risen.
#[derive(Debug)]
pub(crate) struct Alarms<'f> {
    fleet: &'f Fleet,
    settings: AlarmSettings,
    began: Timestamp,
    slots: Vec<Slot>,
    first_id: u32,
    salt: u64,
    risen: u32,
}

/// Where alarms of a kind occur: the `n`-th on the `n`-th server of an order, around its end.
#[derive(Debug)]
struct Slot {
    kind: usize,
    platform: Platform,
    servers: Spread,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alarm {
    /// Alarms are numbered from 0 in the order in which they rise.
    pub(crate) number: u32,
    pub(crate) kind: &'static AlarmKind,
    /// The place of its server.
    pub(crate) place: u32,
    pub(crate) at: Timestamp,
    pub(super) salt: u64,
}

impl<'f> Alarms<'f> {
    /// Of an account that began at some time with a fleet, as they are at `now`.
    pub(crate) fn new(
        dice: &WorldDice,
        settings: AlarmSettings,
        fleet: &'f Fleet,
        began: Timestamp,
        now: Timestamp,
    ) -> Self {
        let mut stream = dice.stream("alarms");
        let first_id = 10_000_000 + stream.below(900_000_000);
        let salt = u64::from(stream.below(u32::MAX)) << 32 | u64::from(stream.below(u32::MAX));
        let slots = draw_slots(&mut stream, settings.levels, fleet);
        let mut alarms = Self { fleet, settings, began, slots, first_id, salt, risen: 0 };
        if !alarms.slots.is_empty() {
            alarms.risen = alarms.before(now, true);
        }
        alarms
    }

    /// How many have risen.
    pub(crate) fn len(&self) -> u32 {
        self.risen
    }

    /// The alarm of that number, if it has risen.
    pub(crate) fn get(&self, number: u32) -> Option<Alarm> {
        let slot = (number < self.risen).then(|| self.slots.get((number % SLOTS) as usize))??;
        let turn = (number / SLOTS) as usize;
        let rank = slot.servers.nth(turn % slot.servers.count().max(1))?;
        let place = *self.fleet.places(slot.platform).get(rank as usize)?;
        let kind = ALARM_KINDS.get(slot.kind)?;
        Some(Alarm {
            number,
            kind,
            place,
            at: self.rises_at(number),
            salt: mix(self.salt ^ u64::from(number)),
        })
    }

    pub(crate) fn id(&self, number: u32) -> u32 {
        self.first_id + number
    }

    /// The number of the alarm of that id, if it has risen.
    pub(crate) fn number(&self, id: i64) -> Option<u32> {
        let number = u32::try_from(id.checked_sub(self.first_id.into())?).ok()?;
        (number < self.risen).then_some(number)
    }

    /// The number of the alarm of that unique id, if it has risen.
    pub(crate) fn number_of(&self, unique_id: &str) -> Option<u32> {
        let last = unique_id.get(24..)?;
        let hidden = u32::from_str_radix(last, 16).ok()?;
        let alarm = self.get(hidden ^ self.mask())?;
        (self.unique_id(&alarm) == unique_id).then_some(alarm.number)
    }

    /// 32 hex digits.
    pub(crate) fn unique_id(&self, alarm: &Alarm) -> String {
        let upper = mix(alarm.salt) >> 32;
        format!("{:016x}{upper:08x}{:08x}", alarm.salt, alarm.number ^ self.mask())
    }

    /// What hides the numbers in unique ids.
    fn mask(&self) -> u32 {
        u32::try_from(mix(self.salt) >> 32).unwrap_or_default()
    }

    /// How many of those that have risen did so before a time, or by it.
    pub(super) fn before(&self, time: Timestamp, by: bool) -> u32 {
        let (mut low, mut high) = (0, self.settings.count.min(AlarmSettings::MOST));
        while low < high {
            let middle = low + (high - low) / 2;
            let at = self.rises_at(middle);
            if at < time || (by && at == time) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// At an even pace, each somewhere in its share of the time, so never after the next one.
    fn rises_at(&self, number: u32) -> Timestamp {
        const HASHED: i128 = 1 << 32;
        let AlarmSettings { count, from, over, .. } = self.settings;
        let within = i128::from(mix(self.salt.wrapping_add(u64::from(number))) >> 32);
        let share = over.as_millis().max(0) * (i128::from(number) * HASHED + within)
            / (i128::from(count.max(1)) * HASHED);
        let offset = from.as_millis() + share;
        let offset = SignedDuration::from_millis(i64::try_from(offset).unwrap_or(i64::MAX / 2));
        self.began.saturating_add(offset).unwrap_or(self.began)
    }

    pub(super) fn kind_of_slot(&self, slot: u32) -> Option<usize> {
        self.slots.get(slot as usize).map(|slot| slot.kind)
    }

    /// The turns in which alarms of a slot are on a server: the first one, and how many turns lie between two; none if there
    /// are none.
    fn turns(&self, slot: &Slot, place: u32) -> Option<(u32, u32)> {
        let rank = self.fleet.rank(slot.platform, place)?;
        let first = slot.servers.place_of(rank)?;
        Some((u32::try_from(first).ok()?, u32::try_from(slot.servers.count()).ok()?))
    }

    /// The numbers of the alarms on a server, of wanted kinds and within a range, slot by slot.
    pub(super) fn on(&self, place: u32, kinds: u64, range: &Range<u32>) -> impl Iterator<Item = u32> {
        let wanted = (0..SLOTS).zip(&self.slots).filter(move |(_, slot)| kinds >> slot.kind & 1 == 1);
        let starts = wanted.filter_map(move |(slot, at)| self.turns(at, place).map(|turns| (slot, turns)));
        let Range { start, end } = *range;
        starts
            .flat_map(move |(slot, (first, step))| {
                (first..)
                    .step_by(step.max(1) as usize)
                    .map(move |turn| turn * SLOTS + slot)
                    .take_while(move |number| *number < end)
            })
            .filter(move |number| *number >= start)
    }

    /// How many alarms have risen on a server, by level.
    pub(crate) fn levels_on(&self, place: u32) -> [u32; 3] {
        let mut levels = [0; 3];
        for (slot, at) in (0..SLOTS).zip(&self.slots) {
            let Some((first, step)) = self.turns(at, place) else { continue };
            // Turns in which the slot has had its alarm.
            let turns = self.risen.saturating_sub(slot).div_ceil(SLOTS);
            let count = turns.saturating_sub(first).div_ceil(step.max(1));
            levels[ALARM_KINDS[at.kind].level as usize] += count;
        }
        levels
    }
}

/// A number that depends on all bits of another one.
pub(super) fn mix(number: u64) -> u64 {
    // The finalizer of splitmix64.
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// The slots in a drawn order: of the levels and platforms as many as their shares are. None without levels or servers.
fn draw_slots(stream: &mut WorldStream, levels: [u32; 3], fleet: &Fleet) -> Vec<Slot> {
    let weight: u64 = levels.into_iter().map(u64::from).sum();
    if weight == 0 || fleet.is_empty() {
        return Vec::new();
    }
    let share = |of: u64, all: u64, slot: u32| of * u64::from(slot) / all.max(1);
    let windows = fleet.places(Platform::Windows).len() as u64;
    let mut drawn = Vec::new();
    let (mut upto, mut slot) = (0, 0);
    for (level, weight_of) in AlarmLevel::ALL.into_iter().zip(levels) {
        upto += u64::from(weight_of);
        let mut turns = [0_usize; 2].map(|_| stream.below(u32::MAX) as usize);
        while slot < SLOTS && u64::from(slot) * weight < upto * u64::from(SLOTS) {
            let is_windows =
                share(windows, fleet.len() as u64, slot + 1) > share(windows, fleet.len() as u64, slot);
            let platform = if is_windows { Platform::Windows } else { Platform::Linux };
            let fits =
                |kind: &AlarmKind| kind.level == level && kind.platform.is_none_or(|other| other == platform);
            let kinds: Vec<usize> = (0..ALARM_KINDS.len()).filter(|kind| fits(&ALARM_KINDS[*kind])).collect();
            let turn = &mut turns[usize::from(is_windows)];
            *turn = turn.wrapping_add(1);
            drawn.push((kinds[*turn % kinds.len()], platform));
            slot += 1;
        }
    }
    for last in (1..SLOTS).rev() {
        drawn.swap(last as usize, stream.below(last + 1) as usize);
    }
    let orders = [Platform::Linux, Platform::Windows]
        .map(|platform| Order::new(fleet.places(platform).len(), |end| stream.below(end)));
    let place = |(kind, platform): (usize, Platform)| {
        let servers =
            orders[usize::from(platform == Platform::Windows)].spread(1_000_000, |end| stream.below(end));
        Slot { kind, platform, servers }
    };
    drawn.into_iter().map(place).collect()
}
