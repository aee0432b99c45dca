//! The kinds of alarms: words from the vendor's lists, texts of this emulator.

use AlarmAction::{BlockIp, Cleanup, DisableDefense, KillAndQuarantine, KillProcess, Quarantine};
use AlarmField::{Account, CommandLine, FilePath, Md5, Port, ProcessId, RemoteIp, Url};
use AlarmLevel::{Remind, Serious, Suspicious};

use serde::Deserialize;

use super::action::AlarmAction;
use crate::posture::Platform;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlarmLevel {
    Serious,
    Suspicious,
    Remind,
}

impl AlarmLevel {
    pub(crate) const ALL: [Self; 3] = [Serious, Suspicious, Remind];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Serious => "serious",
            Suspicious => "suspicious",
            Remind => "remind",
        }
    }
}

/// What the details of an alarm name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmField {
    Account,
    CommandLine,
    FilePath,
    Md5,
    Port,
    ProcessId,
    RemoteIp,
    Url,
}

impl AlarmField {
    /// Its name in rules, and the one that people read.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Account => ("loginUser", "Account"),
            CommandLine => ("cmdline", "Command line"),
            FilePath => ("filePath", "File path"),
            Md5 => ("md5", "MD5 of the file"),
            Port => ("port", "Port"),
            ProcessId => ("pid", "Process ID"),
            RemoteIp => ("ip", "Remote IP address"),
            Url => ("url", "URL"),
        }
    }
}

/// One kind of alarm. All of a kind have its level.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AlarmKind {
    /// `EventSubType`, which `EventNames` filters.
    pub(crate) subtype: &'static str,
    pub(crate) name: &'static str,
    /// Of [`ALARM_TYPES`], by its English name.
    pub(crate) alarm_type: &'static str,
    pub(crate) level: AlarmLevel,
    /// None if it occurs on all.
    pub(crate) platform: Option<Platform>,
    /// `DataSource`.
    pub(crate) source: &'static str,
    /// The tactic of ATT&CK: its id and name.
    pub(crate) tactic: (&'static str, &'static str),
    pub(crate) fields: &'static [AlarmField],
    /// What can be done beside what can be done with every alarm.
    pub(crate) actions: &'static [AlarmAction],
    /// What it means.
    pub(crate) text: &'static str,
}

/// `AlarmEventType`: the words of the English list, and of the Chinese one.
pub(crate) static ALARM_TYPES: &[(&str, &str)] = &[
    ("Suspicious Process", "进程异常行为"),
    ("Webshell", "网站后门"),
    ("Unusual Logon", "异常登录"),
    ("Exception", "异常事件"),
    ("Sensitive File Tampering", "敏感文件篡改"),
    ("Malicious Process", "恶意进程(云查杀)"),
    ("Suspicious Network Connection", "异常网络连接"),
    ("Suspicious Account", "异常账号"),
    ("Precise Defense", "精准防御"),
    ("Persistent Webshell", "持久化后门"),
    ("Malicious Script", "恶意脚本"),
    ("Threat Intelligence", "威胁情报"),
    ("Exploit", "漏洞利用"),
];

/// Sources of data, of which only the second is in a public sample.
const PROCESS: &str = "aegis_suspicious_event";
const FILE: &str = "aegis_suspicious_file_v2";
const LOGON: &str = "aegis_login_log";

const PERSISTENCE: (&str, &str) = ("TA0003", "Persistence");
const EXECUTION: (&str, &str) = ("TA0002", "Execution");
const ACCESS: (&str, &str) = ("TA0001", "Initial Access");
const CREDENTIALS: (&str, &str) = ("TA0006", "Credential Access");
const EVASION: (&str, &str) = ("TA0005", "Defense Evasion");
const CONTROL: (&str, &str) = ("TA0011", "Command and Control");
const IMPACT: (&str, &str) = ("TA0040", "Impact");
const DISCOVERY: (&str, &str) = ("TA0007", "Discovery");

const LINUX: Option<Platform> = Some(Platform::Linux);
const WINDOWS: Option<Platform> = Some(Platform::Windows);

/// Rows: type, level, platform, subtype, name, source, tactic, fields, actions, text.
macro_rules! kinds {
    ($($alarm_type:literal $level:ident $platform:expr, $subtype:literal $name:literal, $source:expr, $tactic:expr,
        [$($field:ident)*] [$($action:ident)*] $text:literal;)*) => {
        pub(crate) static ALARM_KINDS: &[AlarmKind] = &[$(AlarmKind {
            subtype: $subtype, name: $name, alarm_type: $alarm_type, level: $level, platform: $platform, source: $source,
            tactic: $tactic, fields: &[$($field),*], actions: &[$($action),*], text: $text,
        }),*];
    };
}

