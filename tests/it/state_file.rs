//! The state file: saved on demand, restored at the next start.

use std::fs;
use std::path::PathBuf;

use crate::harness::{Setup, TestEmulator};

/// A separate folder for each test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_state_file_is_saved_on_demand_and_loaded_if_it_is_there() {
    let folder = folder("state_file");
    let file = folder.join("state.json");
    let start = || Setup::new("default").state_file(file.clone()).start();
    let emulator = start();
    assert!(!emulator.load_state_file(), "there is none yet");
    emulator.poll("IMAGE_SCAN").await;
    let saved = emulator.control("POST", "state", "").await.json();
    assert_eq!(saved["bytes"], fs::metadata(&file).unwrap().len());
    let again = start();
    assert!(again.load_state_file());
    assert_eq!(again.snapshot().await, emulator.snapshot().await);
    // Whatever was there is replaced whole, and nothing unfinished stays.
    emulator.poll("VUL_CHECK_TASK").await;
    emulator.control("POST", "state", "{}").await;
    assert!(again.load_state_file());
    assert_eq!(again.snapshot().await, emulator.snapshot().await);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["state.json"]);
    assert_eq!(emulator.control("POST", "state", r#"{"format":"x"}"#).await.status, 400);
}

#[tokio::test]
async fn without_a_file_or_with_one_that_cannot_be_written_saving_is_refused() {
    let answer = TestEmulator::new("default").control("POST", "state", "").await;
    assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (409, "no_state_file"));
    let absent = folder("no_state_file").join("absent").join("state.json");
    let emulator = Setup::new("default").state_file(absent).start();
    let answer = emulator.control("POST", "state", "").await;
    assert_eq!((answer.status, answer.json()["error"].as_str().unwrap()), (500, "cannot_save"));
}

#[tokio::test]
async fn what_changes_is_unsaved_until_it_is_saved() {
    let file = folder("unsaved_changes").join("state.json");
    let emulator = Setup::new("default").state_file(file).start();
    assert!(!emulator.has_unsaved_changes(), "nothing has happened yet");
    emulator.poll("IMAGE_SCAN").await;
    assert!(emulator.has_unsaved_changes(), "a call");
    for path in ["state", "info", "tasks", "clock", "requests", "accounts"] {
        emulator.control("POST", "state", "").await;
        // The request that saves counts as a change, as every request but GET does.
        assert!(emulator.has_unsaved_changes());
        assert!(emulator.load_state_file());
        emulator.control("GET", path, "").await;
        assert!(!emulator.has_unsaved_changes(), "GET {path}");
    }
    for (method, path, body) in [
        ("PUT", "clock", r#"{"action":"advance","by":"1h"}"#),
        ("POST", "tasks", r#"{"account":"test","type":"IMAGE_SCAN"}"#),
        ("POST", "faults", r#"{"id":"a","effect":{"delay":"1s"}}"#),
        ("DELETE", "faults", ""),
        ("PUT", "scenario", r#"{"name":"instant"}"#),
        ("POST", "reset", ""),
    ] {
        emulator.load_state_file();
        let answer = emulator.control(method, path, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.json());
        assert!(emulator.has_unsaved_changes(), "{method} {path}");
    }
}
