//! Operations that the service had once: published SDKs and programs still name them, and its metadata do not any more.
//!
//! Found by comparing releases of `aliyun-python-sdk-sas` (1.0.3 to 2.0.3) and `alibabacloud-sas20181203` (1.0.15 to 2.31.0)
//! with the metadata. A successor is one that official comments or pages name, also as an alternative, or the same name spelt
//! correctly.

use super::catalog::nearest;
use super::find_by_name;
use crate::domain::Product;
use crate::text::similar::{question, shortened};

/// Sorted by name, each with its successor, if one is known.
static RETIRED: &[(&str, Option<&str>)] = &[
    ("CheckQuaraFileId", None),
    ("DescribeAlarmEventList", Some("DescribeSuspEvents")),
    ("DescribeAttachRecords", None),
    ("DescribeDialogMessages", None),
    ("DescribeEmgVulGroup", None),
    ("DescribeImageScanAuthorization", None),
    ("DescribeIpInfo", None),
    ("DescribeIpTags", None),
    ("DescribePropertyUsageNewest", None),
    ("DescribeSasAssetStatisticsColumn", None),
    ("DescribeStratety", Some("DescribeStrategy")),
    ("DescribeUserLayoutAuthorization", None),
    ("GetClientInstallationStatistic", Some("GetClientRatioStatistic")),
    ("GetIOCs", None),
    ("GetIncIOCs", None),
    ("InstallRaspAttach", None),
    ("ListQueryRaspAppInfo", None),
    ("ModifyRiskCheckStatus", Some("AddCheckResultWhiteList and RemoveCheckResultWhiteList")),
    (
        "ModifyRiskSingleResultStatus",
        Some("AddCheckInstanceResultWhiteList and RemoveCheckInstanceResultWhiteList"),
    ),
    ("QueryIncidentIconList", None),
    ("QueryIncidentSubNodesCount", None),
    ("QueryIncidentTracingDetail", None),
    ("QueryIncidentTracingJudge", None),
    ("QueryIncidentVertexExtendInfo", None),
    ("QueryIncidentVertexNodes", None),
    ("RefreshContainerAsserts", Some("RefreshContainerAssets")),
    ("StartImageVulScan", None),
    ("UninstallRaspAttach", None),
];

/// What to say of a retired operation; nothing of any other.
pub(crate) fn retired(name: &str) -> Option<String> {
    let place = RETIRED.binary_search_by_key(&name, |(retired, _)| retired).ok()?;
    let successor = RETIRED[place].1.map(|successor| format!("; use {successor}"));
    Some(format!(
        "{name} is retired: earlier SDKs have it, the API does not any more{}",
        successor.unwrap_or_default()
    ))
}

/// What may help with a name that no operation of Security Center has: that it is retired, that another product has it, or which one
/// is nearest.
pub(crate) fn meant(name: &str) -> Option<String> {
    let elsewhere = || {
        let Product { name: product, version, .. } = find_by_name(name)?.product;
        Some(format!("{name} is an operation of {product}, whose Version is {version}"))
    };
    let nearest = || Some(format!("did you mean {}?", nearest(name)?));
    retired(name).or_else(elsewhere).or_else(nearest)
}

/// The whole sentence on such a name.
pub(crate) fn unknown(name: &str) -> String {
    let sentence = || format!("no operation is called {:?}{}", shortened(name), question(nearest(name)));
    retired(name).unwrap_or_else(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::is_known;

    #[test]
    fn retired_names_are_sorted_and_their_successors_exist() {
        assert!(RETIRED.is_sorted_by(|one, other| one.0 < other.0));
        for (name, successors) in RETIRED {
            assert!(!is_known(name), "{name}");
            for successor in successors.iter().flat_map(|names| names.split(" and ")) {
                assert!(is_known(successor), "{successor}");
            }
        }
        assert_eq!(retired("GetAuthSummary"), None);
    }
}
