//! What tests of alarms share: lists of them, and their handling.

use serde_json::Value;

use super::TestEmulator;

/// A hundred alarms on twelve servers, of which a quarter are offline.
pub(crate) const MANY: &str = "
world: { servers: 12, windows: 25%, offline: 25%, alarms: { count: 100 } }
assets: []
";

pub(crate) async fn list(emulator: &TestEmulator, params: &[(&str, &str)]) -> Value {
    emulator.reply("DescribeSuspEvents", params).await
}

/// All alarms that fit, page by page.
pub(crate) async fn all(emulator: &TestEmulator, params: &[(&str, &str)]) -> Vec<Value> {
    let mut found = Vec::new();
    for page in 1.. {
        let page = page.to_string();
        let reply =
            list(emulator, &[params, &[("CurrentPage", page.as_str()), ("PageSize", "7")]].concat()).await;
        let events = reply["SuspEvents"].as_array().unwrap();
        assert_eq!(reply["Count"], events.len());
        found.extend(events.clone());
        if events.is_empty() {
            assert_eq!(reply["TotalCount"], found.len());
            return found;
        }
    }
    found
}

pub(crate) async fn handle(
    emulator: &TestEmulator,
    code: &str,
    ids: &[&Value],
    more: &[(&str, &str)],
) -> Value {
    let names: Vec<String> = (1..=ids.len()).map(|place| format!("SecurityEventIds.{place}")).collect();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut params: Vec<(&str, &str)> = names.iter().zip(&ids).map(|(name, id)| (&**name, &**id)).collect();
    params.push(("OperationCode", code));
    params.extend(more);
    emulator.reply("HandleSecurityEvents", &params).await["HandleSecurityEventsResponse"]["TaskId"].clone()
}

pub(crate) async fn status(emulator: &TestEmulator, task: &Value, id: &Value) -> Value {
    let params = [("TaskId", &*task.to_string()), ("SecurityEventIds.1", &*id.to_string())];
    emulator.reply("DescribeSecurityEventOperationStatus", &params).await["SecurityEventOperationStatusResponse"].clone()
}

pub(crate) fn of<'v>(events: &'v [Value], member: &str) -> Vec<&'v Value> {
    events.iter().map(|event| &event[member]).collect()
}
