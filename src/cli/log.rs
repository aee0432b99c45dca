//! The log on stderr: no thread but one of its own ever waits for its reader, and no line that cannot be written ends
//! anything.

mod formats;

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use self::formats::{Json, Text};
use crate::log_queue::{self, LogQueue};
use crate::server;
use crate::settings::LogFormat;

/// Most bytes of lines that wait to be written, beside those that are being written; further lines are counted and dropped.
const MOST_BYTES: usize = 1 << 20;

/// The name of the thread that writes.
const THREAD: &str = "log";

static QUEUE: LogQueue<Vec<u8>> = LogQueue::new(Vec::new());
/// Whether a thread empties the queue.
static STARTED: OnceLock<bool> = OnceLock::new();

/// Logs to stderr from now on, panics included.
pub(super) fn start(level: LevelFilter, format: LogFormat) {
    STARTED.get_or_init(|| {
        // Not `io::stderr()`: its lock would make others wait for this thread.
        let stderr = io::stderr().as_fd().try_clone_to_owned().map(File::from);
        let work = |stderr: File| thread::Builder::new().name(THREAD.to_owned()).spawn(|| work(stderr));
        stderr.and_then(work).is_ok()
    });
    let builder = tracing_subscriber::fmt().with_writer(|| Line).with_max_level(level);
    match format {
        LogFormat::Text => builder.event_format(Text::for_terminal(io::stderr().is_terminal())).init(),
        LogFormat::Json => builder.event_format(Json).init(),
    }
    // The default one writes to stderr itself, on the thread that panics.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!("{}", panic.to_string().replace('\n', " "));
        if thread::current().name() == Some("main") {
            flush(PATIENCE);
        }
    }));
}

/// Prints to stderr, behind all that was logged. It is no failure if that cannot be done: it could not be reported.
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
            // What the thread that writes says of lost lines must not be lost itself.
            let has_room =
                waiting.len() + line.len() <= MOST_BYTES || thread::current().name() == Some(THREAD);
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

/// Writes what waits, many lines at once. Says how many lines were dropped once writing works again, if warnings are logged;
/// the control API says it in any case.
fn work(stderr: File) {
    let (mut pen, mut told) = (Pen { out: stderr, is_within_line: false }, 0);
    loop {
        let lost = pen.write(&QUEUE.take());
        log_queue::count_dropped(lost);
        let dropped = log_queue::dropped();
        if lost == 0 && dropped > told && tracing::enabled!(tracing::Level::WARN) {
            tracing::warn!("{} log lines could not be written", dropped - told);
            told = dropped;
        }
    }
}

struct Pen<W> {
    out: W,
    /// Whether the last line was cut because no more could be written.
    is_within_line: bool,
}

impl<W: Write> Pen<W> {
    /// Writes whole lines as far as it can; returns how many lines were lost.
    fn write(&mut self, lines: &[u8]) -> usize {
        if self.is_within_line {
            if self.write_bytes(b"\n") == 0 {
                return count(lines);
            }
            self.is_within_line = false;
        }
        let (written, rest) = lines.split_at(self.write_bytes(lines));
        self.is_within_line = written.last().is_some_and(|&last| last != b'\n');
        count(rest)
    }

    /// Writes as much as can be written; returns how much that was.
    fn write_bytes(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match self.out.write(&bytes[written..]) {
                Ok(count) if count > 0 => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                // Another process that has the same pipe made it non-blocking.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    thread::park_timeout(Duration::from_millis(5));
                }
                _ => break,
            }
        }
        written
    }
}

/// How many lines these are. A part of a line counts, for the whole line is lost.
fn count(lines: &[u8]) -> usize {
    lines.split_inclusive(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    #[derive(Default)]
    struct Disk {
        content: Vec<u8>,
        room: usize,
        is_busy: bool,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.is_busy = !self.is_busy;
            if self.is_busy {
                return Err(ErrorKind::WouldBlock.into());
            }
            let count = bytes.len().min(self.room);
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.content.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_find_no_room_are_counted_and_those_after_them_are_whole() {
        let mut pen = Pen { out: Disk { room: 8, ..Disk::default() }, is_within_line: false };
        assert_eq!(pen.write(b"one\ntwo\n"), 0);
        assert_eq!(pen.write(b"three\n"), 1, "nothing of it");
        pen.out.room = 3;
        assert_eq!(pen.write(b"four\nfive\nsix\n"), 3, "the part of one is no line");
        assert_eq!(pen.write(b"seven\neight\n"), 2);
        pen.out.room = 100;
        assert_eq!(pen.write(b"nine\nten\n"), 0);
        assert_eq!(String::from_utf8(pen.out.content).unwrap(), "one\ntwo\nfou\nnine\nten\n");
    }
}
