//! Command-line parsing, dispatch and exit codes.

mod call;
mod catalog;
mod check;
mod client;
mod control;
mod descriptors;
mod doctor;
mod environment;
mod hinted;
mod intercepting;
mod lock;
mod log;
mod mistake;
mod pages;
mod reload;
mod run;
mod run_report;
mod self_check;
mod serve;
mod signals;
mod state_file;
mod steer;
mod tls;
mod trust;
mod wait;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::log::print_error;
use crate::scenario;
use crate::settings::{self, Options};
use crate::text::outside;
use crate::text::similar::{nearest, question};

/// A local Alibaba Cloud Security Center (SAS) for tests.
#[derive(Debug, Parser)]
#[command(name = "sas-emulator", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Without a command it serves. Docs: README.md; scenario files: docs/scenarios.md.")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until stopped (the default)
    Serve(Box<Options>),
    /// Sign and send one request and print the response
    Call(call::CallArgs),
    /// Exit 0 if the emulator answers; of several, all
    Healthcheck(client::Remotes),
    /// Wait until the emulator is ready; of several, all
    Wait(wait::WaitArgs),
    #[command(flatten)]
    Steer(steer::Noun),
    /// Send a request of the control API to an emulator, or to each of several: control PUT clock '{"action":"pause"}'
    Control(control::ControlArgs),
    /// Print lines that point official SDKs and tools at the emulator: eval "$(sas-emulator env)"
    Env(environment::EnvArgs),
    /// Serve a scenario on a free port, run a command, judge what the scenario expects of it
    Run(run::RunArgs),
    /// Arm and disarm every fault over a real socket and prove that a client can see it
    SelfCheck,
    /// List the operations and how far each is modelled, or show one: its parameters, and a call of it
    Operations {
        /// The one to show
        name: Option<String>,
    },
    /// List the documented types of tasks, and how tasks of each go
    TaskTypes,
    /// Find out why calls do not arrive or are refused, each finding with what to do about it
    Doctor(doctor::DoctorArgs),
    /// Print a script that lets a shell complete commands: sas-emulator completions bash > FILE
    Completions(pages::CompletionsArgs),
    /// Print the manual page, with all commands: sas-emulator man | man -l -
    Man,
    /// Validate scenario files; exit 2 if one is wrong
    Check(check::CheckArgs),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    /// List the built-in scenarios, or print one
    Scenarios {
        /// The one to print
        name: Option<String>,
    },
}

/// A variable of the environment and its value; none if it must not be set.
type Variable = (&'static str, Option<String>);

/// Why a command failed, and the exit code of the process.
#[derive(Debug)]
struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The command line or a scenario is wrong.
    const USAGE: u8 = 2;
    /// An expectation of the scenario was not met.
    const EXPECTATIONS: u8 = 3;
    /// Another process listens there.
    const ADDRESS_IN_USE: u8 = 4;

    fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: Self::USAGE, error: error.into() }
    }

    /// With another name of a document at the beginning of its message.
    fn renamed(self, from: &str, to: &str) -> Self {
        let Self { code, error } = self;
        let error = match error.to_string().strip_prefix(from) {
            Some(rest) => anyhow::anyhow!("{to}{rest}"),
            None => error,
        };
        Self { code, error }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { code: 1, error: error.into() }
    }
}

pub fn main() -> ExitCode {
    let matches = settings::without_empty_variables(Cli::command()).try_get_matches();
    let matches = matches.unwrap_or_else(|error| mistake::without_secrets(error, std::env::args_os()).exit());
    let Cli { command, options } = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    // A server ends in time, also if its log is not read. What other commands say is what they were called for.
    let patience = match &command {
        None | Some(Command::Serve(_)) => Duration::from_millis(200),
        Some(_) => Duration::from_secs(10),
    };
    let outcome = match command {
        None => serve::run(&options),
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::Call(call)) => call.run(),
        Some(Command::Healthcheck(remotes)) => wait::healthcheck(&remotes),
        Some(Command::Wait(wait)) => wait::wait(&wait),
        Some(Command::Control(control)) => control.run(),
        Some(Command::Steer(noun)) => noun.run(),
        Some(Command::Env(env)) => env.run(),
        Some(Command::Run(run)) => run.run(),
        Some(Command::SelfCheck) => self_check::run(),
        Some(Command::Operations { name }) => catalog::operations(name.as_deref()),
        Some(Command::TaskTypes) => catalog::task_types(),
        Some(Command::Doctor(doctor)) => doctor.run(),
        Some(Command::Completions(completions)) => completions.run(),
        Some(Command::Man) => pages::man(),
        Some(Command::Check(check)) => check.run(),
        Some(Command::Schema) => print(&scenario::schema()),
        Some(Command::Scenarios { name }) => catalog::scenarios(name.as_deref()),
    };
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, error }) => {
            print_error(&outside::report(&hinted::report(&error)));
            ExitCode::from(code)
        }
    };
    log::flush(patience);
    code
}

/// Prints to stdout; a reader that closed it, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Warns of variables with our prefix that no flag has: a typing error would go unnoticed otherwise.
fn warn_of_unknown_variables() {
    for (name, meant) in unknown_variables() {
        tracing::warn!("the environment variable {name} means nothing here{}", question(meant.as_deref()));
    }
}

/// Variables with our prefix that no flag has, each with the nearest one that a flag has.
fn unknown_variables() -> Vec<(String, Option<String>)> {
    let command = Cli::command();
    let all = std::iter::once(&command).chain(command.get_subcommands());
    let arguments = all.flat_map(clap::Command::get_arguments);
    let known: Vec<&str> = arguments.filter_map(|argument| argument.get_env()?.to_str()).collect();
    let unknown = settings::variables().into_iter().filter(|name| !known.contains(&name.as_str()));
    let with_nearest = |name: String| {
        let meant = nearest(&name, known.iter().copied()).map(str::to_owned);
        (name, meant)
    };
    unknown.map(with_nearest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Config;
    use crate::scenario::load;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn defaults_of_the_command_line_are_those_of_the_model() {
        let options = Cli::parse_from(["sas-emulator"]).options;
        let default = Config::new(load::find("default").unwrap());
        let config = serve::config(&options, default.scenario.clone(), None).unwrap();
        assert_eq!((config.limits, config.journal), (default.limits, default.journal));
    }

    #[test]
    fn every_flag_of_serve_has_its_variable() {
        let command = Cli::command();
        let is_ours = |argument: &&clap::Arg| !["help", "version"].contains(&argument.get_id().as_str());
        for argument in command.get_arguments().filter(is_ours) {
            let expected = format!("SAS_EMULATOR_{}", argument.get_id().as_str().to_uppercase());
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(expected.as_str()));
        }
    }
}
