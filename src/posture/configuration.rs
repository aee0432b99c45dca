//! The settings of an account that are no findings: whom it notifies of what, which vulnerabilities it looks for, which logs it
//! delivers. What the scenario says stands at the start; what the account changed lies over it.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// How often notices may be sent, and by which ways: their sum, 1 for a text message, 2 for an email, 4 for an internal message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub route: u8,
    /// 0 at any time, 1 by day; to Cloud Monitor the least seconds between two.
    pub time_limit: u32,
}

/// What notices are about.
#[derive(Debug, PartialEq, Eq)]
pub struct NoticeProject {
    pub name: &'static str,
    /// Of those that go to Cloud Monitor, which have ways of their own.
    pub category: Option<&'static str>,
}

impl NoticeProject {
    pub fn find(name: &str) -> Option<&'static Self> {
        NOTICE_PROJECTS.iter().find(|project| project.name == name)
    }
}

macro_rules! category {
    () => {
        None
    };
    ($name:ident) => {
        Some(stringify!($name))
    };
}

macro_rules! projects {
    ($($name:ident $($category:ident)?),* $(,)?) => {
        /// The documented ones, of both operations.
        pub(crate) static NOTICE_PROJECTS: &[NoticeProject] =
            &[$(NoticeProject { name: stringify!($name), category: category!($($category)?) }),*];
    };
}

projects! {
    yundun_security_Weekreport, yundun_sas_antiransomware_task, yundun_defennce_antiRansomware_overflow, sas_healthcheck,
    sas_suspicious, yundun_aegis_AV_true, yundun_sas_ak_leakage, yundun_sas_config_alert, yundun_sas_vul_Emergency,
    yundun_webguard_event, yundun_sas_cloud_native_firewall, yundun_sas_cloud_native_firewall_Defense, yundun_IP_Blocking,
    yundun_sas_anti_virus_config, yundun_sas_log, yundun_honeypot_alarm, aliyun_rasp_alarm, yundun_soar_incident_generate,
    yundun_soar_incident_update, virusScheduleTask, yundun_anti_Virus, sas_vulnerability, weeklyreport, agent,
    bruteforcesuccess, webshell, suspicious, patch, remotelogin, health, yundun_sas_cloudsiem_log,
    Vul_event Vul, Vul_summary Vul, Hc_summary Hc, Cspm_summary Cspm, Agentless_event Agentless,
    Filedetect_event Filedetect, Rasp_event Rasp,
}

/// The types of `DescribeVulConfig`, in its order, each with the values that it may have; any number of days if there are none.
pub(crate) static VULNERABILITY_SETTINGS: &[(&str, &[&str])] = &[
    ("cve", &["on", "off"]),
    ("sys", &["on", "off"]),
    ("cms", &["on", "off"]),
    ("app", &["on", "off"]),
    ("emg", &["on", "off"]),
    ("scanMode", &["all", "real"]),
    ("imageVulClean", &[]),
    ("yum", &["on", "off"]),
];

/// How much vulnerabilities matter, from high to low.
pub(crate) static NECESSITIES: [&str; 3] = ["asap", "later", "nntf"];

/// A kind of log: its Logstore, its category and what it holds.
pub(crate) type LogStore = (&'static str, &'static str, &'static str);

pub(crate) static LOG_STORES: &[LogStore] = &[
    ("aegis-log-client", "host", "Events of agents"),
    ("aegis-log-crack", "host", "Brute-force attacks"),
    ("aegis-log-dns-query", "host", "DNS requests"),
    ("aegis-log-login", "host", "Logons"),
    ("aegis-log-network", "host", "Network connections"),
    ("aegis-log-process", "host", "Started processes"),
    ("aegis-snapshot-host", "host", "Snapshots of accounts"),
    ("aegis-snapshot-port", "host", "Snapshots of ports"),
    ("aegis-snapshot-process", "host", "Snapshots of processes"),
    ("sas-security-log", "security", "Alerts"),
    ("sas-vul-log", "security", "Vulnerabilities"),
];

pub(crate) fn log_store(name: &str) -> Option<&'static LogStore> {
    LOG_STORES.iter().find(|(known, ..)| *known == name)
}

/// Settings by the names of what they are of; each may say only some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Configuration {
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "fitting")]
    pub notices: BTreeMap<String, Notice>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "fitting")]
    pub vulnerabilities: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub necessities: Option<Necessities>,
    /// Whether they are delivered.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "fitting")]
    pub logs: BTreeMap<String, bool>,
}

/// Some of [`NECESSITIES`], in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Necessities(Vec<String>);

impl TryFrom<Vec<String>> for Necessities {
    type Error = String;

    fn try_from(given: Vec<String>) -> Result<Self, String> {
        if let Some(other) = given.iter().find(|given| !NECESSITIES.contains(&given.as_str())) {
            let other: String = other.chars().take(80).collect();
            return Err(format!("{other:?} is not known here; known are {}", NECESSITIES.join(", ")));
        }
        let wanted = NECESSITIES.iter().filter(|known| given.iter().any(|given| given == *known));
        Ok(Self(wanted.map(|known| (*known).to_owned()).collect()))
    }
}

