//! `--watch`: scenario files that changed are loaded into the running emulator.

use std::sync::Arc;
use std::time::Duration;

use crate::emulator::Emulator;
use crate::scenario::Watch;

/// Between two checks. A change is loaded at the second check that sees it.
const INTERVAL: Duration = Duration::from_millis(500);

/// Watches until the process ends.
pub(super) fn start(mut watch: Watch, emulator: &Arc<Emulator>) {
    if !watch.has_files() {
        tracing::warn!("--watch: there is no scenario file to watch; built-in scenarios never change");
        return;
    }
    let emulator = Arc::clone(emulator);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // Files on a network may be slow.
            tokio::task::block_in_place(|| step(&mut watch, &emulator));
        }
    });
}

/// Checks once, and loads what changed; the old scenario stays if the new one is wrong.
fn step(watch: &mut Watch, emulator: &Emulator) {
    let Some(scenario) = watch.look() else { return };
    let scenario = scenario.map_err(|error| error.report());
    match scenario.and_then(|scenario| emulator.load(scenario).map_err(|error| error.to_string())) {
        Ok(()) => announce(emulator),
        Err(error) => tracing::error!("not loaded, the old scenario stays: {error}"),
    }
}

pub(super) fn announce(emulator: &Emulator) {
    let session = emulator.session();
    let scenario = &session.scenario;
    let sources: Vec<&str> = scenario.sources.iter().map(|source| source.source.as_str()).collect();
    tracing::info!("scenario {} (from {}), seed {}", scenario.name, sources.join(" + "), session.seed);
}
