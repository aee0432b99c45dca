//! `world: { configuration: … }` — the settings that every account has at the start.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::posture::{
    Configuration, LOG_STORES, NOTICE_PROJECTS, Necessities, Notice, NoticeProject, Setting,
    VULNERABILITY_SETTINGS,
};
use crate::text::limited::AtMost;
use crate::text::similar::did_you_mean;

/// Settings, checked as a whole.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "ConfigurationKeys"))]
#[serde(try_from = "ConfigurationKeys")]
pub(super) struct ConfigurationKey(Configuration);

/// What is not said of them is usual: all is notified, looked for and delivered.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "settings such as { notices: { sas_suspicious: 0 } }")]
#[derive(Default)]
struct ConfigurationKeys {
    /// `Route` by `Project`: 0 for none, or the sum of 1 (text message), 2 (email) and 4 (internal message); `"*"` for all others.
    notices: BTreeMap<String, AtMost<7>>,
    /// `Config` by `Type`: on or off, of scanMode all or real, of imageVulClean a number of days as a text.
    vulnerabilities: BTreeMap<String, String>,
    /// Which vulnerabilities matter: some of asap, later and nntf.
    necessities: Option<Vec<String>>,
    /// Whether logs are delivered, by Logstore.
    logs: BTreeMap<String, LogStatus>,
}

/// Whether a log is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum LogStatus {
    Enabled,
    Disabled,
}

/// Stands for every project that is not listed by name.
const REST: &str = "*";

impl TryFrom<ConfigurationKeys> for ConfigurationKey {
    type Error = String;

    fn try_from(keys: ConfigurationKeys) -> Result<Self, String> {
        let ConfigurationKeys { mut notices, vulnerabilities, necessities, logs } = keys;
        let routes = |project: &NoticeProject| project.category.is_none();
        if let Some(rest) = notices.remove(REST) {
            for project in NOTICE_PROJECTS.iter().filter(|project| routes(project)) {
                notices.entry(project.name.to_owned()).or_insert(rest);
            }
        }
        let notices = notices.into_iter().map(|(name, route)| {
            let route = u8::try_from(u32::from(route)).unwrap_or_default();
            let to_monitor = NoticeProject::find(&name).is_some_and(|project| !routes(project));
            (name, Notice { route, time_limit: if to_monitor { 60 } else { 0 } })
        });
        let logs = logs.into_iter().map(|(name, status)| (name, status == LogStatus::Enabled));
        let projects = NOTICE_PROJECTS.iter().map(|project| project.name);
        Ok(Self(Configuration {
            notices: checked("notices", notices, &projects)?,
            vulnerabilities: checked(
                "vulnerabilities",
                vulnerabilities.into_iter(),
                &VULNERABILITY_SETTINGS.iter().map(|(name, _)| *name),
            )?,
            necessities: necessities.map(Necessities::try_from).transpose()?,
            logs: checked("logs", logs, &LOG_STORES.iter().map(|(name, ..)| *name))?,
        }))
    }
}

fn checked<T: Setting>(
    key: &str,
    settings: impl Iterator<Item = (String, T)>,
    known: &(impl Iterator<Item = &'static str> + Clone),
) -> Result<BTreeMap<String, T>, String> {
    let checked = settings.map(|(name, value)| {
        if !known.clone().any(|known| known == name) {
            return Err(format!("{key}: there is no {name:?}{}", did_you_mean(&name, known.clone())));
        }
        if value.fits(&name) {
            Ok((name, value))
        } else {
            Err(format!("{key}: {name} cannot have this value"))
        }
    });
    checked.collect()
}

impl ConfigurationKey {
    pub(super) fn then(self, later: Self) -> Self {
        Self(self.0.then(later.0))
    }

    pub(super) fn over(self, usual: Configuration) -> Configuration {
        usual.then(self.0)
    }
}
