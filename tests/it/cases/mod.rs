//! The cases of fixtures/cases.json: their situations in `situations.rs` and `starters.rs`, the language of their
//! expectations in `expectation.rs`.

mod expectation;
mod situations;
mod starters;

use std::collections::BTreeSet;

use self::expectation::{CASES, Case};
use self::situations::{afterwards, given};
use crate::harness::TestEmulator;
use crate::harness::tasks::{cancel, leaves, result, roots, subtasks};

/// One test a case, named after it.
macro_rules! cases {
    ($($id:ident)*) => {
        $(#[tokio::test]
        async fn $id() {
            run(&stringify!($id).to_uppercase()).await;
        })*

        const HERE: &[&str] = &[$(stringify!($id)),*];
    };
}

cases! {
    b01 b02 b03 b04 b05 b06 b07 b08 b09 b10 b11 b12 b13
    c01 c02 c03 c04 c05 c06 c07
    d01 d02 d03 d04 d05 d06 d07 d08
    e01 e02 e03 e04 e05 e06 e07 e08 e09 e10 e11 e12 e13 e14 e15 e16 e17 e18 e19
    f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11
    g01 g02 g03 g04 g05
    h01 h02 h03 h04 h05 h06 h07 h08 h09 h10 h11 h12
}

/// Cases that are tested elsewhere, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "tests/it/get_last_once_task_info.rs was there first and says more than the cases do",
        "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22",
    ),
    ("tests/sdk asks the typed SDKs what they make of an answer", "I01 I02 I03 I04 I05"),
];

async fn run(id: &str) {
    let case = Case::find(id);
    let scene = given(case).await;
    let call = case.call(&scene.names).with(|call| {
        if let Some(operation) = scene.operation {
            operation.clone_into(&mut call.action);
        }
    });
    let answer = scene.world.call(call).await;
    let judgement = case.judge(&answer, &scene.names);
    assert!(judgement.complaints.is_empty(), "{id}: {:#?} in {}", judgement.complaints, answer.body);
    for sentence in judgement.sentences {
        afterwards(id, &sentence, &scene, &answer).await;
    }
}

#[test]
fn every_case_is_tested_once() {
    let here = HERE.iter().map(|id| id.to_uppercase());
    let elsewhere = ELSEWHERE.iter().flat_map(|(_, ids)| ids.split(' ')).map(str::to_owned);
    let tested: Vec<String> = here.chain(elsewhere).collect();
    let known: BTreeSet<String> = CASES.iter().map(|case| case.id.clone()).collect();
    assert_eq!(tested.iter().cloned().collect::<BTreeSet<_>>(), known);
    assert_eq!(tested.len(), CASES.len(), "a case stands twice");
    let of_the_last = include_str!("../get_last_once_task_info.rs");
    for id in tested.iter().filter(|id| id.starts_with('A')) {
        let id = id.to_lowercase();
        // A span such as `a09_a10_a11` names each of its cases.
        assert!(of_the_last.contains(&format!("{id}_")), "no test is named after {id}");
    }
}

/// A caller may write an id in capitals, or use the number that stands for it.
#[tokio::test]
async fn every_parameter_takes_every_form_of_a_task_id() {
    let emulator = TestEmulator::new("empty");
    let id = emulator.start("IMAGE_SCAN").await;
    let number = emulator.poll("IMAGE_SCAN").await["TaskId"].to_string();
    emulator.start("IMAGE_SCAN").await;
    for form in [id.clone(), id.to_uppercase(), number] {
        assert_eq!(emulator.list(roots("IMAGE_SCAN").param("TaskId", &form)).await.len(), 1, "{form}");
        assert_eq!(emulator.list(leaves("IMAGE_SCAN").param("TaskId", &form)).await.len(), 5, "{form}");
        assert_eq!(emulator.list(subtasks(&form)).await.len(), 5, "{form}");
        assert_eq!(emulator.body(result("IMAGE_SCAN", &form)).await["TotalCount"], 5, "{form}");
        emulator.body(cancel(&form)).await;
    }
    assert_eq!(emulator.list(roots("IMAGE_SCAN")).await[1]["TaskStatus"], 3);
    let plus = format!("+{}", &id[1..]);
    assert!(emulator.list(roots("IMAGE_SCAN").param("TaskId", &plus)).await.is_empty());
}
