//! `--watch`: scenario files that changed are loaded into the running emulator.

use std::sync::Arc;
use std::time::Duration;

use crate::assembly::Assembly;
use crate::control::Control;
use crate::scenario::Watch;

/// Between two looks. A change is loaded at the second look that sees it.
const INTERVAL: Duration = Duration::from_millis(500);

/// Watches until the process ends.
pub(super) fn start(mut watch: Watch, emulator: &Assembly) {
    if !watch.has_files() {
        tracing::warn!("--watch: there is no scenario file to watch; built-in scenarios never change");
        return;
    }
    let control = Arc::clone(&emulator.control);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // Files on a network may take their time.
            tokio::task::block_in_place(|| step(&mut watch, &control));
        }
    });
}

/// Looks once, and loads what changed; the old world stays if the new one is wrong.
fn step(watch: &mut Watch, control: &Control) {
    match watch.look() {
        None => (),
        Some(Err(error)) => tracing::error!("not loaded, the old scenario stays: {}", error.report()),
        Some(Ok(scenario)) => match control.load(scenario) {
            Ok(()) => announce(control),
            Err(error) => tracing::error!("not loaded, the old scenario stays: {error}"),
        },
    }
}

/// Says what is shown now.
pub(super) fn announce(control: &Control) {
    let summary = control.loaded.summary();
    let seed = control.gateway.seed();
    let sources: Vec<&str> = summary.sources.iter().map(|source| source.source.as_str()).collect();
    tracing::info!("scenario {} (from {}), seed {seed}", summary.name, sources.join(" + "));
}
