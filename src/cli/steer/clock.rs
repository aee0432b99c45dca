//! `clock`: the task clock, of all accounts or of one.

use clap::{Args, Subcommand};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::table::{columns, text, time};
use super::{ControlCommand, Steering};
use crate::cli::Failure;
use crate::text::counted::counted;
use crate::text::duration;

#[derive(Debug, Args)]
pub(in crate::cli) struct ClockArgs {
    #[command(subcommand)]
    action: Option<ClockVerb>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose own clock it is, instead of all clocks.
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
enum ClockVerb {
    /// Show it (the default)
    Show,
    /// Stop it
    Pause,
    /// Let it run
    Resume,
    /// Move it on by a length of time, such as 6h or '1d 12h'
    Advance {
        #[arg(value_parser = length)]
        by: String,
    },
    /// Move it on to a time, such as 2026-12-01T00:00:00Z
    Set {
        #[arg(value_parser = moment)]
        to: String,
    },
    /// How many seconds pass in one
    Scale { rate: f64 },
}

/// A length of time, as the control API takes it.
fn length(text: &str) -> Result<String, String> {
    duration::parse(text).map(|_| text.to_owned())
}

/// A time, as the control API takes it.
fn moment(text: &str) -> Result<String, String> {
    let time = text.parse::<Timestamp>();
    time.map(|_| text.to_owned()).map_err(|_| "expected a time such as 2026-12-01T00:00:00Z".to_owned())
}

impl ClockArgs {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let body = match self.action.as_ref().unwrap_or(&ClockVerb::Show) {
            ClockVerb::Show => None,
            ClockVerb::Pause => Some(json!({ "action": "pause" })),
            ClockVerb::Resume => Some(json!({ "action": "resume" })),
            ClockVerb::Advance { by } => Some(json!({ "action": "advance", "by": by })),
            ClockVerb::Set { to } => Some(json!({ "action": "set", "to": to })),
            ClockVerb::Scale { rate } => Some(json!({ "action": "scale", "rate": rate })),
        };
        let command = match body {
            None => ControlCommand::get("clock"),
            Some(body) => ControlCommand::new(Method::PUT, "clock").json(&body),
        };
        self.steering.run(&command.asking("account", self.account.as_ref()), &shown)
    }
}

/// `2026-11-24T02:14:00Z paused rate 1, 2 transitions`, then what happened, or the clocks of single accounts.
fn shown(clock: &Value) -> String {
    let mut line = reading(clock);
    if let Some(account) = clock["account"].as_str() {
        let own = if clock["own"] == true { "" } else { " (the clock of all)" };
        line = format!("{line} account={account}{own}");
    }
    if let Some(count) = clock["transition_count"].as_u64() {
        line = format!("{line}, {}", counted(count, "transition"));
    }
    for (member, noun) in [
        ("skipped_starts", "skipped start"),
        ("postponed_accounts", "postponed account"),
        ("stayed_count", "clock"),
    ] {
        if let Some(count) = clock[member].as_u64() {
            let stayed = if member == "stayed_count" { " not moved" } else { "" };
            line = format!("{line}, {}{stayed}", counted(count, noun));
        }
    }
    let own = items(clock, "own_clocks").map(|own| [String::new(), text(&own["account"]), reading(own)]);
    let own: Vec<[String; 3]> = own.collect();
    let happened: Vec<[String; 6]> = items(clock, "transitions").map(transition).collect();
    format!("{line}\n{}{}", columns(&own), columns(&happened))
}

pub(super) fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

fn reading(clock: &Value) -> String {
    let state = if clock["paused"] == true { "paused" } else { "running" };
    let rate = clock["rate"].as_f64().unwrap_or(1.0);
    format!("{} {state} rate {rate}", time(&clock["now"]))
}

/// The cells of a line: time, type, account, status before and after, and the task.
pub(super) fn transition(change: &Value) -> [String; 6] {
    let from = Some(text(&change["from"])).filter(|from| !from.is_empty());
    let change_of_status = format!("{} -> {}", from.as_deref().unwrap_or("-"), text(&change["to"]));
    let account = format!("account={}", text(&change["account"]));
    [
        String::new(),
        time(&change["at"]),
        text(&change["type"]),
        change_of_status,
        account,
        text(&change["id"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_tells_what_happened() {
        let jump = json!({
            "now": "2026-11-24T08:14:00.5Z", "rate": 1.0, "paused": true, "transition_count": 2, "skipped_starts": 7,
            "transitions": [
                { "at": "2026-11-24T02:14:02Z", "account": "ci", "id": "ab", "type": "IMAGE_SCAN", "from": null, "to": "INIT" },
                { "at": "2026-11-24T02:14:02Z", "account": "ci", "id": "ab", "type": "IMAGE_SCAN", "from": "INIT", "to": "START" },
            ],
        });
        insta::assert_snapshot!(shown(&jump), @"
        2026-11-24T08:14:00Z paused rate 1, 2 transitions, 7 skipped starts
          2026-11-24T02:14:02Z  IMAGE_SCAN  - -> INIT      account=ci  ab
          2026-11-24T02:14:02Z  IMAGE_SCAN  INIT -> START  account=ci  ab
        ");
    }
}
