//! Several scenarios, each laid over those before it.

use sas_emulator::internals::domain::lifecycle::Advance;
use sas_emulator::internals::domain::{TaskType, assumptions};
use sas_emulator::internals::scenario::load::{self, Text};
use sas_emulator::internals::scenario::{LoadError, Scenario};

fn try_together(texts: &[&str]) -> Result<Scenario, LoadError> {
    let texts = (b'a'..).zip(texts).map(|(letter, text)| {
        let name = char::from(letter);
        Text { source: format!("{name}.yaml"), text: format!("version: 1\nname: {name}\n{text}\n") }
    });
    load::together(&texts.collect::<Vec<_>>())
}

fn together(texts: &[&str]) -> Scenario {
    try_together(texts).unwrap_or_else(|error| panic!("{}", error.report()))
}

fn ids(scenario: &Scenario) -> Vec<&str> {
    scenario.faults.iter().map(|rule| rule.id.as_str()).collect()
}

#[test]
fn the_last_document_wins_key_by_key() {
    let scenario = together(&[
        "description: first\nseed: 1\nclock: { rate: 60, paused: true }\nunknown_access_keys: accept",
        "clock: { rate: 2 }",
        "seed: 3",
    ]);
    assert_eq!((scenario.name.as_str(), scenario.seed), ("c", Some(3)));
    // A name goes with its own description.
    assert_eq!(scenario.description, "");
    assert!(scenario.clock.paused && (scenario.clock.rate - 2.0).abs() < 1e-9);
    let names: Vec<&str> = scenario.sources.iter().map(|source| source.source.as_str()).collect();
    assert_eq!(names, ["a.yaml", "b.yaml", "c.yaml"]);
}

#[test]
fn a_clock_can_be_brought_back_to_now() {
    let held = "clock: { start: 2026-11-24T00:00:00Z, paused: true }";
    assert!(together(&[held, "seed: 1"]).clock.start.is_some());
    assert_eq!(together(&[held, "clock: { start: now }"]).clock.start, None);
}

#[test]
fn maps_merge_by_key() {
    let scenario = together(&[
        "lifecycles: { \"*\": { targets: 1 }, IMAGE_SCAN: { targets: 2, outcome: fail } }\n\
         limits: { running_tasks: 3, kept_tasks: 20 }\n\
         assumptions: { task_id: hex, source: ignore }",
        "lifecycles: { IMAGE_SCAN: { advance: per_poll }, VUL_CHECK_TASK: { targets: 4 } }\n\
         limits: { kept_tasks: 30 }\n\
         assumptions: { task_id: number }",
    ]);
    let of = |name: &str| scenario.world.lifecycles.of(&TaskType::new(name));
    // A life cycle is checked as a whole, so it is replaced as a whole.
    assert_eq!((of("IMAGE_SCAN").targets, of("VUL_CHECK_TASK").targets), (None, Some(4)));
    assert!(matches!(of("IMAGE_SCAN").advance, Advance::Polls { .. }));
    assert_eq!(of("ASSETS_COLLECTION").targets, Some(1));
    let limits = scenario.world.limits;
    assert_eq!((limits.running, limits.kept, limits.cycles), (3, 30, 100));
    let chosen = scenario.world.assumptions;
    // A default value that is written out overrides an earlier different one.
    assert_eq!(chosen.task_id, assumptions::TaskIdForm::Number);
    assert_eq!(chosen.source, assumptions::Narrowing::Ignore);
}

#[test]
fn lists_of_named_things_merge_by_name() {
    let scenario = together(&[
        "accounts: [{ access_key_id: a, access_key_secret: one }, { access_key_id: b }]\n\
         faults: [{ id: x, effect: { delay: 1s } }, { effect: { delay: 1s } }, { id: y, effect: { delay: 1s } }]",
        "accounts: [{ access_key_id: a, access_key_secret: two }, { access_key_id: c }]\n\
         faults: [{ id: z, effect: { delay: 1s } }, { id: x, effect: { error: ServerError } }, { effect: { delay: 2s } }]",
    ]);
    assert_eq!(ids(&scenario), ["x", "", "y", "z", ""]);
    assert!(format!("{:?}", scenario.faults[0]).contains("ServerError"));
    let keyring = scenario.world.keyring;
    assert_eq!(keyring.find("a").unwrap().key.secret.expose(), "two");
    assert!(keyring.find("b").is_some() && keyring.find("c").is_some() && keyring.find("stranger").is_none());
}

#[test]
fn other_lists_are_taken_whole() {
    let first = "tasks: [{ type: IMAGE_SCAN }, { type: VUL_CHECK_TASK }]\nassets: [{ name: web }]\n\
                 start_on_first_poll: [IMAGE_SCAN]\nexpect: [{ calls: 3 }, { gap: \">=1s\" }]";
    let kept = together(&[first, "seed: 1"]);
    assert_eq!((kept.world.tasks.len(), kept.world.servers.len(), kept.expect.len()), (2, 1, 2));
    assert!(kept.world.start_on_first_poll.covers(&TaskType::new("IMAGE_SCAN")));
    let other = together(&[
        first,
        "tasks: [{ type: IDC_PROBE_SCAN }]\nassets: []\nexpect: []\nstart_on_first_poll: []",
    ]);
    assert_eq!((other.world.tasks.len(), other.world.servers.len(), other.expect.len()), (1, 0, 0));
    assert!(!other.world.start_on_first_poll.covers(&TaskType::new("IMAGE_SCAN")));
}

#[test]
fn an_error_is_of_the_file_it_is_in() {
    let message = |texts: &[&str]| try_together(texts).unwrap_err().to_string();
    assert_eq!(
        message(&["seed: 1", "clock: { rate: 0 }"]),
        "b.yaml:3:16: a rate is a number from 0.0001 to 1000000, in seconds of the task clock per real second"
    );
    assert!(message(&["clok: {}", "clock: { rate: 0 }"]).starts_with("a.yaml:3:1:"));
    let many = |letter: char| {
        let rules: Vec<String> =
            (0..600).map(|number| format!("{{ id: {letter}{number}, effect: {{ delay: 1s }} }}")).collect();
        format!("faults: [{}]", rules.join(", "))
    };
    assert_eq!(
        message(&[&many('a'), &many('b')]),
        "b.yaml: there may be 1000 faults at once; together there are more"
    );
    assert_eq!(load::together(&[]).unwrap_err().to_string(), "--scenario: no scenario is named");
}
