//! `clock`: read the task clocks, hold them, move them.

use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::narrow::Narrow;
use super::query::{self, Query};
use super::reply::Reply;
use super::{Refusal, Shared};
use crate::clock::{ClockOrder, Reading};
use crate::gateway::{Obeyed, OrderError};
use crate::text::duration;

/// At most so many transitions, and so many clocks, are listed; all are counted.
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

pub(super) async fn read(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    let worlds = control.gateway.clock();
    let Some(account) = narrow.account()? else {
        let mut own = control.gateway.own_clocks();
        let mut answer = shown(worlds);
        answer["own_clock_count"] = json!(own.len());
        own.truncate(LISTED);
        answer["own_clocks"] = json!(own);
        return Ok(Reply(answer));
    };
    let own = control.gateway.own_clock(&account)?;
    let mut answer = shown(own.unwrap_or(worlds));
    answer["account"] = json!(account);
    answer["own"] = json!(own.is_some());
    Ok(Reply(answer))
}

pub(super) async fn act(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let account = narrow.account()?;
    let order = order(&body).map_err(|message| {
        Refusal::new(400, "bad_clock_order", message).hint(
            r#"for example {"action":"advance","by":"6h"}, {"action":"set","to":"2026-12-01T00:00:00Z"}, {"action":"scale","rate":60}, {"action":"pause"}"#,
        )
    })?;
    let Obeyed { reading, step, mut transitions, mut stayed } =
        control.gateway.order_clock(account.as_deref(), order)?;
    let mut answer = shown(reading);
    if let Some(account) = account {
        answer["account"] = json!(account);
        answer["own"] = json!(true);
    }
    if order.is_jump() {
        answer["was"] = json!(step.before);
        answer["transition_count"] = json!(transitions.len());
        transitions.truncate(LISTED);
        answer["transitions"] = json!(transitions);
    }
    if !stayed.is_empty() {
        answer["stayed_count"] = json!(stayed.len());
        stayed.truncate(LISTED);
        answer["stayed"] = json!(stayed);
    }
    Ok(Reply(answer))
}

/// Reads an order. Each action takes its own member and no other.
fn order(body: &[u8]) -> Result<ClockOrder, String> {
    let Order { action, by, to, rate } = query::read(body)?;
    let order = match (action, &by, to, rate) {
        (Action::Pause, None, None, None) => ClockOrder::Pause,
        (Action::Resume, None, None, None) => ClockOrder::Resume,
        (Action::Advance, Some(by), None, None) => ClockOrder::Advance(duration::parse(by)?),
        (Action::Set, None, Some(to), None) => ClockOrder::Set(to),
        (Action::Scale, None, None, Some(rate)) => ClockOrder::Scale(rate),
        _ => {
            return Err(wrong_members(
                action,
                &[("by", by.is_some()), ("to", to.is_some()), ("rate", rate.is_some())],
            ));
        }
    };
    Ok(order)
}

fn wrong_members(action: Action, members: &[(&str, bool)]) -> String {
    let wanted = match action {
        Action::Advance => "by",
        Action::Set => "to",
        Action::Scale => "rate",
        Action::Pause | Action::Resume => "",
    };
    let wrong = members.iter().find(|(name, given)| *given != (*name == wanted));
    let (name, given) = wrong.copied().unwrap_or((wanted, false));
    let verb = if given { "does not take" } else { "needs" };
    format!("{action:?} {verb} {name:?}").to_lowercase()
}

fn shown(reading: Reading) -> Value {
    json!({ "now": reading.now, "rate": reading.rate, "paused": reading.paused })
}

impl From<OrderError> for Refusal {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Account(error) => error.into(),
            OrderError::Clock(error) => Self::new(400, "clock_refused", error.to_string())
                .hint("GET /_emulator/clock shows what it does now"),
        }
    }
}
