//! Nouns whose entries people write, as `faults` and `answers`: listed, added from words or a file, removed.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::Value;

use super::clock::items;
use super::table::text;
use super::words::Words;
use super::{ControlCommand, Steering, file_of};
use crate::cli::Failure;
use crate::scenario::LoadError;

#[derive(Debug, Args)]
pub(in crate::cli) struct EntriesArgs {
    #[command(subcommand)]
    action: Option<EntryVerb>,
    #[command(flatten)]
    steering: Steering,
    /// The account whose calls it is for, or whose entries are meant (default: all).
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Subcommand)]
enum EntryVerb {
    /// List them, and how often each acted (the default)
    List,
    /// Add one, or those of a file, and print its id
    Add {
        /// Keys with their values (docs/faults.md, docs/answers.md), or a file
        #[arg(required = true, value_name = "KEY=VALUE|FILE")]
        words: Vec<String>,
    },
    /// Remove one
    Remove { id: String },
    /// Remove all; with --account, those that are for its calls alone
    Clear,
}

/// What entries of one kind have of their own.
pub(super) struct EntryKind {
    /// Its name in commands and paths.
    pub(super) name: &'static str,
    /// The member of the answer with the ids of what was added.
    pub(super) added: &'static str,
    /// What one is when it is removed.
    pub(super) gone: &'static str,
    /// Reads words; fails if one has no such key or something is left out.
    pub(super) words: fn(&[String]) -> anyhow::Result<Words<'_>>,
    /// Reads a document of a source, as the reader of scenarios does.
    pub(super) read: fn(&str, &str) -> Result<(), LoadError>,
    pub(super) listed: fn(&Value) -> String,
}

impl EntriesArgs {
    pub(super) fn run(self, kind: &EntryKind) -> Result<(), Failure> {
        let Self { action, steering, account } = self;
        match action.unwrap_or(EntryVerb::List) {
            EntryVerb::List => {
                let command = ControlCommand::get(kind.name).asking("account", account.as_ref());
                steering.run(&command, &kind.listed)
            }
            EntryVerb::Add { words } => kind.add(&steering, words, account),
            EntryVerb::Remove { id } => {
                let shown = |_: &Value| format!("{id} is {}\n", kind.gone);
                steering.run(&ControlCommand::of(Method::DELETE, kind.name, &id), &shown)
            }
            EntryVerb::Clear => {
                let command = ControlCommand::new(Method::DELETE, kind.name);
                steering.run(&command.asking("account", account.as_ref()), &kind.listed)
            }
        }
    }
}

impl EntryKind {
    fn add(
        &self,
        steering: &Steering,
        mut words: Vec<String>,
        account: Option<String>,
    ) -> Result<(), Failure> {
        let body = if let Some(file) = file_of(&words)? {
            (self.read)(&file.source, &file.text).map_err(|error| Failure::usage(anyhow!(error.report())))?;
            file.text
        } else {
            words.extend(account.map(|account| format!("account={account}")));
            let entry = (self.words)(&words).map_err(Failure::usage)?;
            let source = format!("{} add", self.name);
            entry.check(|text| (self.read)(&source, text)).map_err(Failure::usage)?;
            entry.document.to_string()
        };
        let command = ControlCommand::new(Method::POST, self.name).body(body);
        steering.run(&command, &|answer| items(answer, self.added).map(|id| text(id) + "\n").collect())
    }
}
