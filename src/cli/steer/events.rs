//! `events`: calls, faults, changes of tasks and commands as they happen.

use clap::Args;
use serde_json::Value;

use super::clock::transition;
use super::follow::{Happening, follow};
use super::requests;
use super::table::{text, time_of_day};
use super::{ControlCommand, Steering};
use crate::cli::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct EventsArgs {
    #[command(flatten)]
    steering: Steering,
    /// The account that they are about (default: all).
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Go on until it is stopped (it always does).
    #[arg(long, short)]
    follow: bool,
}

impl EventsArgs {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let command = ControlCommand::get("events").asking("account", self.account.as_ref());
        follow(&self.steering, &command, &|Happening { kind, data }, is_json| {
            let line =
                if is_json { format!(r#"{{"event":"{kind}","data":{data}}}"#) } else { line(kind, data) };
            Some(line + "\n")
        })
    }
}

/// The kind, then what happened.
fn line(kind: &str, data: &Value) -> String {
    let what = match kind {
        "call" => requests::line(data),
        "fault" => {
            let [fault, action, account] = ["fault", "action", "account"].map(|member| text(&data[member]));
            format!("{fault} #{} {action} account={account}", data["sequence"])
        }
        "transition" => transition(data).join("  ").trim_start().to_owned(),
        "command" => {
            let [command, outcome, by] = ["command", "outcome", "by"].map(|member| text(&data[member]));
            let account =
                data["account"].as_str().map(|account| format!(" account={account}")).unwrap_or_default();
            format!("{} {command}{account} by {by}: {outcome}", time_of_day(&data["time"]))
        }
        _ => data.to_string(),
    };
    format!("{kind:<10} {what}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_is_a_line() {
        let fault =
            json!({ "fault": "slow", "sequence": 4, "account": "ci", "action": "GetLastOnceTaskInfo" });
        let change = json!({ "at": "2026-11-24T02:14:02Z", "account": "ci", "id": "ab", "type": "IMAGE_SCAN", "from": "INIT", "to": "START" });
        let command = json!({ "time": "2026-11-24T02:14:02Z", "account": null, "command": "clock advance 6h", "outcome": "2 transitions", "by": "127.0.0.1" });
        let lines = [
            line("fault", &fault),
            line("transition", &change),
            line("command", &command),
            line("missed", &json!({ "calls": 3 })),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r#"
        fault      slow #4 GetLastOnceTaskInfo account=ci
        transition 2026-11-24T02:14:02Z  IMAGE_SCAN  INIT -> START  account=ci  ab
        command    02:14:02 clock advance 6h by 127.0.0.1: 2 transitions
        missed     {"calls":3}
        "#);
    }
}
