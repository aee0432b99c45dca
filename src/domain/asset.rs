//! A server of an account (an ECS instance), its agent and its edition.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub uuid: String,
    pub instance_id: String,
    pub name: String,
    pub internet_ip: String,
    pub intranet_ip: String,
    pub region: String,
    /// `linux` or `windows`.
    pub os: String,
    /// Whether its agent, once installed, is connected.
    pub online: bool,
    pub agent: Agent,
    pub edition: Edition,
    /// The id of its group, before an account moves it.
    #[serde(default = "default_group", skip_serializing_if = "is_default_group")]
    pub group: i64,
}

fn default_group() -> i64 {
    Server::GROUP
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_default_group(group: &i64) -> bool {
    *group == Server::GROUP
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    Installed,
    Missing,
    /// Installed after [`INSTALLATION`].
    Installing {
        since: Timestamp,
    },
}

/// The editions, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// Not paid for: scans cannot be pushed to it.
    #[default]
    Free,
    AntiVirus,
    Advanced,
    Enterprise,
    Ultimate,
}

impl Edition {
    pub const ALL: [Self; 5] =
        [Self::Free, Self::AntiVirus, Self::Advanced, Self::Enterprise, Self::Ultimate];

    /// `AuthVersion` and `AuthVersionName`.
    pub fn number_and_name(self) -> (i64, &'static str) {
        match self {
            Self::Free => (1, "Free"),
            Self::AntiVirus => (6, "Anti-virus"),
            Self::Advanced => (5, "Advanced"),
            Self::Enterprise => (3, "Enterprise"),
            Self::Ultimate => (7, "Ultimate"),
        }
    }

    pub fn number(self) -> i64 {
        self.number_and_name().0
    }
}

/// How long the installation of an agent takes; published programs poll every ten seconds.
pub(crate) const INSTALLATION: SignedDuration = SignedDuration::from_secs(20);

impl Server {
    pub fn has_agent(&self, now: Timestamp) -> bool {
        match self.agent {
            Agent::Installed => true,
            Agent::Missing => false,
            Agent::Installing { since } => now.duration_since(since) >= INSTALLATION,
        }
    }

    /// When its agent will have been installed, if that is under way.
    pub fn installed_at(&self) -> Option<Timestamp> {
        match self.agent {
            Agent::Installing { since } => since.checked_add(INSTALLATION).ok(),
            Agent::Installed | Agent::Missing => None,
        }
    }

    pub fn is_online(&self, now: Timestamp) -> bool {
        self.online && self.has_agent(now)
    }

    pub fn client_status(&self, now: Timestamp) -> &'static str {
        if self.is_online(now) { "online" } else { "offline" }
    }

    /// `ClientSubStatus`, which also names a missing agent.
    pub fn client_sub_status(&self, now: Timestamp) -> &'static str {
        if self.has_agent(now) { self.client_status(now) } else { "uninstalled" }
    }

    pub fn is_bound(&self) -> bool {
        self.edition != Edition::Free
    }

    pub fn shown_ip(&self) -> &str {
        if self.internet_ip.is_empty() { &self.intranet_ip } else { &self.internet_ip }
    }

    /// `GroupId` of the default group.
    pub const GROUP: i64 = 1;
    /// Its name, `Ungrouped` in other places.
    pub const GROUP_NAME: &str = "default";
    /// The id of the group whose name stands at this place among those of the scenario.
    pub fn group_id(place: usize) -> i64 {
        i64::try_from(place).unwrap_or(i64::MAX).saturating_add(Self::GROUP + 1)
    }

    /// `Importance` of every server: general.
    pub const IMPORTANCE: &str = "1";
    /// `Flag` of every server: the vendor's own.
    pub const FLAG: &str = "0";
    /// The network of every server.
    pub const VPC: &str = "vpc-emulated";
    pub const CORES: i64 = 4;
    pub const MEGABYTES: i64 = 8192;

    /// The servers of an account if the scenario lists none.
    pub fn defaults() -> Vec<Self> {
        (1..=5).map(Self::synthetic).collect()
    }

    pub fn synthetic(number: u32) -> Self {
        // Addresses kept free for documentation (RFC 5737), for measurements (RFC 2544) if these are too few, and private ones.
        let (high, low) = (number / 250, number % 250);
        let internet_ip =
            if number <= 250 { format!("203.0.113.{low}") } else { format!("198.18.{high}.{low}") };
        Self {
            uuid: format!("00000000-0000-4000-8000-{number:012}"),
            instance_id: format!("i-emulated{number:04}"),
            name: format!("server-{number}"),
            internet_ip,
            intranet_ip: format!("192.168.{high}.{low}"),
            region: "cn-hangzhou".to_owned(),
            os: "linux".to_owned(),
            online: true,
            agent: Agent::Installed,
            edition: Edition::Enterprise,
            group: Self::GROUP,
        }
    }
}
