//! Alarms, which the vendor calls suspicious or alert events: rows of them in the order of time, computed from a seed.
//!
//! Alarm `n` of an account is the `n`-th that rises. What it is follows from its place in a cycle of slots, each with a kind
//! and an order of servers; when it rises, from an even spread over a length of time. So all of them are known without a
//! list: how many have risen, how many of a level there are on a server, and which is the `n`-th of those.

mod action;
mod changes;
mod counts;
mod details;
mod drawn;
mod kinds;
mod row;
mod selection;
mod settings;
mod status;
#[cfg(test)]
mod walks;

pub(crate) use self::action::AlarmAction;
pub(crate) use self::changes::{AlarmChanges, AlarmHandling, AlarmOutcome};
pub(crate) use self::counts::AlarmCounts;
pub(crate) use self::drawn::{Alarm, Alarms};
pub(crate) use self::kinds::{ALARM_TYPES, AlarmField, AlarmKind, AlarmLevel};
pub(crate) use self::selection::{AlarmChoice, AlarmSelection};
pub(crate) use self::settings::AlarmSettings;
pub(crate) use self::status::AlarmStatus;