kinds! {
    "Webshell" Serious None, "WEBSHELL" "Web shell file found", FILE, PERSISTENCE,
        [FilePath Md5 Url] [Quarantine] "A file in a web folder takes commands from outside.";
    "Malicious Process" Serious LINUX, "mining_program" "Mining program", PROCESS, IMPACT,
        [FilePath Md5 ProcessId CommandLine] [KillAndQuarantine Cleanup] "A process computes for a mining pool.";
    "Malicious Process" Serious WINDOWS, "ransomware" "Ransomware", PROCESS, IMPACT,
        [FilePath Md5 ProcessId CommandLine] [KillAndQuarantine Cleanup] "A process encrypts files of users.";
    "Malicious Process" Serious None, "backdoor_program" "Backdoor program", PROCESS, CONTROL,
        [FilePath Md5 ProcessId RemoteIp] [KillAndQuarantine Cleanup] "A process waits for commands from outside.";
    "Suspicious Process" Serious LINUX, "reverse_shell" "Reverse shell", PROCESS, EXECUTION,
        [CommandLine ProcessId RemoteIp Port] [KillProcess BlockIp] "A shell is connected to an address outside.";
    "Malicious Script" Serious None, "malicious_script_execution" "Malicious script executed", PROCESS, EXECUTION,
        [FilePath Md5 CommandLine] [Quarantine KillProcess] "A script loads and starts a program from outside.";
    "Exploit" Serious None, "remote_code_execution" "Code executed through a service", PROCESS, ACCESS,
        [CommandLine ProcessId RemoteIp] [KillProcess BlockIp] "A service started a command that came with a request.";
    "Suspicious Process" Suspicious LINUX, "suspicious_command_line" "Suspicious command line", PROCESS, EXECUTION,
        [CommandLine ProcessId Account] [KillProcess] "A command hides what it does.";
    "Suspicious Process" Suspicious WINDOWS, "suspicious_powershell" "Suspicious command of a script host", PROCESS, EXECUTION,
        [CommandLine ProcessId Account] [KillProcess] "A script host was started with encoded text.";
    "Unusual Logon" Suspicious None, "login_common_location" "Logon from an unusual place", LOGON, ACCESS,
        [Account RemoteIp Port] [BlockIp] "A user logged on from a place that was not seen before.";
    "Unusual Logon" Suspicious None, "login_brute_force" "Logon after many attempts", LOGON, CREDENTIALS,
        [Account RemoteIp Port] [BlockIp] "A logon succeeded after many that failed.";
    "Sensitive File Tampering" Suspicious LINUX, "tampered_system_file" "System file changed", FILE, EVASION,
        [FilePath Md5 ProcessId] [] "A file of the system is not what was installed.";
    "Suspicious Network Connection" Suspicious None, "connection_to_control_server" "Connection to a control server", PROCESS, CONTROL,
        [RemoteIp Port ProcessId] [BlockIp] "A process is connected to an address that controls others.";
    "Persistent Webshell" Suspicious LINUX, "scheduled_task_backdoor" "Scheduled command from outside", FILE, PERSISTENCE,
        [FilePath CommandLine] [Quarantine] "A schedule starts a command that is loaded from outside.";
    "Persistent Webshell" Suspicious WINDOWS, "start_entry_backdoor" "Start entry from outside", FILE, PERSISTENCE,
        [FilePath CommandLine] [Quarantine] "An entry starts a program from a temporary folder at each start.";
    "Suspicious Account" Suspicious None, "new_privileged_account" "New account with all rights", PROCESS, PERSISTENCE,
        [Account CommandLine] [] "An account with all rights was added.";
    "Threat Intelligence" Suspicious None, "known_bad_domain" "Look-up of a known bad name", PROCESS, CONTROL,
        [Url ProcessId] [KillProcess] "A process looked up a name that is listed as bad.";
    "Suspicious Network Connection" Remind None, "port_scan" "Ports of neighbours scanned", PROCESS, DISCOVERY,
        [RemoteIp Port ProcessId] [BlockIp] "A process opens connections to many ports.";
    "Unusual Logon" Remind None, "login_unusual_time" "Logon at an unusual time", LOGON, ACCESS,
        [Account RemoteIp] [BlockIp] "A user logged on at a time that was not seen before.";
    "Precise Defense" Remind None, "blocked_process" "Process stopped by the defense", PROCESS, EXECUTION,
        [FilePath Md5 CommandLine] [DisableDefense] "The defense stopped a process before it started.";
    "Exception" Remind LINUX, "log_cleared" "Logs cleared", PROCESS, EVASION,
        [CommandLine Account] [] "The logs of the system were cleared.";
    "Exception" Remind WINDOWS, "audit_disabled" "Audit switched off", PROCESS, EVASION,
        [CommandLine Account] [] "The audit of the system was switched off.";
}

impl AlarmKind {
    /// `Name`: the type and the name.
    pub(crate) fn full_name(&self) -> String {
        format!("{}-{}", self.alarm_type, self.name)
    }

    /// Whether its type has that English or Chinese name.
    pub(crate) fn is_of_type(&self, name: &str) -> bool {
        let is_it = |(english, chinese): &(&str, &str)| {
            *english == self.alarm_type && (*english == name || *chinese == name)
        };
        ALARM_TYPES.iter().any(is_it)
    }

    /// What can be done with an alarm of this kind that waits.
    pub(crate) fn actions(&self) -> impl Iterator<Item = AlarmAction> {
        self.actions.iter().copied().chain(AlarmAction::ON_ALL)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_level_has_kinds_for_each_platform_and_each_kind_a_documented_type() {
        for level in AlarmLevel::ALL {
            for platform in [Platform::Linux, Platform::Windows] {
                let fits = |kind: &&AlarmKind| {
                    kind.level == level && kind.platform.is_none_or(|other| other == platform)
                };
                assert!(ALARM_KINDS.iter().filter(fits).count() >= 3, "{level:?} {platform:?}");
            }
        }
        let subtypes: BTreeSet<_> = ALARM_KINDS.iter().map(|kind| kind.subtype).collect();
        assert_eq!(subtypes.len(), ALARM_KINDS.len());
        for kind in ALARM_KINDS {
            assert!(kind.is_of_type(kind.alarm_type), "{}", kind.alarm_type);
            assert!(
                !kind.fields.is_empty()
                    && kind.actions().all(|action| AlarmAction::find(action.word()) == Some(action))
            );
        }
        assert!(ALARM_KINDS[0].is_of_type("网站后门") && !ALARM_KINDS[0].is_of_type("异常登录"));
        // They are chosen by bits.
        assert!(ALARM_KINDS.len() <= 64);
    }
}
