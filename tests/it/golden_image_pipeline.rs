//! The published pipeline for golden images, from end to end.

use crate::harness::TestEmulator;
use crate::harness::tasks::{TWO, seconds};

/// The steps of the published template (spec/api.md §7), each with what it selects and what it waits for.
#[tokio::test]
async fn the_golden_image_pipeline() {
    let emulator = TestEmulator::new(&format!(
        "{TWO}tasks: [{{ type: VUL_CHECK_TASK, source: schedule, started: -1s, lifecycle: {{ progress: {{ stall_at: 10 }} }} }}]\n"
    ));
    let highest = emulator.reply("GetAuthSummary", &[]).await["HighestVersion"].as_i64().unwrap();
    assert!([5, 3, 7].contains(&highest));
    emulator.reply("RefreshAssets", &[("AssetType", "ecs"), ("Vendor", "0")]).await;
    let criteria = r#"[{"name":"instanceId","value":"i-emulated0001"}]"#;
    let found = [("MachineTypes", "ecs"), ("Criteria", criteria), ("PageSize", "1")];
    let found = emulator.reply("DescribeCloudCenterInstances", &found).await;
    assert_eq!(found["PageInfo"]["Count"], 1);
    let (uuid, os) = (found["Instances"][0]["Uuid"].as_str().unwrap(), &found["Instances"][0]["Os"]);
    assert_eq!(os, "linux");

    emulator.reply("OperateAgentClientInstall", &[("Uuids", uuid), ("InstanceIds", "i-emulated0001")]).await;
    let mut looks = 0;
    loop {
        let status = emulator.reply("DescribeAgentInstallStatus", &[("Uuids", uuid)]).await;
        let code =
            status["AegisClientInvokeStatusResponseList"][0]["ResuleCode"].as_str().unwrap().to_owned();
        if ["0", "1010"].contains(&code.as_str()) {
            break;
        }
        assert_eq!(code, "-1");
        looks += 1;
        assert!(looks < 60);
        emulator.advance(seconds(10));
    }
    assert_eq!(
        emulator.reply("GetAssetDetailByUuid", &[("Uuid", uuid)]).await["AssetDetail"]["ClientStatus"],
        "online"
    );
    emulator.advance(seconds(180));

    let newest = async || {
        let body = emulator.reply("DescribeOnceTask", &[("TaskType", "VUL_CHECK_TASK")]).await;
        body["TaskManageResponseList"][0].clone()
    };
    let stuck = newest().await;
    assert_eq!(stuck["TaskStatus"], 1);
    let root = stuck["TaskId"].as_str().unwrap();
    let parts = [("TaskType", "VUL_CHECK_TASK"), ("RootTaskId", root), ("PageSize", "100")];
    let parts = emulator.reply("DescribeOnceTask", &parts).await["TaskManageResponseList"].clone();
    assert!(
        parts.as_array().unwrap().iter().any(|part| part["DetailData"] == "[]" && part["TaskStatus"] == 1)
    );
    emulator.reply("CancelOnceTask", &[("TaskId", root)]).await;
    assert_eq!(newest().await["TaskStatus"], 3);

    emulator.reply("ModifyStartVulScan", &[("Types", "cve,sys"), ("Uuids", uuid)]).await;
    let mut status = newest().await["TaskStatus"].as_i64().unwrap();
    while status != 2 {
        assert_eq!(status, 1);
        emulator.advance(seconds(30));
        status = newest().await["TaskStatus"].as_i64().unwrap();
    }
    let id = emulator.reply("ExportVul", &[("Type", "cve"), ("Uuids", uuid)]).await["Id"].to_string();
    let mut report = emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
    while report["ExportStatus"] != "success" {
        emulator.advance(seconds(10));
        report = emulator.reply("DescribeVulExportInfo", &[("ExportId", &id)]).await;
    }
    let listed = emulator.reply("DescribeVulList", &[("Type", "cve"), ("Uuids", uuid)]).await;
    let file = emulator.download(report["Link"].as_str().unwrap()).await;
    assert_eq!(Some(file.rows().len() as u64 - 1), listed["TotalCount"].as_u64());
}
