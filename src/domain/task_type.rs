//! The kinds of scan, and who starts them. The vendor's lists differ between pages and grew over time, so all twelve are accepted everywhere
//! (spec/api.md §2.2) and unknown names are accepted too.

use std::ptr;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::lifecycle::{Lifecycle, Span};

use crate::text::similar::{misspelt, nearest};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TaskType(Repr<KnownType>);

/// A name, two machine words long, since every task has two of them. A known one costs no memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Repr<K: 'static> {
    Known(&'static K),
    Other(Arc<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// By its UUID.
    Server,
    /// By its digest.
    Image,
    /// Not listed by the emulator.
    Other,
}

/// A name, its meaning and the kind of its targets.
type KnownType = (&'static str, &'static str, TargetKind);

/// The documented ones.
pub static TASK_TYPES: &[KnownType] = &[
    ("AI_SECURITY_CHECK", "synchronise AI assets", TargetKind::Other),
    ("ASSETS_COLLECTION", "collect asset fingerprints", TargetKind::Server),
    ("ASSET_EXPOSURE_SCAN", "exposure of assets", TargetKind::Other),
    ("ASSET_REFRESH_HOST", "refresh the list of hosts", TargetKind::Server),
    ("ASSET_SECURITY_CHECK", "collect assets", TargetKind::Server),
    ("ATTACK_SURFACE_SCAN", "border assets of the attack surface", TargetKind::Other),
    ("CLIENT_DEV_OPS", "operate the agent", TargetKind::Server),
    ("CLIENT_PROBLEM_CHECK", "find out why an agent is in trouble", TargetKind::Server),
    ("IDC_PROBE_SCAN", "probe a data centre", TargetKind::Other),
    ("IMAGE_REGISTRY_PULL", "pull images from a registry", TargetKind::Image),
    ("IMAGE_SCAN", "scan container images", TargetKind::Image),
    ("VUL_CHECK_TASK", "look for vulnerabilities", TargetKind::Server),
];

/// The types of what takes time and is no once-task in the service. Their names are this emulator's, and they do not
/// count in the limit of running once-tasks.
pub static INTERNAL_TYPES: &[KnownType] = &[
    (ALARM_HANDLING, "handle alarms", TargetKind::Other),
    (ALARM_QUERY, "look for alarms that are like one", TargetKind::Other),
    (CONFIGURATION_CHECK, "check the configuration of the cloud products", TargetKind::Other),
    (EXPORT, "write what a list shows to a file", TargetKind::Other),
    (FILE_DETECTION, "judge a file", TargetKind::Other),
    (STRATEGY_EXECUTION, "check servers against a baseline", TargetKind::Server),
    (VIRUS_SCAN, "look for viruses", TargetKind::Server),
    (VUL_FIX, "repair vulnerabilities", TargetKind::Server),
    (VUL_VERIFY, "look whether vulnerabilities are still there", TargetKind::Server),
];

pub const ALARM_HANDLING: &str = "ALARM_HANDLING";
pub const ALARM_QUERY: &str = "ALARM_QUERY";
pub const CONFIGURATION_CHECK: &str = "CONFIGURATION_CHECK";
pub const EXPORT: &str = "EXPORT";
pub const FILE_DETECTION: &str = "FILE_DETECTION";
pub const STRATEGY_EXECUTION: &str = "STRATEGY_EXECUTION";
/// The type of scans that look for vulnerabilities, a documented name.
pub const VUL_CHECK_TASK: &str = "VUL_CHECK_TASK";
pub const VUL_FIX: &str = "VUL_FIX";
pub const VUL_VERIFY: &str = "VUL_VERIFY";
pub const VIRUS_SCAN: &str = "VIRUS_SCAN";

/// How internal tasks behave that are shorter than a scan, unless a scenario says otherwise.
static SHORT: [(&str, Lifecycle); 4] = [
    // The vendor's published skill takes a task for failed that runs for more than ten seconds.
    (ALARM_HANDLING, Lifecycle::lasting(Span::ZERO, Span::exactly(SignedDuration::from_secs(3)), None)),
    (ALARM_QUERY, Lifecycle::lasting(Span::ZERO, Span::exactly(SignedDuration::from_secs(1)), Some(1))),
    (FILE_DETECTION, Lifecycle::lasting(Span::ZERO, Span::exactly(SignedDuration::from_secs(1)), Some(1))),
    (EXPORT, Lifecycle::lasting(Span::ZERO, Span::exactly(SignedDuration::from_secs(4)), Some(1))),
];

impl TaskType {
    pub fn new(name: &str) -> Self {
        let known = Self::known().find(|(known, ..)| *known == name);
        Self(known.map_or_else(|| Repr::Other(name.into()), Repr::Known))
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Known((name, ..)) => name,
            Repr::Other(name) => name,
        }
    }

    pub fn targets(&self) -> TargetKind {
        match &self.0 {
            Repr::Known((_, _, targets)) => *targets,
            Repr::Other(_) => TargetKind::Other,
        }
    }

    /// The type of that name, unless it misspells a documented one: such a type would silently never be requested.
    /// Other undocumented names are accepted, since the lists grow.
    pub fn spelt(name: &str) -> Result<Self, String> {
        let task_type = Self::new(name);
        match misspelt(name, Self::known().map(|(known, ..)| *known)) {
            Some(known) if matches!(task_type.0, Repr::Other(_)) => {
                Err(format!("no TaskType is called {name:?}; did you mean {known}?"))
            }
            _ => Ok(task_type),
        }
    }

    /// Whether it is documented, or a name of this emulator.
    pub fn is_known_name(name: &str) -> bool {
        Self::known().any(|(known, ..)| *known == name)
    }

    /// The documented name that is most like this one, if one is like it at all.
    pub fn nearest_documented(name: &str) -> Option<&'static str> {
        nearest(name, TASK_TYPES.iter().map(|(known, ..)| *known))
    }

    fn known() -> impl Iterator<Item = &'static KnownType> {
        TASK_TYPES.iter().chain(INTERNAL_TYPES)
    }

    pub fn internal() -> impl Iterator<Item = Self> {
        INTERNAL_TYPES.iter().map(|known| Self(Repr::Known(known)))
    }

    /// Whether the vendor's pages list it.
    pub fn is_documented(&self) -> bool {
        self.is_in(TASK_TYPES)
    }

    /// Whether it is a name of this emulator.
    pub fn is_internal(&self) -> bool {
        self.is_in(INTERNAL_TYPES)
    }

    fn is_in(&self, list: &[KnownType]) -> bool {
        matches!(self.0, Repr::Known(known) if list.iter().any(|entry| ptr::eq(entry, known)))
    }

    /// How tasks of the type behave unless a scenario says otherwise.
    pub(super) fn usual_lifecycle(&self) -> &'static Lifecycle {
        static USUAL: Lifecycle = Lifecycle::USUAL;
        let short = SHORT.iter().find(|(name, _)| *name == self.as_str());
        short.map_or(&USUAL, |(_, lifecycle)| lifecycle)
    }
}

