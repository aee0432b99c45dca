//! What is computed of alarms is what a walk over all of them finds, for any seed, scenario and history.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::dice::Dice;
use crate::posture::{Fleet, Platform};

/// A fleet of Linux and Windows servers, and of some that have no agent.
fn fleets() -> impl Strategy<Value = Fleet> {
    let platform = prop_oneof![Just(Some(Platform::Linux)), Just(Some(Platform::Windows)), Just(None)];
    proptest::collection::vec(platform, 0..30).prop_map(Fleet::new)
}

fn settings() -> impl Strategy<Value = AlarmSettings> {
    let lengths = (-200..200_i64, 0..200_i64);
    (0..300_u32, lengths, any::<[bool; 3]>()).prop_map(|(count, (from, over), levels)| AlarmSettings {
        count,
        from: SignedDuration::from_secs(from),
        over: SignedDuration::from_secs(over),
        levels: [3, 5, 2].map(|weight| if levels[weight % 3] { 0 } else { u32::try_from(weight).unwrap() }),
    })
}

fn handling(action: AlarmAction, outcome: AlarmOutcome, second: i64) -> AlarmHandling {
    let at = Timestamp::from_second(second).unwrap();
    AlarmHandling { action, at, outcome, remark: None }
}

/// Some of the alarms, each handled in some way.
fn changes() -> impl Strategy<Value = AlarmChanges> {
    let action = prop_oneof![Just(AlarmAction::Ignore), Just(AlarmAction::Quarantine)];
    let outcome =
        prop_oneof![Just(AlarmOutcome::Running), Just(AlarmOutcome::Done), Just(AlarmOutcome::AgentOffline)];
    let one = (0..300_u32, action, outcome, 0..50_i64);
    proptest::collection::vec(one, 0..40).prop_map(|all| {
        let mut changes = AlarmChanges::default();
        for (number, action, outcome, second) in all {
            changes.set(number, handling(action, outcome, second));
        }
        changes
    })
}

/// The page-wise result of a selection.
fn numbers(selection: &AlarmSelection<'_, '_>) -> Vec<u32> {
    let pages = (0..selection.len() + 5).step_by(7);
    pages.flat_map(|start| selection.range(start..start + 7)).map(|alarm| alarm.number).collect()
}

