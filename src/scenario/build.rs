//! From a document to a world: plain data that the gateway and the faults are made from.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::document::{
    AccountKeys, AdvanceKey, Document, FaultKeys, GatewayClockKeys, LifecycleKeys, OneOrMore, OutcomeKey,
    ProgressKey, StartedKey, TaskKeys, UnknownAccessKeys,
};
use crate::clock::GatewayClock;
use crate::domain::lifecycle::{Advance, Span};
use crate::domain::plan::{Curve, Ending, ScanResult};
use crate::domain::world::{Lifecycles, SeedTask, StartOnFirstPoll, Started};
use crate::domain::{AccessKey, ApiError, Keyring, Lifecycle, Secret, TaskType, World};
use crate::fault::{Effect, Match, Rule};

/// A scenario, checked and ready to be shown.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// The situation it reproduces.
    pub description: String,
    /// Where chance comes from, if it says.
    pub seed: Option<u64>,
    /// Time the task clock starts with, its rate, and whether it stands still.
    pub clock: super::document::ClockKeys,
    /// What judges freshness.
    pub gateway_clock: GatewayClock,
    /// The service at its first instant.
    pub world: World,
    /// What goes wrong.
    pub faults: Vec<Rule>,
}

/// Builds it; an error says what is wrong.
pub fn scenario(document: Document) -> Result<Scenario, String> {
    Ok(Scenario {
        name: document.name,
        description: document.description,
        seed: document.seed,
        clock: document.clock,
        gateway_clock: gateway_clock(&document.gateway_clock)?,
        world: World {
            keyring: keyring(document.accounts, document.unknown_access_keys)?,
            lifecycles: lifecycles(document.lifecycles)?,
            start_on_first_poll: start_on_first_poll(&document.start_on_first_poll),
            tasks: document.tasks.into_iter().map(task).collect::<Result<_, _>>()?,
            assumptions: document.assumptions,
        },
        faults: document.faults.into_iter().enumerate().map(|(index, keys)| fault(index, keys)).collect(),
    })
}

fn gateway_clock(keys: &GatewayClockKeys) -> Result<GatewayClock, String> {
    match (keys.skew, keys.pin) {
        (Some(_), Some(_)) => Err("gateway_clock: has either skew or pin, not both".to_owned()),
        (_, Some(time)) => Ok(GatewayClock::Pinned(time)),
        (skew, None) => Ok(GatewayClock::Skewed(skew.unwrap_or_default())),
    }
}

fn keyring(accounts: Vec<AccountKeys>, unknown: Option<UnknownAccessKeys>) -> Result<Keyring, String> {
    let mut listed = BTreeMap::new();
    let mut others = None;
    let nothing_listed = accounts.is_empty();
    for keys in accounts {
        let id = keys.access_key_id.clone();
        let key = AccessKey {
            secret: keys.access_key_secret,
            token: keys.security_token,
            expires: keys.expires,
            active: !keys.disabled,
            deny: keys.deny,
        };
        let before = if id == "*" { others.replace(key) } else { listed.insert(id.clone(), key) };
        if before.is_some() {
            return Err(format!("accounts: {id:?} is listed twice"));
        }
    }
    // A list is complete unless it says otherwise.
    let unknown = unknown.unwrap_or(if nothing_listed || others.is_some() {
        UnknownAccessKeys::Accept
    } else {
        UnknownAccessKeys::Reject
    });
    Ok(Keyring::new(
        listed,
        match unknown {
            UnknownAccessKeys::Accept => Some(others.unwrap_or_else(|| AccessKey::new(Secret::new("test")))),
            UnknownAccessKeys::Reject => None,
        },
    ))
}

fn lifecycles(keys: BTreeMap<String, LifecycleKeys>) -> Result<Lifecycles, String> {
    let mut lifecycles = Lifecycles::default();
    for (name, keys) in keys {
        let built = lifecycle(keys).map_err(|error| format!("lifecycles: {name}: {error}"))?;
        if name == "*" {
            lifecycles.rest = built;
        } else {
            lifecycles.by_type.insert(TaskType::new(&name), built);
        }
    }
    Ok(lifecycles)
}