/// `Source`: who started a task. Open, like the lists of the vendor's pages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Source(Repr<&'static str>);

impl Source {
    pub const CONSOLE: Self = Self(Repr::Known(&"console"));
    pub const CONSOLE_BATCH: Self = Self(Repr::Known(&"console_batch"));
    pub const OPENAPI: Self = Self(Repr::Known(&"openapi"));
    pub const SCHEDULE: Self = Self(Repr::Known(&"schedule"));

    const COMMON: [Self; 4] = [Self::CONSOLE, Self::CONSOLE_BATCH, Self::OPENAPI, Self::SCHEDULE];

    pub fn new(name: &str) -> Self {
        let found = Self::COMMON.into_iter().find(|source| source.as_str() == name);
        found.unwrap_or_else(|| Self(Repr::Other(name.into())))
    }

    /// The source of that name, unless it misspells a documented one. Others are accepted.
    pub fn spelt(name: &str) -> Result<Self, String> {
        let source = Self::new(name);
        match misspelt(name, Self::COMMON.iter().map(Self::as_str)) {
            Some(known) if matches!(source.0, Repr::Other(_)) => {
                Err(format!("no Source is called {name:?}; did you mean {known}?"))
            }
            _ => Ok(source),
        }
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Known(name) => name,
            Repr::Other(name) => name,
        }
    }
}

/// A snapshot has the name alone.
macro_rules! by_name {
    ($($name:ident)*) => { $(
        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::new(&name)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    )* };
}

by_name! { TaskType Source }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_sorted_types() {
        assert_eq!(TASK_TYPES.len(), 12);
        assert!(TASK_TYPES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(INTERNAL_TYPES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn internal_names_are_known_and_not_documented() {
        for (name, ..) in INTERNAL_TYPES {
            let task_type = TaskType::new(name);
            assert!(task_type.is_internal() && !task_type.is_documented(), "{name}");
        }
        assert!(!TaskType::new("VUL_CHECK_TASK").is_internal() && !TaskType::new("OTHER").is_internal());
        assert!(TaskType::spelt("FILE_DETECTOIN").unwrap_err().contains("FILE_DETECTION"));
    }

    #[test]
    fn unknown_names_are_accepted() {
        assert!(!TaskType::new("NEXT_YEARS_SCAN").is_documented());
        assert_eq!(TaskType::new("NEXT_YEARS_SCAN").as_str(), "NEXT_YEARS_SCAN");
    }
}
