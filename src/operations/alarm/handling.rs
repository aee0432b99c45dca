//! Handling alarms: what can be done with one, the task that does it, and what its end changes.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, json};

use crate::domain::{Target, TargetKind, Targets};
use crate::operations::alarm_list::{self, risen};
use crate::operations::prelude::*;
use crate::posture::{
    Alarm, AlarmAction, AlarmChoice, AlarmField, AlarmHandling, AlarmKind, AlarmOutcome, AlarmStatus,
};

/// Most alarms that one call handles: the vendor's published programs send twenty.
const MOST: usize = 1_000;
/// Most rules of one call: each is held against every alarm of a kind.
const MOST_RULES: usize = 100;
/// Most signs of a remark, which is kept for each alarm.
const LONGEST_REMARK: usize = 200;

/// How alarms are to be handled.
#[derive(Debug, Clone)]
pub(super) struct AlarmOrder<'p> {
    pub(super) action: AlarmAction,
    pub(super) remark: Option<&'p str>,
    pub(super) rules: Vec<MarkRule>,
}

/// A rule of a white list, as callers write it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MarkRule {
    pub(super) field: String,
    operate: String,
    #[serde(rename = "fieldValue")]
    value: String,
    /// `part` for the server of the alarm, `ALL` for every server.
    #[serde(default)]
    uuid: String,
}

impl MarkRule {
    const OPERATORS: [&str; 5] = ["contains", "notContains", "regex", "strEqual", "strNotEqual"];

    /// Whether an alarm has what the rule demands, beside the server. A pattern is not compared: every alarm has it.
    fn fits(&self, alarm: &Alarm) -> bool {
        let field = alarm.kind.fields.iter().find(|field| field.names().0 == self.field);
        let Some(value) = field.map(|field| alarm.value(*field)) else { return false };
        match &*self.operate {
            "contains" => value.contains(&self.value),
            "notContains" => !value.contains(&self.value),
            "strEqual" => value == self.value,
            "strNotEqual" => value != self.value,
            _ => true,
        }
    }
}

impl<'p> AlarmOrder<'p> {
    /// As the parameters of `HandleSecurityEvents` and `HandleSimilarSecurityEvents` say.
    pub(super) fn read(context: &Context<'_>, params: &'p Params) -> Result<Self, ApiError> {
        let refused = context.world.assumptions.argument_error();
        let action = AlarmAction::find(params.text("OperationCode")).ok_or(refused)?;
        let given: Map<String, serde_json::Value> = match params.non_empty("OperationParams") {
            Some(text) => serde_json::from_str(text).map_err(|_| refused)?,
            None => Map::new(),
        };
        // Documented: these two demand one.
        let demanded = match action {
            AlarmAction::BlockIp => Some("expireTime"),
            AlarmAction::KillAndQuarantine => Some("subOperation"),
            _ => None,
        };
        if demanded.is_some_and(|name| !given.contains_key(name)) {
            return Err(refused.into());
        }
        let rules: Vec<MarkRule> = match params.non_empty("MarkMissParam") {
            Some(text) => serde_json::from_str(text).map_err(|_| refused)?,
            None => Vec::new(),
        };
        if rules.len() > MOST_RULES || rules.iter().any(|rule| !MarkRule::OPERATORS.contains(&&*rule.operate))
        {
            return Err(refused.into());
        }
        let remark = params.non_empty("Remark");
        if remark.is_some_and(|remark| remark.chars().count() > LONGEST_REMARK) {
            return Err(refused.into());
        }
        Ok(Self { action, remark, rules })
    }

    pub(super) fn of(action: AlarmAction) -> Self {
        Self { action, remark: None, rules: Vec::new() }
    }
}

/// What can be done with an alarm, and whether the edition of its server allows it.
pub(super) fn actions(context: &Context<'_>, alarm: &Alarm) -> Vec<(AlarmAction, bool)> {
    let is_paid = alarm_list::server(context, alarm).is_some_and(Server::is_bound);
    let all: Vec<AlarmAction> = match context.account.posture.alarms.status(alarm.number) {
        AlarmStatus::Pending => alarm.kind.actions().collect(),
        AlarmStatus::FalsePositive => vec![AlarmAction::RemoveMark],
        AlarmStatus::Confirmed => vec![AlarmAction::CancelManual],
        AlarmStatus::Ignored | AlarmStatus::Handling | AlarmStatus::Handled => Vec::new(),
    };
    all.into_iter().map(|action| (action, is_paid || !action.needs_agent())).collect()
}

pub(super) fn can_be_handled(context: &Context<'_>, alarm: &Alarm) -> bool {
    actions(context, alarm).iter().any(|(_, is_allowed)| *is_allowed)
}

/// `OperateErrorCode` and `OperateMsg`, once it is known what became of it.
pub(super) fn result(handling: &AlarmHandling) -> Vec<Member> {
    let Some(code) = handling.code() else { return Vec::new() };
    let message = match handling.outcome {
        AlarmOutcome::Done => "success",
        AlarmOutcome::AgentOffline => "the agent is offline",
        AlarmOutcome::Running | AlarmOutcome::Failed => "failed",
    };
    members! { "OperateErrorCode": code, "OperateMsg": message }
}

fn waiting() -> AlarmChoice<'static> {
    let is_waiting = |handling: &AlarmHandling| handling.status() == AlarmStatus::Pending;
    AlarmChoice::default().handled(move |handling| handling.is_none_or(is_waiting))
}

