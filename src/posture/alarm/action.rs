//! What can be done with alarms, by the vendor's words, and what becomes of an alarm then.

use serde::{Deserialize, Serialize};

use super::changes::AlarmStatus;

/// `OperationCode`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlarmAction {
    BlockIp,
    MarkFalse,
    Ignore,
    Manual,
    KillProcess,
    Cleanup,
    KillAndQuarantine,
    DisableDefense,
    ProblemCheck,
    Quarantine,
    RemoveMark,
    CancelManual,
}

/// A code, whether an agent carries it out, and what the alarm is afterwards.
const ACTIONS: [(AlarmAction, &str, bool, AlarmStatus); 12] = [
    (AlarmAction::BlockIp, "block_ip", false, AlarmStatus::Handled),
    (AlarmAction::MarkFalse, "advance_mark_mis_info", false, AlarmStatus::FalsePositive),
    (AlarmAction::Ignore, "ignore", false, AlarmStatus::Ignored),
    (AlarmAction::Manual, "manual_handled", false, AlarmStatus::Confirmed),
    (AlarmAction::KillProcess, "kill_process", true, AlarmStatus::Handled),
    (AlarmAction::Cleanup, "cleanup", true, AlarmStatus::Handled),
    (AlarmAction::KillAndQuarantine, "kill_and_quara", true, AlarmStatus::Handled),
    (AlarmAction::DisableDefense, "disable_malicious_defense", true, AlarmStatus::Handled),
    (AlarmAction::ProblemCheck, "client_problem_check", true, AlarmStatus::Handled),
    (AlarmAction::Quarantine, "quara", true, AlarmStatus::Handled),
    (AlarmAction::RemoveMark, "rm_mark_mis_info", false, AlarmStatus::Pending),
    // Spelt as documented.
    (AlarmAction::CancelManual, "cancle_manual", false, AlarmStatus::Pending),
];

impl AlarmAction {
    /// With every alarm that waits.
    pub(crate) const ON_ALL: [Self; 3] = [Self::Ignore, Self::Manual, Self::MarkFalse];

    fn row(self) -> (Self, &'static str, bool, AlarmStatus) {
        // The rows are in the order of the variants.
        ACTIONS[self as usize]
    }

    pub(crate) fn find(word: &str) -> Option<Self> {
        ACTIONS.iter().find(|(_, other, ..)| *other == word).map(|(action, ..)| *action)
    }

    pub(crate) fn word(self) -> &'static str {
        self.row().1
    }

    /// Whether it fails on a server whose agent is offline.
    pub(crate) fn needs_agent(self) -> bool {
        self.row().2
    }

    /// What an alarm is before, and after it has failed.
    pub(crate) fn starts_from(self) -> AlarmStatus {
        match self {
            Self::RemoveMark => AlarmStatus::FalsePositive,
            Self::CancelManual => AlarmStatus::Confirmed,
            _ => AlarmStatus::Pending,
        }
    }

    pub(crate) fn leads_to(self) -> AlarmStatus {
        self.row().3
    }

    /// Whether it moves a file to a safe place.
    pub(crate) fn quarantines(self) -> bool {
        matches!(self, Self::KillAndQuarantine | Self::Quarantine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_of_the_variants() {
        for (place, (action, word, ..)) in ACTIONS.into_iter().enumerate() {
            assert_eq!(
                (action as usize, action.word(), AlarmAction::find(word)),
                (place, word, Some(action))
            );
        }
        assert_eq!(AlarmAction::find("offline"), None);
    }
}
