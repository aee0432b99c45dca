//! `doctor`: why calls do not arrive or are refused, each finding with what to do about it.

mod clients;
mod server;

use std::time::Duration;

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::client::{self, Remote};
use super::{Failure, print};
use crate::domain::Secret;
use crate::text::outside;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    key: client::SigningKey,
    /// What emulators with --control-token ask for.
    #[arg(long, env = "SAS_EMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<Secret>,
    /// Leave out the check of the key: it is one call (`GetCallerIdentity`), which the journal keeps.
    #[arg(long)]
    no_call: bool,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Ok,
    Warn,
    Fail,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What one check found.
#[derive(Debug, PartialEq, Eq)]
struct Symptom {
    check: &'static str,
    level: Level,
    message: String,
    /// A command, or nothing.
    fix: String,
}

impl Symptom {
    fn new(check: &'static str, level: Level, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level, message: message.into(), fix: fix.into() }
    }

    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, message, "")
    }

    fn warn(check: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Level::Warn, message, fix)
    }

    fn fail(check: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Level::Fail, message, fix)
    }
}

/// How long the emulator may take to answer all checks.
const PATIENCE: Duration = Duration::from_secs(10);

impl DoctorArgs {
    /// Fails if a check does.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let endpoint = self.remote.endpoint();
        let host = client::authority(&endpoint).map_err(Failure::usage)?;
        let environment = clients::Environment::of_this_process();
        let mut found = clients::Environment::variables(&super::unknown_variables());
        found.extend(environment.proxies(host));
        let of_server = async { Ok(server::examine(self, &endpoint, host, &environment).await) };
        found.extend(client::block_on(PATIENCE, of_server).unwrap_or_else(|error| {
            let message =
                format!("what listens at {endpoint} does not answer as an emulator does ({error:#})");
            vec![Symptom::fail("server", message, format!("sas-emulator --listen {host}"))]
        }));
        if self.json {
            let shown = found.iter().map(|Symptom { check, level, message, fix }| {
                json!({ "check": check, "level": level.word(), "message": message, "fix": fix })
            });
            print(&format!("{}\n", shown.collect::<serde_json::Value>()))?;
        } else {
            print(&found.iter().map(line).collect::<String>())?;
        }
        match found.iter().filter(|symptom| symptom.level == Level::Fail).count() {
            0 => Ok(()),
            1 => Err(anyhow!("1 check failed").into()),
            failed => Err(anyhow!("{failed} checks failed").into()),
        }
    }
}

fn line(Symptom { check, level, message, fix }: &Symptom) -> String {
    let fix = if fix.is_empty() { String::new() } else { format!("\n                fix: {fix}") };
    outside::report(&format!("{:<5} {check:<9} {message}{fix}\n", level.word()))
}
