//! A sample of the reply of every operation, in JSON and XML, and each held against its documented shape.
//!
//! `UPDATE_REPLIES=1 cargo test --test it replies` writes the samples in fixtures/replies.
#![expect(clippy::disallowed_methods, reason = "samples are read and written here")]

use std::fmt::Write as _;
use std::path::Path;

use sas_emulator::internals::domain::Product;
use sas_emulator::internals::operations::{OPERATIONS, Operation};
use serde_json::{Value, json};

use crate::harness::stage::{Pairs, Stage, ask};

/// Words that the list of their own operation lacks, and where they come from.
const BEYOND: &[(&str, &str)] = &[
    ("DescribeNoticeConfig", "a Project that ModifyNoticeConfig documents"),
    ("DescribeOnceTask", "TaskTypes that the page of GenerateOnceTask documents"),
    ("DescribeOnceTaskLeafRecordPage", "subtasks on servers, of which no TargetType is known"),
    ("ListUnfinishedOnceTask", "subtasks on servers, of which no TargetType is known"),
];

/// The first call of the samples that succeeds, else the first, with few items on a page.
async fn first(stage: &Stage, row: &Operation) -> Pairs {
    let has_pages = row.params.iter().any(|param| param.name == "PageSize");
    let mut bases = stage.bases(row).unwrap();
    for pairs in &mut bases {
        if has_pages {
            pairs.retain(|(name, _)| name != "PageSize");
            pairs.push(("PageSize".to_owned(), "2".to_owned()));
        }
        if stage.call(row.name, pairs).await.0 == 200 {
            return std::mem::take(pairs);
        }
    }
    bases.remove(0)
}

#[tokio::test]
async fn each_operation_has_a_sample_in_json_and_xml() {
    let stage = Stage::new().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/replies");
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter() {
        let pairs = first(&stage, row).await;
        let (_, json, _) = stage.call(row.name, &pairs).await;
        let value: Value = serde_json::from_str(&json).unwrap();
        let mut text = format!("{}\n", row.name);
        for (name, value) in &pairs {
            let _ = writeln!(text, "    {name}={value}");
        }
        let _ = writeln!(text, "\n{}\n", serde_json::to_string_pretty(&value).unwrap());
        stage.restore().await;
        let call = ask(row.name, &pairs).with(|call| call.format = Some("XML".to_owned()));
        let reply = stage.emulator.call(call).await;
        assert!(reply.is_xml(), "{}: {}", row.name, reply.body);
        let _ = writeln!(text, "{}", reply.body.replace("><", ">\n<"));
        let file = folder.join(format!("{}.txt", row.name));
        if std::env::var_os("UPDATE_REPLIES").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, text).unwrap();
        } else if std::fs::read_to_string(&file).unwrap_or_default() != text {
            complaints.push(row.name);
        }
    }
    assert!(
        complaints.is_empty(),
        "other samples: UPDATE_REPLIES=1 cargo test --test it replies\n{complaints:?}"
    );
}

/// A written answer is held against the shape of its operation: what a modelled operation answers must fit, too.
#[tokio::test]
async fn each_reply_has_the_documented_members_and_types() {
    let stage = Stage::new().await;
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter().filter(|row| row.product == Product::SAS) {
        for pairs in stage.bases(row).unwrap() {
            let (status, body, _) = stage.call(row.name, &pairs).await;
            if status != 200 {
                continue;
            }
            let reply: Value = serde_json::from_str(&body).unwrap();
            let answer = json!({ "match": { "action": row.name }, "reply": reply }).to_string();
            let taken = stage.emulator.control("POST", "answers", &answer).await;
            if taken.status >= 300 && !BEYOND.iter().any(|(name, _)| *name == row.name) {
                complaints.push(format!("{}: {}", row.name, taken.body));
            }
            stage.emulator.control("DELETE", "answers", "").await;
        }
    }
    complaints.dedup();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
