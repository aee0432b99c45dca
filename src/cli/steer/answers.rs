//! `answers`: scripted from words or a file, listed, removed.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::Value;

use super::clock::items;
use super::table::{aligned, text};
use super::words::{Words, written};
use super::{ControlCommand, Steering, file_of};
use crate::answers;
use crate::cli::Failure;
use crate::scenario::load;

#[derive(Debug, Args)]
pub(in crate::cli) struct AnswersArgs {
    #[command(subcommand)]
    action: Option<AnswerVerb>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose calls it is for, or whose answers are meant (default: all).
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Subcommand)]
enum AnswerVerb {
    /// List them, and how often each was given (the default)
    List,
    /// Add one, or those of a file, and print its id: action=DescribeVulList reply='{TotalCount: 0}'
    Add {
        /// Keys of an answer and of match (docs/answers.md), or a file with answers
        #[arg(required = true, value_name = "KEY=VALUE|FILE")]
        words: Vec<String>,
    },
    /// Remove one
    Remove { id: String },
    /// Remove all; with --account, those that are for its calls alone
    Clear,
}

impl AnswersArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { action, steering, account } = self;
        match action.unwrap_or(AnswerVerb::List) {
            AnswerVerb::List => {
                steering.run(&ControlCommand::get("answers").asking("account", account.as_ref()), &listed)
            }
            AnswerVerb::Add { words } => add(&steering, words, account),
            AnswerVerb::Remove { id } => {
                let shown = |_: &Value| format!("{id} is removed\n");
                steering.run(&ControlCommand::of(Method::DELETE, "answers", &id), &shown)
            }
            AnswerVerb::Clear => {
                let command =
                    ControlCommand::new(Method::DELETE, "answers").asking("account", account.as_ref());
                steering.run(&command, &listed)
            }
        }
    }
}

fn add(steering: &Steering, mut words: Vec<String>, account: Option<String>) -> Result<(), Failure> {
    let body = if let Some(file) = file_of(&words)? {
        load::answers(&file.source, &file.text).map_err(|error| Failure::usage(anyhow!(error.report())))?;
        file.text
    } else {
        words.extend(account.map(|account| format!("account={account}")));
        let answer = Words::read(&words, "answer", &answers::keys()).map_err(Failure::usage)?;
        answer.check(|text| load::answers("answers add", text)).map_err(Failure::usage)?;
        answer.document.to_string()
    };
    let command = ControlCommand::new(Method::POST, "answers").body(body);
    steering.run(&command, &|answer| items(answer, "added").map(|id| text(id) + "\n").collect())
}

fn listed(answer: &Value) -> String {
    let rows = items(answer, "answers")
        .map(|answer| [text(&answer["id"]), text(&answer["hits"]), written(&answer["answer"], &["match"])]);
    let rows: Vec<[String; 3]> = rows.collect();
    if rows.is_empty() { "no answers\n".to_owned() } else { aligned(["id", "given", "what"], rows) }
}
