//! The measuring side of `scripts/bench`: starts servers, sends them the same signed requests in alternating rounds, and
//! reports medians. It asserts that every response is right, and nothing about time.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of scripts/bench, whose output is what it prints"
)]

mod answer;
mod client;
mod pair;
mod peers;
#[path = "../../benches/support/process.rs"]
mod process;
mod report;
mod server;
mod setup;
#[path = "../../benches/support/signed.rs"]
mod signed;
mod turns;

use anyhow::{Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Compares servers, call by call.
#[derive(Debug, Parser)]
enum Options {
    /// The emulator and a bare axum server.
    #[command(args_override_self = true)]
    Pair(pair::Options),
    /// These two and other emulators and mock servers.
    #[command(args_override_self = true)]
    Peers(peers::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let comparison = async {
        match &options {
            Options::Pair(options) => pair::compare(options).await,
            Options::Peers(options) => peers::compare(options).await,
        }
    };
    // However this ends, the servers end with the future that owns them.
    tokio::select! {
        outcome = comparison => outcome,
        _ = terminate.recv() => bail!("stopped"),
        _ = interrupt.recv() => bail!("stopped"),
    }
}
