//! `env`, `operations`, `scenarios`, `schema`: print what there is.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use super::{Failure, probe};
use crate::operations::{OPERATIONS, Operation};
use crate::scenario::{self, LoadError, builtin, load};

/// `env`
#[derive(Debug, Args)]
pub(super) struct Env {
    #[command(flatten)]
    target: probe::Target,
    /// Over TLS, trusting what stands in this file: the one that `serve --tls-ca-out` writes.
    #[arg(long, env = "SAS_EMULATOR_TLS_CA_OUT", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

/// Shell lines. The SDKs read keys from the environment; none reads an endpoint, so that is for programs to pass on.
pub(super) fn env(Env { target, tls_ca }: &Env) -> Result<(), Failure> {
    let endpoint = target.endpoint();
    // Nothing in it needs quoting: an authority has no such characters.
    let authority = probe::authority(&endpoint).map_err(Failure::usage)?;
    let (protocol, trust) = match tls_ca {
        None => ("http", String::new()),
        Some(file) => ("https", trust(file)?),
    };
    print(&format!(
        "export ALIBABA_CLOUD_ACCESS_KEY_ID=test\n\
         export ALIBABA_CLOUD_ACCESS_KEY_SECRET=test\n\
         export SAS_EMULATOR_ENDPOINT=http://{authority}\n\
         # for SDKs that want the endpoint without its scheme, and the protocol apart\n\
         export SAS_ENDPOINT={authority}\n\
         export SAS_PROTOCOL={protocol}\n\
         {trust}\
         # the Python SDKs send even local calls through a proxy, whatever NO_PROXY says\n\
         unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy\n"
    ))
}

/// Whom to trust. Only what adds to whom a program trusts anyway: with `SSL_CERT_FILE` it would trust nobody else.
fn trust(file: &Path) -> Result<String, Failure> {
    let file = std::path::absolute(file).map_err(Failure::usage)?;
    let file = file.to_str().ok_or_else(|| Failure::usage(anyhow!("--tls-ca: the path is not UTF-8")))?;
    let quoted = format!("'{}'", file.replace('\'', r"'\''"));
    Ok(format!(
        "# whom to trust: for `ca` of the SDKs' configuration (docs/tls.md), for the legacy Python SDK, for Node.js\n\
         export SAS_CA_FILE={quoted}\n\
         export ALIBABA_CLOUD_CA_BUNDLE={quoted}\n\
         export NODE_EXTRA_CA_CERTS={quoted}\n"
    ))
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
        Ok(format!("{name:<10} {}\n", scenario.description))
    });
    rows.collect()
}

pub(super) fn schema() -> Result<(), Failure> {
    print(scenario::SCHEMA)
}

/// To stdout; a reader that has gone away, as `head` does, is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
