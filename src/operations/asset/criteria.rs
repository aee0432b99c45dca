//! `Criteria` of `DescribeCloudCenterInstances`: which servers are listed. Names and words are those of `DescribeCriteria`.

use serde::Deserialize;

use crate::operations::prelude::*;
use crate::operations::refusals::not_filtered;

/// More are refused: each is held against every server.
const MOST: usize = 100;

/// Whether a server shows a value.
type Shows = fn(&Server, &str, Timestamp) -> bool;

/// Those that follow from what servers show. The others are refused, or left out.
const TESTS: &[(&str, Shows)] = &[
    ("instanceId", |server, value, _| server.instance_id == value),
    ("instanceName", |server, value, _| server.name.contains(value)),
    ("internetIp", |server, value, _| server.internet_ip == value),
    ("intranetIp", |server, value, _| server.intranet_ip == value),
    ("ipList", |server, value, _| {
        id_list::ids(value).iter().any(|ip| *ip == server.internet_ip || *ip == server.intranet_ip)
    }),
    ("uuid", |server, value, _| server.uuid == value),
    ("uuidList", |server, value, _| id_list::ids(value).contains(&server.uuid)),
    ("regionId", |server, value, _| server.region == value),
    ("osType", |server, value, _| server.os == value),
    ("osName", |server, value, _| server.os.contains(value)),
    ("clientStatus", |server, value, now| server.client_status(now) == value),
    ("clientSubStatus", |server, value, now| server.client_sub_status(now) == value),
    ("runningStatus", |_, value, _| value == "Running"),
    ("authVersion", |server, value, _| server.edition.number().to_string() == value),
    ("groupId", |_, value, _| value == Server::GROUP.to_string()),
    ("groupName", |_, value, _| value == Server::GROUP_NAME),
    // All servers are alike in these.
    ("importance", |_, value, _| value == "general"),
    ("flag", |_, value, _| value.split('|').any(|flag| flag == Server::FLAG)),
    ("riskStatus", |_, value, _| value == "NO"),
    ("vulStatus", |_, value, _| value == "NO"),
    ("asapVulStatus", |_, value, _| value == "NO"),
    ("alarmStatus", |_, value, _| value == "NO"),
    ("hcStatus", |_, value, _| value == "NO"),
    ("exposedStatus", |_, value, _| value == "NO"),
];

/// As callers write one.
#[derive(Deserialize)]
struct WrittenCriterion {
    name: String,
    #[serde(default)]
    value: String,
}

pub(super) struct Criteria {
    all: Vec<(Shows, String)>,
    needs_all: bool,
}

impl Criteria {
    /// Those of a call to an operation of that name.
    pub(super) fn of(params: &Params, operation: &str, context: &Context<'_>) -> Result<Self, ApiError> {
        let assumptions = context.world.assumptions;
        let refused = assumptions.argument_error();
        let written: Vec<WrittenCriterion> = match params.non_empty("Criteria") {
            Some(criteria) => serde_json::from_str(criteria).map_err(|_| refused)?,
            None => Vec::new(),
        };
        if written.len() > MOST {
            return Err(refused.into());
        }
        let mut all = Vec::new();
        for WrittenCriterion { name, value } in written {
            match TESTS.iter().find(|(known, _)| *known == name) {
                Some((_, test)) => all.push((*test, value)),
                None if assumptions.ignores_criteria() => (),
                None => return Err(not_filtered("criterion", &name, operation)),
            }
        }
        let needs_all = params.non_empty("LogicalExp").is_some_and(|word| word.eq_ignore_ascii_case("AND"));
        Ok(Self { all, needs_all })
    }

    pub(super) fn are_met(&self, server: &Server, now: Timestamp) -> bool {
        let mut results = self.all.iter().map(|(test, value)| test(server, value, now));
        self.all.is_empty() || if self.needs_all { results.all(|met| met) } else { results.any(|met| met) }
    }
}
