//! How large a snapshot may be.

use crate::harness::{Setup, TestEmulator};

#[tokio::test]
async fn a_snapshot_may_be_larger_than_a_call_but_only_a_snapshot() {
    let emulator = Setup::new("default").max_body(1000).max_state(5000).control_token("s3").start();
    let put = async |path: &str, size: usize, token: &str| {
        let request = http::Request::put(format!("/_emulator/{path}"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("content-length", size.to_string())
            .header("authorization", format!("Bearer {token}"));
        let answer = emulator.send(request.body(vec![b' '; size].into()).unwrap()).await;
        (answer.status, answer.json()["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(put("state", 5000, "s3").await.0, 400, "it is read, and is no snapshot");
    assert_eq!(
        put("state", 5001, "s3").await,
        (413, "The body is larger than 5000 bytes; --max-state raises the limit.".into())
    );
    assert_eq!(
        put("clock", 1001, "s3").await,
        (413, "The body is larger than 1000 bytes; --max-body raises the limit.".into())
    );
    // A client that may not restore is refused before its body is read.
    assert_eq!(put("state", 5001, "wrong").await.0, 401);
}

#[tokio::test]
async fn a_large_snapshot_is_restored() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let taken = emulator.snapshot().await;
    // Space between members is JSON too; three megabytes of it are more than any usual bound on bodies.
    let large = taken.replacen(',', &format!(",{}", " ".repeat(3 << 20)), 1);
    assert_eq!(TestEmulator::new("default").control("PUT", "state", &large).await.status, 200);
}
