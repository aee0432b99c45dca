//! `lie`: the call is done and reported as failed.

use serde::{Deserialize, Serialize};

use super::error::InjectedError;
use super::{Behaviour, Case, Judging};

/// The call is done, and a failure is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lie(InjectedError);

impl Behaviour for Lie {
    const CASES: &'static [Case] = &[Case::new("lie", r#"{"lie":"ServerError"}"#, |seen| {
        seen.is_server_error() || seen.json().is_some_and(|body| body["PageInfo"]["TotalCount"] == 1)
    })
    .when(r#""match":{"action":"StartIdcProbeScan"},"#)
    .calling(
        &[
            "/?Action=StartIdcProbeScan&Version=2018-12-03&Format=JSON&AccessKeyId=a",
            "/?Action=DescribeOnceTask&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IDC_PROBE_SCAN",
        ],
        &[true, true],
    )];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        if judging.is_refused() {
            return false;
        }
        judging.decision.lie.get_or_insert_with(|| self.0.error());
        true
    }

    fn code(&self) -> Option<&str> {
        self.0.code()
    }
}
