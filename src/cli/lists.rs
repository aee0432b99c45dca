//! `env`, `operations`, `scenarios`, `schema`: print what there is.

use std::io::Write;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::environment::{self, Caller, Shell};
use super::{Failure, probe};
use crate::operations::{OPERATIONS, Operation};
use crate::scenario::{self, LoadError, builtin, load};

/// What `env` may be told.
#[derive(Debug, Args)]
pub(super) struct Env {
    #[command(flatten)]
    target: probe::Target,
    /// How the lines are written
    #[arg(long, default_value = "sh")]
    shell: Shell,
    /// Over TLS, trusting what stands in this file: the one that `serve --tls-ca-out` writes
    #[arg(long, env = "SAS_EMULATOR_TLS_CA_OUT", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

impl Env {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let endpoint = self.target.endpoint();
        let authority = probe::authority(&endpoint).map_err(Failure::usage)?;
        let caller = Caller { access_key_id: "test", access_key_secret: "test", security_token: None };
        let file = self.tls_ca.as_ref().map(std::path::absolute).transpose().map_err(Failure::usage)?;
        let not_text = || Failure::usage(anyhow!("--tls-ca: the path is not UTF-8"));
        let file = file.as_ref().map(|file| file.to_str().ok_or_else(not_text)).transpose()?;
        print(&self.shell.lines(&environment::variables(authority, caller, file)))
    }
}

pub(super) fn operations() -> Result<(), Failure> {
    let rows: String = OPERATIONS.iter().map(|operation| row(operation)).collect();
    print(&format!(
        "{rows}Every other operation of the product is known by name and answers 501 OperationNotModelled.\n"
    ))
}

fn row(operation: &Operation) -> String {
    let names = |required: bool| {
        let params = operation.params.iter().filter(|param| param.required == required);
        params.map(|param| param.name).collect::<Vec<_>>().join(", ")
    };
    let Operation { name, summary, ram_action, evidence, .. } = operation;
    let (required, optional) = (names(true), names(false));
    format!(
        "{name}\n  {summary}\n  RAM action  {ram_action}\n  required    {required}\n  optional    {optional}\n  \
         modelled    {evidence}\n"
    )
}

pub(super) fn scenarios(name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return print(&list()?) };
    let text = builtin::text(name).ok_or_else(|| {
        let known: Vec<&str> = builtin::names().collect();
        Failure::usage(anyhow!("no built-in scenario is called {name:?}; there are {}", known.join(", ")))
    })?;
    print(text)
}

fn list() -> Result<String, LoadError> {
    let rows = builtin::SCENARIOS.iter().map(|(name, text)| {
        let scenario = load::parse(name, text)?;
        Ok(format!("{name:<18} {}\n", scenario.description))
    });
    rows.collect()
}

pub(super) fn schema() -> Result<(), Failure> {
    print(&scenario::schema())
}

/// To stdout; a reader that has gone away, as `head` does, is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
