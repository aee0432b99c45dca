//! Every row of the table of operations, and each of its parameters: missing, of the wrong type and right. A parameter
//! that is read changes the reply or the state, an ignored one changes neither.
//!
//! A new row is covered without a change here if its parameters have samples; else the test names what is lacking.

use sas_emulator::internals::operations::{OPERATIONS, PaidCalls, ParamKind};
use serde_json::Value;

use crate::harness::TestEmulator;
use crate::harness::generated::check_part;
use crate::harness::stage::{Outcome, Pairs, Stage, ask, set};

fn code(outcome: &Outcome) -> (u16, String) {
    let body: Value = serde_json::from_str(&outcome.1).unwrap();
    (outcome.0, body["Code"].as_str().unwrap_or_default().to_owned())
}

/// Fails with all complaints at once.
fn check(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn the_gateway_refuses_parameters_that_are_missing_or_of_the_wrong_type() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    let too_long = "x".repeat((64 << 10) + 1);
    for row in OPERATIONS.iter() {
        let base = stage.bases(row).unwrap_or_else(|lacking| panic!("{}: {lacking}", row.name)).remove(0);
        for param in row.params {
            let missing = (400, format!("Missing{}", param.name));
            let invalid = (400, format!("Invalid{}", param.name));
            let wrong = match param.kind {
                ParamKind::Integer => Some("1.5"),
                ParamKind::Boolean => Some("1"),
                ParamKind::Text => Some(&*too_long),
                // Its members are texts, and no operation demands a list.
                ParamKind::List | ParamKind::Objects => None,
            };
            let mut expectations: Vec<_> = wrong.map(|value| (Some(value), &invalid)).into_iter().collect();
            if param.required {
                expectations.push((None, &missing));
                expectations.push((Some(""), &missing));
            }
            for (value, expected) in expectations {
                let mut pairs = base.clone();
                set(&mut pairs, param, value);
                let outcome = stage.outcome(row.name, &pairs).await;
                if code(&outcome) != *expected {
                    complaints.push(format!(
                        "{} {}: {:?}, not {expected:?}",
                        row.name,
                        param.name,
                        code(&outcome)
                    ));
                }
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn a_parameter_that_is_read_changes_the_reply_or_the_state() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.ignored.is_none() && param.refused.is_none()) {
            match stage.outcomes(row, param).await {
                Err(lacking) => complaints.push(format!("{}: {lacking}", row.name)),
                Ok(outcomes) => {
                    let differs = |base: &Vec<Outcome>| base.iter().any(|outcome| *outcome != base[0]);
                    if !outcomes.iter().any(differs) {
                        complaints.push(format!(
                            "{}: no sample of {} changes anything: it is ignored, or SAMPLES or BASES lack something",
                            row.name, param.name
                        ));
                    }
                    if !outcomes.iter().flatten().any(|(status, ..)| *status == 200) {
                        complaints.push(format!("{}: every sample of {} is refused", row.name, param.name));
                    }
                }
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn an_ignored_parameter_changes_nothing() {
    let mut stage = Stage::new().await;
    let mut complaints = Vec::new();
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.ignored.is_some()) {
            let outcomes = stage.outcomes(row, param).await.unwrap();
            if outcomes.iter().any(|base| base.iter().any(|outcome| *outcome != base[0])) {
                complaints
                    .push(format!("{}: {} is declared ignored and changes something", row.name, param.name));
            }
        }
    }
    check(&complaints);
}

#[tokio::test]
async fn a_filter_that_is_not_modelled_is_refused_or_by_choice_ignored() {
    let ignoring = TestEmulator::new("assumptions: { unknown_criteria: ignore }\n");
    let mut stage = Stage::new().await;
    for row in OPERATIONS.iter() {
        for param in row.params.iter().filter(|param| param.refused.is_some()) {
            let mut pairs = stage.bases(row).unwrap().remove(0);
            set(&mut pairs, param, Some(&stage.samples(row, param).unwrap()[0]));
            let outcome = stage.outcome(row.name, &pairs).await;
            assert_eq!(code(&outcome).1, "OperationNotModelled", "{} {}", row.name, param.name);
            assert!(outcome.1.contains(&format!("the parameter {} of {}", param.name, row.name)));
            assert_eq!(ignoring.call(ask(row.name, &pairs)).await.status, 200, "{} {}", row.name, param.name);
        }
    }
}

/// Else a difference between two outcomes would prove nothing.
#[tokio::test]
async fn the_same_call_has_the_same_outcome() {
    let stage = Stage::new().await;
    for row in OPERATIONS.iter() {
        for base in stage.bases(row).unwrap() {
            assert_eq!(stage.call(row.name, &base).await, stage.call(row.name, &base).await, "{}", row.name);
        }
    }
}

/// The first demanded call of each operation, and the values of the parameter by which some calls must be paid for.
#[tokio::test]
async fn a_free_account_is_refused_what_must_be_paid_for_and_nothing_else() {
    let stage = Stage::new().await;
    let free = TestEmulator::new("world: { edition: free }\n");
    let refused = async |action: &str, pairs: &Pairs| {
        let reply = free.call(ask(action, pairs)).await;
        reply.status == 400 && reply.code() == "FreeVersionNotPermit"
    };
    for row in OPERATIONS.iter().filter(|row| row.name != BY_SERVER) {
        let base = stage.bases(row).unwrap().remove(0);
        match row.paid {
            None => assert!(!refused(row.name, &base).await, "{}", row.name),
            Some(PaidCalls::All) => assert!(refused(row.name, &base).await, "{}", row.name),
            Some(PaidCalls::With(name, values)) => {
                let param = row.params.iter().find(|param| param.name == name).unwrap();
                for (value, is_paid) in
                    values.iter().map(|value| (*value, true)).chain([("another value", false)])
                {
                    let mut pairs = base.clone();
                    set(&mut pairs, param, Some(value));
                    assert_eq!(refused(row.name, &pairs).await, is_paid, "{} {name}={value}", row.name);
                }
            }
        }
    }
}

/// It looks at the servers that a call names, and refuses one free server among others.
const BY_SERVER: &str = "ModifyPushAllTask";

#[test]
fn the_fidelity_page_lists_what_a_free_account_is_refused() {
    let mut table =
        format!("\n| operation | calls |\n|---|---|\n| `{BY_SERVER}` | those that name a free server |\n");
    for row in OPERATIONS.iter() {
        let calls = row.paid.map(|paid| match paid {
            PaidCalls::All => "all".to_owned(),
            PaidCalls::With(name, values) => format!("those with `{name}` {}", values.join(", ")),
        });
        table += &calls.map_or_else(String::new, |calls| format!("| `{}` | {calls} |\n", row.name));
    }
    check_part("docs/fidelity.md", "paid", &format!("{table}\n"));
}

#[test]
fn the_fidelity_page_lists_the_ignored_parameters() {
    let mut table = "\n| operation | parameter | why |\n|---|---|---|\n".to_owned();
    for row in OPERATIONS.iter() {
        for param in row.params {
            let refused = || param.refused.map(|reason| format!("refused: {reason}"));
            table += &param.ignored.map(str::to_owned).or_else(refused).map_or_else(String::new, |reason| {
                format!("| `{}` | `{}` | {reason} |\n", row.name, param.name)
            });
        }
    }
    check_part("docs/fidelity.md", "ignored", &format!("{table}\n"));
}
