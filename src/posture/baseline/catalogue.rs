//! The baselines, and the check items of each. Of the type names `hc_exploit`, `hc_exploit_redis`, `weak_password` and
//! `database` are documented, and so are the kinds of check items; the other names and all texts are this emulator's.

use crate::posture::{Platform, RiskLevel};

/// A type of baselines: the first of the two levels.
#[derive(Debug, PartialEq, Eq)]
pub struct BaselineType {
    pub name: &'static str,
    pub alias: &'static str,
}

/// A baseline, which the service also calls a risk, and its check items. It is the only one of its subtype.
#[derive(Debug, PartialEq, Eq)]
pub struct Baseline {
    pub id: u32,
    pub kind: BaselineType,
    pub subtype: &'static str,
    pub name: &'static str,
    pub platform: Platform,
    pub level: RiskLevel,
    pub items: &'static [BaselineItem],
}

#[derive(Debug, PartialEq, Eq)]
pub struct BaselineItem {
    pub id: u32,
    pub level: RiskLevel,
    /// `hc.check.type.…`
    pub kind: &'static str,
    /// What must be so.
    pub text: &'static str,
}

macro_rules! baselines {
    ($($type:literal $alias:literal { $($id:literal $subtype:literal $platform:ident $level:ident $name:literal {
        $($item:literal $of:ident $kind:ident $text:literal;)*
    })* })*) => {
        /// The types, in the order of their baselines.
        pub static BASELINE_TYPES: &[BaselineType] = &[$(BaselineType { name: $type, alias: $alias }),*];

        /// In the order in which they are listed.
        pub static BASELINES: &[Baseline] = &[$($(Baseline {
            id: $id,
            kind: BaselineType { name: $type, alias: $alias },
            subtype: $subtype,
            name: $name,
            platform: Platform::$platform,
            level: RiskLevel::$level,
            items: &[$(BaselineItem {
                id: $item,
                level: RiskLevel::$of,
                kind: concat!("hc.check.type.", stringify!($kind)),
                text: $text,
            }),*],
        }),*),*];
    };
}

baselines! {
    "hc_exploit" "High risk exploit" {
        101 "hc_exploit_redis" Linux High "Redis that anyone can reach" {
            1011 High access_control "Redis asks for a password.";
            1012 High network_service "Redis listens on private addresses alone.";
            1013 Medium service_conf "Redis runs as an account of its own.";
        }
        102 "hc_exploit_container" Linux High "Container engine that anyone can reach" {
            1021 High network_service "The engine listens on its local socket alone.";
            1022 High identity_auth "The engine asks remote callers for a certificate.";
        }
    }
    "weak_password" "Weak password" {
        201 "weak_password_linux" Linux High "Weak passwords of Linux accounts" {
            2011 High identity_auth "No account has a password from the list of common ones.";
            2012 High identity_auth "No account has an empty password.";
        }
        202 "weak_password_windows" Windows High "Weak passwords of Windows accounts" {
            2021 High identity_auth "No local account has a password from the list of common ones.";
            2022 Medium identity_auth "The guest account is disabled.";
        }
        203 "weak_password_mysql" Linux High "Weak passwords of MySQL accounts" {
            2031 High identity_auth "No database account has a password from the list of common ones.";
        }
    }
    "database" "Database" {
        301 "database_mysql" Linux Medium "MySQL" {
            3011 High access_control "Only administrators may grant privileges.";
            3012 Medium security_audit "The error log is switched on.";
            3013 Medium service_conf "Local files cannot be loaded.";
            3014 Low file_rights "Only the service can read its data.";
        }
        302 "database_sqlserver" Windows Medium "SQL Server" {
            3021 High access_control "The account sa is disabled.";
            3022 Medium security_audit "Failed logins are recorded.";
            3023 Low service_conf "Remote procedures of other servers are switched off.";
        }
    }
    "system" "System" {
        401 "system_linux" Linux Medium "Linux" {
            4011 High identity_auth "The root account cannot log in with a password from outside.";
            4012 Medium identity_auth "Passwords expire after at most 90 days.";
            4013 Medium identity_auth "Passwords have at least nine signs.";
            4014 Medium file_rights "Only root can read the file of password hashes.";
            4015 Medium security_audit "The audit service runs.";
            4016 Low security_audit "Logs are kept for 180 days.";
            4017 Low attack_defense "Addresses are placed at random in memory.";
            4018 Low service_conf "Idle sessions end after 15 minutes.";
        }
        402 "system_windows" Windows Medium "Windows" {
            4021 High access_control "Remote desktops ask for the network level of authentication.";
            4022 Medium identity_auth "Passwords expire after at most 90 days.";
            4023 Medium identity_auth "Five failed logins lock an account.";
            4024 Medium security_audit "Logons are audited.";
            4025 Low service_conf "Drives of removable media do not start programs.";
            4026 Low others "The clock is set by a time server.";
        }
    }
    "middleware" "Middleware" {
        501 "middleware_nginx" Linux Medium "Nginx" {
            5011 Medium service_conf "Replies do not name the version.";
            5012 Medium access_control "Hidden files are not served.";
            5013 Low security_audit "Requests are logged.";
            5014 Low file_rights "Only root can change the configuration.";
        }
        502 "middleware_tomcat" Linux Medium "Tomcat" {
            5021 High access_control "The manager asks for a login.";
            5022 Medium service_conf "Applications are not deployed while they are copied.";
            5023 Low others "The examples are removed.";
        }
        503 "middleware_iis" Windows Low "IIS" {
            5031 Medium access_control "Folders are not listed.";
            5032 Low security_audit "Requests are logged.";
        }
    }
}

/// The baseline of a check item, and its place among the items of it.
pub fn baseline_of_item(item: u32) -> Option<(&'static Baseline, usize)> {
    BASELINES.iter().find_map(|baseline| {
        let place = baseline.items.iter().position(|one| one.id == item)?;
        Some((baseline, place))
    })
}

impl Baseline {
    pub fn find(id: u32) -> Option<&'static Self> {
        BASELINES.iter().find(|baseline| baseline.id == id)
    }

    pub fn is_exploitable(&self) -> bool {
        self.kind.name == "hc_exploit"
    }

    pub fn is_weak_password(&self) -> bool {
        self.kind.name == "weak_password"
    }

    pub fn is_of_database(&self) -> bool {
        self.kind.name == "database"
    }

    /// Whether every server of the platform has what it looks at.
    pub(super) fn is_everywhere(&self) -> bool {
        matches!(
            self.subtype,
            "weak_password_linux" | "weak_password_windows" | "system_linux" | "system_windows"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_subtypes_are_unique() {
        let items = BASELINES.iter().flat_map(|baseline| baseline.items).map(|item| item.id);
        let ids: Vec<u32> = BASELINES.iter().map(|baseline| baseline.id).chain(items).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let subtypes: BTreeSet<_> = BASELINES.iter().map(|baseline| baseline.subtype).collect();
        assert_eq!(subtypes.len(), BASELINES.len());
        assert_eq!(baseline_of_item(4012).map(|(baseline, place)| (baseline.id, place)), Some((401, 1)));
    }
}
