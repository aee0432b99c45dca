//! Waits for a lock on a thread that handles requests, without keeping other requests from being handled.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

#[cfg(feature = "cli")]
use tokio::runtime::{Handle, RuntimeFlavor};

/// How often a lock is tried before another thread takes over: most are held for some microseconds.
const TRIES: usize = 32;

/// Locks. If that takes long, another thread handles requests meanwhile, where the runtime has several.
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
    if Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread) {
        return tokio::task::block_in_place(wait);
    }
    wait()
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn the_only_worker_goes_on_while_a_lock_is_held() {
        let mutex = Arc::new(Mutex::new(0));
        let held = lock(&mutex);
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let mutex = Arc::clone(&mutex);
                tokio::spawn(async move { *lock(&mutex) += 1 })
            })
            .collect();
        // Another task still runs, and its timer still fires.
        let other = tokio::spawn(tokio::time::sleep(Duration::from_millis(1)));
        tokio::task::block_in_place(|| Handle::current().block_on(other)).unwrap();
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(*lock(&mutex), 20);
    }

    #[tokio::test]
    async fn one_thread_locks_too() {
        let mutex = Mutex::new(1);
        assert_eq!(*lock(&mutex), 1);
    }
}
