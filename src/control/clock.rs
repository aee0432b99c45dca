//! `clock`: read, pause and move the task clocks.

use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json, bad};
use super::query::{self, AccountQuery};
use crate::clock::ClockCommand;
use crate::emulator::ClockCommandError;
use crate::text::counted::counted;
use crate::text::duration::{self, TextDuration};

/// Most transitions, and most clocks, that are listed; all are counted.
const LISTED: usize = 1000;

const EXAMPLES: &str = r#"for example {"action":"advance","by":"6h"}, {"action":"set","to":"2026-12-01T00:00:00Z"}, {"action":"scale","rate":60}, {"action":"pause"}"#;

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CommandBody {
    action: ClockAction,
    by: Option<String>,
    #[cfg_attr(test, schemars(with = "Option<crate::text::schema::Time>"))]
    to: Option<Timestamp>,
    rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ClockAction {
    Pause,
    Resume,
    Advance,
    Set,
    Scale,
}

pub(super) async fn read(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    let session = emulator.session();
    let Some(account) = account else {
        let mut response = json!(session.clock.read());
        list(&mut response, ["own_clock_count", "own_clocks"], session.account_clocks());
        return Ok(Json(response));
    };
    let own = session.account_clock(&account)?;
    let mut response = json!(own.unwrap_or_else(|| session.clock.read()));
    response["account"] = json!(account);
    response["own"] = json!(own.is_some());
    Ok(Json(response))
}

pub(super) async fn act(
    State(emulator): State<Shared>,
    AccountQuery(account): AccountQuery,
    body: Bytes,
) -> Commanded {
    let command = command(&body).map_err(bad("bad_clock_order", EXAMPLES))?;
    let change = emulator.session().command_clock(account.as_deref(), command)?;
    let mut response = json!(change.reading);
    let outcome = match command {
        ClockCommand::Advance(_) | ClockCommand::Set(_) => counted(change.transitions.count, "transition"),
        _ => format!("at {}", change.reading.now),
    };
    if let Some(account) = &account {
        response["account"] = json!(account);
        response["own"] = json!(true);
    }
    if matches!(command, ClockCommand::Advance(_) | ClockCommand::Set(_)) {
        response["was"] = json!(change.step.before);
        list(&mut response, ["transition_count", "transitions"], change.transitions.first);
        response["transition_count"] = json!(change.transitions.count);
        for (name, count) in
            [("skipped_starts", change.left_out), ("postponed_accounts", change.postponed as u64)]
        {
            if count > 0 {
                response[name] = json!(count);
            }
        }
    }
    if !change.skipped.is_empty() {
        list(&mut response, ["stayed_count", "stayed"], change.skipped);
    }
    Ok(Done::new(Json(response), words(command), outcome).of(account))
}

fn list<T: Serialize>(response: &mut Value, [count, name]: [&str; 2], mut items: Vec<T>) {
    response[count] = json!(items.len());
    items.truncate(LISTED);
    response[name] = json!(items);
}

/// A command in the words of the command line.
fn words(command: ClockCommand) -> String {
    match command {
        ClockCommand::Pause => "clock pause".to_owned(),
        ClockCommand::Resume => "clock resume".to_owned(),
        ClockCommand::Advance(by) => format!("clock advance {}", String::from(TextDuration(by))),
        ClockCommand::Set(to) => format!("clock set {to}"),
        ClockCommand::Scale(rate) => format!("clock scale {rate}"),
    }
}

/// Reads a command. Each action takes its own member and no other.
fn command(body: &[u8]) -> Result<ClockCommand, String> {
    let CommandBody { action, by, to, rate } = query::read(body)?;
    Ok(match (action, &by, to, rate) {
        (ClockAction::Pause, None, None, None) => ClockCommand::Pause,
        (ClockAction::Resume, None, None, None) => ClockCommand::Resume,
        (ClockAction::Advance, Some(by), None, None) => ClockCommand::Advance(duration::parse(by)?),
        (ClockAction::Set, None, Some(to), None) => ClockCommand::Set(to),
        (ClockAction::Scale, None, None, Some(rate)) => ClockCommand::Scale(rate),
        _ => {
            let wanted = match action {
                ClockAction::Advance => "by",
                ClockAction::Set => "to",
                ClockAction::Scale => "rate",
                ClockAction::Pause | ClockAction::Resume => "",
            };
            let members = [("by", by.is_some()), ("to", to.is_some()), ("rate", rate.is_some())];
            let wrong = members.into_iter().find(|(name, given)| *given != (*name == wanted));
            let (name, given) = wrong.unwrap_or((wanted, false));
            let verb = if given { "does not take" } else { "needs" };
            return Err(format!("{action:?} {verb} {name:?}").to_lowercase());
        }
    })
}

impl From<ClockCommandError> for ControlError {
    fn from(error: ClockCommandError) -> Self {
        match error {
            ClockCommandError::Account(error) => error.into(),
            ClockCommandError::Clock(error) => Self::new(400, "clock_refused", error.to_string())
                .hint("GET /_emulator/clock shows what it does now"),
        }
    }
}
