//! `control`: sends a request of the control API to an emulator, or to each of the emulators behind a load balancer.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use futures_util::future::join_all;
use http::{HeaderValue, Method, Request, Response, header};

use super::client::{self, Remotes, all, authority, block_on, probe};
use super::{Failure, print};
use crate::control::PREFIX;
use crate::domain::Secret;
use crate::files;
use crate::settings::seconds;

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
    remotes: Remotes,
    /// What emulators with --control-token ask for.
    #[arg(long, env = "SAS_EMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    control_token: Option<Secret>,
    /// How long to wait for the answers, in seconds.
    #[arg(long, default_value = "60", value_parser = seconds, value_name = "SECONDS")]
    timeout: Duration,
}

impl ControlArgs {
    /// Prints the body of the answer; of several emulators, a line for each, with its endpoint and status. An answer that is
    /// no success fails the command, after all have answered.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let endpoints = self.remotes.endpoints();
        for endpoint in &endpoints {
            authority(endpoint).map_err(Failure::usage)?;
        }
        let request = self.request().map_err(Failure::usage)?;
        block_on(self.timeout, async {
            // A change that some emulators have and others do not is worse than none.
            if endpoints.len() > 1 && self.method != Method::GET {
                probe(&endpoints, "ready").await.context("nothing was sent")?;
            }
            let answers = endpoints.iter().map(|endpoint| client::send(endpoint, request.clone()));
            let mut outcomes = Vec::new();
            for (endpoint, answer) in endpoints.iter().zip(join_all(answers).await) {
                outcomes.push(match answer {
                    Ok(answer) => show(endpoint, &answer, endpoints.len() > 1)?,
                    Err(error) => Err(error),
                });
            }
            all(outcomes)
        })?;
        Ok(())
    }

    fn request(&self) -> Result<Request<Bytes>> {
        let path = self.path.strip_prefix(PREFIX).unwrap_or(&self.path).trim_start_matches('/');
        let mut request = Request::builder().method(&self.method).uri(format!("{PREFIX}/{path}"));
        if let Some(token) = &self.control_token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| anyhow!("--control-token: it cannot be sent in a header"))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = self.body.as_deref().map(read).transpose()?.unwrap_or_default();
        if !body.is_empty() {
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
            request = request
                .header(header::CONTENT_TYPE, if is_json { "application/json" } else { "application/yaml" });
        }
        request.body(body).with_context(|| format!("the path {:?}", self.path))
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
fn show(endpoint: &str, answer: &Response<Bytes>, is_one_of_many: bool) -> Result<Result<()>> {
    let status = answer.status();
    let body = String::from_utf8_lossy(answer.body());
    let prefix = if is_one_of_many { format!("{endpoint} {} ", status.as_u16()) } else { String::new() };
    print(&format!("{prefix}{}\n", body.trim_end())).map_err(|failure| failure.error)?;
    Ok(if status.is_success() { Ok(()) } else { Err(anyhow!("{endpoint} answers {status}")) })
}

fn method(text: &str) -> Result<Method> {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    match known.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)) {
        Some(method) => Ok(method),
        None => bail!("expected GET, POST, PUT, PATCH or DELETE"),
    }
}
