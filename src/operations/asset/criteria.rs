//! `Criteria` of `DescribeCloudCenterInstances`: which servers are listed. Names and words are those of `DescribeCriteria`.

use serde::Deserialize;

use crate::domain::groups::Group;
use crate::operations::prelude::*;
use crate::operations::refusals::not_filtered;

/// More are refused: each is held against every server.
const MOST: usize = 100;

/// A server as an account sees it now.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) server: &'a Server,
    pub(super) group: Group<'a>,
    pub(super) now: Timestamp,
}

/// Whether a server shows a value.
type Shows = fn(&Seen<'_>, &str) -> bool;

/// Those that follow from what servers show. The others are refused, or left out.
const TESTS: &[(&str, Shows)] = &[
    ("instanceId", |seen, value| seen.server.instance_id == value),
    ("instanceName", |seen, value| seen.server.name.contains(value)),
    ("internetIp", |seen, value| seen.server.internet_ip == value),
    ("intranetIp", |seen, value| seen.server.intranet_ip == value),
    ("ipList", |seen, value| {
        id_list::ids(value).iter().any(|ip| *ip == seen.server.internet_ip || *ip == seen.server.intranet_ip)
    }),
    ("uuid", |seen, value| seen.server.uuid == value),
    ("uuidList", |seen, value| id_list::ids(value).contains(&seen.server.uuid)),
    ("regionId", |seen, value| seen.server.region == value),
    ("osType", |seen, value| seen.server.os == value),
    ("osName", |seen, value| seen.server.os.contains(value)),
    ("clientStatus", |seen, value| seen.server.client_status(seen.now) == value),
    ("clientSubStatus", |seen, value| seen.server.client_sub_status(seen.now) == value),
    ("runningStatus", |_, value| value == "Running"),
    ("authVersion", |seen, value| seen.server.edition.number().to_string() == value),
    ("groupId", |seen, value| value == seen.group.id.to_string()),
    ("groupName", |seen, value| value == seen.group.name),
    // All servers are alike in these.
    ("importance", |_, value| value == "general"),
    ("flag", |_, value| value.split('|').any(|flag| flag == Server::FLAG)),
    ("riskStatus", |_, value| value == "NO"),
    ("vulStatus", |_, value| value == "NO"),
    ("asapVulStatus", |_, value| value == "NO"),
    ("alarmStatus", |_, value| value == "NO"),
    ("hcStatus", |_, value| value == "NO"),
    ("exposedStatus", |_, value| value == "NO"),
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

    pub(super) fn are_met(&self, seen: &Seen<'_>) -> bool {
        let mut results = self.all.iter().map(|(test, value)| test(seen, value));
        self.all.is_empty() || if self.needs_all { results.all(|met| met) } else { results.any(|met| met) }
    }
}
