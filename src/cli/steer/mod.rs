//! The commands that steer and show a running emulator: one file per noun of the control API. Each makes commands of its
//! arguments, and tables of the answers.

mod answers;
mod clock;
mod command;
mod entries;
mod events;
mod faults;
mod follow;
mod requests;
mod reset;
mod scenario;
mod state;
mod table;
mod tasks;
mod verify;
mod words;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow};
use bytes::Bytes;
use clap::{Args, Subcommand};
use futures_util::future::join_all;
use http::{Method, Response, StatusCode};
use serde_json::Value;

pub(super) use self::command::ControlCommand;
pub(super) use self::table::columns;
use super::client::{self, Remotes, all, authority, block_on, probe};
use super::hinted::Hinted;
use super::{Failure, print};
use crate::domain::Secret;
use crate::scenario::load::{self, Text};
use crate::settings::seconds;
use crate::text::outside;

/// The nouns of the control API.
#[derive(Debug, Subcommand)]
pub(super) enum Noun {
    /// Show, pause or move the task clock, of all or of one account
    Clock(clock::ClockArgs),
    /// Begin again at the scenario's start time
    Reset(reset::ResetArgs),
    /// List tasks, start one, or make one finish, fail, time out or stall
    Tasks(tasks::TasksArgs),
    /// List faults, arm one: `faults add error=ServerError times=3`
    Faults(entries::EntriesArgs),
    /// List scripted answers, add one: `answers add action=DescribeVulList reply='{TotalCount: 0}'`
    Answers(entries::EntriesArgs),
    /// The last calls, newest last: requests status=4xx; --follow shows further ones as they happen
    Requests(requests::RequestsArgs),
    /// Judge the calls so far, exit 3 if that fails: `verify action=GetLastOnceTaskInfo calls='>=3'`
    Verify(verify::VerifyArgs),
    /// Show the scenario, or load another
    Scenario(scenario::ScenarioArgs),
    /// Save and load all of the state, under a name or as a file
    State(state::StateArgs),
    /// Calls, faults and changes of tasks as they happen
    Events(events::EventsArgs),
}

impl Noun {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Clock(args) => args.run(),
            Self::Reset(args) => args.run(),
            Self::Tasks(args) => args.run(),
            Self::Faults(args) => args.run(&faults::FAULTS),
            Self::Answers(args) => args.run(&answers::ANSWERS),
            Self::Requests(args) => args.run(),
            Self::Verify(args) => args.run(),
            Self::Scenario(args) => args.run(),
            Self::State(args) => args.run(),
            Self::Events(args) => args.run(),
        }
    }
}

/// Which emulators a command is for.
#[derive(Debug, Args)]
pub(super) struct Recipients {
    #[command(flatten)]
    remotes: Remotes,
    /// What emulators with --control-token ask for.
    #[arg(
        id = "recipients_token",
        long = "control-token",
        global = true,
        env = "SAS_EMULATOR_CONTROL_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    control_token: Option<Secret>,
    /// How long to wait for the answers, in seconds.
    #[arg(id = "recipients_timeout", long = "timeout", global = true, default_value = "60", value_parser = seconds, value_name = "SECONDS")]
    timeout: Duration,
}

/// Which emulators a command is for, and how it shows what they answer.
#[derive(Debug, Args)]
pub(super) struct Steering {
    #[command(flatten)]
    recipients: Recipients,
    /// Print the answer as it is, in JSON; of several emulators, a line for each.
    #[arg(long, global = true)]
    json: bool,
}

/// An emulator, and what it answered.
type Answer = (String, Result<Response<Bytes>>);

impl Recipients {
    /// Sends a command to all at once. If it changes something, all must be there first.
    pub(super) fn send(&self, command: &ControlCommand) -> Result<Vec<Answer>, Failure> {
        let endpoints = self.endpoints()?;
        let request = command.request(self.control_token.as_ref()).map_err(Failure::usage)?;
        Ok(block_on(self.timeout, async {
            // A change that some emulators have and others do not is worse than none.
            if endpoints.len() > 1 && command.method != Method::GET {
                probe(&endpoints, "ready").await.context("nothing was sent")?;
            }
            let answers = endpoints.iter().map(|endpoint| client::send(endpoint, request.clone()));
            let answers = join_all(answers).await;
            Ok(endpoints.into_iter().zip(answers).collect())
        })?)
    }

    fn endpoints(&self) -> Result<Vec<String>, Failure> {
        let endpoints = self.remotes.endpoints();
        for endpoint in &endpoints {
            authority(endpoint).map_err(Failure::usage)?;
        }
        Ok(endpoints)
    }

