//! Listening to the event stream of an emulator, over its restarts, until Ctrl-C or until its output is no longer read.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use anyhow::Result;
use http::{Method, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::{ControlCommand, Steering, refusal, table};
use crate::cli::client::{self, block_on};
use crate::cli::{Failure, print_error};
use crate::text::outside;

/// Between two attempts to connect again.
const PAUSE: Duration = Duration::from_millis(200);

/// An event: its kind and its data.
pub(super) struct Happening<'h> {
    pub(super) kind: &'h str,
    pub(super) data: &'h Value,
}

/// What is printed of an event, as JSON or for people; nothing of some.
type Shown<'s> = &'s dyn Fn(Happening<'_>, bool) -> Option<String>;

/// Prints events as they happen. Where the emulator is gone, it is waited for; calls of the one that comes after it are
/// shown from its first one on.
pub(super) fn follow(steering: &Steering, command: &ControlCommand, shown: Shown<'_>) -> Result<(), Failure> {
    let endpoint = steering.recipients.only()?;
    let token = steering.recipients.control_token.as_ref();
    let ask = async |command: ControlCommand| -> Result<Value> {
        let response = client::send(&endpoint, command.request(token)?).await?;
        Ok(serde_json::from_slice(response.body()).unwrap_or_default())
    };
    let listening = async {
        let newest = ask(ControlCommand::get("requests").asking("limit", Some(1))).await?;
        let mut stream = Stream { last: newest["requests"][0].clone(), ..Stream::default() };
        loop {
            let command = command.clone().asking("since", stream.since);
            match client::open(&endpoint, command.request(token)?).await {
                Ok(response) if response.status().is_success() => {
                    let note = if stream.has_listened { "listening again" } else { "listening" };
                    print_error(&format!("{note} to {endpoint}\n"));
                    stream.has_listened = true;
                    if stream.read(response, &|event| shown(event, steering.json)).await? {
                        return Ok(());
                    }
                    print_error("the connection has ended; connecting again\n");
                }
                Ok(response) => {
                    let response = client::collected(response).await?;
                    let value = serde_json::from_slice(response.body()).unwrap_or_default();
                    return Err(refusal(&response, &value));
                }
                Err(error) if !stream.has_listened => return Err(error),
                Err(_) => (),
            }
            tokio::time::sleep(PAUSE).await;
            // Another process numbers its calls anew, and with the same seed gives them the same ids.
            let id = table::text(&stream.last["request_id"]);
            let known = ask(ControlCommand::of(Method::GET, "requests", &id)).await;
            if known.is_ok_and(|known| known["time"] != stream.last["time"] || stream.last.is_null()) {
                stream.since = Some(0);
            }
        }
    };
    block_on(Duration::MAX, async {
        tokio::select! {
            ended = listening => ended,
            stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        }
    })?;
    Ok(())
}

#[derive(Default)]
struct Stream {
    has_listened: bool,
    /// The cursor of the last call.
    since: Option<u64>,
    /// The last call: whether the emulator knows it tells one process from another.
    last: Value,
}

impl Stream {
    /// Prints what comes until the stream ends; whether what is printed is no longer read.
    async fn read(
        &mut self,
        response: Response<Incoming>,
        shown: &dyn Fn(Happening<'_>) -> Option<String>,
    ) -> Result<bool> {
        let mut body = response.into_body();
        let mut events = Events::default();
        // A frame that cannot be read is the end, as of a process that was killed.
        while let Some(Ok(frame)) = body.frame().await {
            let Some(bytes) = frame.data_ref() else { continue };
            for event in events.read(bytes) {
                self.since = event.id.or(self.since);
                if event.kind == "call" {
                    self.last.clone_from(&event.data);
                }
                let text = shown(Happening { kind: &event.kind, data: &event.data });
                if text.is_some_and(|text| !is_read(&text)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Prints at once; whether the reader is still there.
fn is_read(text: &str) -> bool {
    let text: String = text.split_inclusive('\n').map(shown_line).collect();
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    !written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn shown_line(line: &str) -> String {
    format!("{}\n", outside::line(line.trim_end_matches('\n'), usize::MAX))
}

/// Server-Sent Events, read as they come.
#[derive(Default)]
struct Events {
    waiting: Vec<u8>,
    event: Event,
}

#[derive(Debug, Default, PartialEq)]
struct Event {
    kind: String,
    data: Value,
    id: Option<u64>,
}

impl Events {
    /// The events that are whole with these bytes.
    fn read(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.waiting.extend_from_slice(bytes);
        let mut whole = Vec::new();
        while let Some(end) = self.waiting.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            match line.trim_end().split_once(':') {
                Some(("event", kind)) => kind.trim_start().clone_into(&mut self.event.kind),
                Some(("data", data)) => self.event.data = serde_json::from_str(data).unwrap_or_default(),
                Some(("id", id)) => self.event.id = id.trim().parse().ok(),
                None if line.trim_end().is_empty() && !self.event.kind.is_empty() => {
                    whole.push(std::mem::take(&mut self.event));
                }
                _ => (),
            }
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read_wherever_they_are_cut() {
        let stream = ": listening\n\nevent: call\ndata: {\"sequence\":1}\nid: 7\n\n: quiet\n\nevent: missed\ndata: {}\n\n";
        for size in 1..stream.len() {
            let mut events = Events::default();
            let read: Vec<Event> =
                stream.as_bytes().chunks(size).flat_map(|bytes| events.read(bytes)).collect();
            let event = |kind: &str, data, id| Event { kind: kind.to_owned(), data, id };
            assert_eq!(
                read,
                [event("call", json!({ "sequence": 1 }), Some(7)), event("missed", json!({}), None)]
            );
        }
    }
}
