//! Unsigned calls to an embedded emulator, without an async runtime.

use sas_emulator::Emulator;
use serde_json::Value;

use super::wire::exchange_blocking;

pub(crate) fn call(emulator: &Emulator, account: &str, action: &str, params: &str) -> Option<(u16, String)> {
    let common = "Version=2018-12-03&Format=JSON";
    let target = format!("/?Action={action}&AccessKeyId={account}&{common}&{params}");
    exchange_blocking(
        emulator.address(),
        &format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
    )
}

/// Status and progress of an account's newest image scan, or the error's code.
pub(crate) fn poll(emulator: &Emulator, account: &str) -> String {
    let answer = call(emulator, account, "GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN");
    let Some((_, body)) = answer else { return "broken".to_owned() };
    let body: Value = serde_json::from_str(&body).unwrap();
    let info = &body["TaskInfo"];
    match (body["Code"].as_str(), info["Status"].as_str()) {
        (Some(code), _) => code.to_owned(),
        (None, Some(status)) => format!("{status} {}", info["Progress"]),
        (None, None) => info["Result"].to_string(),
    }
}
