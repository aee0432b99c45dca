//! What tests of vulnerabilities share: pages of findings, and what is done about one.

use serde_json::{Value, json};

use super::TestEmulator;

pub(crate) const SERVERS: &str =
    "world: { servers: 12, windows: 40%, vulnerabilities: { per_server: 10 } }\n";
pub(crate) const TYPES: [&str; 6] = ["cve", "sys", "cms", "app", "emg", "sca"];

pub(crate) fn records(reply: &Value) -> &Vec<Value> {
    reply["VulRecords"].as_array().unwrap()
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

/// All findings of all types that pass these filters, by pages of a size.
pub(crate) async fn all(emulator: &TestEmulator, filters: &[(&str, &str)], size: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for kind in TYPES {
        let first = found.len();
        for page in 1.. {
            let (page, size_text) = (page.to_string(), size.to_string());
            let paging = [("Type", kind), ("CurrentPage", &page), ("PageSize", &size_text)];
            let reply = emulator.reply("DescribeVulList", &[&paging[..], filters].concat()).await;
            let records = records(&reply);
            found.extend(records.iter().cloned());
            if records.len() < size {
                assert_eq!(number(&reply["TotalCount"]), (found.len() - first) as u64, "{kind} {filters:?}");
                break;
            }
        }
    }
    found
}

/// One finding that can be repaired, on a server that is online.
pub(crate) async fn open_finding(emulator: &TestEmulator) -> Value {
    let reply = emulator.reply("DescribeVulList", &[("Type", "cve"), ("Dealed", "n")]).await;
    records(&reply).iter().find(|record| record["Online"] == true).unwrap().clone()
}

pub(crate) async fn status(emulator: &TestEmulator, finding: &Value) -> Value {
    let (id, kind) = (finding["PrimaryId"].to_string(), finding["Type"].as_str().unwrap());
    let reply = emulator.reply("DescribeVulList", &[("Type", kind), ("Ids", &id)]).await;
    records(&reply).first().map_or(Value::Null, |record| record["Status"].clone())
}

pub(crate) async fn operate(emulator: &TestEmulator, finding: &Value, how: &str) {
    let (name, uuid, kind) = (&finding["Name"], &finding["Uuid"], finding["Type"].as_str().unwrap());
    let info = json!([{"name": name, "uuid": uuid, "tag": finding["Tag"], "isFront": 0}]).to_string();
    emulator.reply("ModifyOperateVul", &[("Type", kind), ("OperateType", how), ("Info", &info)]).await;
}
