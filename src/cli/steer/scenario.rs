//! `scenario`: what the emulator has loaded, and another in its place.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::clock::items;
use super::table::text;
use super::{ControlCommand, Steering};
use crate::cli::Failure;
use crate::scenario::load::Text;
use crate::scenario::{builtin, load};

#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioArgs {
    #[command(subcommand)]
    action: Option<ScenarioVerb>,
    #[command(flatten)]
    steering: Steering,
}

#[derive(Debug, Subcommand)]
enum ScenarioVerb {
    /// Print it, secrets masked (the default); what is printed can be loaded
    Show,
    /// Load another, and begin at its start time
    Load {
        /// A built-in scenario (`sas-emulator scenarios`) or a file
        #[arg(value_name = "NAME|FILE")]
        source: String,
    },
}

impl ScenarioArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { action, steering } = self;
        match action.unwrap_or(ScenarioVerb::Show) {
            ScenarioVerb::Show => steering.run(&ControlCommand::get("scenario"), &documents),
            ScenarioVerb::Load { source } => {
                let wrong = |error: crate::scenario::LoadError| Failure::usage(anyhow!(error.report()));
                let text = load::read(&source).map_err(wrong)?;
                load::together(&[Text { source: source.clone(), text: text.text.clone() }]).map_err(wrong)?;
                let command = ControlCommand::new(Method::PUT, "scenario");
                let command = if builtin::text(&source).is_some() {
                    command.json(&json!({ "name": source }))
                } else {
                    command.body(text.text)
                };
                // What the emulator finds wrong stands in that file.
                steering
                    .run(&command, &headline)
                    .map_err(|failure| failure.renamed("body:", &format!("{source}:")))
            }
        }
    }
}

/// `stuck: Every scan stalls at 69 % and never ends.`
fn headline(answer: &Value) -> String {
    let [name, description] = ["name", "description"].map(|member| text(&answer[member]));
    if description.is_empty() { format!("{name}\n") } else { format!("{name}: {description}\n") }
}

/// The documents one after the other, in JSON, which is YAML, and what is known of them as its comments.
fn documents(answer: &Value) -> String {
    let mut shown = format!("# {}# seed {}\n", headline(answer), answer["seed"]);
    let documents: Vec<&Value> = items(answer, "documents").collect();
    for document in &documents {
        if documents.len() > 1 {
            shown.extend(["# ", &text(&document["source"]), "\n---\n"]);
        }
        shown.extend([&serde_json::to_string_pretty(&document["document"]).unwrap_or_default(), "\n"]);
    }
    shown
}
