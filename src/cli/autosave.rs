//! `--save-every`: the state file is saved while the emulator runs, so that a kill costs little.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::emulator::Emulator;

/// The pause after a save is at least so many times as long as the save: saving takes less than five percent of the time.
const REST: u32 = 20;

/// Saves what has changed, again and again, and never twice at a time. A change is in the file after `every`, or after the
/// rest from a save that took long, plus the time that its own save takes. Calls do not wait for it: each account is copied
/// under its lock, and the rest happens on a thread of its own.
pub(super) async fn run(emulator: Arc<Emulator>, file: &Path, every: Duration) {
    let mut pause = every;
    let mut has_failed = false;
    loop {
        tokio::time::sleep(pause).await;
        pause = every;
        if !emulator.has_unsaved_changes() {
            continue;
        }
        let watch = Stopwatch::start();
        let saving = {
            let emulator = Arc::clone(&emulator);
            tokio::task::spawn_blocking(move || emulator.save_state()).await
        };
        pause = every.max(watch.elapsed() * REST);
        match saving.map_err(std::io::Error::other).flatten() {
            Ok(_) if has_failed => {
                tracing::info!("the state is saved again to {}", file.display());
                has_failed = false;
            }
            Err(error) if !has_failed => {
                // Once: it is tried again after each pause.
                tracing::error!("the state cannot be saved to {}: {error}", file.display());
                has_failed = true;
            }
            _ => (),
        }
    }
}
