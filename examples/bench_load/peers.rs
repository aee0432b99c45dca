//! The emulator and the bare server against other emulators and mock servers, which are told to give the same answer.

mod definition;
mod table;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

use self::definition::{Installations, Launch, Program, Scratch};
use self::table::Row;
use crate::answer::Answer;
use crate::client::{Expected, Pressure};
use crate::setup::{Common, Setup};
use crate::signed::Kind;
use crate::turns::{self, Contender};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// What is measured besides emulator and bare server (YAML).
    #[arg(long, value_name = "FILE")]
    definitions: String,
    /// What is where, as a JSON object for each installation.
    #[arg(long, value_name = "JSON")]
    installed: Vec<String>,
    /// Only these keys of the definitions; emulator and bare server are always there.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Rounds that count.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Rounds that come before and do not count: a virtual machine compiles what it runs often.
    #[arg(long, default_value_t = 3)]
    warm_up: u32,
    /// Most requests to each server in a round.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// Longest time for each server in a round.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// How often each server is started; the last one is measured further.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
}

/// Servers are idle for this long before their memory is read.
const IDLE: Duration = Duration::from_secs(2);

pub(crate) async fn compare(options: &Options) -> Result<()> {
    let Options { common, rounds, warm_up, requests, seconds, .. } = options;
    let mut setup = Setup::new(common);
    let scratch = Scratch::new()?;
    let (mut rows, length) = start_all(options, &mut setup, &scratch).await?;
    tokio::time::sleep(IDLE).await;
    for row in &mut rows {
        row.idle = row.memory();
    }

    let description = format!(
        "At most {requests} requests to each server a round and {seconds} s, {} connections, a body of {length} bytes; {}.",
        common.connections,
        setup.describe()
    );
    eprintln!("{description}");
    let pressure =
        Pressure { connections: common.connections, at_most: Duration::try_from_secs_f64(*seconds)? };
    for round in 0..warm_up + rounds {
        let batch = setup.requests(Kind::V3Post, *requests);
        let servers: Vec<&Contender> = rows.iter().filter_map(|row| row.server.as_ref()).collect();
        let results = turns::round(&servers, &batch, pressure, usize::try_from(round)?).await;
        let counts = round >= *warm_up;
        let mut pieces = Vec::new();
        for (row, result) in rows.iter_mut().filter(|row| row.server.is_some()).zip(results) {
            match result {
                Ok(sample) => {
                    pieces.push(format!("{} {:.0}", row.key, sample.per_second));
                    row.samples.extend(counts.then_some(sample));
                }
                Err(error) => row.fail(error)?,
            }
        }
        let place = if counts { round + 1 - warm_up } else { round + 1 };
        let (kind, all) = if counts { ("round", rounds) } else { ("warm-up", warm_up) };
        eprintln!("{kind} {place}/{all}, requests/s: {}", pieces.join(", "));
    }
    for row in &mut rows {
        row.after = row.memory();
    }
    println!("\n{}", table::markdown(&rows, &description, *rounds));
    let setting = setup.json(json!({
        "rounds": rounds, "warm_up": warm_up, "requests": requests, "seconds": seconds, "body_bytes": length,
    }));
    println!("{}", table::json(&rows, &setting));
    Ok(())
}

/// All servers, and the length of the body that they give.
async fn start_all(options: &Options, setup: &mut Setup<'_>, scratch: &Scratch) -> Result<(Vec<Row>, usize)> {
    let installed = Installations::parse(&options.installed)?;
    let others = definition::read(&options.definitions, &options.only)?;
    let programs = [Program::Emulator, Program::Bare].into_iter().chain(others.iter().map(Program::Other));
    let mut rows = Vec::new();
    let mut answer = Answer(Vec::new());
    for program in programs {
        let mut row = Row::new(&program, installed.get(program.install()));
        let launch = Launch { program: &program, installed: &row.installed, answer: &answer, scratch };
        match start(&launch, setup, options).await {
            Ok((server, first, starts)) => {
                row.server = Some(server);
                row.starts = starts;
                eprintln!("{}: ready in {} ms", row.name, row.start().cell(0));
                if matches!(program, Program::Emulator) {
                    answer = first;
                }
            }
            Err(error) => row.fail(error)?,
        }
        rows.push(row);
    }
    Ok((rows, answer.body().len()))
}

/// Starts a server some times, one after the other. The last one goes on; the times are in milliseconds.
async fn start(
    launch: &Launch<'_>,
    setup: &mut Setup<'_>,
    options: &Options,
) -> Result<(Contender, Answer, Vec<f64>)> {
    let own = launch.program.requests(1);
    let mut starts = Vec::new();
    loop {
        let mut running = launch.run(setup)?;
        let request = || own.clone().unwrap_or_else(|| setup.requests(Kind::V3Post, 1));
        let (first, took) = running.ready(request).await?;
        starts.push(took.as_secs_f64() * 1e3);
        if starts.len() < usize::try_from(options.starts)? {
            continue;
        }
        let is_the_same = own.is_some() || launch.answer.len() == 0 || first.body() == launch.answer.body();
        ensure!(is_the_same, "it answers something else:\n{}", String::from_utf8_lossy(&first.0));
        let contender = Contender {
            name: launch.program.name().to_owned(),
            running,
            expected: Expected::like(&first),
            own: launch.program.requests(options.requests),
        };
        return Ok((contender, first, starts));
    }
}
