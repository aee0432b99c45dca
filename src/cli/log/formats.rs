//! How a line of the log looks: text for people, in short and with colours on a terminal; JSON for programs.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock;
use crate::text::outside;

/// `2026-01-02T03:04:05Z  INFO GetLastOnceTaskInfo IMAGE_SCAN => 200 START 37% account=test 0.4ms`. The message says all that the
/// fields say; those are for programs.
pub(super) struct Text {
    /// Times are in seconds: a person reads along.
    is_terminal: bool,
    has_colours: bool,
}

/// One JSON object a line. A part of any text in it may come from outside, and JSON itself escapes little of what steers a
/// terminal.
pub(super) struct Json;

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";

impl Text {
    /// With colours on terminals, unless `NO_COLOR` is set (no-color.org).
    pub(super) fn for_terminal(is_terminal: bool) -> Self {
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { is_terminal, has_colours: is_terminal && !is_plain }
    }

    /// A text between the signs that begin and end a colour.
    fn coloured<T>(&self, text: T, colour: &'static str) -> Coloured<T> {
        let (before, after) = if self.has_colours { (colour, RESET) } else { ("", "") };
        Coloured { before, text, after }
    }

    /// The message, in three parts: of a call on a terminal with colours, its status is the one in the middle.
    fn parts<'m>(&self, MessageAndStatus { message, status }: &'m MessageAndStatus) -> [&'m str; 3] {
        let whole = [message, "", ""];
        let Some(status) = status.as_ref().filter(|_| self.has_colours) else { return whole };
        // It is escaped already, also if it looks like a status itself.
        let Some(at) = message.find(&format!(" => {status}")) else { return whole };
        let (before, rest) = message.split_at(at + " => ".len());
        let (status, after) = rest.split_at(status.len());
        [before, status, after]
    }
}

struct Coloured<T> {
    before: &'static str,
    text: T,
    after: &'static str,
}

impl<T: fmt::Display> fmt::Display for Coloured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.before)?;
        self.text.fmt(f)?;
        f.write_str(self.after)
    }
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        let level_colour = match level {
            Level::ERROR => RED,
            Level::WARN => YELLOW,
            _ => GREEN,
        };
        let mut said = MessageAndStatus::default();
        event.record(&mut said);
        let (now, digits) = (clock::machine_time(), if self.is_terminal { 0 } else { 6 });
        let [before, status, after] = self.parts(&said);
        let status_colour = match status.as_bytes().first() {
            Some(b'2') => GREEN,
            Some(b'4') => YELLOW,
            _ => RED,
        };
        let time = format_args!("{now:.digits$}");
        let level = format_args!("{level:>5}");
        write!(writer, "{} {} {before}", self.coloured(time, DIM), self.coloured(level, level_colour))?;
        if !status.is_empty() {
            write!(writer, "{}{after}", self.coloured(status, status_colour))?;
        }
        writeln!(writer)
    }
}

/// What the text format takes of an event: the message, and of a call its status, or how its connection broke.
#[derive(Default)]
struct MessageAndStatus {
    message: String,
    status: Option<String>,
}

impl Visit for MessageAndStatus {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "status" {
            self.status = Some(value.to_string());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "broke" {
            self.status = Some(value.to_owned());
        } else {
            self.record_debug(field, &format_args!("{value}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // A part of it may come from outside.
            self.message = outside::owned_message(format!("{value:?}"));
        }
    }
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut members = Members(String::new());
        event.record(&mut members);
        let (time, level) = (clock::machine_time(), event.metadata().level());
        writeln!(writer, r#"{{"timestamp":"{time:.6}","level":"{level}"{}}}"#, members.0)
    }
}

/// Members of a JSON object, each behind a comma.
struct Members(String);

impl Members {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        let name = Value::from(field.name());
        self.0.extend([",", &name.to_string(), ":", &value.into().to_string()]);
    }
}

impl Visit for Members {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, outside::message(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, outside::message(&format!("{value:?}")));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    const FILE: Text = Text { is_terminal: false, has_colours: false };
    const TERMINAL: Text = Text { is_terminal: true, has_colours: true };

    /// What a buffer gets of one event.
    fn logged<F>(format: F, log: impl FnOnce()) -> String
    where
        F: FormatEvent<tracing_subscriber::Registry, tracing_subscriber::fmt::format::DefaultFields>
            + Send
            + Sync
            + 'static,
    {
        struct Buffer(Arc<Mutex<Vec<u8>>>);
        impl Write for Buffer {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&buffer);
        let builder = tracing_subscriber::fmt().with_writer(move || Buffer(Arc::clone(&writer)));
        tracing::subscriber::with_default(builder.event_format(format).finish(), log);
        String::from_utf8(std::mem::take(&mut *buffer.lock().unwrap())).unwrap()
    }

    #[test]
    fn what_comes_from_outside_is_escaped_and_cut_in_all_formats() {
        let text = format!("a\u{202e}b\u{1b}\u{9b}\nc\"{}", "x".repeat(300_000));
        let log = || tracing::info!(action = text, "{text}");
        for line in [logged(FILE, log), logged(Text { is_terminal: true, ..FILE }, log), logged(Json, log)] {
            assert!(line.len() < 3 * outside::LONGEST_MESSAGE, "{}", line.len());
            assert!(!line.trim_end().contains(|sign: char| sign.is_control() && sign != '\n'), "{line}");
            assert!(!line.contains('\u{202e}') && line.contains(" bytes)"), "{line}");
        }
        // Colours are the only signs that steer.
        let line = logged(TERMINAL, || tracing::info!(status = 200_u16, "\u{1b}[31m => 200"));
        assert!(line.contains(&format!(r"\u{{1b}}[31m => {GREEN}200{RESET}")), "{line}");
    }

    #[test]
    fn json_lines() {
        let line = logged(Json, || {
            let none: Option<&str> = None;
            tracing::warn!(action = "A\"", status = 403_u16, broke = none, id = %"x", ok = true, "{} => 403", "A\u{200e}");
        });
        let (time, rest) = line.split_once("\",").unwrap();
        let time = time.strip_prefix(r#"{"timestamp":""#).unwrap();
        assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
        insta::assert_snapshot!(rest, @r#""level":"WARN","message":"A\\u{200e} => 403","action":"A\"","status":403,"id":"x","ok":true}"#);
        assert!(serde_json::from_str::<Value>(&line).is_ok());
    }

    #[test]
    fn text_lines_have_seconds_and_colours_on_a_terminal_only() {
        let call = || tracing::info!(status = 404_u16, code = "X", "A => 404 (X) account=test 0.4ms");
        let line = logged(FILE, call);
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.len() == 27, "{time}");
        assert_eq!(rest, " INFO A => 404 (X) account=test 0.4ms\n");
        let line = logged(Text { is_terminal: true, ..FILE }, call);
        assert_eq!(line.split_once(' ').unwrap().0.len(), "2026-01-02T03:04:05Z".len(), "{line}");
        let line = logged(TERMINAL, call).replace('\u{1b}', "^");
        let (_, rest) = line.split_once(' ').unwrap();
        assert_eq!(rest, "^[32m INFO^[0m A => ^[33m404^[0m (X) account=test 0.4ms\n");
        let broken = || tracing::info!(broke = "reset", "A => reset account=test 0.4ms");
        assert!(logged(TERMINAL, broken).contains(&format!(" => {RED}reset{RESET} account")));
        let other = || tracing::warn!("no status => 200");
        assert!(logged(TERMINAL, other).ends_with(" no status => 200\n"));
    }
}
