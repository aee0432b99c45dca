//! What an account did with its alarms, by their numbers. An alarm with which nothing was done is not here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::action::AlarmAction;
use super::settings::AlarmSettings;
use super::status::AlarmStatus;
use crate::text::limited::map;

/// What became of an attempt to handle an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlarmOutcome {
    /// Its task runs.
    Running,
    Done,
    AgentOffline,
    Failed,
}

/// The last attempt to handle an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlarmHandling {
    pub(crate) action: AlarmAction,
    pub(crate) at: Timestamp,
    pub(crate) outcome: AlarmOutcome,
    /// What the caller remarked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remark: Option<Box<str>>,
}

impl AlarmHandling {
    pub(crate) fn status(&self) -> AlarmStatus {
        match self.outcome {
            AlarmOutcome::Running => AlarmStatus::Handling,
            AlarmOutcome::Done => self.action.leads_to(),
            AlarmOutcome::AgentOffline | AlarmOutcome::Failed => self.action.starts_from(),
        }
    }

    /// `OperateErrorCode`; none while it runs.
    pub(crate) fn code(&self) -> Option<String> {
        let result = match self.outcome {
            AlarmOutcome::Running => return None,
            AlarmOutcome::Done => "Success",
            AlarmOutcome::AgentOffline => "AgentOffline",
            AlarmOutcome::Failed => "Failure",
        };
        Some(format!("{}.{result}", self.action.word()))
    }
}

/// By the numbers of alarms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AlarmChanges(BTreeMap<u32, AlarmHandling>);

impl AlarmChanges {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&AlarmHandling> {
        self.0.get(&number)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &AlarmHandling)> {
        self.0.iter().map(|(number, handling)| (*number, handling))
    }

    pub(crate) fn status(&self, number: u32) -> AlarmStatus {
        self.get(number).map_or(AlarmStatus::Pending, AlarmHandling::status)
    }

    pub(crate) fn set(&mut self, number: u32, handling: AlarmHandling) {
        self.0.insert(number, handling);
    }

    /// As if nothing had been done with the alarm.
    pub(crate) fn forget(&mut self, number: u32) {
        self.0.remove(&number);
    }

    /// Ends the attempt that runs. What waits again after a success is as if nothing had been done.
    pub(crate) fn end(&mut self, number: u32, outcome: AlarmOutcome, at: Timestamp) {
        let Some(handling) = self.0.get_mut(&number) else { return };
        if handling.outcome != AlarmOutcome::Running {
            return;
        }
        (handling.outcome, handling.at) = (outcome, at);
        if outcome == AlarmOutcome::Done && handling.status() == AlarmStatus::Pending {
            self.0.remove(&number);
        }
    }
}

impl<'de> Deserialize<'de> for AlarmChanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        map::<{ AlarmSettings::MOST }, _, _, _>(deserializer).map(Self)
    }
}
