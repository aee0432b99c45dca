//! Builds an emulator: scenario, seed, clock, accounts, faults.

use std::collections::BTreeMap;
use std::fmt;
use std::net::TcpListener;

use super::clock::Moment;
use super::emulator::Emulator;
use super::error::{Cause, StartError, or_panic};
use crate::answers::{AddAnswerError, MOST_ANSWERS};
use crate::auth::SignatureMode;
use crate::domain::keyring::is_possible_id;
use crate::domain::{AccessKey, Keyring, Secret};
use crate::emulator::Config;
use crate::fault::engine::ArmError;
use crate::fault::rule::MOST_RULES;
use crate::scenario::load::{self, Text};
use crate::scenario::{LoadError, Scenario};

/// What an emulator is started from; all of it is optional.
///
/// ```
/// use sas_emulator::Emulator;
///
/// let emulator = Emulator::builder()
///     .scenario("stuck")
///     .seed(7)
///     .paused()
///     .account("ci", "s3cret")
///     .fault("{ match: { action: CancelOnceTask }, effect: { error: ServerError } }")
///     .start();
/// assert!(emulator.clock().paused);
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing starts before start() is called"]
pub struct Builder {
    layers: Vec<Layer>,
    seed: Option<u64>,
    is_paused: bool,
    start: Option<Moment>,
    accounts: Vec<(String, AccessKey)>,
    faults: Vec<String>,
    answers: Vec<String>,
    signatures: SignatureMode,
    listener: Option<TcpListener>,
}

/// A scenario, read when the emulator starts.
enum Layer {
    Named(String),
    Written(String),
}

/// Without the text: secrets stand in it.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.debug_tuple("Named").field(name).finish(),
            Self::Written(_) => f.debug_tuple("Written").finish_non_exhaustive(),
        }
    }
}

impl Builder {
    /// With a built-in scenario (docs/scenarios.md lists them) or a file; a relative path starts where the test runs. Without
    /// any it is `default`. A second one is laid over the first, as the command line does.
    pub fn scenario(mut self, name_or_path: impl Into<String>) -> Self {
        self.layers.push(Layer::Named(name_or_path.into()));
        self
    }

    /// With a scenario written in the test, in YAML or JSON; laid over those before it.
    pub fn scenario_text(mut self, text: impl Into<String>) -> Self {
        self.layers.push(Layer::Written(text.into()));
        self
    }

    /// The seed of all random streams, instead of the scenario's seed or 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The task clock is paused until the test moves it.
    pub fn paused(mut self) -> Self {
        self.is_paused = true;
        self
    }

    /// The task clock starts at this time.
    pub fn clock_at(mut self, time: impl Into<Moment>) -> Self {
        self.start = Some(time.into());
        self
    }

    /// An account that may call. With one or more of these, no other account may, whatever the scenario says. Without any,
    /// and without a scenario that lists some, every AccessKeyId is an account, with the secret `test`.
    pub fn account(self, access_key_id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.key(access_key_id.into(), AccessKey::new(Secret::new(secret)))
    }

    /// An account with a temporary key: its calls must carry the security token.
    pub fn temporary_account(
        self,
        access_key_id: impl Into<String>,
        secret: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        let token = Some(Secret::new(token));
        self.key(access_key_id.into(), AccessKey { token, ..AccessKey::new(Secret::new(secret)) })
    }

    fn key(mut self, id: String, key: AccessKey) -> Self {
        self.accounts.push((id, key));
        self
    }

    /// One fault rule, or a list, in YAML or JSON as in docs/faults.md, in addition to those of the scenario.
    pub fn fault(mut self, rules: impl Into<String>) -> Self {
        self.faults.push(rules.into());
        self
    }

    /// One scripted answer, or a list, in YAML or JSON as in docs/answers.md, in addition to those of the scenario.
    pub fn answer(mut self, answers: impl Into<String>) -> Self {
        self.answers.push(answers.into());
        self
    }

    /// Does not verify signatures: for clients that cannot sign.
    pub fn unsigned(mut self) -> Self {
        self.signatures = SignatureMode::Ignore;
        self
    }

    /// Listens here, instead of on a free port of 127.0.0.1: when a program in a container is to call, for example.
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Starts it: it answers until it is dropped. It runs on a thread of its own, so there is nothing to await, and a test
    /// may block.
    ///
    /// # Panics
    ///
    /// If a setting above is wrong, or the emulator cannot listen.
    #[track_caller]
    pub fn start(self) -> Emulator {
        or_panic(self.try_start().map_err(|error| format!("the emulator cannot start: {error}")))
    }

    /// Starts it, or returns why it cannot.
    pub fn try_start(mut self) -> Result<Emulator, StartError> {
        let listener = self.listener.take();
        Emulator::launch(listener, self.config()?)
    }

    fn config(self) -> Result<Config, Cause> {
        let mut scenario = scenario(&self.layers).map_err(Cause::Document)?;
        scenario.clock.paused |= self.is_paused;
        if let Some(Moment(time)) = self.start {
            scenario.clock.start = Some(time.map_err(Cause::Clock)?);
        }
        for text in &self.faults {
            // Checked like rules that are armed later; but a reset brings these back.
            for rule in load::faults("fault", text).map_err(Cause::Document)? {
                if !rule.id.is_empty() && scenario.faults.iter().any(|other| other.id == rule.id) {
                    return Err(ArmError::Taken(rule.id).into());
                }
                if scenario.faults.len() >= MOST_RULES {
                    return Err(ArmError::TooMany.into());
                }
                scenario.faults.push(rule);
            }
        }
        for text in &self.answers {
            for answer in load::answers("answer", text).map_err(Cause::Document)? {
                if !answer.id.is_empty() && scenario.answers.iter().any(|other| other.id == answer.id) {
                    return Err(AddAnswerError::Taken(answer.id).into());
                }
                if scenario.answers.len() >= MOST_ANSWERS {
                    return Err(AddAnswerError::TooMany.into());
                }
                scenario.answers.push(answer);
            }
        }
        let (seed, signatures) = (self.seed, self.signatures);
        Ok(Config { seed, signatures, keyring: keyring(self.accounts)?, ..Config::new(scenario) })
    }
}

fn scenario(layers: &[Layer]) -> Result<Scenario, LoadError> {
    if layers.is_empty() {
        return load::find("default");
    }
    let texts = layers.iter().map(|layer| match layer {
        Layer::Named(name) => load::read(name),
        Layer::Written(text) => Ok(Text { source: "scenario_text".to_owned(), text: text.clone() }),
    });
    load::together(&texts.collect::<Result<Vec<_>, _>>()?)
}

fn keyring(accounts: Vec<(String, AccessKey)>) -> Result<Option<Keyring>, Cause> {
    let mut listed = BTreeMap::new();
    for (index, (id, key)) in accounts.into_iter().enumerate() {
        if !is_possible_id(&id) {
            return Err(Cause::Account(index + 1));
        }
        if listed.insert(id.clone(), key).is_some() {
            return Err(Cause::Twice(id));
        }
    }
    Ok((!listed.is_empty()).then(|| Keyring::new(listed, None)))
}

impl Emulator {
    /// One that shows the scenario `default`: any AccessKeyId is an account with the secret `test`, and every scan succeeds
    /// after about ten seconds. Panics if it cannot listen: no ports or no threads are left.
    #[track_caller]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// One that shows something else.
    pub fn builder() -> Builder {
        Builder::default()
    }
}