proptest! {
    #[test]
    fn selections_are_what_a_walk_finds(
        seed: u64, fleet in fleets(), settings in settings(), changes in changes(), second in -250..450_i64,
        level in 0..3_usize, places in proptest::collection::btree_set(0..32_u32, 0..6), between in (-250..450_i64, -250..450_i64),
    ) {
        let dice = Dice::new(seed, "test");
        let at = |second| Timestamp::from_second(second).unwrap();
        let alarms = Alarms::new(&dice.of_world(), settings, &fleet, at(0), at(second));
        let all: Vec<Alarm> = (0..alarms.len()).filter_map(|number| alarms.get(number)).collect();
        prop_assert_eq!(all.len(), alarms.len() as usize);
        prop_assert!(all.is_sorted_by_key(|alarm| alarm.at) && all.iter().all(|alarm| alarm.at <= at(second)));
        let later = Alarms::new(&dice.of_world(), settings, &fleet, at(0), at(1000));
        let has_any = !fleet.is_empty() && settings.levels != [0; 3];
        prop_assert_eq!(later.len(), if has_any { settings.count } else { 0 });
        prop_assert!(all.iter().all(|alarm| later.get(alarm.number) == Some(*alarm)), "what has risen stays as it is");
        for alarm in &all {
            let platform = [Platform::Linux, Platform::Windows].into_iter().find(|one| fleet.rank(*one, alarm.place).is_some());
            prop_assert!(platform.is_some_and(|platform| alarm.kind.platform.is_none_or(|other| other == platform)));
            let unique = alarms.unique_id(alarm);
            prop_assert_eq!((alarms.number_of(&unique), unique.len()), (Some(alarm.number), 32));
            prop_assert_eq!(alarms.number(alarms.id(alarm.number).into()), Some(alarm.number));
        }

        let wanted = AlarmLevel::ALL[level];
        let places: Vec<u32> = places.into_iter().collect();
        let (since, until) = (at(between.0), at(between.1));
        let is_open = |alarm: &Alarm| !changes.status(alarm.number).is_over();
        let is_done = |handling: Option<&AlarmHandling>| handling.is_some_and(|it| it.outcome == AlarmOutcome::Done);
        let choices: [(AlarmChoice<'_>, Box<dyn Fn(&&Alarm) -> bool>); 8] = [
            (AlarmChoice::default(), Box::new(|_| true)),
            (AlarmChoice::open(), Box::new(|alarm| is_open(alarm))),
            (AlarmChoice::open().kinds(|kind| kind.level == wanted), Box::new(|alarm| is_open(alarm) && alarm.kind.level == wanted)),
            (AlarmChoice::default().handled(is_done), Box::new(|alarm| is_done(changes.get(alarm.number)))),
            (AlarmChoice::open().on(places.clone()), Box::new(|alarm| is_open(alarm) && places.contains(&alarm.place))),
            (AlarmChoice::open().between(Some(since), Some(until)), Box::new(|alarm| is_open(alarm) && alarm.at >= since && alarm.at <= until)),
            (
                AlarmChoice::default().on(places.clone()).kinds(|kind| kind.level == wanted).handled(is_done),
                Box::new(|alarm| places.contains(&alarm.place) && alarm.kind.level == wanted && is_done(changes.get(alarm.number))),
            ),
            (AlarmChoice::open().only(Some(5)), Box::new(|alarm| is_open(alarm) && alarm.number == 5)),
        ];
        for (choice, test) in &choices {
            let walked: Vec<&Alarm> = all.iter().filter(|alarm| test(alarm)).collect();
            let selection = alarms.select(choice, &changes);
            prop_assert_eq!(selection.len(), walked.len());
            let mut expected: Vec<u32> = walked.iter().map(|alarm| alarm.number).collect();
            prop_assert_eq!(numbers(&selection.oldest_first()), expected.clone());
            expected.reverse();
            prop_assert_eq!(numbers(&alarms.select(choice, &changes)), expected);
            let of_level = |level| walked.iter().filter(|alarm| alarm.kind.level == level).count();
            prop_assert_eq!(alarms.levels(choice, &changes), AlarmLevel::ALL.map(of_level));
        }
        let counts = alarms.counts(&changes);
        for place in 0..32 {
            let of_level = |level| all.iter().filter(|alarm| alarm.place == place && alarm.kind.level == level && is_open(alarm)).count();
            prop_assert_eq!(counts.on(place).map(|count| count as usize), AlarmLevel::ALL.map(of_level));
        }
    }
}

#[test]
fn alarms_handled_are_in_the_order_of_their_handling() {
    let fleet = Fleet::new([Some(Platform::Linux); 3]);
    let at = Timestamp::UNIX_EPOCH;
    let dice = Dice::new(0, "test");
    let alarms = Alarms::new(&dice.of_world(), AlarmSettings::default(), &fleet, at, at);
    let mut changes = AlarmChanges::default();
    for (number, second) in [(0, 30), (1, 10), (2, 20)] {
        changes.set(number, handling(AlarmAction::Ignore, AlarmOutcome::Done, second));
    }
    let done = AlarmChoice::default().handled(|handling| handling.is_some());
    let selection = alarms.select(&done, &changes).by_handling(&changes);
    assert_eq!(numbers(&selection), [0, 2, 1]);
    assert_eq!(numbers(&selection.oldest_first()), [1, 2, 0]);
}

#[test]
fn what_runs_ends_once_and_what_fails_waits_again() {
    let mut changes = AlarmChanges::default();
    let at = Timestamp::UNIX_EPOCH;
    let shown = |changes: &AlarmChanges| (changes.status(7), changes.get(7).and_then(AlarmHandling::code));
    changes.set(7, handling(AlarmAction::KillAndQuarantine, AlarmOutcome::Running, 1));
    assert_eq!(shown(&changes), (AlarmStatus::Handling, None));
    changes.end(7, AlarmOutcome::AgentOffline, at);
    assert_eq!(shown(&changes), (AlarmStatus::Pending, Some("kill_and_quara.AgentOffline".to_owned())));
    changes.end(7, AlarmOutcome::Done, at);
    assert_eq!(changes.status(7), AlarmStatus::Pending, "it does not run");
    changes.set(7, handling(AlarmAction::MarkFalse, AlarmOutcome::Running, 1));
    changes.end(7, AlarmOutcome::Done, at);
    assert_eq!(
        shown(&changes),
        (AlarmStatus::FalsePositive, Some("advance_mark_mis_info.Success".to_owned()))
    );
    changes.set(7, handling(AlarmAction::RemoveMark, AlarmOutcome::Failed, 1));
    assert_eq!(changes.status(7), AlarmStatus::FalsePositive, "the mark is still there");
    changes.set(7, handling(AlarmAction::RemoveMark, AlarmOutcome::Running, 1));
    changes.end(7, AlarmOutcome::Done, at);
    assert!(changes.is_empty());
    let text = r#"{"3":{"action":"block_ip","at":"1970-01-01T00:00:01Z","outcome":"done"}}"#;
    changes.set(3, handling(AlarmAction::BlockIp, AlarmOutcome::Done, 1));
    assert_eq!(
        (serde_json::to_string(&changes).unwrap().as_str(), serde_json::from_str(text).unwrap()),
        (text, changes)
    );
}
