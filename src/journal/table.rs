//! Calls as a table, for the person whose test just failed.

use std::fmt::Write;

use super::entry::Entry;

/// Most calls that are shown: the last ones say why.
const SHOWN: usize = 40;
/// Most characters of a call with its parameters.
const WIDTH: usize = 100;

/// A line for each call: its number, the task clock's time, whose it is, what was asked, what was answered. Of many, the
/// last 40.
pub fn table<'a>(calls: impl IntoIterator<Item = &'a Entry>) -> String {
    let calls: Vec<&Entry> = calls.into_iter().collect();
    let earlier = calls.len().saturating_sub(SHOWN);
    let rows: Vec<[String; 5]> = calls[earlier..].iter().map(|call| row(call)).collect();
    let head = ["#", "task clock", "account", "call", "answer"].map(str::to_owned);
    let widths: [usize; 5] = std::array::from_fn(|column| {
        rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in std::iter::once(&head).chain(&rows) {
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

fn row(call: &Entry) -> [String; 5] {
    let mut asked = if call.action().is_empty() { "(unreadable)" } else { call.action() }.to_owned();
    for (name, value) in call.params() {
        asked.extend([" ", name, "=", value]);
    }
    [
        call.sequence.to_string(),
        format!("{:.0}", call.task_time()),
        on_one_line(call.account()),
        on_one_line(&asked),
        answer(call),
    ]
}

fn answer(call: &Entry) -> String {
    let status = call.status.map_or_else(|| "connection broken".to_owned(), |status| status.to_string());
    let progress = call.task_progress().map(|percent| format!("{percent} %"));
    let mut words = vec![status.as_str(), call.code(), call.task_status().unwrap_or_default()];
    words.push(progress.as_deref().unwrap_or_default());
    let faults = call.faults().collect::<Vec<_>>().join(", ");
    if !faults.is_empty() {
        words.extend(["by fault", &faults]);
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// Values come from a client: one must not draw lines of its own, nor fill the screen.
fn on_one_line(text: &str) -> String {
    let mut shown: String =
        text.chars().take(WIDTH).map(|c| if c.is_control() { '\u{b7}' } else { c }).collect();
    if text.chars().nth(WIDTH).is_some() {
        shown.push('\u{2026}');
    }
    shown
}
