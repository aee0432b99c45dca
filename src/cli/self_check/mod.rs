//! `self-check`: arms and disarms every fault over a real socket, and fails if a client cannot tell the difference.

mod cases;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::net::TcpListener;

use self::wire::Peer;
use super::{Failure, client, print};
use crate::auth::SignatureMode;
use crate::authority::Authority;
use crate::clock;
use crate::control::{AccessPolicy, PREFIX};
use crate::emulator::{Config, Emulator};
use crate::fault::case::Case;
use crate::scenario::load;
use crate::server::{self, Front, Tls};

const SCENARIO: &str = "version: 1
name: self-check
description: The world that self-check breaks.
clock: { paused: true }
start_on_first_poll: ['*']
";

pub(super) fn run() -> Result<(), Failure> {
    client::block_on(Duration::MAX, async {
        let (mut checked, mut failed) = (0, 0);
        for case in cases::all() {
            checked += 1;
            let line = match check(case, true).await {
                Ok(seen) => format!("ok      {:<28} {seen}\n", case.name),
                Err(error) => {
                    failed += 1;
                    format!("FAILED  {:<28} {error:#}\n", case.name)
                }
            };
            print(&line).map_err(|failure| failure.error)?;
        }
        ensure!(failed == 0, "{failed} of {checked} faults cannot be told from a service that is well");
        print(&format!("{checked} faults armed, seen and disarmed\n")).map_err(|failure| failure.error)
    })?;
    Ok(())
}

/// Arms the fault (unless a test wants to see that nothing is seen without it), calls, disarms it, calls again. Returns
/// what was seen.
async fn check(case: &Case, arm: bool) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let tls = Tls::auto(&[wire::NAME.to_owned()], &Authority::new(clock::machine_time()))?;
    let peer = Peer::new(listener.local_addr()?, &tls)?;
    // Signatures have tests of their own.
    let emulator = Arc::new(Emulator::new(Config {
        signatures: SignatureMode::Ignore,
        authority: tls.authority().cloned(),
        ..Config::new(load::parse("self-check", SCENARIO)?)
    })?);
    let front = Front::new(Arc::clone(&emulator), Some(AccessPolicy::default()), Some(tls));
    let serving = tokio::spawn(server::serve(listener, front, emulator.shutdown().clone()));

    let outcome = look(case, arm, &peer).await;
    emulator.shutdown().cancel();
    serving.await?;
    outcome
}

async fn look(case: &Case, arm: bool, peer: &Peer) -> anyhow::Result<String> {
    let faults = format!("{PREFIX}/faults");
    if arm {
        let armed = peer.send("POST", &faults, &case.rule()).await?;
        ensure!(armed.status == Some(200), "cannot be armed: {}", armed.body());
    }
    let (mut fired, mut last) = (Vec::new(), String::new());
    for target in case.calls {
        if let Some(by) = target.strip_prefix("advance ") {
            let command = format!(r#"{{"action":"advance","by":"{by}"}}"#);
            peer.send("PUT", &format!("{PREFIX}/clock"), &command).await?;
            continue;
        }
        let seen = peer.send("GET", target, "").await?;
        fired.push((case.shows)(&seen));
        if (case.shows)(&seen) {
            last = seen.to_string();
        }
    }
    ensure!(fired == case.fires, "it fired for {}, not for {}", shown(&fired), shown(case.fires));
    let disarmed = peer.send("DELETE", &faults, "").await?;
    ensure!(disarmed.status == Some(200), "cannot be disarmed: {}", disarmed.body());
    let calls = case.calls.iter().filter(|call| !call.starts_with("advance "));
    let (call, _) = calls.zip(case.fires).find(|(_, fires)| **fires).context("a case that never fires")?;
    let well = peer.send("GET", call, "").await?;
    ensure!(!(case.shows)(&well), "it still fires after it was disarmed: {well}");
    Ok(last)
}

/// `-x-` for three calls of which it fired for the second.
fn shown(fired: &[bool]) -> String {
    fired.iter().map(|fired| if *fired { 'x' } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_fault_is_seen() {
        for case in cases::all() {
            check(case, true).await.unwrap_or_else(|error| panic!("{}: {error:#}", case.name));
        }
    }

    /// A check that cannot fail proves nothing.
    #[tokio::test]
    async fn a_fault_that_does_nothing_is_noticed() {
        for case in cases::all() {
            let error = check(case, false).await.expect_err(case.name);
            assert!(error.to_string().starts_with("it fired for -"), "{}: {error:#}", case.name);
        }
    }
}
