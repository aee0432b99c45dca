//! Records as JSON for programs, and as lines and tables for people.

use std::fmt::{self, Write};

use serde_json::{Value as Json, json};

use super::client::Client;
use super::record::CallRecord;
use crate::text::outside::is_direction;

/// Most characters of a request, and of a response, on a line.
const WIDTH: usize = 100;
/// Most calls of a table: the last ones matter.
const SHOWN: usize = 40;

impl CallRecord {
    /// All of it. What is not known before the call has finished is null in flight.
    pub fn to_json(&self) -> Json {
        let filled = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let params = self.params().map(|(name, value)| (name.to_owned(), value.into()));
        let mut shown = json!({
            "sequence": self.sequence,
            "request_id": self.request_id.to_string(),
            "time": self.time,
            "task_time": self.task_time,
            "account": filled(self.account()),
            "scheme": self.scheme,
            "method": filled(self.method()),
            "action": filled(self.action()),
            "params": params.collect::<serde_json::Map<_, _>>(),
            "faults": self.faults().collect::<Vec<_>>(),
            "status": self.status(),
            "broke": self.broke(),
            "done": self.is_done(),
            "code": filled(self.code()),
            "message": filled(self.message()),
            "fidelity": self.fidelity(),
            "task": self.task(),
            "elapsed_ms": self.elapsed().map(|elapsed| (elapsed.as_secs_f64() * 1e6).round() / 1e3),
            "client": Client::read(self.agent()),
            "agent": filled(self.agent()),
        });
        if let Some(text) = self.to_sign() {
            shown["string_to_sign"] = json!(text);
        }
        if self.is_in_flight() {
            shown["in_flight"] = json!(true);
        }
        if let Some(hint) = self.hint() {
            shown["hint"] = json!(hint);
        }
        if let Some(host) = self.escaped() {
            shown["escaped"] = json!(host);
        }
        if let Some(wait) = self.retry_after() {
            shown["retry_after_ms"] = json!(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        if self.parameters_left_out > 0 {
            shown["params_left_out"] = json!(self.parameters_left_out);
        }
        shown
    }

    /// `GetLastOnceTaskInfo TaskType=IMAGE_SCAN`
    pub(crate) fn request_line(&self) -> String {
        let mut line = match (self.escaped(), self.action()) {
            (Some(host), _) => format!("{} {host}", self.method()),
            (None, "") => "(unreadable)".to_owned(),
            (None, action) => action.to_owned(),
        };
        for (name, value) in self.params() {
            line.extend([" ", name, "=", value]);
        }
        on_one_line(&line)
    }

    /// `200 START 42 %`, then what went wrong.
    pub(crate) fn response_line(&self) -> String {
        let mut line = match self.status() {
            Some(status) => status.to_string(),
            None if self.is_in_flight() => "(in flight)".to_owned(),
            None => format!("connection broken ({})", self.broke().unwrap_or_default()),
        };
        for word in
            [self.code(), self.task_status().unwrap_or_default()].into_iter().filter(|word| !word.is_empty())
        {
            line.extend([" ", word]);
        }
        if let Some(percent) = self.task_progress() {
            line.extend([" ", &percent.to_string(), " %"]);
        }
        if let Some(wait) = self.retry_after() {
            line.extend([", retry after ", &format!("{wait:?}")]);
        }
        for fault in self.faults() {
            line.extend([" fault=", fault]);
        }
        if let Some(fidelity) = self.lesser_fidelity() {
            line.extend([" fidelity=", fidelity.as_str()]);
        }
        on_one_line(&line)
    }
}

/// `#4 GetLastOnceTaskInfo TaskType=IMAGE_SCAN => 200 START 42 %`
impl fmt::Display for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} => {}", self.sequence, self.request_line(), self.response_line())
    }
}

/// A line for each call: number, time of the task clock, account, request, response. Of many, the last 40.
pub(crate) fn table<'a>(calls: impl IntoIterator<Item = &'a CallRecord>) -> String {
    let calls: Vec<&CallRecord> = calls.into_iter().collect();
    let earlier = calls.len().saturating_sub(SHOWN);
    let mut rows = vec![["#", "task clock", "account", "call", "answer"].map(str::to_owned)];
    rows.extend(calls[earlier..].iter().map(|call| {
        let (number, time) = (call.sequence.to_string(), format!("{:.0}", call.task_time));
        [number, time, on_one_line(call.account()), call.request_line(), call.response_line()]
    }));
    let widths: [usize; 5] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a text cannot fail.
            let _ = write!(line, "  {cell:<width$}");
        }
        text.extend([line.trim_end(), "\n"]);
    }
    match earlier {
        0 => text,
        1 => format!("  (1 earlier call)\n{text}"),
        _ => format!("  ({earlier} earlier calls)\n{text}"),
    }
}

/// Values come from a client: one must not draw lines of its own, nor fill the screen.
fn on_one_line(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(WIDTH)
        .map(|c| if c.is_control() || is_direction(c) { '\u{b7}' } else { c })
        .collect();
    if text.chars().nth(WIDTH).is_some() {
        shown.push('\u{2026}');
    }
    shown
}