/// The waiting alarms of the same kinds as some alarms that the rules of a white list are about.
pub(super) fn marked_too(context: &Context<'_>, numbers: &BTreeSet<u32>, rules: &[MarkRule]) -> Vec<u32> {
    let alarms = risen(context);
    let is_on_one = rules.iter().any(|rule| rule.uuid == "part");
    // Many alarms may be of one kind: each kind is looked through once, or once for each server.
    let alike: BTreeSet<(&str, Option<u32>)> = numbers
        .iter()
        .filter_map(|number| alarms.get(*number))
        .map(|alarm| (alarm.kind.subtype, is_on_one.then_some(alarm.place)))
        .collect();
    let mut marked = Vec::new();
    for (subtype, place) in alike {
        let mut choice = waiting().kinds(|kind: &AlarmKind| kind.subtype == subtype);
        if let Some(place) = place {
            choice = choice.on(vec![place]);
        }
        let selection = alarms.select(&choice, &context.account.posture.alarms);
        let fitting =
            selection.range(0..selection.len()).filter(|other| rules.iter().all(|rule| rule.fits(other)));
        marked.extend(fitting.map(|other| other.number).take(MOST));
    }
    marked
}

/// Begins to handle alarms; all of them or, if one cannot be handled so, none.
pub(super) fn start(
    context: &mut Context<'_>,
    numbers: BTreeSet<u32>,
    order: &AlarmOrder<'_>,
) -> Result<TaskId, ApiError> {
    let AlarmOrder { action, remark, .. } = *order;
    let refused = context.world.assumptions.argument_error();
    if numbers.is_empty() || numbers.len() > MOST {
        return Err(refused.into());
    }
    let mut targets = Vec::with_capacity(numbers.len());
    let now = context.now;
    {
        let alarms = risen(context);
        for number in &numbers {
            let alarm = alarms.get(*number).ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
            let allowed = actions(context, &alarm).into_iter().find(|(other, _)| *other == action);
            let (_, is_allowed) = allowed.ok_or(refused)?;
            if !is_allowed {
                return Err(Code::FREE_VERSION.into());
            }
            let is_online = alarm_list::server(context, &alarm).is_some_and(|server| server.is_online(now));
            let fails = action.needs_agent() && !is_online;
            targets.push(Target {
                id: alarms.id(*number).to_string().into(),
                kind: TargetKind::Other,
                fails,
            });
        }
    }
    let param = json!({ "operationCode": action.word() }).to_string();
    let new = NewTask { param: Some(param), ..NewTask::of(ALARM_HANDLING) };
    let id = create::start_on(context, new, Targets::new(targets))?;
    context.account.add_unsettled(id);
    let handling =
        AlarmHandling { action, at: now, outcome: AlarmOutcome::Running, remark: remark.map(Into::into) };
    for number in numbers {
        context.account.posture.alarms.set(number, handling.clone());
    }
    Ok(id)
}

/// What became of an alarm whose subtask has ended.
pub(super) fn outcome(subtask: &Subtask<'_>) -> AlarmOutcome {
    match subtask.status {
        Status::Success => AlarmOutcome::Done,
        _ if subtask.target.is_some_and(|target| target.fails) => AlarmOutcome::AgentOffline,
        _ => AlarmOutcome::Failed,
    }
}

/// The task that handles alarms has ended.
pub(in crate::operations) fn settle(context: &mut Context<'_>, at: Timestamp, id: TaskId) {
    let alarms = risen(context);
    let Some(task) = context.account.tasks.get(id) else { return };
    let ends = task.subtasks(at).iter().filter_map(|subtask| {
        let number = subtask.target?.id.parse().ok().and_then(|id| alarms.number(id))?;
        Some((number, outcome(&subtask)))
    });
    let ends: Vec<_> = ends.collect();
    for (number, outcome) in ends {
        context.account.posture.alarms.end(number, outcome, at);
    }
}

/// What makes alarms alike: the words of `DescribeSimilarEventScenarios`, and the field that has one value in all of them.
pub(super) const SCENARIOS: [(&str, Option<AlarmField>); 4] = [
    ("default", None),
    ("same_file_content", Some(AlarmField::Md5)),
    ("same_ip", Some(AlarmField::RemoteIp)),
    ("same_url", Some(AlarmField::Url)),
];

/// The numbers of the waiting alarms that a query has found, the newest first; none before it has ended well.
pub(super) fn found(context: &mut Context<'_>, params: &Params) -> Result<Vec<u32>, ApiError> {
    let (now, assumptions) = (context.now, context.world.assumptions);
    let tasks = &mut context.account.tasks;
    let query = tasks.find(params.text("TaskId")).filter(|task| task.task_type().as_str() == ALARM_QUERY);
    let Some((task, state)) =
        query.map(|task| task.id).and_then(|id| tasks.change(id, |task| task.look(now)))
    else {
        return assumptions.check_unknown_task().map(|()| Vec::new());
    };
    let param = task.param_json();
    let (id, scenario) = (param["securityEventId"].as_i64(), param["scenario"].as_str().unwrap_or_default());
    if state.status != Status::Success {
        return Ok(Vec::new());
    }
    let alarms = risen(context);
    let alarm = id.and_then(|id| alarms.number(id)).and_then(|number| alarms.get(number));
    let alarm = alarm.ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
    let field = SCENARIOS.iter().find(|(word, _)| *word == scenario).and_then(|(_, field)| *field);
    let choice = waiting().kinds(|kind| kind.subtype == alarm.kind.subtype);
    let selection = alarms.select(&choice, &context.account.posture.alarms);
    let is_alike = |other: &Alarm| field.is_none_or(|field| other.value(field) == alarm.value(field));
    let all = selection.range(0..selection.len()).filter(is_alike).map(|other| other.number);
    Ok(all.take(MOST).collect())
}
