//! Agents: their installation, and what may be wrong with them.

use serde_json::json;

use crate::harness::TestEmulator;
use crate::harness::tasks::{TWO, U1, members, seconds};

#[tokio::test]
async fn an_agent_is_installed() {
    let emulator = TestEmulator::new(TWO);
    let state = async || {
        let status = emulator.reply("DescribeAgentInstallStatus", &[("Uuids", U1)]).await;
        let status = &status["AegisClientInvokeStatusResponseList"][0];
        let asset = emulator.reply("GetAssetDetailByUuid", &[("Uuid", U1)]).await["AssetDetail"].clone();
        json!([status["Result"], status["ResuleCode"], asset["ClientStatus"], asset["ClientSubStatus"]])
    };
    assert_eq!(state().await, json!([-1, "-1", "offline", "uninstalled"]));
    let wanted = [("InstanceIds", "i-emulated0001"), ("Region", "cn-hangzhou"), ("Os", "linux")];
    let started = emulator.reply("OperateAgentClientInstall", &wanted).await;
    let installed = json!([{"RecordId": 1, "InstanceId": "i-emulated0001", "Uuid": U1}]);
    assert_eq!(started["AegisCelintInstallResposeList"], installed);
    assert_eq!(state().await, json!([0, "-1", "offline", "uninstalled"]));
    emulator.advance(seconds(20));
    assert_eq!(state().await, json!([1, "0", "online", "online"]));

    assert_eq!(emulator.refusal("OperateAgentClientInstall", &[]).await.1, "IllegalParam");
    assert_eq!(emulator.refusal("OperateAgentClientInstall", &wanted[..1]).await.1, "IllegalParam");
    assert_eq!(emulator.reply("GetAssetDetailByUuid", &[("Uuid", "x")]).await["AssetDetail"], json!({}));
}

#[tokio::test]
async fn members_of_problem_types_begin_in_lower_case() {
    let emulator = TestEmulator::new("default");
    let body = emulator.reply("DescribeClientProblemType", &[]).await;
    let types = body["ProblemTypes"].as_array().unwrap();
    assert!(types.iter().all(|kind| members(kind) == ["problemId", "problemType", "problemDetail"]));
    assert_eq!((&body["TotalCount"], &body["PageSize"]), (&json!(types.len()), &json!(20)));
}
