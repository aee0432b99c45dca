//! What a seed says of the servers of an account, as a security product would find it, and what the account changed of that.
//!
//! Nothing drawn is stored. A call draws a small catalogue (some hundred entries) again from the same streams; on which
//! servers an entry is follows from a [`Spread`], in closed form. So a page costs what a page holds, a total is a sum over
//! the catalogue, and an account that changed nothing stores nothing. Servers are known by their places in their list.

mod alarm;
pub mod baseline;
mod changes;
pub mod check;
pub mod exposure;
mod file;
mod fleet;
mod risk_level;
mod schedule;
mod settings;
mod spread;
pub(crate) mod vulnerability;

pub(crate) use self::alarm::{
    ALARM_KINDS, ALARM_TYPES, AlarmAction, AlarmChanges, AlarmField, AlarmHandling, AlarmKind, AlarmLevel,
    AlarmOutcome, AlarmSettings, AlarmStatus,
};
pub(crate) use self::alarm::{Alarm, AlarmChoice, AlarmSelection, Alarms};
pub use self::changes::Changes;
pub use self::file::{FileHash, FileSettings, Files, Suspicious, UPLOADED_FILES, UploadedFile};
pub use self::fleet::{Fleet, Platform};
pub use self::risk_level::{ByLevel, RiskLevel};
pub use self::settings::Settings;
pub(crate) use self::spread::{Order, Spread};
