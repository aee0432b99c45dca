//! The shape of a scenario file: what each key may hold, checked where its place in the file is still known.
//!
//! Unknown keys are refused. Each noun has a file, which also says what it becomes in the model. What the keys mean to
//! a user is in docs/scenarios.md.

mod accounts;
mod alarms;
mod assets;
mod baseline;
mod clocks;
mod configuration;
mod files;
mod fleet;
mod lifecycles;
mod limits;
mod posture;
mod shapes;
mod tasks;
mod values;
mod vulnerabilities;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_saphyr::Spanned;

use self::accounts::{Accounts, UnknownAccessKeys};
use self::assets::Assets;
use self::clocks::{ClockKeys, GatewayClockKey};
use self::fleet::ScenarioFleet;
use self::lifecycles::LifecycleKey;
use self::limits::LimitKeys;
use self::posture::PostureKeys;
use self::shapes::ShapeKeys;
use self::tasks::Tasks;
use self::values::TypeName;
use super::Scenario;
use crate::answers::{Answers, Misfit};
use crate::clock::ClockStart;
use crate::domain::assumptions::Choices;
use crate::domain::unmodelled::{ShapeSettings, Unmodelled};
use crate::domain::world::{Lifecycles, StartOnFirstPoll, TaskLimits};
use crate::domain::{TaskType, World};
use crate::expect::{Expectation, Expectations};
use crate::fault::Rules;
use crate::posture::Settings;
use crate::text::outside::is_direction;

/// Lays the keys of a later document over those of this one.
macro_rules! overlaid {
    ($name:ident { $($key:ident),* }) => {
        impl $name {
            pub(super) fn then(self, later: Self) -> Self {
                Self { $($key: later.$key.or(self.$key)),* }
            }
        }
    };
}

/// Makes a part of the model: each key, or the usual value of one that is left out.
macro_rules! filled {
    ($name:ident { $($key:ident),* } -> $model:ident) => {
        impl $name {
            pub(super) fn over(self, usual: $model) -> $model {
                $model { $($key: self.$key.map_or(usual.$key, Into::into)),* }
            }
        }
    };
}

use {filled, overlaid};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a scenario: keys such as version, name, lifecycles")]
pub struct Document {
    /// Version of the language: 1.
    #[serde(deserialize_with = "version")]
    #[cfg_attr(test, schemars(schema_with = "schema::version"))]
    version: u32,
    /// What it is called.
    #[serde(deserialize_with = "name")]
    #[cfg_attr(test, schemars(length(min = 1, max = 80)))]
    name: String,
    /// The situation it reproduces.
    #[serde(default)]
    description: String,
    /// What everything random is drawn from; 0 if left out.
    seed: Option<u64>,
    /// The task clock: moves life cycles.
    #[serde(default)]
    clock: ClockKeys,
    /// Judges time stamps; it is apart from the task clock.
    gateway_clock: Option<GatewayClockKey>,
    /// Who may call; left out, any AccessKeyId works with the secret `test`.
    #[serde(default)]
    accounts: Accounts,
    /// What becomes of AccessKeyIds that are not listed.
    unknown_access_keys: Option<UnknownAccessKeys>,
    /// How tasks behave, by `TaskType`; `"*"` for the rest.
    #[serde(default)]
    #[cfg_attr(test, schemars(schema_with = "schema::lifecycles"))]
    lifecycles: BTreeMap<TypeName, LifecycleKey>,
    /// What every account has at the start time.
    tasks: Option<Tasks>,
    /// Types of which `GetLastOnceTaskInfo` starts a task if there is none; `"*"` for every documented one.
    start_on_first_poll: Option<Vec<TypeName>>,
    /// Servers of every account; if `world:` does not say either how many there are, five of no particular kind.
    assets: Option<Assets>,
    /// How many tasks an account may run and keeps.
    #[serde(default)]
    limits: LimitKeys,
    /// What goes wrong; rules in order, the first refusal wins.
    #[serde(default)]
    faults: Rules,
    /// What becomes of calls of operations that are not modelled; refused if left out.
    unmodelled: Option<Unmodelled>,
    /// How responses are filled that only have the documented shape.
    #[serde(default)]
    shapes: ShapeKeys,
    /// What operations answer instead of, or laid over, what they would; in order, the first that matches.
    #[serde(default)]
    answers: Answers,
    /// What servers every account has beside those of `assets:`, and what findings; left out, the seed decides.
    #[serde(default, rename = "world")]
    posture: PostureKeys,
    /// Answers to what public documents leave open: see docs/fidelity.md.
    #[serde(default)]
    assumptions: Choices,
    /// What is expected of the client.
    #[cfg_attr(test, schemars(with = "Option<Vec<ExpectKey>>"))]
    expect: Option<Vec<Spanned<ExpectKey>>>,
    /// Whether the verdict passes although some answers had only the documented shape; otherwise it fails then.
    allow_shapes: Option<bool>,
}

/// What a scenario is called: it stands in log lines.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.is_empty()
        || name.chars().count() > 80
        || name.contains(|c: char| c.is_control() || is_direction(c))
    {
        return Err(D::Error::custom("a name has 1 to 80 signs, and no line ends or control signs"));
    }
    Ok(name)
}

