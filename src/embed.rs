//! An emulator put together from its parts: what the command line serves and what tests hold.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::clock::{self, GatewayClock};
use crate::control::{Control, Description, Policy};
use crate::domain::Keyring;
use crate::fault::Engine;
use crate::gateway::{Bounds, Gateway, Setup, SetupError, SignatureMode};
use crate::scenario::Scenario;
use crate::server::{Endpoint, Front, Limits};

/// What an emulator is made from: a scenario, and what overrides it.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// The world.
    pub scenario: Scenario,
    /// Instead of the scenario's seed.
    pub seed: Option<u64>,
    /// Instead of the scenario's gateway clock.
    pub gateway_clock: Option<GatewayClock>,
    /// Instead of the scenario's accounts.
    pub keyring: Option<Keyring>,
    /// Whether signatures are verified.
    pub signatures: SignatureMode,
    /// Bounds on what is kept.
    pub bounds: Bounds,
    /// Bounds on what is taken in.
    pub limits: Limits,
    /// Who may use the control API; if nobody, only its probes are there.
    pub control: Option<Policy>,
}

impl Blueprint {
    /// Of a scenario, with everything else as usual.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            seed: None,
            gateway_clock: None,
            keyring: None,
            signatures: SignatureMode::default(),
            bounds: Bounds::default(),
            limits: Limits::default(),
            control: Some(Policy::default()),
        }
    }
}

/// A running world without a socket.
#[derive(Debug, Clone)]
pub struct Emulator {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What its scenario is called.
    pub scenario: String,
    /// The front door.
    pub front: Front,
    /// What it takes in.
    pub limits: Limits,
    /// What `GET /_emulator/ready` says.
    pub ready: Arc<AtomicBool>,
}

impl Emulator {
    /// Puts it together; it is ready at once.
    pub fn new(blueprint: Blueprint) -> Result<Self, SetupError> {
        let Scenario { name, description, seed, clock, gateway_clock, mut world, faults } =
            blueprint.scenario;
        if let Some(keyring) = blueprint.keyring {
            world.keyring = keyring;
        }
        let gateway = Arc::new(Gateway::new(Setup {
            world,
            seed: blueprint.seed.or(seed).unwrap_or_default(),
            clock,
            gateway_clock: blueprint.gateway_clock.unwrap_or(gateway_clock),
            signatures: blueprint.signatures,
            bounds: blueprint.bounds,
        })?);
        let ready = Arc::new(AtomicBool::new(true));
        let faults = Arc::new(Engine::new(gateway.setup().seed, faults, clock::uptime()));
        let control = Arc::new(Control {
            gateway: Arc::clone(&gateway),
            faults: Arc::clone(&faults),
            scenario: Description { name: name.clone(), description },
            enabled: blueprint.control.is_some(),
            policy: blueprint.control.unwrap_or_default(),
            ready: Arc::clone(&ready),
        });
        let limits = blueprint.limits;
        let endpoint = Endpoint { gateway: Arc::clone(&gateway), faults, parameters: limits.parameters };
        Ok(Self { gateway, scenario: name, front: Front::new(endpoint, control, limits), limits, ready })
    }
}
