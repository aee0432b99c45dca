//! `--state-file` and `--save-every`: the state is saved while the emulator runs, so that a kill costs little, and at the stop.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use super::Failure;
use super::lock::Lock;
use crate::clock::Stopwatch;
use crate::emulator::Emulator;
use crate::settings::Options;

/// The pause after a save is at least so many times as long as the save: saving takes less than five percent of the time.
const PAUSE_FACTOR: u32 = 20;

/// A state file that this process has locked.
#[derive(Debug, Clone)]
pub(super) struct StateFile {
    emulator: Arc<Emulator>,
    path: PathBuf,
    _lock: Arc<Option<Lock>>,
}

impl StateFile {
    /// Locks it and continues from it, if the options name one.
    pub(super) fn open(options: &Options, emulator: &Arc<Emulator>) -> Result<Option<Self>, Failure> {
        let Some(path) = options.state_file.clone() else { return Ok(None) };
        let context = || format!("--state-file {}", path.display());
        let lock = Arc::new(Lock::take(&path).with_context(context).map_err(Failure::usage)?);
        if emulator.load_state().with_context(context).map_err(Failure::usage)? {
            let session = emulator.session();
            let (accounts, now, seed) = (session.account_count(), session.clock.now(), session.seed);
            tracing::info!("continuing from {}: {accounts} accounts, task clock at {now}", path.display());
            if options.seed.is_some_and(|wanted| wanted != seed) {
                tracing::warn!("--seed has no effect: the state continues with its own seed, {seed}");
            }
        }
        Ok(Some(Self { emulator: Arc::clone(emulator), path, _lock: lock }))
    }

    /// Saves on a thread of its own: a disk may hang, and an account may be held by a long jump of its clock.
    pub(super) fn save(&self) -> Saving {
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            let saved = this.emulator.save_state().map(drop);
            // Not before: the next emulator continues from what is saved here.
            drop(this);
            saved
        })
    }

    /// Saves what has changed, again and again, and never twice at a time. A change is in the file after `every`, or, if
    /// that is longer, after 22 times as long as a save takes. Calls do not wait for it: each account is copied under its
    /// lock, and the rest happens without locks.
    pub(super) async fn save_every(self, every: Duration) {
        let mut pause = pause_after(Duration::ZERO, every);
        let mut has_failed = false;
        loop {
            tokio::time::sleep(pause).await;
            if !self.emulator.has_unsaved_changes() {
                continue;
            }
            let watch = Stopwatch::start();
            let saved = self.save().await.map_err(io::Error::other).flatten();
            pause = pause_after(watch.elapsed(), every);
            match saved {
                Ok(()) if has_failed => {
                    tracing::info!("the state is saved again to {}", self.path.display());
                    has_failed = false;
                }
                Err(error) if !has_failed => {
                    // Once: it is tried again after each pause.
                    tracing::error!("the state cannot be saved to {}: {error}", self.path.display());
                    has_failed = true;
                }
                _ => (),
            }
        }
    }

    /// Waits for a save that has begun, and saves again if there were changes meanwhile; for so long in all.
    pub(super) async fn finish(&self, saving: Saving, limit: Duration) -> anyhow::Result<()> {
        let path = self.path.display();
        let saving = async {
            saving.await??;
            if self.emulator.has_unsaved_changes() {
                self.save().await??;
            }
            anyhow::Ok(())
        };
        let saved = tokio::time::timeout(limit, saving).await;
        let saved = saved.with_context(|| {
            format!("the state could not be saved in time; {path} holds what was saved before")
        })?;
        saved.with_context(|| format!("cannot write {path}"))?;
        tracing::info!("saved the state to {path}");
        Ok(())
    }
}

pub(super) type Saving = JoinHandle<io::Result<()>>;

/// A change that just missed a save waits for it, for the pause and for the next save: together they take `every`. A tenth
/// is left for a busy machine.
fn pause_after(save: Duration, every: Duration) -> Duration {
    let pause = every.saturating_sub(every / 10).saturating_sub(2 * save);
    pause.max(save.saturating_mul(PAUSE_FACTOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_saved_in_time_and_saving_takes_less_than_five_percent_of_the_time() {
        let every = Duration::from_secs(1);
        for millis in [0, 1, 10, 40, 50, 500, 60_000] {
            let save = Duration::from_millis(millis);
            let pause = pause_after(save, every);
            assert!(save + pause + save <= every.max(22 * save), "{save:?}");
            assert!(save.as_secs_f64() / (save + pause).as_secs_f64() < 0.05, "{save:?}");
        }
        assert_eq!(pause_after(Duration::from_millis(1), every), Duration::from_millis(898));
    }
}
