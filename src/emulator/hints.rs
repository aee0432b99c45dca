//! Hints: what may help a client and is not in its reply. All of them are in this file.
//!
//! A hint is decided when the reply is known, and changes nothing in it. Of most calls, deciding costs some comparisons.

use std::sync::Arc;

use super::accounts::{self, AccountState};
use super::call::Arrived;
use super::call_counts::ESCAPED_CALL;
use crate::domain::{ApiError, TaskType, Value};
use crate::journal::TaskShown;
use crate::operations;
use crate::protocol::{self, Call};
use crate::text::{outside, similar};

/// What is known of a call whose reply has been made.
struct Facts<'a> {
    arrived: &'a Arrived,
    call: &'a Call<'a>,
    result: &'a Result<Value, ApiError>,
}

/// Each makes a hint if it has one; the first counts.
const HINTS: [fn(&Facts<'_>) -> Option<String>; 4] =
    [of_refusal, undocumented_type, task_elsewhere, paused_clock];

/// For a client that closed its side while its call was delayed.
pub(crate) const CLIENT_LEFT: &str = "the client closed its side while the call was delayed";

/// Most bytes of a name from outside in a hint.
const NAME_BYTES: usize = 80;
/// How many other accounts are looked at, those that were used last: a call must not cost more where there are many.
const MOST_LOOKS: usize = 16;
/// A client that polls looks more than once.
const POLLS: u8 = 2;

impl Arrived {
    /// What may help the client of a call that the service itself has answered so.
    pub(crate) fn hint(&self, call: &Call<'_>, result: &Result<Value, ApiError>) -> Option<String> {
        let facts = Facts { arrived: self, call, result };
        HINTS.iter().find_map(|hint| hint(&facts)).map(|hint| ascii(&hint))
    }
}

/// What may help after a refusal, by its code.
pub(crate) fn for_refusal(action: &str, code: &str) -> Option<String> {
    Some(match code {
        "InvalidAction.NotFound" => operations::meant(action)?,
        "SignatureDoesNotMatch" => {
            "if the client's string to sign is the one shown, its secret is wrong, or a V3 client does not sign each x-acs-* header".to_owned()
        }
        "InvalidVersion" => {
            format!("this is {}; docs/fidelity.md lists the other products", protocol::VERSION)
        }
        "UnsupportedSignatureType" => "assumptions: { bearer: accept } accepts bearer tokens".to_owned(),
        ESCAPED_CALL => "not forwarded; --intercept-host serves further hosts".to_owned(),
        "OperationNotModelled" if operations::has_shape_only(action) => {
            "--unmodelled shape answers it; see docs/fidelity.md".to_owned()
        }
        _ => return None,
    })
}

fn of_refusal(facts: &Facts<'_>) -> Option<String> {
    let error = facts.result.as_ref().err()?;
    for_refusal(facts.call.action, &error.code)
}

/// A type that no public document has, and that nothing in the scenario names: probably misspelt.
fn undocumented_type(facts: &Facts<'_>) -> Option<String> {
    let name = facts.call.params.non_empty("TaskType")?;
    if TaskType::is_known_name(name) || !operations::identity(facts.call.action).contains(&"TaskType") {
        return None;
    }
    let world = facts.arrived.session.world();
    let task_type = TaskType::new(name);
    let own = facts.arrived.caller.as_ref().ok().and_then(|(who, _)| world.own_lifecycles(who.account()));
    let is_meant = world.lifecycles.by_type.contains_key(&task_type)
        || own.is_some_and(|own| own.by_type.contains_key(&task_type))
        || world.start_on_first_poll.listed.contains(&task_type)
        || world.tasks.iter().any(|task| task.task_type == task_type);
    let question = similar::question(TaskType::nearest_documented(name));
    (!is_meant)
        .then(|| format!("no document knows the TaskType {}{question}", outside::line(name, NAME_BYTES)))
}

/// A task that the service says does not exist, but one of its type does: of another source or name, or of another account.
fn task_elsewhere(facts: &Facts<'_>) -> Option<String> {
    if !says_missing(facts.result.as_ref().ok()?) {
        return None;
    }
    let (principal, account) = facts.arrived.caller.as_ref().ok()?;
    let params = facts.call.params;
    let name = params.non_empty("TaskType")?;
    let task_type = TaskType::new(name);
    let here = {
        let account = accounts::lock(account);
        account.account.tasks.newest(&task_type, None).next().map(|task| {
            let differing = [("Source", task.source().as_str()), ("TaskName", task.name())]
                .into_iter()
                .filter(|(name, value)| params.non_empty(name).is_some_and(|given| given != *value));
            let differing =
                differing.map(|(name, value)| format!("{name}={}", outside::line(value, NAME_BYTES)));
            format!("with {}", differing.collect::<Vec<_>>().join(" and "))
        })
    };
    let elsewhere = here.or_else(|| {
        let other = facts.arrived.session.accounts.recent(MOST_LOOKS).into_iter().find(|(id, account)| {
            // One that another call works on is left out: no call waits for the sake of a hint.
            let has_one =
                |account: &AccountState| account.account.tasks.newest(&task_type, None).next().is_some();
            **id != *principal.account() && account.try_lock().is_ok_and(|account| has_one(&account))
        });
        other.map(|(id, _): (Arc<str>, _)| format!("in the account of AccessKeyId {id}"))
    })?;
    Some(format!("there is a task of {}, but {elsewhere}", outside::line(name, NAME_BYTES)))
}

/// Whether the reply says so, as `GetLastOnceTaskInfo` does.
fn says_missing(reply: &Value) -> bool {
    let result = member(reply, "TaskInfo").and_then(|info| member(info, "Result"));
    matches!(result, Some(Value::Text(text)) if text == "TASK_NOT_EXISTS")
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Map(members) = value else { return None };
    members.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

/// A client that polls a task which waits for a clock that stands still: once for each account and session.
fn paused_clock(facts: &Facts<'_>) -> Option<String> {
    let Arrived { is_paused: true, now, caller: Ok((principal, account)), .. } = facts.arrived else {
        return None;
    };
    let shown = TaskShown::of(facts.result.as_ref().ok()?)?;
    let mut account = accounts::lock(account);
    if shown.is_over() || account.polls_while_paused >= POLLS || !account.account.tasks.may_change_after(*now)
    {
        return None;
    }
    account.polls_while_paused += 1;
    if account.polls_while_paused < POLLS {
        return None;
    }
    let whose =
        if account.clock.is_some() { format!(" --account {}", principal.account()) } else { String::new() };
    Some(format!(
        "the task clock is paused: sas-emulator clock advance 1h{whose} moves it, clock resume{whose} lets it run"
    ))
}

/// As a header can carry it.
fn ascii(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign == ' ' || sign.is_ascii_graphic() {
            shown.push(sign);
        } else {
            shown.extend(sign.escape_unicode());
        }
    }
    shown
}