/// A value that goes with some names only.
pub(crate) trait Setting {
    /// Whether it may be the value of that name.
    fn fits(&self, name: &str) -> bool;
}

impl Setting for Notice {
    fn fits(&self, name: &str) -> bool {
        NoticeProject::find(name).is_some_and(|project| match project.category {
            None => self.route <= 7 && self.time_limit <= 1,
            Some(_) => self.route <= 1 && self.time_limit >= 60,
        })
    }
}

impl Setting for String {
    fn fits(&self, name: &str) -> bool {
        let known = VULNERABILITY_SETTINGS.iter().find(|(known, _)| *known == name);
        known.is_some_and(|(_, values)| match values {
            [] => self.parse::<u16>().is_ok(),
            values => values.contains(&self.as_str()),
        })
    }
}

impl Setting for bool {
    fn fits(&self, name: &str) -> bool {
        log_store(name).is_some()
    }
}

/// Refuses other names and values, so that a snapshot holds no more than these.
fn fitting<'de, T: Setting + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    let settings = BTreeMap::<String, T>::deserialize(deserializer)?;
    match settings.iter().find(|(name, value)| !value.fits(name)) {
        Some((name, _)) => {
            let name: String = name.chars().take(80).collect();
            Err(D::Error::custom(format!("{name:?} is not known here, or cannot have this value")))
        }
        None => Ok(settings),
    }
}

impl Configuration {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// With another one laid over it.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        self.notices.extend(later.notices);
        self.vulnerabilities.extend(later.vulnerabilities);
        self.logs.extend(later.logs);
        Self { necessities: later.necessities.or(self.necessities), ..self }
    }

    /// What this says, over what `start` says, over what is usual.
    pub fn notice(&self, start: &Self, project: &NoticeProject) -> Notice {
        let said = self.notices.get(project.name).or_else(|| start.notices.get(project.name));
        // By every way and at any time; not to Cloud Monitor, which must be set up first.
        let usual = if project.category.is_none() { (7, 0) } else { (0, 60) };
        said.copied().unwrap_or(Notice { route: usual.0, time_limit: usual.1 })
    }

    pub fn vulnerability_setting<'a>(&'a self, start: &'a Self, name: &str) -> &'a str {
        let said = self.vulnerabilities.get(name).or_else(|| start.vulnerabilities.get(name));
        let usual = VULNERABILITY_SETTINGS.iter().find(|(known, _)| *known == name);
        // Days.
        let usual = usual.and_then(|(_, values)| values.first().copied()).unwrap_or("30");
        said.map_or(usual, String::as_str)
    }

    pub fn concerning(&self, start: &Self) -> Vec<String> {
        let said = self.necessities.as_ref().or(start.necessities.as_ref());
        said.map_or_else(|| NECESSITIES.map(str::to_owned).to_vec(), |Necessities(said)| said.clone())
    }

    pub fn delivers(&self, start: &Self, log: &str) -> bool {
        self.logs.get(log).or_else(|| start.logs.get(log)).copied().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_account_changed_lies_over_what_the_scenario_says() {
        let read = |json: &str| serde_json::from_str::<Configuration>(json).unwrap();
        let start =
            read(r#"{"notices":{"webshell":{"route":0,"time_limit":0}},"vulnerabilities":{"yum":"off"}}"#);
        let own =
            read(r#"{"notices":{"webshell":{"route":3,"time_limit":1}},"necessities":["nntf","asap"]}"#);
        let route = |own: &Configuration, name| own.notice(&start, NoticeProject::find(name).unwrap()).route;
        assert_eq!((route(&own, "webshell"), route(&Configuration::default(), "webshell")), (3, 0));
        assert_eq!((route(&own, "agent"), route(&own, "Vul_event")), (7, 0));
        let setting = |name| own.vulnerability_setting(&start, name).to_owned();
        assert_eq!(["yum", "cve", "scanMode", "imageVulClean"].map(setting), ["off", "on", "all", "30"]);
        assert_eq!(
            (own.concerning(&start), start.concerning(&own).len()),
            (vec!["asap".into(), "nntf".into()], 2)
        );
        assert!(own.delivers(&start, "sas-vul-log"));
    }

    #[test]
    fn a_snapshot_holds_known_names_and_values() {
        for json in [
            r#"{"notices":{"other":{"route":0,"time_limit":0}}}"#,
            r#"{"notices":{"agent":{"route":8,"time_limit":0}}}"#,
            r#"{"notices":{"Vul_event":{"route":1,"time_limit":59}}}"#,
            r#"{"vulnerabilities":{"cve":"real"}}"#,
            r#"{"vulnerabilities":{"imageVulClean":"many"}}"#,
            r#"{"necessities":["high"]}"#,
            r#"{"logs":{"other":true}}"#,
        ] {
            let error = serde_json::from_str::<Configuration>(json).unwrap_err().to_string();
            assert!(error.contains("is not known here"), "{error}");
        }
    }
}
