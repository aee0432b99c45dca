//! Tests of the client: each has its own Security Center, no test waits for a scan, and none affects another.

use std::time::Duration;

use rust_suite::{Client, Error, Outcome};
use sas_emulator::{Emulator, calls};

/// Between two polls; in production it is a minute.
const INTERVAL: Duration = Duration::from_millis(1);

/// Any AccessKeyId works; the secret is `test`.
fn client(emulator: &Emulator) -> Client {
    Client::new(emulator.endpoint(), "test", "test")
}

fn ended(status: &str, progress: u64) -> Outcome {
    Outcome { status: status.to_owned(), progress }
}

#[tokio::test]
async fn a_scan_is_followed_to_its_end() {
    let emulator = Emulator::builder().seed(7).paused().start();
    let client = client(&emulator);
    let scan = tokio::spawn(async move { client.scan_images(INTERVAL).await });

    // The clock stands still until the client has seen that the scan waits.
    emulator.wait_for(calls("GetLastOnceTaskInfo"), "1m").await;
    emulator.advance("3s");
    let seen = emulator.calls().len() as u64;
    emulator.wait_for(calls("GetLastOnceTaskInfo").times(seen + 1..), "1m").await;
    assert_eq!(emulator.calls().last().and_then(|call| call.task_status()), Some("START"));

    emulator.advance("6h");
    assert_eq!(scan.await.unwrap().unwrap(), ended("SUCCESS", 100));
    emulator.verify(calls("GenerateOnceTask").times(1));
    emulator.verify_order([calls("GenerateOnceTask"), calls("GetLastOnceTaskInfo")]);
}

#[tokio::test]
async fn a_throttled_client_continues_and_does_not_start_a_second_scan() {
    let emulator = Emulator::builder()
        .scenario("instant")
        .fault(
            "id: busy-hour
match: { action: GetLastOnceTaskInfo }
trigger: { times: 3 }
effect: { error: Throttling.User }",
        )
        .start();
    emulator.expect(calls("GenerateOnceTask").times(1));

    assert_eq!(client(&emulator).scan_images(INTERVAL).await.unwrap(), ended("SUCCESS", 100));
    emulator.verify(calls("GetLastOnceTaskInfo").fault("busy-hour").code("Throttling*").times(3));
    emulator.verify(calls("GetLastOnceTaskInfo").status(200).times(1));
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_reason_to_give_up() {
    let reset =
        "{ match: { action: GetLastOnceTaskInfo }, trigger: { calls: 1 }, effect: { connection: reset } }";
    let emulator = Emulator::builder().scenario("instant").fault(reset).start();
    assert_eq!(client(&emulator).scan_images(INTERVAL).await.unwrap(), ended("SUCCESS", 100));
    emulator.verify(calls("GetLastOnceTaskInfo").unanswered().times(1));
}

#[tokio::test]
async fn a_scan_that_times_out_is_reported() {
    let emulator = Emulator::builder().scenario("timeout").paused().start();
    let client = client(&emulator);
    let scan = tokio::spawn(async move { client.scan_images(INTERVAL).await });
    emulator.wait_for(calls("GetLastOnceTaskInfo"), "1m").await;
    emulator.advance("1d");
    assert_eq!(scan.await.unwrap().unwrap(), ended("TIMEOUT", 69));
}

/// A test without an async runtime of its own.
#[test]
fn a_denied_client_does_not_call_again() {
    let emulator = Emulator::builder().scenario("denied").start();
    emulator.expect(calls("GetLastOnceTaskInfo").times(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = runtime.block_on(client(&emulator).scan_images(INTERVAL)).unwrap_err();
    assert!(matches!(&refused, Error::Refused { code, .. } if code == "NoPermission"), "{refused}");
}

/// A failure shows the wanted calls, the nearest ones, and the table of all calls.
#[tokio::test]
#[should_panic(
    expected = "wanted exactly 2 calls of GenerateOnceTask with TaskType=IMAGE_SCAN; saw 1 among 2 calls"
)]
async fn a_failure_shows_the_calls() {
    let emulator = Emulator::builder().scenario("instant").start();
    client(&emulator).scan_images(INTERVAL).await.unwrap();
    emulator.verify(calls("GenerateOnceTask").with("TaskType", "IMAGE_SCAN").times(2));
}
