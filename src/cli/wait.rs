//! `healthcheck` and `wait`: whether emulators answer, and until they are ready.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::Failure;
use super::client::{Remotes, block_on, probe};
use crate::clock::Stopwatch;
use crate::files;
use crate::settings::seconds;

#[derive(Debug, Args)]
pub(super) struct WaitArgs {
    #[command(flatten)]
    remotes: Remotes,
    /// Read the address from the file that `serve --endpoints-file` writes, once it is there.
    #[arg(long, value_name = "FILE", conflicts_with = "remotes")]
    endpoints_file: Option<PathBuf>,
    /// How long to wait, in seconds.
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    timeout: Duration,
}

/// Sends each one request. A probe that hangs has failed.
pub(super) fn healthcheck(remotes: &Remotes) -> Result<(), Failure> {
    block_on(Duration::from_secs(3), probe(&remotes.endpoints(), "health"))?;
    Ok(())
}

pub(super) fn wait(wait: &WaitArgs) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let polling = async {
        loop {
            let attempt = async {
                let endpoints = match &wait.endpoints_file {
                    Some(file) => vec![endpoint_in(file).with_context(|| {
                        format!("{} is not there, or not an endpoints file", file.display())
                    })?],
                    None => wait.remotes.endpoints(),
                };
                probe(&endpoints, "ready").await
            };
            match attempt.await {
                Ok(()) => return Ok(()),
                Err(error) if watch.elapsed() >= wait.timeout => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    // Longer than the loop itself takes, so that the error shown is the loop's.
    block_on(wait.timeout + Duration::from_secs(1), polling)
        .with_context(|| format!("not ready after {} s", wait.timeout.as_secs_f64()))?;
    Ok(())
}

fn endpoint_in(file: &Path) -> Option<String> {
    let content: serde_json::Value = serde_json::from_slice(&files::read_if_there(file).ok()??).ok()?;
    content["sas"].as_str().map(str::to_owned)
}