/// One entry of `expect:`: an expectation for each of its demands, of which there must be one.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Expectations")]
struct ExpectKey(Vec<Expectation>);

impl TryFrom<Expectations> for ExpectKey {
    type Error = String;

    fn try_from(Expectations { list, is_bare }: Expectations) -> Result<Self, String> {
        if is_bare {
            return Err("an expectation says at least one of calls, gap, no_calls_after, retry_after, never, order, exit"
                .to_owned());
        }
        for selector in list.iter().flat_map(Expectation::selectors) {
            selector.check_api_names().map_err(|error| error.message)?;
        }
        Ok(Self(list))
    }
}

/// The only version of the language so far.
fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        1 => Ok(1),
        other => {
            Err(D::Error::custom(format!("version {other} is not known here; this program reads version 1")))
        }
    }
}

impl Document {
    /// The first answer that does not fit its operation.
    pub(crate) fn misfit(&self) -> Option<&Misfit> {
        self.answers.misfit()
    }

    /// Line and column of each of its expectations, if it has any.
    pub fn expectation_places(&self) -> Option<Vec<(u64, u64)>> {
        let place = |entry: &Spanned<ExpectKey>| {
            std::iter::repeat_n((entry.referenced.line(), entry.referenced.column()), entry.value.0.len())
        };
        Some(self.expect.as_ref()?.iter().flat_map(place).collect())
    }

    /// With a later document laid over it. What has a name or a key of its own merges by it; every other list, and
    /// whatever was checked as a whole, is the later one's if that has it.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.lifecycles.extend(later.lifecycles);
        Self {
            version: later.version,
            // A description is of what its document calls itself.
            name: later.name,
            description: later.description,
            seed: later.seed.or(self.seed),
            clock: self.clock.then(later.clock),
            gateway_clock: later.gateway_clock.or(self.gateway_clock),
            accounts: self.accounts.then(later.accounts),
            unknown_access_keys: later.unknown_access_keys.or(self.unknown_access_keys),
            lifecycles: self.lifecycles,
            tasks: later.tasks.or(self.tasks),
            start_on_first_poll: later.start_on_first_poll.or(self.start_on_first_poll),
            assets: later.assets.or(self.assets),
            limits: self.limits.then(later.limits),
            faults: self.faults.overlay(later.faults),
            unmodelled: later.unmodelled.or(self.unmodelled),
            shapes: self.shapes.then(later.shapes),
            answers: self.answers.overlay(later.answers),
            posture: self.posture.then(later.posture),
            assumptions: self.assumptions.then(later.assumptions),
            expect: later.expect.or(self.expect),
            allow_shapes: later.allow_shapes.or(self.allow_shapes),
        }
    }
}

impl From<Document> for Scenario {
    fn from(document: Document) -> Self {
        let ScenarioFleet { servers, groups } = ScenarioFleet::new(document.assets, &document.posture);
        let lifecycles = lifecycles(document.lifecycles);
        let GatewayClockKey(gateway_clock) = document.gateway_clock.unwrap_or_default();
        Self {
            name: document.name,
            description: document.description,
            seed: document.seed,
            clock: document.clock.over(ClockStart::default()),
            gateway_clock,
            world: World {
                keyring: document.accounts.keyring(document.unknown_access_keys, &lifecycles),
                lifecycles,
                start_on_first_poll: start_on_first_poll(&document.start_on_first_poll.unwrap_or_default()),
                tasks: document.tasks.map_or_else(Vec::new, |Tasks(tasks)| tasks),
                servers: Arc::new(servers.into()),
                groups,
                limits: document.limits.over(TaskLimits::default()),
                assumptions: document.assumptions.into(),
                unmodelled: document.unmodelled.unwrap_or_default(),
                shapes: document.shapes.over(ShapeSettings::default()),
                posture: document.posture.over(Settings::default()),
            },
            faults: document.faults.0,
            answers: document.answers.fitting(),
            expect: document.expect.into_iter().flatten().flat_map(|entry| entry.value.0).collect(),
            allow_shapes: document.allow_shapes.unwrap_or_default(),
            sources: Vec::new(),
        }
    }
}

/// Stands for everything that is not listed by name.
const REST: &str = "*";

fn lifecycles(keys: BTreeMap<TypeName, LifecycleKey>) -> Lifecycles {
    let mut lifecycles = Lifecycles::default();
    for (TypeName(name), LifecycleKey(lifecycle)) in keys {
        if name == REST {
            lifecycles.rest = Some(lifecycle);
        } else {
            lifecycles.by_type.insert(TaskType::new(&name), lifecycle);
        }
    }
    lifecycles
}

fn start_on_first_poll(names: &[TypeName]) -> StartOnFirstPoll {
    let listed = names.iter().map(|TypeName(name)| name).filter(|name| *name != REST);
    let listed: Vec<_> = listed.map(|name| TaskType::new(name)).collect();
    StartOnFirstPoll { documented: listed.len() < names.len(), listed: listed.into_iter().collect() }
}

#[cfg(test)]
pub(super) mod schema;
