//! `scenario`: what is loaded, and how another world takes its place while the emulator runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::query::{Plain, text};
use super::reply::Reply;
use super::{Control, NoOwnCertificates, Refusal, Shared, certificates};
use crate::clock::{self, GatewayClock};
use crate::domain::Keyring;
use crate::expect::Expectation;
use crate::gateway::{Bounds, Setup, SetupError, SignatureMode};
use crate::scenario::{Scenario, Source, builtin, load};
use crate::text::similar::did_you_mean;

/// What was asked for beside the scenario, and holds for every one that is loaded.
#[derive(Debug, Clone)]
pub struct Overrides {
    /// Instead of the scenario's seed.
    pub seed: Option<u64>,
    /// Instead of the scenario's gateway clock.
    pub gateway_clock: Option<GatewayClock>,
    /// Instead of the scenario's accounts.
    pub keyring: Option<Keyring>,
    /// Whether signatures are verified.
    pub signatures: SignatureMode,
    /// Bounds on what is kept of callers.
    pub bounds: Bounds,
}

impl Overrides {
    /// What a gateway is made from that shows this scenario.
    pub fn setup(&self, scenario: &Scenario) -> Setup {
        let mut world = scenario.world.clone();
        if let Some(keyring) = &self.keyring {
            world.keyring = keyring.clone();
        }
        Setup {
            world,
            seed: self.seed.or(scenario.seed).unwrap_or_default(),
            clock: scenario.clock,
            gateway_clock: self.gateway_clock.unwrap_or(scenario.gateway_clock),
            signatures: self.signatures,
            bounds: self.bounds,
        }
    }
}

/// What is said of the loaded scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// What it is called.
    pub name: String,
    /// The situation it reproduces.
    pub description: String,
    /// The documents that were laid over each other, without secrets.
    #[serde(skip)]
    pub sources: Vec<Source>,
    /// What is expected of the client.
    #[serde(skip)]
    pub expect: Vec<Expectation>,
}

impl From<&Scenario> for Summary {
    fn from(Scenario { name, description, sources, expect, .. }: &Scenario) -> Self {
        let (name, description) = (name.clone(), description.clone());
        Self { name, description, sources: sources.clone(), expect: expect.clone() }
    }
}

/// The loaded scenario, and what stays when another one is loaded.
#[derive(Debug)]
pub struct Loaded {
    overrides: Overrides,
    summary: Mutex<Summary>,
}

impl Loaded {
    /// Of the scenario at the start.
    pub fn new(overrides: Overrides, scenario: &Scenario) -> Self {
        Self { overrides, summary: Mutex::new(scenario.into()) }
    }

    /// What is said of it.
    pub fn summary(&self) -> Summary {
        self.hold().clone()
    }

    /// Held while another world takes the place of this one: two at once could leave the world of one with the faults
    /// of the other.
    pub(super) fn hold(&self) -> MutexGuard<'_, Summary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why another scenario is not shown.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadRefusal {
    /// There is no such world.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A fault could never strike.
    #[error(transparent)]
    Fault(#[from] NoOwnCertificates),
}

impl Control {
    /// Shows another scenario from its first instant on, faults included; if that cannot be, the old one stays.
    pub fn load(&self, scenario: Scenario) -> Result<(), LoadRefusal> {
        certificates::check(&scenario.faults, self.ca_pem.is_some())?;
        let mut summary = self.loaded.hold();
        let setup = self.loaded.overrides.setup(&scenario);
        let seed = setup.seed;
        self.gateway.load(setup)?;
        *summary = (&scenario).into();
        self.faults.load(seed, scenario.faults, clock::uptime());
        self.journal.clear(None);
        Ok(())
    }
}

pub(super) async fn read(_: Plain, State(control): State<Shared>) -> Reply<Value> {
    Reply(shown(&control))
}

/// `{"name":"default"}`: a built-in scenario. Files are for the command line: whoever may call should not thereby read
/// what lies on this machine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

pub(super) async fn replace(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_scenario", message)
            .hint("docs/scenarios.md has all keys; the loaded scenario was left as it is")
    };
    let scenario = if let Ok(Named { name }) = serde_json::from_slice(&body) {
        let text = builtin::text(&name).ok_or_else(|| {
            bad(format!("no built-in scenario is called {name:?}{}", did_you_mean(&name, builtin::names())))
        })?;
        load::parse(&name, text)
    } else {
        load::parse("body", text(&body).map_err(bad)?)
    };
    let scenario = scenario.map_err(|error| bad(error.to_string()))?;
    control.load(scenario).map_err(|error| bad(error.to_string()))?;
    tracing::info!("scenario {}, by the control API", control.loaded.summary().name);
    Ok(Reply(shown(&control)))
}

fn shown(control: &Control) -> Value {
    let Summary { name, description, sources, .. } = control.loaded.summary();
    let seed = control.gateway.seed();
    json!({ "name": name, "description": description, "seed": seed, "documents": sources })
}
