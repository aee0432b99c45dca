//! File detection: uploads, detections and what was found.

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::interception::{SAS, intercepting, tunnel};
use crate::harness::tasks::{ask, seconds};
use crate::harness::uploads::{body, content_type, form};
use crate::harness::wire::{read_response, send, serve, write};
use crate::harness::{Setup, TestCall, TestEmulator};

const HARMLESS: &str = "d8eced3b06972df4d1dd7d835fc3edd3";
const HARMLESS_SHA: &str = "98fc5211ecf54bc9bd57f0045e0d0ee488c5472c94ee22cc1580b081d04cc4ac";
const EICAR: &str = "44d88612fea8a8f36de82e1278abb02f";
const EICAR_SHA: &str = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";

/// The EICAR test file, in two parts: this file itself must not be one.
fn eicar() -> String {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// Has a file judged that needs no upload.
async fn detect(emulator: &TestEmulator, hash: &str) {
    let params = [("Type", "0"), ("HashKey", hash), ("DownloadUrl", "https://files.example/x")];
    assert_eq!(emulator.reply("CreateFileDetect", &params).await["HashKey"], hash);
}

async fn results(emulator: &TestEmulator, hashes: &[&str]) -> Value {
    let names: Vec<String> = (1..=hashes.len()).map(|place| format!("HashKeyList.{place}")).collect();
    let mut params = vec![("Type", "0")];
    params.extend(names.iter().map(String::as_str).zip(hashes.iter().copied()));
    emulator.reply("GetFileDetectResult", &params).await["ResultList"].clone()
}

async fn result(emulator: &TestEmulator, hash: &str) -> Value {
    results(emulator, &[hash]).await[0].clone()
}

#[tokio::test]
async fn a_file_is_uploaded_and_judged() {
    let emulator = Setup::new("default").seed(7).without_control_api().start();
    let asked = [("Type", "0"), ("HashKeyList.1", HARMLESS)];
    let none = emulator.refusal("GetFileDetectResult", &asked).await;
    assert_eq!(none, (400, "GetResultFail".to_owned()));

    let of_context =
        [("Type", "0"), ("HashKeyContextList.1.HashKey", HARMLESS), ("HashKeyContextList.1.FileSize", "8")];
    let urls = emulator.reply("CreateFileDetectUploadUrl", &of_context).await;
    let entry = &urls["UploadUrlList"][0];
    insta::assert_json_snapshot!(urls, @r#"
    {
      "RequestId": "7B025EE5-9F10-570E-A881-3725135147AF",
      "UploadUrlList": [
        {
          "HashKey": "d8eced3b06972df4d1dd7d835fc3edd3",
          "Code": "200",
          "Message": "successful",
          "FileExist": false,
          "PublicUrl": "http://127.0.0.1:7270/_emulator/uploads/test/d8eced3b06972df4d1dd7d835fc3edd3?key=838478257b515c7ac163423e44e06031",
          "InternalUrl": "http://127.0.0.1:7270/_emulator/uploads/test/d8eced3b06972df4d1dd7d835fc3edd3?key=838478257b515c7ac163423e44e06031",
          "Expire": "1767326645000",
          "Context": {
            "AccessId": "EmulatedUpload",
            "OssKey": "1/1928938411283914/d8eced3b06972df4d1dd7d835fc3edd3",
            "Policy": "eyJleHBpcmF0aW9uIjoiMjAyNi0wMS0wMlQwNDowNDowNS4wMDBaIiwiY29uZGl0aW9ucyI6W3sia2V5IjoiMS8xOTI4OTM4NDExMjgzOTE0L2Q4ZWNlZDNiMDY5NzJkZjRkMWRkN2Q4MzVmYzNlZGQzIn0sWyJjb250ZW50LWxlbmd0aC1yYW5nZSIsMCwxMDQ4NTc2MDBdXX0=",
            "Signature": "d6VPT0LJGRMlryZgRoNAhRw9N9U="
          }
        }
      ]
    }
    "#);
    let detect =
        |key: &str| ask("CreateFileDetect", &[("Type", "0"), ("HashKey", HARMLESS), ("OssKey", key)]);
    let key = entry["Context"]["OssKey"].as_str().unwrap();
    let early = emulator.call(detect(key)).await;
    assert_eq!(early.verdict(), (400, "IllegalParam".to_owned()), "nothing was uploaded yet");

    let answer = emulator.upload_to(entry, body(&form(entry), b"harmless")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(emulator.upload_entry(HARMLESS).await["FileExist"], true);
    assert_eq!(emulator.upload_entry(HARMLESS_SHA).await["FileExist"], true);
    assert_eq!(emulator.upload_entry(EICAR).await["FileExist"], false);

    assert_eq!(emulator.call(detect("1/1/other")).await.status, 400);
    insta::assert_json_snapshot!(emulator.body(detect(key)).await, @r#"
    {
      "RequestId": "25355F2B-3175-5B85-ABE6-CE44076A769E",
      "HashKey": "d8eced3b06972df4d1dd7d835fc3edd3"
    }
    "#);
    insta::assert_json_snapshot!(result(&emulator, HARMLESS).await, @r#"
    {
      "HashKey": "d8eced3b06972df4d1dd7d835fc3edd3",
      "Code": "200",
      "Message": "successful",
      "Result": 3
    }
    "#);
    emulator.advance(seconds(1));
    insta::assert_json_snapshot!(result(&emulator, HARMLESS).await, @r#"
    {
      "HashKey": "d8eced3b06972df4d1dd7d835fc3edd3",
      "Code": "200",
      "Message": "successful",
      "Result": 0,
      "Compress": false,
      "Ext": "{}"
    }
    "#);
}

#[tokio::test]
async fn the_eicar_test_file_is_suspicious_by_either_hash() {
    let emulator = Setup::new("default").seed(7).start();
    for (hash, content) in [(EICAR, eicar()), (EICAR_SHA, eicar())] {
        let entry = emulator.upload(hash, content.as_bytes()).await;
        let key = entry["Context"]["OssKey"].as_str().unwrap();
        emulator.reply("CreateFileDetect", &[("Type", "0"), ("HashKey", hash), ("OssKey", key)]).await;
    }
    emulator.advance(seconds(1));
    insta::assert_json_snapshot!(result(&emulator, EICAR).await, @r#"
    {
      "HashKey": "44d88612fea8a8f36de82e1278abb02f",
      "Code": "200",
      "Message": "successful",
      "Result": 1,
      "Compress": false,
      "Ext": "{}",
      "Score": 90,
      "VirusType": "Engtest"
    }
    "#);
    assert_eq!(result(&emulator, EICAR_SHA).await["Result"], 1);
    let xml = ask("GetFileDetectResult", &[("Type", "0"), ("HashKeyList.1", EICAR)]);
    let xml = emulator.call(xml.with(|call| call.format = Some("XML".into()))).await;
    let (_, list) = xml.body.split_once("</RequestId>").unwrap();
    insta::assert_snapshot!(list, @"<ResultList><ResultList><HashKey>44d88612fea8a8f36de82e1278abb02f</HashKey><Code>200</Code><Message>successful</Message><Result>1</Result><Compress>false</Compress><Ext>{}</Ext><Score>90</Score><VirusType>Engtest</VirusType></ResultList></ResultList></GetFileDetectResultResponse>");
}

#[tokio::test]
async fn a_scenario_says_which_files_are_suspicious() {
    let emulator = TestEmulator::new(
        "world: { files: { suspicious: [{ hash: d8ec*, virus_type: Miner, score: 70 }, { hash: 'ff*' }] } }\n",
    );
    for hash in [HARMLESS, EICAR, &"f".repeat(64)] {
        detect(&emulator, hash).await;
    }
    emulator.advance(seconds(1));
    let found = results(&emulator, &[HARMLESS, EICAR, &"f".repeat(64)]).await;
    let shown = |place: usize| ["Result", "VirusType", "Score"].map(|name| found[place][name].clone());
    assert_eq!(shown(0), [json!(1), json!("Miner"), json!(70)]);
    assert_eq!(shown(1), [json!(0), Value::Null, Value::Null]);
    assert_eq!(shown(2), [json!(1), json!("Malware"), json!(90)]);
    // By the other hash of a file that was uploaded.
    let emulator =
        TestEmulator::new(&format!("world: {{ files: {{ suspicious: [{{ hash: {HARMLESS_SHA} }}] }} }}\n"));
    emulator.upload(HARMLESS, b"harmless").await;
    detect(&emulator, HARMLESS).await;
    emulator.advance(seconds(1));
    assert_eq!(result(&emulator, HARMLESS).await["Result"], 1);
}

#[tokio::test]
async fn a_detection_is_a_task_like_others() {
    let emulator = TestEmulator::new(
        "lifecycles: { FILE_DETECTION: { advance: per_poll, polls: { init: 0, start: 2 } } }\n",
    );
    detect(&emulator, EICAR).await;
    detect(&emulator, EICAR).await;
    let tasks = emulator.control("GET", "tasks?type=FILE_DETECTION", "").await.json();
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1, "one that runs is not begun again: {tasks}");
    assert_eq!((&tasks["tasks"][0]["name"], &tasks["tasks"][0]["total_count"]), (&json!(EICAR), &json!(5)));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(result(&emulator, EICAR).await["Result"].clone());
    }
    assert_eq!(seen, [3, 3, 1]);

    // Of several, those without a result say so themselves.
    let other = "0".repeat(32);
    insta::assert_json_snapshot!(results(&emulator, &[EICAR, &other]).await[1], @r#"
    {
      "HashKey": "00000000000000000000000000000000",
      "Code": "GetResultFail",
      "Message": "There is no result: the file was not sent for detection, or its result has expired."
    }
    "#);
    detect(&emulator, &other).await;
    let tasks = emulator.control("GET", "tasks?type=FILE_DETECTION", "").await.json()["tasks"].clone();
    let id = tasks.as_array().unwrap().iter().find(|task| task["name"] == other).unwrap()["id"].clone();
    let failed =
        emulator.control("PATCH", &format!("tasks/{}", id.as_str().unwrap()), r#"{"action":"fail"}"#).await;
    assert_eq!(failed.status, 200, "{}", failed.body);
    let refused = emulator.refusal("GetFileDetectResult", &[("Type", "0"), ("HashKeyList.1", &other)]).await;
    assert_eq!(refused.1, "GetResultFail", "a detection that failed has no result");
}

#[tokio::test]
async fn results_are_retained_for_five_hours_and_in_snapshots() {
    let emulator = TestEmulator::new("default");
    emulator.upload(EICAR, eicar().as_bytes()).await;
    detect(&emulator, EICAR).await;
    emulator.advance(seconds(1));
    let (found, taken) = (result(&emulator, EICAR).await, emulator.snapshot().await);
    emulator.advance(SignedDuration::from_hours(5));
    assert_eq!(result(&emulator, EICAR).await, found);
    emulator.advance(seconds(1));
    let gone = emulator.refusal("GetFileDetectResult", &[("Type", "0"), ("HashKeyList.1", EICAR)]).await;
    assert_eq!(gone.1, "GetResultFail");
    assert_eq!(emulator.control("PUT", "state", &taken).await.status, 200);
    assert_eq!(result(&emulator, EICAR).await, found);
    assert_eq!(emulator.upload_entry(EICAR_SHA).await["FileExist"], true);
    assert!(!taken.contains("EICAR-STANDARD"));
}

#[tokio::test]
async fn bad_hashes_types_and_sizes_are_refused() {
    let emulator = TestEmulator::new("default");
    let upper = EICAR.to_uppercase();
    for (name, value) in [
        ("HashKeyList.1", "x"),
        ("HashKeyList.1", &*upper),
        ("HashKeyContextList.1.HashKey", "x"),
        ("Type", "6"),
        ("Type", "3"),
    ] {
        let mut params = vec![("Type", "0"), ("HashKeyList.2", EICAR), ("HashKeyList.1", EICAR)];
        params.retain(|(other, _)| *other != name);
        params.push((name, value));
        assert_eq!(
            emulator.refusal("CreateFileDetectUploadUrl", &params).await.1,
            "IllegalParam",
            "{name}={value}"
        );
    }
    let sized = |bytes| {
        [("Type", "0"), ("HashKeyContextList.1.HashKey", EICAR), ("HashKeyContextList.1.FileSize", bytes)]
    };
    emulator.reply("CreateFileDetectUploadUrl", &sized("104857600")).await;
    for bytes in ["104857601", "-1", "x"] {
        assert_eq!(emulator.refusal("CreateFileDetectUploadUrl", &sized(bytes)).await.1, "IllegalParam");
    }
    assert_eq!(emulator.refusal("CreateFileDetectUploadUrl", &[("Type", "0")]).await.1, "IllegalParam");
    assert_eq!(
        emulator.refusal("CreateFileDetect", &[("Type", "0"), ("HashKey", EICAR)]).await.1,
        "IllegalParam"
    );
    let many: Vec<String> = (1..=101).map(|place| format!("HashKeyList.{place}")).collect();
    let mut params = vec![("Type", "0")];
    params.extend(many.iter().map(|name| (&**name, EICAR)));
    assert_eq!(emulator.refusal("GetFileDetectResult", &params).await.1, "IllegalParam");
}

#[tokio::test]
async fn forms_are_checked_as_oss_does() {
    let emulator = TestEmulator::new("default");
    let entry = emulator.upload_entry(HARMLESS).await;
    let other = emulator.upload_entry(EICAR).await;
    let code = async |entry: &Value, body: Bytes| {
        let answer = emulator.upload_to(entry, body).await;
        let code = answer
            .body
            .split_once("<Code>")
            .map(|(_, rest)| rest.split_once("</Code>").unwrap().0.to_owned());
        (answer.status, code.unwrap_or(answer.body))
    };
    let without = |name: &str| {
        let members: Vec<_> = form(&entry).into_iter().filter(|(other, _)| *other != name).collect();
        body(&members, b"harmless")
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(&entry, without("key")).await, refused(403, "AccessDenied"));
    assert_eq!(code(&entry, without("policy")).await, refused(403, "SignatureDoesNotMatch"));
    assert_eq!(code(&entry, without("Signature")).await, refused(403, "SignatureDoesNotMatch"));
    assert_eq!(code(&entry, without("OSSAccessKeyId")).await, refused(403, "InvalidAccessKeyId"));
    assert_eq!(code(&entry, without("success_action_status")).await, refused(204, ""));
    assert_eq!(code(&entry, body(&form(&other), b"harmless")).await, refused(403, "AccessDenied"));
    for broken in ["", "no form", "--6f1c0e5d9b\r\n\r\n"] {
        assert_eq!(code(&entry, Bytes::from(broken)).await, refused(400, "MalformedPOSTRequest"), "{broken}");
    }
    let whole = body(&form(&entry), b"harmless");
    assert_eq!(code(&entry, whole.slice(..whole.len() - 20)).await, refused(400, "MalformedPOSTRequest"));
    let long = [("x", "x".repeat(10 << 10))];
    assert_eq!(code(&entry, body(&long, b"")).await, refused(400, "EntityTooLarge"));
    // A link that is not as it was given.
    let mut wrong = entry.clone();
    wrong["PublicUrl"] = json!(entry["PublicUrl"].as_str().unwrap().replace("?key=", "?key=0"));
    assert_eq!(emulator.upload_to(&wrong, whole.clone()).await.status, 403);
    // After a reset no account is there.
    emulator.control("POST", "reset", "").await;
    assert_eq!(code(&entry, whole).await, refused(403, "AccessDenied"));
}

#[tokio::test]
async fn an_upload_may_be_far_larger_than_a_call_and_is_bounded() {
    let emulator = TestEmulator::new("default");
    let entry = emulator.upload_entry(HARMLESS).await;
    let large = vec![0; 3 << 20];
    let answer = emulator.upload_to(&entry, body(&form(&entry), &large)).await;
    assert_eq!(answer.status, 200, "--max-body is 1 MB: {}", answer.body);
    assert_eq!(emulator.upload_entry(HARMLESS).await["FileExist"], false, "what arrived is another file");
    let too_large = vec![0; (100 << 20) + 1];
    let answer = emulator.upload_to(&entry, body(&form(&entry), &too_large)).await;
    assert!(answer.status == 400 && answer.body.contains("EntityTooLarge"), "{}", answer.body);
}

/// Over a socket, since a body comes in pieces there.
#[tokio::test]
async fn what_comes_before_the_file_is_not_kept_without_end() {
    let emulator = TestEmulator::new("default");
    let entry = emulator.upload_entry(HARMLESS).await;
    let path = entry["PublicUrl"].as_str().unwrap().split_once("7270").unwrap().1.to_owned();
    let served = serve(emulator).await;
    let mut stream = served.connect().await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: {}\r\ncontent-length: 50000000\r\n\r\n--6f1c0e5d9b\r\n",
        content_type()
    );
    write(&mut stream, [head.as_bytes(), &vec![b'x'; 3 << 20]].concat()).await;
    let (status, answer) = read_response(&mut stream).await;
    assert!(status == 400 && answer.contains("MalformedPOSTRequest"), "{answer}");
}

#[tokio::test]
async fn through_a_tunnel_the_link_leads_through_it_again() {
    let (served, client) = intercepting("default").await;
    let stream = tunnel(&served, &format!("{SAS}:443")).await;
    let mut secure = client.connect_over(stream, SAS).await.unwrap();
    let call = |action| TestCall::new(action).header("host", SAS);
    send(&mut secure, &call("CreateFileDetectUploadUrl").param("Type", "0").param("HashKeyList.1", HARMLESS))
        .await;
    let (_, answer) = read_response(&mut secure).await;
    let answer = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    let entry = serde_json::from_str::<Value>(&answer).unwrap()["UploadUrlList"][0].clone();
    let link = entry["PublicUrl"].as_str().unwrap();
    let path = link.strip_prefix(&format!("https://{SAS}")).unwrap();
    let (kind, body) = (content_type(), body(&form(&entry), b"harmless"));
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {SAS}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    write(&mut secure, [head.as_bytes(), &body].concat()).await;
    let (status, answer) = read_response(&mut secure).await;
    assert_eq!(status, 200, "{answer}");
}
