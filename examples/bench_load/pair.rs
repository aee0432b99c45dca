//! The emulator against a bare server, by kind of call: are the answers alike, and how do the rates compare?

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;

use crate::answer::Answer;
use crate::client::{self, Expected, Pressure};
use crate::report::{self, Comparison};
use crate::setup::{Common, Setup};
use crate::signed::Kind;
use crate::turns::{self, Contender};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Rounds that count; one more comes first and does not.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Requests of each kind to each server in a round.
    #[arg(long, default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
}

const CALLS: [(Kind, &str); 2] = [(Kind::V3Post, "V3 POST"), (Kind::V1Get, "V1 GET")];
/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) async fn compare(options: &Options) -> Result<()> {
    let Options { common, rounds, requests } = options;
    let mut setup = Setup::new(common);
    let (servers, length) = start(&mut setup).await?;
    let description = format!(
        "{requests} requests of each kind to each server a round, {} connections, answers of {length} bytes\n{}",
        common.connections,
        setup.describe()
    );
    eprintln!("{description}");
    let pressure = Pressure { connections: common.connections, at_most: LIMIT };
    let mut comparisons = CALLS.map(|(_, call)| Comparison { call, emulator: Vec::new(), bare: Vec::new() });
    for round in 0..=*rounds {
        let mut pieces = Vec::new();
        for (comparison, (kind, call)) in comparisons.iter_mut().zip(CALLS) {
            let batch = setup.requests(kind, *requests);
            let results = turns::round(&servers.each_ref(), &batch, pressure, usize::try_from(round)?).await;
            let samples = results.into_iter().collect::<Result<Vec<_>>>()?;
            let [ours, bare] = samples[..] else { unreachable!("two servers") };
            if round > 0 {
                comparison.emulator.push(ours);
                comparison.bare.push(bare);
            }
            let ratio = ours.per_second / bare.per_second;
            pieces.push(format!("{call} {:.0} / {:.0} = {ratio:.2}", ours.per_second, bare.per_second));
        }
        eprintln!("round {round}/{rounds}, emulator / bare, requests/s: {}", pieces.join(", "));
    }
    println!("\n{description}");
    println!("median (least-greatest) of {rounds} rounds:\n\n{}", report::table(&comparisons));
    if let Some(doubt) = report::doubt(&comparisons).filter(|_| setup.cores.are_split()) {
        println!("{doubt}\n");
    }
    let setting = setup.json(json!({ "rounds": rounds, "requests": requests, "answer_bytes": length }));
    println!("{}", report::json(&setting, &comparisons));
    Ok(())
}

/// Both servers, and the length of every response of both, head included.
async fn start(setup: &mut Setup<'_>) -> Result<([Contender; 2], usize)> {
    let mut emulator = setup.emulator()?;
    let (answer, _) = setup.ready(&mut emulator, Kind::V3Post).await.context("emulator")?;
    let bare = setup.bare(&answer)?;
    for (server, kind) in [(&emulator, Kind::V1Get), (&bare, Kind::V3Post), (&bare, Kind::V1Get)] {
        let other = client::sample(server.address(), &setup.requests(kind, 1)).await?;
        ensure!(
            shape(&other) == shape(&answer),
            "answers differ:\n{}\n{}",
            String::from_utf8_lossy(&answer.0),
            String::from_utf8_lossy(&other.0)
        );
    }
    let expected = Expected::like(&answer);
    let contender = |name: &str, running| Contender { name: name.to_owned(), running, expected, own: None };
    Ok(([contender("emulator", emulator), contender("bare server", bare)], answer.len()))
}

/// What must be equal in two responses: the length in all, that of the body, and how many headers there are.
fn shape(answer: &Answer) -> (usize, usize, usize) {
    (answer.len(), answer.body().len(), answer.lines())
}
