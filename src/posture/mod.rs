//! What a seed says of the servers of an account, as a security product would find it, and what the account changed of that.
//!
//! Nothing drawn is stored. A call draws a small catalogue (some hundred entries) again from the same streams; on which
//! servers an entry is follows from a [`Spread`], in closed form. So a page costs what a page holds, a total is a sum over
//! the catalogue, and an account that changed nothing stores nothing. Servers are known by their places in their list.

mod alarm;
pub(crate) mod baseline;
mod changes;
pub(crate) mod check;
mod configuration;
pub(crate) mod exposure;
mod file;
mod fleet;
mod risk_level;
pub(crate) mod schedule;
mod settings;
mod spread;
pub(crate) mod vulnerability;

pub(crate) use self::alarm::{
    ALARM_TYPES, Alarm, AlarmAction, AlarmChanges, AlarmChoice, AlarmCounts, AlarmField, AlarmHandling,
    AlarmKind, AlarmLevel, AlarmOutcome, AlarmSelection, AlarmSettings, AlarmStatus, Alarms,
};
pub(crate) use self::changes::{AccountChanges, Changes};
pub(crate) use self::configuration::{
    Configuration, LOG_STORES, NOTICE_PROJECTS, Necessities, Notice, NoticeProject, Setting,
    VULNERABILITY_SETTINGS, log_store,
};
pub(crate) use self::file::{
    FileHash, FileSettings, SUSPICIOUS_FILES, Suspicious, UPLOADED_FILES, UploadedFile, VirusType,
};
pub(crate) use self::fleet::{Fleet, Platform};
pub(crate) use self::risk_level::{ByLevel, RiskLevel};
pub(crate) use self::settings::Settings;
pub(crate) use self::spread::{Order, Spread};
