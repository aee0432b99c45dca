//! What an emulator is made from: a scenario, what overrides it, and limits.

use std::path::PathBuf;

use super::limits::Limits;
use crate::auth::SignatureMode;
use crate::clock::GatewayClock;
use crate::domain::Keyring;
use crate::fault::Rule;
use crate::journal;
use crate::scenario::Scenario;

/// What an emulator is made from. All but the scenario stays when another scenario is loaded.
#[derive(Debug, Clone)]
pub struct Config {
    pub scenario: Scenario,
    pub seed: Option<u64>,
    pub gateway_clock: Option<GatewayClock>,
    pub keyring: Option<Keyring>,
    pub signatures: SignatureMode,
    pub limits: Limits,
    pub journal: journal::Capacity,
    /// Where the state is kept between two starts.
    pub state_file: Option<PathBuf>,
    /// The certificate of the authority that clients must trust, in PEM, if the emulator generated one.
    pub ca_pem: Option<String>,
}

impl Config {
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            seed: None,
            gateway_clock: None,
            keyring: None,
            signatures: SignatureMode::default(),
            limits: Limits::default(),
            journal: journal::Capacity::default(),
            state_file: None,
            ca_pem: None,
        }
    }

    /// A scenario with the overrides applied; refused if one of its faults could never fire.
    pub(super) fn resolve(&self, mut scenario: Scenario) -> Result<Scenario, NoGeneratedCertificate> {
        self.check_certificates(&scenario.faults)?;
        scenario.seed = self.seed.or(scenario.seed);
        scenario.gateway_clock = self.gateway_clock.unwrap_or(scenario.gateway_clock);
        if let Some(keyring) = &self.keyring {
            scenario.world.keyring = keyring.clone();
        }
        Ok(scenario)
    }

    /// Refuses rules that need a generated certificate where there is none.
    pub(super) fn check_certificates(&self, rules: &[Rule]) -> Result<(), NoGeneratedCertificate> {
        let idle = rules.iter().find(|rule| rule.is_for_handshakes() && self.ca_pem.is_none());
        idle.map_or(Ok(()), |rule| {
            // A rule without a name gets one when it is armed.
            let named =
                if rule.id.is_empty() { "a fault".to_owned() } else { format!("the fault {:?}", rule.id) };
            Err(NoGeneratedCertificate(named))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} shows a bad certificate, and only certificates that the emulator made can be bad on purpose: start \
     it with --tls auto"
)]
pub struct NoGeneratedCertificate(String);
