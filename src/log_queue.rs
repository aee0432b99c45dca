//! What waits to be logged: threads that answer calls add to it and never wait; one thread takes all of it at once.
//!
//! After each time, that thread lets entries gather before it takes more. Woken for each entry, it would take the processor
//! away from the calls, and it would write each line by itself. Where little is logged, an entry is taken at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Counts log lines that could not be written, or that there was no room for.
pub(crate) fn count_dropped(lines: usize) {
    DROPPED.fetch_add(lines as u64, Ordering::Relaxed);
}

/// How many lines this process has dropped so far.
pub(crate) fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// A collection that many threads fill and one thread empties. The adding thread decides whether there is room.
#[derive(Debug)]
pub(crate) struct LogQueue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: T,
    is_empty: bool,
    /// Whether the thread works on what it took last.
    is_busy: bool,
    /// Whether the thread lets entries gather.
    is_pausing: bool,
    /// How many callers wait for a flush.
    flushes: usize,
}

/// How long entries gather. A reader of the log sees no delay. With a tenth of this, a call takes about a tenth longer where all
/// threads share one processor. What comes in this time must be within the limits of the queues.
const GATHER: Duration = Duration::from_millis(20);

impl<T: Default> LogQueue<T> {
    pub(crate) const fn new(empty: T) -> Self {
        let state = State { waiting: empty, is_empty: true, is_busy: false, is_pausing: false, flushes: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds something, if `add` returns that there was room for it; returns the same.
    pub(crate) fn add(&self, add: impl FnOnce(&mut T) -> bool) -> bool {
        let mut state = self.lock();
        let is_taken = add(&mut state.waiting);
        let must_wake = is_taken && state.is_empty && !state.is_busy && !state.is_pausing;
        state.is_empty &= !is_taken;
        drop(state);
        if must_wake {
            self.changed.notify_all();
        }
        is_taken
    }

    /// Waits until there is something, and takes all of it. What was taken before is done with.
    pub(crate) fn take(&self) -> T {
        let mut state = self.lock();
        let was_busy = std::mem::take(&mut state.is_busy);
        if state.is_empty {
            self.changed.notify_all();
        }
        if was_busy {
            state.is_pausing = true;
            let paused = self.changed.wait_timeout_while(state, GATHER, |state| state.flushes == 0);
            (state, _) = paused.unwrap_or_else(PoisonError::into_inner);
            state.is_pausing = false;
        }
        let mut state =
            self.changed.wait_while(state, |state| state.is_empty).unwrap_or_else(PoisonError::into_inner);
        (state.is_empty, state.is_busy) = (true, true);
        std::mem::take(&mut state.waiting)
    }

    /// Waits until everything is done, or for so long.
    pub(crate) fn flush(&self, limit: Duration) {
        let is_working = |state: &mut State<T>| !state.is_empty || state.is_busy;
        let mut state = self.lock();
        state.flushes += 1;
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, limit, is_working);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.flushes -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn what_was_added_is_taken_in_order_and_a_flush_waits_for_it() {
        static QUEUE: LogQueue<Vec<u32>> = LogQueue::new(Vec::new());
        let (send, received) = mpsc::channel();
        thread::spawn(move || {
            loop {
                for number in QUEUE.take() {
                    send.send(number).unwrap();
                }
            }
        });
        for number in 0..1000 {
            assert!(QUEUE.add(|waiting| {
                waiting.push(number);
                true
            }));
        }
        QUEUE.flush(Duration::from_secs(20));
        assert_eq!(received.try_iter().collect::<Vec<_>>(), (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_stuck() {
        let queue = LogQueue::new(Vec::new());
        let add = |number| {
            queue.add(|waiting: &mut Vec<u32>| {
                let has_room = waiting.len() < 2;
                if has_room {
                    waiting.push(number);
                }
                has_room
            })
        };
        assert!(add(1));
        // Taken, and never done with.
        assert_eq!(queue.take(), [1]);
        assert_eq!([2, 3, 4].map(add), [true, true, false]);
        queue.flush(Duration::from_millis(1));
        assert_eq!(queue.take(), [2, 3]);
    }
}
