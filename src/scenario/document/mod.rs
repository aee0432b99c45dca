//! The shape of a scenario file: what each key may hold, checked where its place in the file is still known.
//!
//! Unknown keys are refused. Each noun has a file, which also says what it becomes in the model. What the keys mean to
//! a user is in docs/scenarios.md.

mod accounts;
mod assets;
mod clocks;
mod faults;
mod lifecycles;
mod tasks;
mod values;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use self::accounts::{Accounts, UnknownAccessKeys};
use self::assets::{Assets, LimitKeys};
use self::faults::Faults;
pub use self::faults::OneOrMoreFaults;
use self::lifecycles::LifecycleKey;
use self::tasks::TaskKey;
use self::values::TypeName;
use super::Scenario;
use crate::domain::world::{Lifecycles, StartOnFirstPoll};
use crate::domain::{Assumptions, Server, TaskType, World};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of the language: 1.
    #[serde(rename = "version")]
    _version: Version,
    name: String,
    #[serde(default)]
    description: String,
    seed: Option<u64>,
    #[serde(default)]
    clock: clocks::ClockKeys,
    #[serde(default)]
    gateway_clock: clocks::GatewayClockKey,
    #[serde(default)]
    accounts: Accounts,
    unknown_access_keys: Option<UnknownAccessKeys>,
    /// By type; `"*"` for the rest.
    #[serde(default)]
    lifecycles: BTreeMap<TypeName, LifecycleKey>,
    #[serde(default)]
    tasks: Vec<TaskKey>,
    /// Types; `"*"` for every documented one.
    #[serde(default)]
    start_on_first_poll: Vec<TypeName>,
    /// Servers; five of no particular kind if not given.
    assets: Option<Assets>,
    #[serde(default)]
    limits: LimitKeys,
    #[serde(default)]
    faults: Faults,
    #[serde(default)]
    assumptions: Assumptions,
}

/// The only version of the language so far.
#[derive(Debug, Clone, Copy)]
struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(D::Error::custom(format!(
                "version {other} is not known here; this program reads version 1"
            ))),
        }
    }
}

impl From<Document> for Scenario {
    fn from(document: Document) -> Self {
        Self {
            name: document.name,
            description: document.description,
            seed: document.seed,
            clock: document.clock.into(),
            gateway_clock: document.gateway_clock.0,
            world: World {
                keyring: document.accounts.keyring(document.unknown_access_keys),
                lifecycles: lifecycles(document.lifecycles),
                start_on_first_poll: start_on_first_poll(&document.start_on_first_poll),
                tasks: document.tasks.into_iter().map(|task| task.0).collect(),
                servers: document.assets.map_or_else(Server::usual, |assets| assets.0),
                limits: document.limits.into(),
                assumptions: document.assumptions,
            },
            faults: document.faults.0,
        }
    }
}

/// Stands for everything that is not listed by name.
const REST: &str = "*";

fn lifecycles(keys: BTreeMap<TypeName, LifecycleKey>) -> Lifecycles {
    let mut lifecycles = Lifecycles::default();
    for (TypeName(name), LifecycleKey(lifecycle)) in keys {
        if name == REST {
            lifecycles.rest = lifecycle;
        } else {
            lifecycles.by_type.insert(TaskType::new(&name), lifecycle);
        }
    }
    lifecycles
}

fn start_on_first_poll(names: &[TypeName]) -> StartOnFirstPoll {
    let (rest, listed): (Vec<_>, Vec<_>) =
        names.iter().map(|TypeName(name)| name).partition(|name| *name == REST);
    StartOnFirstPoll {
        documented: !rest.is_empty(),
        listed: listed.into_iter().map(|name| TaskType::new(name)).collect(),
    }
}
