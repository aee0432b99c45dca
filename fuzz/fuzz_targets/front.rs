//! Whole requests of any kind through the front, verified and unverified: always a status, never a bug, and calls go on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sas_emulator_fuzz::held::Held;
use sas_emulator_fuzz::{oracle, seeds, wire};

const WORDS: &[&str] = &[
    "\n====\n",
    "GET /",
    "POST /",
    "OPTIONS /",
    "HEAD /",
    "CONNECT a:1",
    "GET http://localhost/_emulator/info",
    "Action=",
    "Version=2018-12-03",
    "Format=XML",
    "AccessKeyId=test",
    "GetLastOnceTaskInfo",
    "GenerateOnceTask",
    "TaskType=IMAGE_SCAN",
    "CreateCycleTask",
    "ModifyCycleTask",
    "DescribeOnceTask",
    "PageSize=",
    "CurrentPage=",
    "TaskId=",
    "ExportVul",
    "Uuids=[",
    "host: ",
    "connection: close",
    "content-md5: ",
    "accept: application/json",
    "/_emulator/exports/",
];

fuzz_target!(init: seeds::write_if_asked(requests, WORDS), |data: &[u8]| {
    for held in [Held::unsigned(), Held::signed()] {
        for request in wire::requests(data) {
            let is_call = !request.uri().path().starts_with("/_emulator");
            let answer = held.send(request);
            // Requests to the control API may have armed faults, or loaded a scenario with some.
            let may_be_broken = held.control("GET", "faults", "").body.len() > 40;
            let Some(answer) = answer else {
                assert!(may_be_broken, "no answer, and no fault is armed");
                continue;
            };
            if !may_be_broken {
                oracle::no_bug(&answer);
                oracle::reads_as_its_type(&answer);
                assert!(!is_call || answer.headers.contains_key("x-acs-request-id"), "an answer without an id");
            }
        }
        assert_eq!(held.control("POST", "reset", "").status, 200);
    }
});

fn requests() -> Vec<Vec<u8>> {
    let call = |action: &str, params: &str| {
        let common = "Version=2018-12-03&AccessKeyId=test";
        format!("GET /?Action={action}&{common}&{params}\nhost: localhost:7270\n\n").into_bytes()
    };
    let calls = [
        call("GenerateOnceTask", "TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN&Param={}"),
        call("GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN&Format=XML"),
        call("DescribeOnceTask", "CurrentPage=1&PageSize=20&Format=JSON"),
        call(
            "DescribeCloudCenterInstances",
            "Criteria=%5B%7B%22name%22:%22instanceId%22,%22value%22:%22x%22%7D%5D",
        ),
        call("CreateVirusScanOnceTask", "ScanType=user&ScanPath.1=/tmp"),
        call("ExportVul", "Type=cve"),
        call("ModifyPushAllTask", "Uuids=a&Tasks=HEALTH_CHECK"),
    ];
    let mut seeds = seeds::recorded(&[]);
    seeds.extend(calls.iter().cloned());
    seeds.push(wire::together(&calls[..2]));
    seeds.push(wire::together(&calls[2..5]));
    seeds.extend(seeds::control_calls());
    seeds
}
