//! `control`: sends a request of the control API to an emulator, or to each of the emulators behind a load balancer.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::{Method, Response};

use super::client::all;
use super::steer::{ControlCommand, Recipients};
use super::{Failure, print};
use crate::control::PREFIX;
use crate::files;

#[derive(Debug, Args)]
pub(super) struct ControlArgs {
    /// GET, POST, PUT, PATCH or DELETE.
    #[arg(value_parser = method)]
    method: Method,
    /// What follows `/_emulator/`, such as `clock` or `tasks?account=test`.
    path: String,
    /// JSON or YAML; `@FILE` is what a file has, `@-` what standard input has.
    body: Option<String>,
    #[command(flatten)]
    recipients: Recipients,
}

impl ControlArgs {
    /// Prints the body of the answer; of several emulators, a line for each, with its endpoint and status. An answer that is
    /// no success fails the command, after all have answered.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let path = self.path.strip_prefix(PREFIX).unwrap_or(&self.path).trim_start_matches('/');
        let body = self.body.as_deref().map(read).transpose().map_err(Failure::usage)?.unwrap_or_default();
        let command = ControlCommand::new(self.method.clone(), path).body(body);
        let answers = self.recipients.send(&command)?;
        let is_one_of_many = answers.len() > 1;
        let mut outcomes = Vec::new();
        for (endpoint, answer) in answers {
            outcomes.push(match answer {
                Ok(answer) => show(&endpoint, &answer, is_one_of_many)?,
                Err(error) => Err(error),
            });
        }
        Ok(all(outcomes)?)
    }
}

/// The body of a request, as it is given or from where it says.
fn read(given: &str) -> Result<Bytes> {
    let Some(file) = given.strip_prefix('@') else { return Ok(Bytes::copy_from_slice(given.as_bytes())) };
    if file == "-" {
        let mut content = Vec::new();
        std::io::stdin().lock().read_to_end(&mut content).context("standard input")?;
        return Ok(content.into());
    }
    let content = files::read_if_there(Path::new(file)).with_context(|| file.to_owned())?;
    Ok(content.with_context(|| format!("there is no file {file}"))?.into())
}

/// Prints an answer. The inner error says that it is no success.
fn show(endpoint: &str, answer: &Response<Bytes>, is_one_of_many: bool) -> Result<Result<()>, Failure> {
    let status = answer.status();
    let body = String::from_utf8_lossy(answer.body());
    let prefix = if is_one_of_many { format!("{endpoint} {} ", status.as_u16()) } else { String::new() };
    print(&format!("{prefix}{}\n", body.trim_end()))?;
    Ok(if status.is_success() { Ok(()) } else { Err(anyhow!("{endpoint} answers {status}")) })
}

fn method(text: &str) -> Result<Method> {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    match known.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)) {
        Some(method) => Ok(method),
        None => bail!("expected GET, POST, PUT, PATCH or DELETE"),
    }
}
