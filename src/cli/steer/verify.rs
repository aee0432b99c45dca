//! `verify`: the calls so far, held against expectations.

use anyhow::anyhow;
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::clock::items;
use super::requests;
use super::table::text;
use super::words::Words;
use super::{ControlCommand, Steering, file_of};
use crate::cli::Failure;
use crate::expect::{self, Expectations, Verification};
use crate::scenario::load;

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// One expectation: conditions and demands such as `action=GetLastOnceTaskInfo calls='>=3' gap='>=1s'` (docs/run.md)
    #[arg(required_unless_present = "file", value_name = "KEY=VALUE")]
    words: Vec<String>,
    /// The body of POST verify in JSON or YAML, with several expectations.
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    file: Option<String>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose calls are judged (default: all).
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

impl VerifyArgs {
    /// Exits with 3 if one is not met.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut body = self.body()?;
        if let Some(account) = &self.account {
            body["account"] = account.as_str().into();
        }
        let command = ControlCommand::new(Method::POST, "verify").json(&body);
        self.steering.judge(&command, &verdict, &|answer| {
            let error = || anyhow!("the client did not do as expected");
            let failure = || Failure { code: Failure::EXPECTATIONS, error: error() };
            if answer["passed"] == true { Ok(()) } else { Err(failure()) }
        })
    }

    fn body(&self) -> Result<Value, Failure> {
        if let Some(file) = self.file.as_deref() {
            let file =
                file_of(&[file.to_owned()])?.ok_or_else(|| Failure::usage(anyhow!("{file}: is no file")))?;
            let read = load::part::<Verification>(&file.source, &file.text);
            read.map_err(|error| Failure::usage(anyhow!(error.report())))?;
            return load::part(&file.source, &file.text)
                .map_err(|error| Failure::usage(anyhow!(error.report())));
        }
        let words =
            Words::read(&self.words, "expectation", &[("", expect::keys())]).map_err(Failure::usage)?;
        words.check(load::body::<Expectations>).map_err(Failure::usage)?;
        Ok(json!({ "expect": [words.document] }))
    }
}

/// As `run` prints it: a line for each expectation, and beneath it why it was not met.
fn verdict(answer: &Value) -> String {
    let all: Vec<&Value> = items(answer, "expect").chain(answer.get("order")).collect();
    let mut shown = String::new();
    for outcome in &all {
        let has_passed = outcome["passed"] == true;
        shown.extend([if has_passed { "ok    " } else { "FAIL  " }, &text(&outcome["wanted"]), "\n"]);
        if has_passed {
            continue;
        }
        let (wanted, message) = (text(&outcome["wanted"]), text(&outcome["message"]));
        let message = message.strip_prefix(&format!("wanted {wanted}; ")).unwrap_or(&message);
        shown.extend(["      ", message, "\n"]);
        for near in items(outcome, "nearest") {
            let differs: Vec<String> = items(near, "differs").map(text).collect();
            let reason = if differs.is_empty() { String::new() } else { format!(": {}", differs.join(", ")) };
            shown.extend(["      ", &requests::line(&near["call"]), &reason, "\n"]);
        }
    }
    let failed = all.iter().filter(|outcome| outcome["passed"] != true).count();
    shown.extend([&expect::how_many_met(all.len(), failed), "\n"]);
    if let Some(hint) = answer["hint"].as_str() {
        shown.extend([&answer["missed"].to_string(), " calls: ", hint, "\n"]);
    }
    shown
}
