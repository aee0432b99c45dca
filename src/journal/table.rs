//! Calls as a table, for the person whose test just failed.

use std::fmt::Write;

use super::entry::Entry;
use super::line::on_one_line;

/// Most calls that are shown: the last ones say why.
const SHOWN: usize = 40;

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
    [
        call.sequence.to_string(),
        format!("{:.0}", call.task_time()),
        on_one_line(call.account()),
        call.asked(),
        call.answered(),
    ]
}
