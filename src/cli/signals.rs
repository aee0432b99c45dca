//! The signals that stop the process: SIGTERM, SIGINT, and SIGHUP, which a terminal sends when it closes.

use std::future::pending;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

#[derive(Debug)]
pub(super) struct Signals {
    term: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    /// From now on they no longer end the process by themselves.
    pub(super) fn new() -> io::Result<Self> {
        // Once it is taken over, a file beyond the limit of `ulimit -f` is an error of the write, as a full disk is.
        drop(signal(SignalKind::from_raw(libc::SIGXFSZ))?);
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: hangup()?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => (),
            _ = self.interrupt.recv() => (),
            () = next(&mut self.hangup) => (),
        }
    }
}

/// SIGHUP; none if it was ignored at the start: `nohup` asks for that.
pub(super) fn hangup() -> io::Result<Option<Signal>> {
    let kind = SignalKind::hangup();
    if is_ignored(kind) { Ok(None) } else { signal(kind).map(Some) }
}

pub(super) async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => pending().await,
    }
}

/// As Linux tells it; elsewhere no signal counts as ignored.
#[expect(clippy::disallowed_methods, reason = "the system shows it as a file")]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}
