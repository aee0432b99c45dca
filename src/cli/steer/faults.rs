//! `faults`: armed from words or a file, listed with their hits, disarmed.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::Value;

use super::clock::items;
use super::table::{aligned, text};
use super::words::{Words, written};
use super::{ControlCommand, Steering, file_of};
use crate::cli::Failure;
use crate::fault::rule;
use crate::scenario::load;

#[derive(Debug, Args)]
pub(in crate::cli) struct FaultsArgs {
    #[command(subcommand)]
    action: Option<FaultVerb>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose calls it is for, or whose faults are meant (default: all).
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Subcommand)]
enum FaultVerb {
    /// List them, and how often each fired (the default)
    List,
    /// Arm one, or those of a file, and print its id: error=ServerError action=GetLast* times=3
    Add {
        /// Keys of effect, match and trigger (docs/faults.md), or a file with rules
        #[arg(required = true, value_name = "KEY=VALUE|FILE")]
        words: Vec<String>,
    },
    /// Disarm one
    Remove { id: String },
    /// Disarm all; with --account, those that are for its calls alone
    Clear,
}

impl FaultsArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { action, steering, account } = self;
        match action.unwrap_or(FaultVerb::List) {
            FaultVerb::List => {
                steering.run(&ControlCommand::get("faults").asking("account", account.as_ref()), &listed)
            }
            FaultVerb::Add { words } => add(&steering, words, account),
            FaultVerb::Remove { id } => {
                let shown = |_: &Value| format!("{id} is disarmed\n");
                steering.run(&ControlCommand::of(Method::DELETE, "faults", &id), &shown)
            }
            FaultVerb::Clear => {
                let command =
                    ControlCommand::new(Method::DELETE, "faults").asking("account", account.as_ref());
                steering.run(&command, &listed)
            }
        }
    }
}

fn add(steering: &Steering, mut words: Vec<String>, account: Option<String>) -> Result<(), Failure> {
    let body = if let Some(file) = file_of(&words)? {
        load::faults(&file.source, &file.text).map_err(|error| Failure::usage(anyhow!(error.report())))?;
        file.text
    } else {
        words.extend(account.map(|account| format!("account={account}")));
        let rule = Words::read(&words, "fault", &rule::keys()).map_err(Failure::usage)?;
        if !rule.has("effect") {
            let [(_, effects), ..] = rule::keys();
            let known = effects.join(", ");
            return Err(Failure::usage(anyhow!(
                "an effect is needed, such as error=ServerError; effects are {known}"
            )));
        }
        rule.check(|text| load::faults("faults add", text)).map_err(Failure::usage)?;
        rule.document.to_string()
    };
    let command = ControlCommand::new(Method::POST, "faults").body(body);
    steering.run(&command, &|answer| items(answer, "armed").map(|id| text(id) + "\n").collect())
}

fn listed(answer: &Value) -> String {
    let rows = items(answer, "faults").map(|fault| {
        let what = written(&fault["rule"], &["effect", "match", "trigger"]);
        [text(&fault["id"]), text(&fault["hits"]), what]
    });
    let rows: Vec<[String; 3]> = rows.collect();
    if rows.is_empty() { "no faults\n".to_owned() } else { aligned(["id", "hits", "what"], rows) }
}