fn lifecycle(keys: LifecycleKeys) -> Result<Lifecycle, String> {
    let standard = Lifecycle::default();
    let Advance::Time { queued, running } = standard.advance else { return Ok(standard) };
    let span = |length: Option<super::document::Length>, standard: Span| {
        length.map_or(standard, |length| Span { min: length.min, max: length.max })
    };
    let advance = match (keys.advance, keys.polls) {
        (AdvanceKey::PerPoll, polls) => {
            let (init, start) = polls.map_or((1, 3), |polls| (polls.init, polls.start));
            Advance::Polls { init, start }
        }
        (_, Some(_)) => return Err("polls: goes with advance: per_poll".to_owned()),
        (AdvanceKey::Instant, None) => {
            let nothing = Span::exactly(SignedDuration::ZERO);
            Advance::Time { queued: nothing, running: nothing }
        }
        (AdvanceKey::Time, None) => {
            Advance::Time { queued: span(keys.queued, queued), running: span(keys.running, running) }
        }
    };
    if keys.advance != AdvanceKey::Time && (keys.queued.is_some() || keys.running.is_some()) {
        return Err("queued: and running: go with advance: time".to_owned());
    }
    let stalls = matches!(keys.progress, ProgressKey::StallAt(_));
    let ending = match keys.outcome {
        None if stalls => Ending::Never,
        Some(OutcomeKey::Success | OutcomeKey::Result(_)) if stalls => {
            return Err(
                "a task that stalls cannot succeed; leave outcome: out, or say timeout or fail".to_owned()
            );
        }
        None | Some(OutcomeKey::Success) => Ending::Success(ScanResult::Success),
        Some(OutcomeKey::Result(result)) => Ending::Success(result),
        Some(OutcomeKey::Timeout) => Ending::Timeout,
        Some(OutcomeKey::Fail) => Ending::Fail,
    };
    let curve = match keys.progress {
        ProgressKey::Linear => Curve::Linear,
        ProgressKey::Steps(steps) => Curve::Steps(steps.into()),
        ProgressKey::StallAt(limit) => Curve::StallAt(limit),
    };
    Ok(Lifecycle { advance, targets: keys.targets.unwrap_or(standard.targets), curve, ending })
}

fn start_on_first_poll(names: &[String]) -> StartOnFirstPoll {
    StartOnFirstPoll {
        documented: names.iter().any(|name| name == "*"),
        listed: names.iter().filter(|name| *name != "*").map(|name| TaskType::new(name)).collect(),
    }
}

fn task(keys: TaskKeys) -> Result<SeedTask, String> {
    if keys.lifecycle.is_some() && keys.shows.is_some() {
        return Err("tasks: a task has either lifecycle: or shows:, not both".to_owned());
    }
    Ok(SeedTask {
        name: keys.name.unwrap_or_else(|| keys.task_type.clone()),
        task_type: TaskType::new(&keys.task_type),
        source: keys.source,
        started: match keys.started {
            None => Started::Ago(SignedDuration::ZERO),
            Some(StartedKey::Offset(offset)) => Started::Ago(-offset),
            Some(StartedKey::At(time)) => Started::At(time),
        },
        number: keys.number,
        lifecycle: keys.lifecycle.map(lifecycle).transpose()?,
        fixed: keys.shows,
    })
}

fn fault(index: usize, keys: FaultKeys) -> Rule {
    Rule {
        id: keys.id.unwrap_or_else(|| format!("fault-{}", index + 1)),
        matches: Match {
            actions: match keys.matches.action {
                OneOrMore::None => Vec::new(),
                OneOrMore::One(action) => vec![action],
                OneOrMore::Many(actions) => actions,
            },
            account: keys.matches.account,
            params: keys.matches.params.into_iter().collect(),
        },
        effect: Effect::Error(ApiError::new(keys.effect.error.0)),
    }
}
