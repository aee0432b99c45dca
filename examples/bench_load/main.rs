//! The measuring side of `scripts/bench`: starts the emulator and the bare server, sends both the same signed requests
//! in alternating rounds, and reports medians. It asserts that every response is right, and nothing about time.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of scripts/bench, whose output is what it prints"
)]

mod client;
#[path = "../../benches/support/process.rs"]
mod process;
mod report;
mod server;
#[path = "../../benches/support/signed.rs"]
mod signed;

use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use self::client::Batch;
use self::process::Server;
use self::report::{Comparison, Sample};
use self::server::Cores;
use self::signed::{Calls, Kind};

/// Compares the emulator with a bare axum server, call by call.
#[derive(Debug, Parser)]
struct Options {
    /// The emulator's binary.
    #[arg(long, value_name = "FILE")]
    emulator: String,
    /// The bare server's binary.
    #[arg(long, value_name = "FILE")]
    bare: String,
    /// Rounds that count; one more comes first and does not.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Requests of each kind to each server in a round.
    #[arg(long, default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Let server and load share all cores instead of reserving one for the server.
    #[arg(long)]
    share_cores: bool,
    /// Where the emulator's log goes: a file (unlinked, and emptied after each round) or /dev/null.
    #[arg(long, default_value = "file", value_parser = ["file", "null"])]
    log_to: String,
    /// Further flags for the emulator, for example --log off, to measure the cost of one part.
    #[arg(last = true)]
    emulator_flags: Vec<String>,
}

const CALLS: [(Kind, &str); 2] = [(Kind::V3Post, "V3 POST"), (Kind::V1Get, "V1 GET")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // In both cases the servers end with the future that owns them.
    tokio::select! {
        outcome = compare(&options) => outcome,
        _ = terminate.recv() => bail!("stopped"),
        _ = interrupt.recv() => bail!("stopped"),
    }
}

async fn compare(options: &Options) -> Result<()> {
    let mut bench = Bench::start(options).await?;
    eprintln!("{}", bench.describe());
    bench.round(options.requests, 0).await.context("warm-up")?;
    let mut comparisons = CALLS.map(|(_, call)| Comparison { call, emulator: Vec::new(), bare: Vec::new() });
    for round in 1..=options.rounds {
        let samples = bench.round(options.requests, round).await?;
        let mut pieces = Vec::new();
        for (comparison, [ours, bare]) in comparisons.iter_mut().zip(samples) {
            comparison.emulator.push(ours);
            comparison.bare.push(bare);
            let (call, ratio) = (comparison.call, ours.per_second / bare.per_second);
            pieces.push(format!("{call} {:.0} / {:.0} = {ratio:.2}", ours.per_second, bare.per_second));
        }
        eprintln!("round {round}/{}, emulator / bare, requests/s: {}", options.rounds, pieces.join(", "));
    }
    println!("\n{}", bench.describe());
    println!("median (least-greatest) of {} rounds:\n\n{}", options.rounds, report::table(&comparisons));
    if let Some(doubt) = report::doubt(&comparisons).filter(|_| bench.cores.are_split()) {
        println!("{doubt}\n");
    }
    println!("{}", report::json(&bench.setting(), &comparisons));
    Ok(())
}

struct Bench<'o> {
    options: &'o Options,
    cores: Cores,
    calls: Calls,
    emulator: Server,
    bare: Server,
    log: Option<File>,
    /// Of every response, head included, from both servers.
    length: usize,
}

