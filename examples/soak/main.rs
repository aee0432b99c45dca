//! The client of `scripts/soak`: runs many callers in one account, over real sockets and in real time, and checks that
//! they saw one history.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool of scripts/soak, whose output is what it prints, and which writes the scenario"
)]

mod crowd;
mod history;
#[path = "../../benches/support/process.rs"]
mod process;
#[path = "../../benches/support/v3.rs"]
mod v3;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::Parser;
use sas_emulator::internals::clock::Stopwatch;

use self::crowd::{Crowd, SCENARIO, Until};
use self::history::{MOST_RUNNING, Stage};
use self::process::Server;

/// Runs many callers that create, poll and cancel tasks in one account, and checks that they see one history.
#[derive(Debug, Parser)]
struct Options {
    /// The emulator's binary.
    #[arg(long, value_name = "FILE")]
    emulator: String,
    /// Duration.
    #[arg(default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Callers, each with its own connection.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Or after this many calls, if that comes first.
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    calls: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let scenario = std::env::temp_dir().join(format!("sas-emulator-soak-{}.yaml", std::process::id()));
    std::fs::write(&scenario, SCENARIO)?;
    let mut command = Command::new(&options.emulator);
    command.args(["--listen", "127.0.0.1:0", "--log", "warn", "--scenario"]).arg(&scenario);
    let server = Server::start(command.stderr(Stdio::inherit()), b"");
    std::fs::remove_file(&scenario)?;
    let server = server?;

    let until = Until { elapsed: Duration::from_secs(options.seconds.into()), calls: options.calls };
    println!("{} callers for {} s at {}", options.callers, options.seconds, server.address);
    let crowd = Crowd::new(server.address, until);
    let watch = Stopwatch::start();
    let mut run = tokio::spawn(Arc::clone(&crowd).run(options.callers));
    let mut tick = tokio::time::interval(Duration::from_secs(10));
    tick.tick().await;
    let outcome = loop {
        tokio::select! {
            ended = &mut run => break ended?,
            _ = tick.tick() => println!("{:>4} s: {}", watch.elapsed().as_secs(), summary(&crowd)),
            _ = tokio::signal::ctrl_c() => bail!("stopped"),
        }
    };
    println!("{:>4} s: {}", watch.elapsed().as_secs(), summary(&crowd));
    let history = crowd.history();
    for violation in &history.violations {
        println!("violation: {violation}");
    }
    outcome?;
    ensure!(history.violations.is_empty(), "callers did not see one history");
    ensure!(history.refused > 0, "the limit of {MOST_RUNNING} was never reached");
    Ok(())
}

fn summary(crowd: &Crowd) -> String {
    let history = crowd.history();
    format!(
        "{} calls, {} tasks created, {} refused, {} cancelled, {} done; {} sights, {} listings, at most {} running, \
         {} violations",
        history.calls,
        history.created.len(),
        history.refused,
        history.count(Stage::Failed),
        history.count(Stage::Done),
        history.sights,
        history.listings,
        history.most_running,
        history.violations.len(),
    )
}