    /// The only one.
    fn only(&self) -> Result<String, Failure> {
        match self.endpoints()?.as_slice() {
            [only] => Ok(only.clone()),
            several => Err(Failure::usage(anyhow!("this is for one emulator, not for {}", several.len()))),
        }
    }
}

impl Steering {
    /// Sends a command and prints what `shown` makes of the answer: under its endpoint if there are several.
    fn run(&self, command: &ControlCommand, shown: &dyn Fn(&Value) -> String) -> Result<(), Failure> {
        self.judge(command, shown, &|_| Ok(()))
    }

    /// The same; fails, after all were printed, if `judged` does for one of the answers.
    fn judge(
        &self,
        command: &ControlCommand,
        shown: &dyn Fn(&Value) -> String,
        judged: &dyn Fn(&Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let answers = self.recipients.send(command)?;
        let is_one_of_many = answers.len() > 1;
        let (mut outcomes, mut verdict) = (Vec::new(), Ok(()));
        for (endpoint, answer) in answers {
            let answer = answer.and_then(|answer| self.read(&answer));
            outcomes.push(match answer {
                Ok(answer) => {
                    self.print(is_one_of_many.then_some(&endpoint), &answer, shown)?;
                    verdict = verdict.and_then(|()| judged(&answer));
                    Ok(())
                }
                // That it cannot be reached says where already.
                Err(error)
                    if is_one_of_many && error.is::<Hinted>() && !error.to_string().contains(&endpoint) =>
                {
                    Err(error.context(endpoint))
                }
                Err(error) => Err(error),
            });
        }
        all(outcomes)?;
        verdict
    }

    /// The answer of the only emulator, as it is.
    fn download(&self, command: &ControlCommand) -> Result<Bytes, Failure> {
        self.recipients.only()?;
        let mut answers = self.recipients.send(command)?;
        let (_, answer) = answers.pop().ok_or_else(|| anyhow!("there is no endpoint"))?;
        let answer = answer?;
        self.read(&answer)?;
        Ok(answer.into_body())
    }

    /// What an emulator answers, or why it refuses.
    fn read(&self, answer: &Response<Bytes>) -> Result<Value> {
        let value: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        // Every answer of an emulator is an object.
        if answer.status().is_success() && value.is_object() {
            return Ok(value);
        }
        if self.json {
            say(&format!("{}\n", String::from_utf8_lossy(answer.body()).trim_end()))?;
        }
        Err(refusal(answer, &value))
    }

    fn print(
        &self,
        endpoint: Option<&String>,
        answer: &Value,
        shown: &dyn Fn(&Value) -> String,
    ) -> Result<()> {
        if self.json {
            return print(&format!("{answer}\n")).map_err(|failure| failure.error);
        }
        let text = shown(answer);
        say(&match endpoint {
            None => text,
            Some(endpoint) if text.lines().count() <= 1 => format!("{endpoint}  {text}"),
            Some(endpoint) => format!("{endpoint}\n  {}\n", text.trim_end().replace('\n', "\n  ")),
        })
    }
}

/// The file that is named instead of words.
fn file_of(words: &[String]) -> Result<Option<Text>, Failure> {
    match words {
        [file] if !file.contains('=') => {
            let path = Path::new(file);
            if !path.exists() {
                return Err(Failure::usage(anyhow!(
                    "{file:?} is neither KEY=VALUE nor a file that is there"
                )));
            }
            load::text_of(file).map(Some).map_err(|error| Failure::usage(anyhow!(error.report())))
        }
        _ => Ok(None),
    }
}

/// Why an emulator refuses: what the control API says, or the status of another server.
fn refusal(answer: &Response<Bytes>, value: &Value) -> Error {
    if answer.status() == StatusCode::UNAUTHORIZED {
        let hint = "give --control-token, or set SAS_EMULATOR_CONTROL_TOKEN";
        return Hinted::new("the emulator asks for a control token, and got none or another one", hint)
            .into();
    }
    if let Some(message) = value["message"].as_str() {
        return Hinted::new(message, table::text(&value["hint"])).into();
    }
    let said = String::from_utf8_lossy(answer.body());
    let said = said.lines().next().map(|line| format!(": {}", outside::line(line, 100))).unwrap_or_default();
    let message = format!("the answer is {}{said}", answer.status());
    Hinted::new(message, "is this an emulator? `sas-emulator doctor` tells").into()
}

/// Prints what comes from an emulator.
fn say(text: &str) -> Result<()> {
    let lines: Vec<_> = text.split('\n').map(|text| outside::line(text, usize::MAX)).collect();
    print(&lines.join("\n")).map_err(|failure| failure.error)
}
