//! What tests of baselines share: a fleet with results of every kind, and pages of them.

use serde_json::{Value, json};

use super::TestEmulator;

/// Servers of both platforms, one offline and one without an agent.
pub(crate) const FLEET: &str = "
world: { baseline: { per_server: 6 } }
assets:
  - {}
  - { os: windows }
  - { online: false }
  - { agent: missing }
  - {}
  - { os: windows }
  - {}
";

/// All items of a list, page by page, of which no two have more than three.
pub(crate) async fn pages(
    emulator: &TestEmulator,
    action: &str,
    list: &str,
    params: &[(&str, &str)],
) -> Vec<Value> {
    let mut all = Vec::new();
    for number in 1.. {
        let number = format!("{number}");
        let page = [params, &[("CurrentPage", &number), ("PageSize", "3")]].concat();
        let reply = emulator.reply(action, &page).await;
        let info = if reply["PageInfo"].is_object() { &reply["PageInfo"] } else { &reply };
        let items = reply[list].as_array().unwrap();
        let count = info["Count"].as_u64().or(info["Count"].as_str().and_then(|count| count.parse().ok()));
        assert_eq!(count, Some(items.len() as u64), "{action}");
        all.extend(items.iter().cloned());
        if items.is_empty() {
            assert_eq!(info["TotalCount"], all.len(), "{action}");
            break;
        }
    }
    let whole = emulator.reply(action, &[params, &[("PageSize", "1000")]].concat()).await;
    assert_eq!(whole[list], json!(all), "{action}: pages are parts of one list");
    all
}

pub(crate) fn sum(items: &[Value], member: &str) -> u64 {
    items.iter().map(|item| item[member].as_u64().unwrap()).sum()
}

/// Everything that the reads of an account say.
pub(crate) async fn transcript(emulator: &TestEmulator) -> Vec<Value> {
    let mut all = Vec::new();
    for (action, list) in [
        ("DescribeCheckWarningSummary", "WarningSummarys"),
        ("ListCheckItemWarningSummary", "List"),
        ("ListCheckResult", "Checks"),
        ("DescribeExposedInstanceList", "ExposedInstances"),
    ] {
        all.extend(pages(emulator, action, list, &[]).await);
    }
    all
}
