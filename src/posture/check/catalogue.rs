//! The check items and the standards that they belong to. Types of assets and of standards are documented words; the names
//! and texts are this emulator's.

use crate::posture::RiskLevel;

/// A part of a requirement of a standard.
#[derive(Debug, PartialEq, Eq)]
pub struct CheckSection {
    pub id: u32,
    pub name: &'static str,
    pub requirement: (u32, &'static str),
    pub standard: CheckStandard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckStandard {
    pub id: u32,
    pub name: &'static str,
    /// `RISK`, `IDENTITY_PERMISSION` or `COMPLIANCE`
    pub kind: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
pub struct CheckItem {
    pub id: u32,
    pub name: &'static str,
    pub instance_type: &'static str,
    pub instance_subtype: &'static str,
    pub level: RiskLevel,
    /// Whether the service can repair it.
    pub is_repairable: bool,
    /// The ids of its sections; in the policy the first one counts.
    sections: &'static [u32],
}

macro_rules! check_sections {
    ($($standard:literal $kind:literal $name:literal {
        $($requirement:literal $of:literal { $($id:literal $section:literal;)* })*
    })*) => {
        pub static CHECK_SECTIONS: &[CheckSection] = &[$($($(CheckSection {
            id: $id,
            name: $section,
            requirement: ($requirement, $of),
            standard: CheckStandard { id: $standard, name: $name, kind: $kind },
        }),*),*),*];
    };
}

macro_rules! check_items {
    ($($id:literal $type:literal $subtype:literal $level:ident $repair:literal [$($section:literal),*] $name:literal;)*) => {
        /// In the order in which they are listed.
        pub static CHECK_ITEMS: &[CheckItem] = &[$(CheckItem {
            id: $id,
            name: $name,
            instance_type: $type,
            instance_subtype: $subtype,
            level: RiskLevel::$level,
            is_repairable: $repair,
            sections: &[$($section),*],
        }),*];
    };
}

check_sections! {
    1 "RISK" "Configuration of cloud products" {
        11 "Network" { 111 "Rules of access"; 112 "Public addresses"; }
        12 "Data" { 121 "Encryption"; 122 "Backups"; }
        13 "Logs" { 131 "Audit"; }
    }
    2 "IDENTITY_PERMISSION" "Identities and permissions" {
        21 "Accounts" { 211 "Logins"; 212 "Keys"; }
        22 "Permissions" { 221 "Policies"; }
    }
    3 "COMPLIANCE" "Emulated compliance standard" {
        31 "Control of access" { 311 "Access from outside"; 312 "Least privilege"; }
        32 "Protection of data" { 321 "Stored data"; }
    }
}

check_items! {
    10001 "ECS" "SECURITY_GROUP" High true [111, 311] "Security groups do not open port 22 to every address";
    10002 "ECS" "SECURITY_GROUP" High true [111, 311] "Security groups do not open port 3389 to every address";
    10003 "ECS" "SECURITY_GROUP" Medium true [111] "Security groups do not open all ports";
    10004 "ECS" "INSTANCE" Medium false [112, 311] "Instances without a public service have no public address";
    10005 "ECS" "INSTANCE" Low false [131] "Instances have the agent of Security Center";
    10006 "ECS" "INSTANCE" Medium true [211] "Instances are logged in to with key pairs";
    10007 "ECS" "DISK" Medium false [121, 321] "Disks are encrypted";
    10008 "ECS" "DISK" Low true [122] "Disks have a snapshot policy";
    10011 "SLB" "INSTANCE" High true [111, 311] "Listeners of management ports have an access list";
    10012 "SLB" "INSTANCE" Medium false [121] "Listeners of web ports use TLS";
    10013 "SLB" "INSTANCE" Low true [131] "Access logs are switched on";
    10021 "RDS" "INSTANCE" High true [111, 311] "Databases do not admit every address";
    10022 "RDS" "INSTANCE" Medium true [121, 321] "Databases encrypt connections";
    10023 "RDS" "INSTANCE" Medium true [122, 321] "Databases are backed up daily";
    10024 "RDS" "INSTANCE" Low true [131] "Statements are audited";
    10031 "MONGODB" "INSTANCE" High true [111, 311] "Document databases do not admit every address";
    10032 "MONGODB" "INSTANCE" Medium true [122] "Document databases are backed up daily";
    10041 "KVSTORE" "INSTANCE" High true [111, 311] "Key-value stores do not admit every address";
    10042 "KVSTORE" "INSTANCE" High true [211] "Key-value stores ask for a password inside of a network";
    10051 "OSS" "BUCKET" High true [111, 311] "Buckets cannot be read without a login";
    10052 "OSS" "BUCKET" Medium true [121, 321] "Buckets encrypt objects";
    10053 "OSS" "BUCKET" Low true [131] "Buckets log access";
    10061 "RAM" "USER" High true [211, 312] "Users with console access have a second factor";
    10062 "RAM" "USER" Medium true [212, 312] "Keys are not older than 90 days";
    10063 "RAM" "USER" Medium false [212] "Keys that are not used are disabled";
    10064 "RAM" "USER" Low false [221, 312] "Users get permissions from groups";
    10065 "RAM" "POLICY" High false [221, 312] "Policies do not allow everything";
    10066 "RAM" "ALIAS" High false [212] "The main account has no keys";
    10071 "ACTIONTRAIL" "INSTANCE" Medium true [131] "Trails are kept for more than 180 days";
    10081 "VPC" "INSTANCE" Low false [131] "Flow logs are switched on";
    10091 "CSK" "INSTANCE" Medium false [111] "Control planes of clusters have no public address";
    10101 "ACR" "REPOSITORY_ENTERPRISE" Low true [221] "Repositories are private";
}

/// The standards, each once, in the order of their ids.
pub fn check_standards() -> impl Iterator<Item = CheckStandard> {
    let mut last = 0;
    CHECK_SECTIONS.iter().map(|section| section.standard).filter(move |standard| {
        let is_new = standard.id != last;
        last = standard.id;
        is_new
    })
}

impl CheckItem {
    pub fn find(id: u32) -> Option<&'static Self> {
        CHECK_ITEMS.iter().find(|item| item.id == id)
    }

    pub fn sections(&self) -> impl Iterator<Item = &'static CheckSection> {
        CHECK_SECTIONS.iter().filter(|section| self.sections.contains(&section.id))
    }

    /// The section by which the policy names it.
    pub fn section(&self) -> u32 {
        self.sections.first().copied().unwrap_or_default()
    }

    /// Whether it looks at the servers that the account lists.
    pub fn is_of_servers(&self) -> bool {
        (self.instance_type, self.instance_subtype) == ("ECS", "INSTANCE")
    }

    /// `AssetType`: only some products have a number.
    pub fn asset_type(&self) -> Option<i64> {
        ["ECS", "SLB", "NAT", "RDS", "MONGODB", "KVSTORE"]
            .iter()
            .position(|product| *product == self.instance_type)
            .and_then(|number| i64::try_from(number).ok())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn items_have_sections_and_ids_of_their_own() {
        let ids: BTreeSet<u32> = CHECK_ITEMS.iter().map(|item| item.id).collect();
        assert_eq!(ids.len(), CHECK_ITEMS.len());
        for item in CHECK_ITEMS {
            assert_eq!(item.sections().count(), item.sections.len(), "{}", item.id);
            assert!(item.sections().all(|section| section.id >= item.section()));
        }
        assert_eq!(check_standards().map(|standard| standard.id).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
