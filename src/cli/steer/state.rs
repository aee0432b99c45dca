//! `state`: all of it, kept by the emulator under a name, or as a file here.

use std::path::Path;

use anyhow::Context;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::Value;

use super::clock::items;
use super::table::{aligned, text, time};
use super::{ControlCommand, Steering};
use crate::cli::{Failure, print};
use crate::files::{self, Readers};
use crate::text::counted::counted;

#[derive(Debug, Args)]
pub(in crate::cli) struct StateArgs {
    #[command(subcommand)]
    action: Option<StateVerb>,
    #[command(flatten)]
    steering: Steering,
}

#[derive(Debug, Subcommand)]
enum StateVerb {
    /// List the names (the default)
    List,
    /// Save it under a name, or to a file: what ends in .json or has a / is one
    Save {
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
    /// Restore what was saved
    Load {
        #[arg(value_name = "NAME|FILE")]
        name: String,
    },
    /// Forget a name
    Remove { name: String },
}

impl StateArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { action, steering } = self;
        let named = |method, name: &str| ControlCommand::of(method, "snapshots", name);
        match action.unwrap_or(StateVerb::List) {
            StateVerb::List => steering.run(&ControlCommand::get("snapshots"), &listed),
            StateVerb::Save { name } if is_file(&name) => save(&steering, &name),
            StateVerb::Save { name } => steering
                .run(&named(Method::PUT, &name), &|saved| format!("{name}: {} bytes\n", saved["bytes"])),
            StateVerb::Load { name } if is_file(&name) => {
                let read =
                    files::read_if_there(Path::new(&name)).with_context(|| format!("cannot read {name}"));
                let read = read.and_then(|read| read.with_context(|| format!("there is no file {name}")));
                let command = ControlCommand::new(Method::PUT, "state").body(read.map_err(Failure::usage)?);
                steering.run(&command, &restored)
            }
            StateVerb::Load { name } => steering.run(&named(Method::POST, &name), &restored),
            StateVerb::Remove { name } => {
                steering.run(&named(Method::DELETE, &name), &|_| format!("{name} is forgotten\n"))
            }
        }
    }
}

fn is_file(name: &str) -> bool {
    name.contains('/') || Path::new(name).extension().is_some_and(|extension| extension == "json")
}

/// As the emulator wrote it, byte for byte.
fn save(steering: &Steering, file: &str) -> Result<(), Failure> {
    let snapshot = steering.download(&ControlCommand::get("state"))?;
    files::replace(Path::new(file), &snapshot, Readers::Owner)
        .with_context(|| format!("cannot write {file}"))?;
    print(&format!("{file}: {} bytes\n", snapshot.len()))
}

fn restored(answer: &Value) -> String {
    let accounts = counted(answer["accounts"].as_u64().unwrap_or_default(), "account");
    let note = answer["note"].as_str().map(|note| format!("{note}\n")).unwrap_or_default();
    format!("restored: {accounts}, {}\n{note}", time(&answer["now"]))
}

fn listed(answer: &Value) -> String {
    let rows = items(answer, "snapshots").map(|snapshot| {
        [text(&snapshot["name"]), time(&snapshot["time"]), text(&snapshot["bytes"]), text(&snapshot["tasks"])]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    if rows.is_empty() {
        "nothing is saved\n".to_owned()
    } else {
        aligned(["name", "saved", "bytes", "tasks"], rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_a_slash_or_end_in_json() {
        assert_eq!(["a", "a.json", "./a", "json", "a.b"].map(is_file), [false, true, true, false, false]);
    }
}
