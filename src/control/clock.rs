//! `clock`: read the task clock, hold it, move it.

use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::Reply;
use super::{Control, Refusal, Shared};
use crate::clock::{Clock, ClockError};
use crate::scenario::duration;

/// At most so many transitions are listed; all are counted.
const LISTED: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    action: Action,
    by: Option<String>,
    to: Option<Timestamp>,
    rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pause,
    Resume,
    Advance,
    Set,
    Scale,
}

pub(super) async fn read(State(control): State<Shared>) -> Reply<Value> {
    Reply(reading(&control))
}

pub(super) async fn act(State(control): State<Shared>, body: Bytes) -> Result<Reply<Value>, Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_clock_order", message).hint(
            r#"for example {"action":"advance","by":"6h"}, {"action":"set","to":"2026-12-01T00:00:00Z"}, {"action":"scale","rate":60}, {"action":"pause"}"#,
        )
    };
    let order: Order = serde_json::from_slice(&body).map_err(|error| bad(error.to_string()))?;
    order.check_members().map_err(bad)?;
    let moved = match (order.action, order.by, order.to, order.rate) {
        (Action::Advance, Some(by), ..) => {
            let by = duration::parse(&by).map_err(bad)?;
            Some(control.gateway.with_clock(|clock| clock.advance(by)).map_err(refused)?)
        }
        (Action::Set, _, Some(to), _) => {
            Some(control.gateway.with_clock(|clock| clock.set(to)).map_err(refused)?)
        }
        (Action::Scale, _, _, Some(rate)) => {
            control.gateway.with_clock(|clock| clock.scale(rate)).map_err(refused)?;
            None
        }
        (Action::Pause, ..) => {
            control.gateway.with_clock(Clock::pause);
            None
        }
        (Action::Resume, ..) => {
            control.gateway.with_clock(Clock::resume);
            None
        }
        (action, ..) => return Err(bad(format!("{action:?} lacks its member"))),
    };
    let mut answer = reading(&control);
    if let Some((before, after)) = moved {
        let mut transitions = control.gateway.transitions(before, after);
        answer["was"] = json!(before);
        answer["transition_count"] = json!(transitions.len());
        transitions.truncate(LISTED);
        answer["transitions"] = json!(transitions);
    }
    Ok(Reply(answer))
}

impl Order {
    /// Each action takes its own member and no other.
    fn check_members(&self) -> Result<(), String> {
        let wanted = match self.action {
            Action::Advance => "by",
            Action::Set => "to",
            Action::Scale => "rate",
            Action::Pause | Action::Resume => "",
        };
        for (name, given) in
            [("by", self.by.is_some()), ("to", self.to.is_some()), ("rate", self.rate.is_some())]
        {
            if given != (name == wanted) {
                let verb = if given { "does not take" } else { "needs" };
                return Err(format!("{:?} {verb} {name:?}", self.action).to_lowercase());
            }
        }
        Ok(())
    }
}

fn reading(control: &Control) -> Value {
    let reading = control.gateway.with_clock(Clock::read);
    json!({ "now": reading.now, "rate": reading.rate, "paused": reading.paused })
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn refused(error: ClockError) -> Refusal {
    Refusal::new(400, "clock_refused", error.to_string()).hint("GET /_emulator/clock shows what it does now")
}
