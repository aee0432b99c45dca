//! Lets a thread that handles requests wait for a lock while other threads handle the other requests.

#[cfg(feature = "cli")]
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

/// How often a lock is tried before another thread takes over: most are held for some microseconds.
const TRIES: usize = 32;

#[cfg(feature = "cli")]
thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Says that this is a thread of a runtime with several, of which another one can take over. On threads of a program that embeds
/// the emulator, that could be forbidden.
#[cfg(feature = "cli")]
pub(crate) fn begin_worker() {
    IS_WORKER.set(true);
}

/// Locks. If that takes long, another thread handles requests meanwhile, where one can.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    for _ in 0..TRIES {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => thread::yield_now(),
        }
    }
    let wait = || mutex.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(feature = "cli")]
    if IS_WORKER.get() {
        return tokio::task::block_in_place(wait);
    }
    wait()
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn the_only_worker_goes_on_while_a_lock_is_held() {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).on_thread_start(begin_worker).build().unwrap();
        let (mutex, tried) = (Arc::new(Mutex::new(0)), Arc::new(AtomicUsize::new(0)));
        let held = lock(&mutex);
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (mutex, tried) = (Arc::clone(&mutex), Arc::clone(&tried));
                runtime.spawn(async move {
                    tried.fetch_add(1, Ordering::Relaxed);
                    *lock(&mutex) += 1;
                })
            })
            .collect();
        // Another task still runs.
        runtime.block_on(runtime.spawn(async {})).unwrap();
        drop(held);
        for task in waiting {
            runtime.block_on(task).unwrap();
        }
        assert_eq!((*lock(&mutex), tried.load(Ordering::Relaxed)), (20, 20));
    }
}
