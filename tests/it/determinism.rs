//! The same seed, scenario and calls give the same bytes, request ids included.

use crate::harness::{Setup, TestCall, TestEmulator};

const SCENARIO: &str = "lifecycles: { '*': { queued: { range: [1s, 9s] }, running: { range: [1s, 60s] } } }\nstart_on_first_poll: ['*']\n";

async fn transcript(seed: u64) -> String {
    let emulator = Setup::new(SCENARIO).seed(seed).start();
    let mut transcript = String::new();
    for step in 0..10 {
        for task_type in ["IMAGE_SCAN", "VUL_CHECK_TASK"] {
            let answer = emulator
                .call(TestCall::latest(task_type).with(|call| call.nonce = format!("{task_type}{step}")))
                .await;
            transcript.extend([answer.body, format!("{:?}\n", answer.headers)]);
        }
        let refused = emulator.call(TestCall::latest("X").with(|call| call.secret = "wrong".into())).await;
        transcript.push_str(refused.header("x-acs-request-id"));
        emulator.control("PUT", "clock", r#"{"action":"advance","by":"5s"}"#).await;
    }
    transcript
}

#[tokio::test]
async fn a_transcript_repeats_to_the_byte() {
    assert_eq!(transcript(7).await, transcript(7).await);
    assert_ne!(transcript(7).await, transcript(8).await);
}

#[tokio::test]
async fn accounts_do_not_affect_each_others_random_draws() {
    let alone = TestEmulator::new(SCENARIO);
    let task = async |emulator: &TestEmulator, key: &str| {
        let answer = emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = key.into())).await;
        answer.json()["TaskId"].clone()
    };
    let expected = task(&alone, "a").await;
    let shared = TestEmulator::new(SCENARIO);
    task(&shared, "b").await;
    assert_eq!(task(&shared, "a").await, expected);
}
