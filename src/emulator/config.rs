//! What an emulator is made from: a scenario, what overrides it, and limits.

use std::path::PathBuf;
use std::time::Duration;

use crate::auth::SignatureMode;
use crate::clock::GatewayClock;
use crate::domain::Keyring;
use crate::domain::unmodelled::Unmodelled;
use crate::fault::Rule;
use crate::journal;
use crate::origin::AllowedOrigin;
use crate::scenario::Scenario;

/// What an emulator is made from. All but the scenario stays when another scenario is loaded.
#[derive(Debug, Clone)]
pub struct Config {
    pub scenario: Scenario,
    pub seed: Option<u64>,
    pub gateway_clock: Option<GatewayClock>,
    pub keyring: Option<Keyring>,
    pub unmodelled: Option<Unmodelled>,
    pub signatures: SignatureMode,
    pub limits: Limits,
    pub journal: journal::Capacity,
    pub state_file: Option<PathBuf>,
    /// Whose web pages may call the service; without any, none may.
    pub browser_origins: Vec<AllowedOrigin>,
    /// The certificate of the authority that clients must trust, in PEM, if the emulator generated one.
    pub ca_pem: Option<String>,
}

/// Limits on what is taken in and on what is kept, so that nothing grows without a bound. Defaults are far above what SDKs send and far below what hurts a laptop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub body_bytes: usize,
    pub state_bytes: usize,
    /// Most parameters in one request, query and form together.
    pub parameters: usize,
    /// Longest time for a request to arrive, head and body each.
    pub receive: Duration,
    /// Longest time in which a client takes nothing of its answer.
    pub send: Duration,
    /// Most connections at once, and most calls that are handled at once. Beyond that the oldest idle connection is
    /// closed; a call that comes while all are busy is answered `ServiceUnavailable`.
    pub connections: usize,
    /// Most bytes of request bodies and of large answers of the control API in memory together; beyond that a request is
    /// answered 503.
    pub buffered_bytes: usize,
    /// Most accounts. Beyond that, an idle one is evicted for a new AccessKeyId; if there is none, the answer is
    /// `ServiceUnavailable`.
    pub accounts: usize,
    /// Most nonces for the replay check; beyond that the oldest are forgotten early.
    pub nonces: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            // A million tasks on a few servers each.
            state_bytes: 256 << 20,
            // The largest call of the product in public use is a list of a few hundred UUIDs.
            parameters: 2_000,
            receive: Duration::from_secs(30),
            send: Duration::from_secs(30),
            connections: 10_000,
            buffered_bytes: 256 << 20,
            accounts: 10_000,
            nonces: 500_000,
        }
    }
}

impl Config {
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            seed: None,
            gateway_clock: None,
            keyring: None,
            unmodelled: None,
            signatures: SignatureMode::default(),
            limits: Limits::default(),
            journal: journal::Capacity::default(),
            browser_origins: Vec::new(),
            state_file: None,
            ca_pem: None,
        }
    }

    /// A scenario with the overrides applied; refused if one of its faults could never fire.
    pub(super) fn resolve(&self, mut scenario: Scenario) -> Result<Scenario, NoGeneratedCertificate> {
        self.check_certificates(&scenario.faults)?;
        scenario.seed = self.seed.or(scenario.seed);
        scenario.gateway_clock = self.gateway_clock.unwrap_or(scenario.gateway_clock);
        scenario.world.unmodelled = self.unmodelled.unwrap_or(scenario.world.unmodelled);
        if let Some(keyring) = &self.keyring {
            scenario.world.keyring = keyring.clone();
        }
        Ok(scenario)
    }

    pub(super) fn check_certificates(&self, rules: &[Rule]) -> Result<(), NoGeneratedCertificate> {
        match rules.iter().find(|rule| rule.is_for_handshakes() && self.ca_pem.is_none()) {
            None => Ok(()),
            // A rule without a name gets one when it is armed.
            Some(rule) if rule.id.is_empty() => Err(NoGeneratedCertificate("a fault".to_owned())),
            Some(rule) => Err(NoGeneratedCertificate(format!("the fault {:?}", rule.id))),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} shows a bad certificate, and only certificates that the emulator made can be bad on purpose: start \
     it with --tls auto"
)]
pub struct NoGeneratedCertificate(String);
