//! What the emulator answers, as a person reads it: aligned columns, short times, bars.

use std::fmt::Write;
use std::io::IsTerminal;

use jiff::Timestamp;
use serde_json::Value;

/// Rows under a head, each column as wide as its widest cell.
pub(super) fn aligned<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut all = vec![head.map(str::to_owned)];
    all.extend(rows);
    columns(&all)
}

/// Rows without a head.
pub(in crate::cli) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a text cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.extend([line.trim_end(), "\n"]);
    }
    text
}

/// A member as text: without quotes, and nothing for null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time to the second: `2026-11-24T02:14:00Z`.
pub(super) fn time(value: &Value) -> String {
    let text = text(value);
    text.parse::<Timestamp>().map_or(text, |time| format!("{time:.0}"))
}

/// The time of day of it: `02:14:00`.
pub(super) fn time_of_day(value: &Value) -> String {
    let time = time(value);
    time.split_once('T').map_or(time.clone(), |(_, rest)| rest.trim_end_matches('Z').to_owned())
}

/// `37%`, with a bar before it on a terminal.
pub(super) fn progress(percent: &Value) -> String {
    progress_as(percent, std::io::stdout().is_terminal())
}

fn progress_as(percent: &Value, has_bar: bool) -> String {
    const CELLS: usize = 10;
    let shown = format!("{}%", text(percent));
    let percent = percent.as_u64().and_then(|percent| usize::try_from(percent).ok());
    let Some(percent) = percent.filter(|_| has_bar) else { return shown };
    let full = percent.min(100) * CELLS / 100;
    let bar: String = (0..CELLS).map(|cell| if cell < full { '█' } else { '░' }).collect();
    format!("{bar} {shown}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [["a".to_owned(), "é".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(aligned(["id", "what"], rows), "id    what\na     é\nlong\n");
    }

    #[test]
    fn times_and_bars() {
        let at = json!("2026-11-24T02:14:00.531526537Z");
        assert_eq!((time(&at), time_of_day(&at)), ("2026-11-24T02:14:00Z".into(), "02:14:00".into()));
        assert_eq!(time(&json!("soon")), "soon");
        assert_eq!(progress_as(&json!(37), true), "███░░░░░░░ 37%");
        assert_eq!(progress_as(&json!(37), false), "37%");
    }
}
