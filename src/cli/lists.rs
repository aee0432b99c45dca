//! `env`, `operations`, `scenarios`: print what there is.

use std::io::Write;

use anyhow::anyhow;

use super::{Failure, probe};
use crate::operations::OPERATIONS;
use crate::scenario::{builtin, load};

/// Shell lines. The SDKs read keys from the environment; none reads an endpoint, so that is for programs to pass on.
pub(super) fn env(target: &probe::Target) -> Result<(), Failure> {
    let url = &target.endpoint;
    let authority = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    print(&format!(
        "export ALIBABA_CLOUD_ACCESS_KEY_ID=test\n\
         export ALIBABA_CLOUD_ACCESS_KEY_SECRET=test\n\
         export SAS_EMULATOR_ENDPOINT={url}\n\
         # for SDKs that want the endpoint without its scheme, and the protocol apart\n\
         export SAS_ENDPOINT={authority}\n\
         export SAS_PROTOCOL=http\n\
         # the Python SDKs send even local calls through a proxy, whatever NO_PROXY says\n\
         unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy\n"
    ))
}

pub(super) fn operations() -> Result<(), Failure> {
    let mut text = String::new();
    for operation in OPERATIONS {
        let required: Vec<&str> =
            operation.params.iter().filter(|param| param.required).map(|param| param.name).collect();
        let optional: Vec<&str> =
            operation.params.iter().filter(|param| !param.required).map(|param| param.name).collect();
        text.push_str(&format!(
            "{}\n  {}\n  RAM action  {}\n  required    {}\n  optional    {}\n  modelled    {}\n",
            operation.name,
            operation.summary,
            operation.ram_action,
            required.join(", "),
            optional.join(", "),
            operation.evidence,
        ));
    }
    text.push_str(
        "Every other operation of the product is known by name and answers 501 OperationNotModelled.\n",
    );
    print(&text)
}

pub(super) fn scenarios(name: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = name {
        return match builtin::text(name) {
            Some(text) => print(text),
            None => {
                let known: Vec<&str> = builtin::names().collect();
                Err(Failure::usage(anyhow!(
                    "no built-in scenario is called {name:?}; there are {}",
                    known.join(", ")
                )))
            }
        };
    }
    let mut text = String::new();
    for (name, source) in builtin::SCENARIOS {
        let scenario = load::parse(name, source)?;
        text.push_str(&format!("{name:<10} {}\n", scenario.description));
    }
    print(&text)
}

/// To stdout; a reader that has gone away, as `head` does, is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
