//! `requests`: the last calls, a line each, and further ones as they happen.

use anyhow::anyhow;
use clap::Args;
use serde_json::Value;

use super::clock::items;
use super::follow::{Happening, follow};
use super::table::{text, time_of_day};
use super::{ControlCommand, Steering};
use crate::cli::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct RequestsArgs {
    /// Conditions that all hold, such as action=GetLast* status=4xx params.TaskType=IMAGE_SCAN (docs/journal.md)
    #[arg(value_name = "KEY=VALUE")]
    conditions: Vec<String>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose calls they are (default: all).
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// How many are listed; the newest ones.
    #[arg(long, default_value = "40", value_name = "NUMBER")]
    limit: usize,
    /// Go on with further calls as they finish.
    #[arg(long, short)]
    follow: bool,
}

impl RequestsArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let conditions = pairs(&self.conditions)?;
        let narrowed = |command: ControlCommand| {
            let command = command.asking("account", self.account.as_ref());
            conditions.iter().fold(command, |command, (name, value)| command.asking(name, Some(value)))
        };
        if !self.follow {
            let command = narrowed(ControlCommand::get("requests")).asking("limit", Some(self.limit));
            return self.steering.run(&command, &listed);
        }
        follow(
            &self.steering,
            &narrowed(ControlCommand::get("events")),
            &|Happening { kind, data }, is_json| match kind {
                "call" if is_json => Some(format!("{data}\n")),
                "call" => Some(line(data) + "\n"),
                _ => None,
            },
        )
    }
}

fn pairs(words: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |word: &String| {
        let (name, value) = word.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let read = words.iter().map(|word| pair(word).ok_or(word)).collect::<Result<_, _>>();
    read.map_err(|word| Failure::usage(anyhow!("{word}: expected KEY=VALUE, such as status=4xx")))
}

fn listed(answer: &Value) -> String {
    let mut lines: Vec<String> = items(answer, "requests").map(|call| line(call) + "\n").collect();
    lines.reverse();
    if lines.is_empty() { "no calls\n".to_owned() } else { lines.concat() }
}

/// `#4 02:14:00 GetLastOnceTaskInfo IMAGE_SCAN => 200 START 37% account=test 0.4ms`
pub(super) fn line(call: &Value) -> String {
    let mut line = format!("#{} {}", call["sequence"], time_of_day(&call["time"]));
    let mut add = |text: &str| {
        if !text.is_empty() {
            line.extend([" ", text]);
        }
    };
    match (call["escaped"].as_str(), call["action"].as_str()) {
        (Some(host), _) => add(&format!("{} {host}", text(&call["method"]))),
        (None, Some(action)) => add(action),
        (None, None) => add("(unreadable)"),
    }
    add(&text(&call["params"]["TaskType"]));
    add("=>");
    match (call["status"].as_u64(), call["broke"].as_str()) {
        (Some(status), _) => add(&status.to_string()),
        (None, Some(broke)) => add(broke),
        (None, None) => add("(in flight)"),
    }
    if let Some(code) = call["code"].as_str() {
        add(&format!("({code})"));
    }
    if let Some(status) = call["task"]["status"].as_str() {
        add(&format!("{status} {}%", call["task"]["progress"]));
    }
    for (name, value) in [("account", &call["account"]), ("fidelity", &call["fidelity"])] {
        match value.as_str() {
            None | Some("modelled") => (),
            Some(value) => add(&format!("{name}={value}")),
        }
    }
    for fault in items(call, "faults") {
        add(&format!("fault={}", text(fault)));
    }
    if let Some(elapsed) = call["elapsed_ms"].as_f64() {
        add(&format!("{elapsed:.1}ms"));
    }
    if let Some(hint) = call["hint"].as_str() {
        add(&format!("({hint})"));
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_a_line() {
        let call = json!({
            "sequence": 4, "time": "2026-11-24T02:14:00.9Z", "account": "ci", "method": "POST", "action": "GetLastOnceTaskInfo",
            "params": { "TaskType": "IMAGE_SCAN" }, "faults": ["slow"], "status": 200, "broke": null, "code": null,
            "fidelity": "scripted", "task": { "status": "START", "progress": 37 }, "elapsed_ms": 0.44, "hint": "the clock is paused",
        });
        let broken = json!({
            "sequence": 5, "time": "2026-11-24T02:14:00Z", "account": null, "action": null, "params": {}, "faults": [],
            "status": null, "broke": "reset", "code": null, "fidelity": null, "task": null, "elapsed_ms": null,
        });
        insta::assert_snapshot!([line(&call), line(&broken)].join("\n"), @"
        #4 02:14:00 GetLastOnceTaskInfo IMAGE_SCAN => 200 START 37% account=ci fidelity=scripted fault=slow 0.4ms (the clock is paused)
        #5 02:14:00 (unreadable) => reset
        ");
    }
}
