//! The log on stderr: no thread but one of its own ever waits for whoever reads it, and no line that cannot be written ends
//! anything.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::log_queue::{self, LogQueue};
use crate::server;
use crate::settings::LogFormat;

/// Most bytes of lines that wait to be written, beside those that are being written; further lines are counted and dropped.
const MOST_BYTES: usize = 512 << 10;

static QUEUE: LogQueue<Vec<u8>> = LogQueue::new(Vec::new());
/// Whether a thread empties the queue.
static STARTED: OnceLock<bool> = OnceLock::new();

/// Logs to stderr from now on, panics included.
pub(super) fn start(level: LevelFilter, format: LogFormat) {
    STARTED.get_or_init(|| {
        // Not `io::stderr()`: its lock would make others wait for this thread.
        let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from);
        let work = |stderr: File| thread::Builder::new().name("log".to_owned()).spawn(|| work(stderr));
        stderr.and_then(work).is_ok()
    });
    let builder = tracing_subscriber::fmt()
        .with_writer(|| Line)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal());
    match format {
        // The message says all that the fields say; those are for programs.
        LogFormat::Text => builder.fmt_fields(debug_fn(only_the_message)).init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).init(),
    }
    // The default one writes to stderr itself, on the thread that panics.
    std::panic::set_hook(Box::new(|panic| tracing::error!("{}", panic.to_string().replace('\n', " "))));
}

fn only_the_message(writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug) -> std::fmt::Result {
    if field.name() == "message" { write!(writer, "{value:?}") } else { Ok(()) }
}

/// Prints to stderr, behind all that was logged. It is no failure if that cannot be done: there is nobody to tell.
pub(super) fn print_error(text: &str) {
    if STARTED.get() != Some(&true) {
        let _ = io::stderr().write_all(text.as_bytes());
        return;
    }
    server::flush_access_log(PATIENCE);
    QUEUE.add(|waiting| {
        waiting.extend_from_slice(text.as_bytes());
        true
    });
}

const PATIENCE: Duration = Duration::from_millis(100);

/// Waits until all that was logged is written, or for so long.
pub(super) fn flush(limit: Duration) {
    if STARTED.get() == Some(&true) {
        server::flush_access_log(PATIENCE.min(limit));
        QUEUE.flush(limit);
    }
}

/// One line of the log, which the subscriber writes at once.
struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let has_room = |waiting: &mut Vec<u8>| {
            let has_room = waiting.len() + line.len() <= MOST_BYTES;
            if has_room {
                waiting.extend_from_slice(line);
            }
            has_room
        };
        if STARTED.get() != Some(&true) || !QUEUE.add(has_room) {
            log_queue::count_dropped(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what waits, many lines at once. Says how many lines were dropped once writing works again.
fn work(mut stderr: File) {
    let mut told = 0;
    let mut is_cut = false;
    loop {
        let mut lines = QUEUE.take();
        if is_cut {
            lines.insert(0, b'\n');
        }
        let written = write(&mut stderr, &lines);
        let rest = &lines[written..];
        is_cut = (is_cut && written == 0) || (written > 0 && lines[written - 1] != b'\n');
        if !rest.is_empty() {
            log_queue::count_dropped(
                rest.split_inclusive(|&byte| byte == b'\n').filter(|line| *line != b"\n").count(),
            );
            continue;
        }
        let dropped = log_queue::dropped();
        if dropped > told {
            tracing::warn!("{} log lines could not be written", dropped - told);
            told = dropped;
        }
    }
}

/// Writes as much as can be written; returns how much that was.
fn write(stderr: &mut impl Write, lines: &[u8]) -> usize {
    let mut written = 0;
    while written < lines.len() {
        match stderr.write(&lines[written..]) {
            Ok(0) => break,
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            // Another process that has the same pipe made it non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::park_timeout(Duration::from_millis(5));
            }
            Err(_) => break,
        }
    }
    written
}
