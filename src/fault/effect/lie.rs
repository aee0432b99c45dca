//! `lie`: the call is done and reported as failed.

use serde::{Deserialize, Serialize};

use super::error::InjectedError;
use super::{Behaviour, Case, Judging, Level, Role};
use crate::fault::case::Observed;

/// The call is done, and a failure is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lie(InjectedError);

impl Behaviour for Lie {
    const LEVEL: Level = Level::Api;
    const ROLE: Role = Role::Lie;
    const CASES: &'static [Case] = &[Case {
        name: "lie",
        fault: r#"{"match":{"action":"StartIdcProbeScan"},"effect":{"lie":"ServerError"}}"#,
        calls: &[
            "/?Action=StartIdcProbeScan&Version=2018-12-03&Format=JSON&AccessKeyId=a",
            "/?Action=DescribeOnceTask&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IDC_PROBE_SCAN",
        ],
        fires: &[true, true],
        shows: |seen| seen.is_server_error() || number_of_tasks(seen) == Some(1),
    }];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        if judging.is_refused() {
            return false;
        }
        judging.decision.lie.get_or_insert_with(|| self.0.error());
        true
    }

    #[cfg(test)]
    const DOCS: &'static [(&'static str, &'static str)] =
        &[("`lie: ServerError`", "the call is done, and reported as failed")];
}

fn number_of_tasks(seen: &Observed) -> Option<u64> {
    seen.json()?["PageInfo"]["TotalCount"].as_u64()
}
