//! How a test configures its emulator.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sas_emulator::internals::auth::SignatureMode;
use sas_emulator::internals::clock::GatewayClock;
use sas_emulator::internals::control::AccessPolicy;
use sas_emulator::internals::domain::unmodelled::Unmodelled;
use sas_emulator::internals::domain::{AccessKey, Keyring, Secret};
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::scenario::{Scenario, load};
use sas_emulator::internals::server::{Front, Tls};

use super::{NOW, TestEmulator};

/// A configuration in the making.
pub(crate) struct Setup {
    config: Config,
    policy: Option<AccessPolicy>,
    tls: Option<Tls>,
}

impl Setup {
    /// Of a built-in scenario or of the text of one; both clocks stand at [`NOW`].
    pub(crate) fn new(scenario: &str) -> Self {
        let scenario = if scenario.contains('\n') {
            load::parse("test.yaml", &format!("version: 1\nname: test\n{scenario}"))
        } else {
            load::find(scenario)
        };
        Self::running(scenario.unwrap()).held()
    }

    /// Of a scenario that was loaded; its clocks run.
    pub(crate) fn running(scenario: Scenario) -> Self {
        Self { config: Config::new(scenario), policy: Some(AccessPolicy::default()), tls: None }
    }

    /// Stops both clocks at [`NOW`].
    pub(crate) fn held(mut self) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        self.config.scenario.clock.start = Some(now);
        self.config.scenario.clock.paused = true;
        self.with(|config| config.gateway_clock = Some(GatewayClock::Pinned(now)))
    }

    /// Keeps the gateway clock as far from [`NOW`] as the scenario says.
    pub(crate) fn skewed_as_in_the_scenario(self) -> Self {
        let GatewayClock::Skewed(skew) = self.config.scenario.gateway_clock else { panic!("no skew") };
        let now: Timestamp = NOW.parse().unwrap();
        self.with(|config| config.gateway_clock = Some(GatewayClock::Pinned(now + skew)))
    }

    pub(crate) fn unmodelled(self, unmodelled: Unmodelled) -> Self {
        self.with(|config| config.unmodelled = Some(unmodelled))
    }

    pub(crate) fn seed(self, seed: u64) -> Self {
        self.with(|config| config.seed = Some(seed))
    }

    /// Knows exactly these keys: id, secret, token.
    pub(crate) fn keys(self, listed: &[(&str, &str, Option<&str>)]) -> Self {
        let keyring = keys(listed);
        self.with(|config| config.keyring = Some(keyring))
    }

    /// Takes any key, whatever the scenario lists.
    pub(crate) fn any_key(self) -> Self {
        self.with(|config| config.keyring = Some(Keyring::default()))
    }

    /// Verifies no signature, and judges time stamps by the machine's clock.
    pub(crate) fn unsigned(self) -> Self {
        self.with(|config| {
            config.signatures = SignatureMode::Ignore;
            config.gateway_clock = Some(GatewayClock::default());
        })
    }

    pub(crate) fn max_accounts(self, count: usize) -> Self {
        self.with(|config| config.limits.accounts = count)
    }

    pub(crate) fn max_connections(self, count: usize) -> Self {
        self.with(|config| config.limits.connections = count)
    }

    /// Memory for bodies and large answers.
    pub(crate) fn max_buffered(self, bytes: usize) -> Self {
        self.with(|config| config.limits.buffered_bytes = bytes)
    }

    pub(crate) fn max_body(self, bytes: usize) -> Self {
        self.with(|config| config.limits.body_bytes = bytes)
    }

    pub(crate) fn max_state(self, bytes: usize) -> Self {
        self.with(|config| config.limits.state_bytes = bytes)
    }

    /// How long a request may take to arrive.
    pub(crate) fn receive_timeout(self, time: Duration) -> Self {
        self.with(|config| config.limits.receive = time)
    }

    pub(crate) fn journal_entries(self, count: usize) -> Self {
        self.with(|config| config.journal.entries = count)
    }

    pub(crate) fn journal_bytes(self, bytes: usize) -> Self {
        self.with(|config| config.journal.bytes = bytes)
    }

    pub(crate) fn state_file(self, file: PathBuf) -> Self {
        self.with(|config| config.state_file = Some(file))
    }

    pub(crate) fn tls(self, tls: Tls) -> Self {
        let ca_pem = tls.ca_pem().map(str::to_owned);
        Self { tls: Some(tls), ..self }.with(|config| config.ca_pem = ca_pem)
    }

    pub(crate) fn without_control_api(self) -> Self {
        Self { policy: None, ..self }
    }

    /// Lets pages of these sites call the service.
    pub(crate) fn browser_origins(self, origins: &[&str]) -> Self {
        let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        self.with(|config| config.browser_origins = origins)
    }

    /// Requires this token for the control API.
    pub(crate) fn control_token(self, token: &str) -> Self {
        let policy = AccessPolicy { token: Some(Secret::new(token)), ..AccessPolicy::default() };
        Self { policy: Some(policy), ..self }
    }

    pub(crate) fn start(self) -> TestEmulator {
        let core = Arc::new(Emulator::new(self.config).unwrap());
        let front = Front::new(Arc::clone(&core), self.policy, self.tls);
        TestEmulator { core, front }
    }

    /// Why it cannot start.
    pub(crate) fn start_error(self) -> String {
        Emulator::new(self.config).unwrap_err().to_string()
    }

    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }
}

/// A keyring of exactly these: id, secret, token.
pub(crate) fn keys(listed: &[(&str, &str, Option<&str>)]) -> Keyring {
    let listed = listed.iter().map(|(id, secret, token)| {
        let token = token.map(Secret::new);
        ((*id).to_owned(), AccessKey { token, ..AccessKey::new(Secret::new(*secret)) })
    });
    Keyring::new(listed.collect(), None)
}
