//! What an account has bought.

use serde_json::{Value, json};

use crate::harness::TestEmulator;
use crate::harness::tasks::TWO;

#[tokio::test]
async fn editions_and_counts_follow_from_the_servers() {
    let emulator = TestEmulator::new(TWO);
    let summary = emulator.reply("GetAuthSummary", &[]).await;
    assert_eq!(summary["HighestVersion"], 7);
    let machine = &summary["Machine"];
    assert_eq!((&machine["TotalEcsCount"], &machine["BindEcsCount"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&summary["VersionSummary"][0]["Version"], &summary["VersionSummary"][1]),
        (&json!(7), &Value::Null)
    );
    let config = emulator.reply("DescribeVersionConfig", &[]).await;
    assert_eq!((&config["Version"], &config["AssetLevel"]), (&json!(7), &json!(1)));
    assert_eq!(TestEmulator::new("assets: []\n").reply("GetAuthSummary", &[]).await["HighestVersion"], 1);
}