impl<'o> Bench<'o> {
    async fn start(options: &'o Options) -> Result<Self> {
        let cores = Cores::share_out(options.share_cores);
        if cores.are_split() {
            client::stay_awake();
        }
        let log = if options.log_to == "file" { Some(unlinked_file()?) } else { None };
        let stderr = log.as_ref().map(File::try_clone).transpose()?.map_or_else(Stdio::null, Stdio::from);
        // Every scan ends at once in this scenario, so that all responses are alike and equally long.
        let mut command = cores.command(&options.emulator);
        command.args(["--listen", "127.0.0.1:0", "--scenario", "instant"]).args(&options.emulator_flags);
        let emulator = Server::start(command.stderr(stderr), b"")?;

        let mut calls = Calls::new();
        let mut one = |kind| {
            let mut batch = Batch::default();
            batch.push(&calls.request(kind));
            batch
        };
        let answer = client::sample(emulator.address, &one(Kind::V3Post)).await?;
        let bare = Server::start(&mut cores.command(&options.bare), &answer)?;
        for (server, kind) in [(&emulator, Kind::V1Get), (&bare, Kind::V3Post), (&bare, Kind::V1Get)] {
            let other = client::sample(server.address, &one(kind)).await?;
            ensure!(
                shape(&other) == shape(&answer),
                "answers differ:\n{}\n{}",
                String::from_utf8_lossy(&answer),
                String::from_utf8_lossy(&other)
            );
        }
        Ok(Self { options, cores, calls, emulator, bare, log, length: answer.len() })
    }

    /// One batch of each kind, sent to both servers, which take turns in going first.
    async fn round(&mut self, requests: u32, round: u32) -> Result<Vec<[Sample; 2]>> {
        let mut samples = Vec::new();
        for (kind, _) in CALLS {
            let mut batch = Batch::default();
            (0..requests).for_each(|_| batch.push(&self.calls.request(kind)));
            let batch = Arc::new(batch);
            samples.push(if round.is_multiple_of(2) {
                let ours = self.sample(&self.emulator, &batch).await.context("emulator")?;
                [ours, self.sample(&self.bare, &batch).await.context("bare server")?]
            } else {
                let bare = self.sample(&self.bare, &batch).await.context("bare server")?;
                [self.sample(&self.emulator, &batch).await.context("emulator")?, bare]
            });
            if let Some(log) = &self.log {
                log.set_len(0)?;
            }
        }
        Ok(samples)
    }

    async fn sample(&self, server: &Server, batch: &Arc<Batch>) -> Result<Sample> {
        let before = server::cpu_time(server);
        let outcome = client::run(server.address, batch, self.options.connections, self.length).await?;
        let used = server::cpu_time(server).zip(before).map(|(after, before)| after.saturating_sub(before));
        let cpu = used.map_or(f64::NAN, |used| used.as_secs_f64());
        let count = f64::from(u32::try_from(batch.len())?);
        let elapsed = outcome.elapsed.as_secs_f64();
        Ok(Sample {
            per_second: count / elapsed,
            p50_ms: outcome.percentile(50).as_secs_f64() * 1e3,
            p99_ms: outcome.percentile(99).as_secs_f64() * 1e3,
            cpu_us: cpu / count * 1e6,
            busy: cpu / elapsed * 100.0,
        })
    }

    fn describe(&self) -> String {
        let Options { requests, connections, log_to, emulator_flags, .. } = self.options;
        let cores = if self.cores.are_split() {
            "the server has one core to itself, the load has the rest"
        } else {
            "server and load share the cores"
        };
        let log = if log_to == "file" { "to a file" } else { "to /dev/null" };
        let flags = if emulator_flags.is_empty() { "defaults".to_owned() } else { emulator_flags.join(" ") };
        format!(
            "{requests} requests of each kind to each server a round, {connections} connections, answers of {} bytes\n\
             {cores}; emulator: {flags}, scenario instant, log {log}",
            self.length
        )
    }

    fn setting(&self) -> serde_json::Value {
        json!({
            "rounds": self.options.rounds,
            "requests": self.options.requests,
            "connections": self.options.connections,
            "answer_bytes": self.length,
            "split_cores": self.cores.are_split(),
            "log_to": self.options.log_to,
            "emulator_flags": self.options.emulator_flags,
        })
    }
}

/// What must be equal in two responses: the length in all, that of the body, and how many headers there are.
fn shape(answer: &[u8]) -> (usize, Option<usize>, usize) {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    (answer.len(), Some(body.len()), head.lines().count())
}

/// A file without a name, so that it cannot be left behind. Opened for appending: it stays dense when it is emptied.
fn unlinked_file() -> Result<File> {
    let path = std::env::temp_dir().join(format!("sas-emulator-bench-{}.log", std::process::id()));
    let file = File::options().append(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
