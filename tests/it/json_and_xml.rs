//! A reply says the same in JSON and in XML.

use serde_json::Value;

use crate::harness::{TestCall, TestEmulator};

/// The values of an answer in their order, its id aside.
fn values(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .filter(|(name, _)| *name != "RequestId")
                .for_each(|(_, value)| values(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| values(value, found)),
        Value::String(text) => found.push(text.clone()),
        other => found.push(other.to_string()),
    }
}

/// The same of an answer in XML: what stands in elements without children.
fn xml_values(body: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(body);
    let (mut found, mut innermost, mut text) = (Vec::new(), None, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                innermost = Some(start.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(entity) => {
                text.push_str(quick_xml::escape::resolve_predefined_entity(&entity).unwrap());
            }
            Event::End(_) => {
                let name = innermost.take();
                found.extend(name.filter(|name| name != "RequestId").map(|_| std::mem::take(&mut text)));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[tokio::test]
async fn replies_say_the_same_in_json_and_xml() {
    let emulator = TestEmulator::new("default");
    let cycle = "TaskType=IMAGE_SCAN&TaskName=x&Enable=1&FirstDateStr=0&IntervalPeriod=1&PeriodUnit=day&TargetStartTime=0&TargetEndTime=6";
    for (action, params) in [
        ("CreateCycleTask", cycle),
        ("CreateVirusScanOnceTask", "ScanPath.1=/tmp&ScanPath.2=/home"),
        ("ExecStrategy", "StrategyId=1"),
        ("ExportVul", "Type=cve"),
        ("ModifyPushAllTask", "Tasks=SCA&Uuids=00000000-0000-4000-8000-000000000001"),
        ("PublicCreateImageScanTask", "Digests=d1"),
        ("SubmitCheck", ""),
    ] {
        let pairs: Vec<_> = params.split('&').filter_map(|pair| pair.split_once('=')).collect();
        emulator.reply(action, &pairs).await;
    }
    // Reading changes nothing, so the two answers are of one state.
    for (action, params) in [
        ("DescribeAgentInstallStatus", "Uuids=00000000-0000-4000-8000-000000000001"),
        ("DescribeCheckWarningDetail", "CheckWarningId=4012000001"),
        ("DescribeCheckWarningSummary", ""),
        ("DescribeCheckWarnings", "Uuid=00000000-0000-4000-8000-000000000001"),
        ("DescribeClientProblemType", ""),
        ("DescribeCloudCenterInstances", "UseNextToken=true&PageSize=2"),
        ("DescribeCycleTaskList", ""),
        ("DescribeExposedStatistics", ""),
        ("DescribeImageLatestScanTask", "Digest=d1"),
        ("DescribeStrategy", ""),
        ("DescribeVersionConfig", ""),
        ("DescribeWarningMachines", "RiskId=401"),
        ("GetCheckConfig", ""),
        ("GetCheckProcess", ""),
        ("GetCheckSummary", ""),
        ("ListCheckItemWarningSummary", ""),
        ("ListCheckResult", ""),
        ("DescribeVulCheckTaskStatusDetail", "Uuid=00000000-0000-4000-8000-000000000001"),
        ("GetAssetDetailByUuid", "Uuid=00000000-0000-4000-8000-000000000001"),
        ("GetAuthSummary", ""),
        ("GetVirusScanLatestTaskStatistic", ""),
        ("ModifyPushAllTask", "Tasks=SCA&Uuids=00000000-0000-4000-8000-000000000001"),
    ] {
        let pairs: Vec<_> = params.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let (mut expected, json) = (Vec::new(), emulator.reply(action, &pairs).await);
        values(&json, &mut expected);
        let call = pairs.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value));
        let answer = emulator.call(call.with(|call| call.format = Some("XML".into()))).await;
        assert!(answer.is_xml(), "{action}: {}", answer.body);
        assert!(!expected.is_empty(), "{action}");
        let found = xml_values(&answer.body);
        // A list without members is an empty element in XML and no value in JSON.
        assert_eq!(found, expected, "{action}");
    }
}
