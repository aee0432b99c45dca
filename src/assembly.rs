//! The parts of an emulator put together: what the command line serves, what [`crate::embed`] starts, what tests hold.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{self, GatewayClock};
use crate::control::{Control, Loaded, Overrides, Policy, StateFile};
use crate::domain::Keyring;
use crate::fault::Engine;
use crate::gateway::{Bounds, Gateway, SetupError, SignatureMode};
use crate::journal::{self, Journal};
use crate::scenario::Scenario;
use crate::server::{Endpoint, Front, Limits, Tls};
use crate::stop::Stopper;

/// What an emulator is put together from: a scenario, and what overrides it.
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
    /// How many of the last calls are kept.
    pub journal: journal::Capacity,
    /// Bounds on what is taken in.
    pub limits: Limits,
    /// Where the state is kept between two starts; [`Control::load_state`] goes on from there.
    pub state_file: Option<PathBuf>,
    /// Who may use the control API; if nobody, only its probes are there.
    pub control: Option<Policy>,
    /// What clients are shown that speak TLS, on the port that speaks plain HTTP too; without it, TLS is not spoken, and
    /// faults of TLS never strike.
    pub tls: Option<Tls>,
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
            journal: journal::Capacity::default(),
            limits: Limits::default(),
            state_file: None,
            control: Some(Policy::default()),
            tls: None,
        }
    }
}

/// All parts of an emulator, at work: whatever has a socket serves its front.
#[derive(Debug, Clone)]
pub struct Assembly {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// The last calls.
    pub journal: Arc<Journal>,
    /// The front door.
    pub front: Front,
    /// What the control API does, for those who hold the parts in their hands.
    pub control: Arc<Control>,
    /// What it takes in.
    pub limits: Limits,
    /// Ends whatever waits, and makes `GET /_emulator/ready` say so.
    pub stopper: Stopper,
}

impl Assembly {
    /// Puts it together; it is ready at once.
    pub fn new(blueprint: Blueprint) -> Result<Self, SetupError> {
        let Blueprint { scenario, limits, journal, state_file, control, .. } = blueprint;
        let Blueprint { seed, gateway_clock, keyring, signatures, bounds, tls, .. } = blueprint;
        let overrides = Overrides { seed, gateway_clock, keyring, signatures, bounds };
        let setup = overrides.setup(&scenario);
        let seed = setup.seed;
        let gateway = Arc::new(Gateway::new(setup)?);
        let journal = Arc::new(Journal::new(journal));
        let stopper = Stopper::default();
        let loaded = Loaded::new(overrides, &scenario);
        let faults = Arc::new(Engine::new(seed, scenario.faults, clock::uptime()));
        let control = Arc::new(Control {
            gateway: Arc::clone(&gateway),
            faults: Arc::clone(&faults),
            journal: Arc::clone(&journal),
            loaded,
            enabled: control.is_some(),
            policy: control.unwrap_or_default(),
            state_file: state_file.map(StateFile::new),
            ca_pem: tls.as_ref().and_then(Tls::ca_pem).map(str::to_owned),
            stop: stopper.heard(),
        });
        let endpoint = Endpoint {
            gateway: Arc::clone(&gateway),
            faults,
            journal: Arc::clone(&journal),
            parameters: limits.parameters,
            stop: stopper.heard(),
        };
        let front = Front::new(endpoint, Arc::clone(&control), limits, tls);
        Ok(Self { gateway, journal, front, control, limits, stopper })
    }
}
