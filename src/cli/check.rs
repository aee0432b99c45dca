//! `check`: validates scenarios and reports each that is wrong.

use anyhow::anyhow;
use clap::Args;

use super::{Failure, print};
use crate::authority::Authority;
use crate::clock;
use crate::emulator::{Config, Emulator};
use crate::scenario::LoadError;
use crate::scenario::load::{self, Text};
use crate::scenario::mistakes;
use crate::text::outside;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Scenario files, names of built-in ones, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Check what they say together, each laid over those before it, as `--scenario A --scenario B` does
    #[arg(long)]
    together: bool,
}

impl CheckArgs {
    /// Prints `FILE: ok`, or all that is wrong and where, for each.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let at_once = if self.together { self.files.len() } else { 1 };
        let mut wrong = 0;
        for files in self.files.chunks(at_once) {
            match judge(files) {
                Ok(()) => print(&outside::report(&format!("{}: ok\n", name(files))))?,
                Err(report) => {
                    wrong += 1;
                    print(&outside::report(&format!("{report}\n")))?;
                }
            }
        }
        if wrong == 0 {
            return Ok(());
        }
        let all = self.files.len().div_ceil(at_once);
        Err(Failure::usage(anyhow!("{wrong} of {all} wrong")))
    }
}

fn judge(files: &[String]) -> Result<(), String> {
    let texts: Result<Vec<Text>, LoadError> = files.iter().map(|file| read(file)).collect();
    let texts = texts.map_err(|error| error.report())?;
    let found: Vec<LoadError> = texts.iter().flat_map(mistakes::of).collect();
    if !found.is_empty() {
        return Err(found.iter().map(LoadError::report).collect::<Vec<_>>().join("\n"));
    }
    let scenario = load::together(&texts).map_err(|error| error.report())?;
    // Some mistakes show only in a session, such as a task that starts after the start time. Certificates exist only at
    // run time.
    let config = Config { authority: Some(Authority::new(clock::machine_time())), ..Config::new(scenario) };
    Emulator::new(config).map(drop).map_err(|error| format!("{}: {error}", name(files)))
}

fn name(files: &[String]) -> String {
    files.iter().map(|file| if file == "-" { STDIN } else { file }).collect::<Vec<_>>().join(" + ")
}

/// What messages call it.
const STDIN: &str = "<stdin>";

fn read(file: &str) -> Result<Text, LoadError> {
    if file != "-" {
        return load::read(file);
    }
    load::read_from(std::io::stdin().lock())
        .map(|text| Text { source: STDIN.to_owned(), text })
        .map_err(|message| LoadError::Unreadable { file: STDIN.to_owned(), message })
}
