//! Every row of the table of operations, and each of its parameters: missing, of the wrong type and right. A parameter
//! that is read changes the reply or the state, an ignored one changes neither.
//!
//! A new row is covered without a change here if its parameters have samples; else the test names what is lacking.

use std::collections::HashMap;

use sas_emulator::internals::operations::{self, OPERATIONS, Operation, PaidCalls, Param, ParamKind};
use serde_json::Value;

use crate::harness::generated::check_part;
use crate::harness::samples::{BASES, Given, PREPARATION, SAMPLES, SCENARIO, UPLOADED};
use crate::harness::{TestCall, TestEmulator};

type Pairs = Vec<(String, String)>;

/// Status and body of a reply, and the state after it.
type Outcome = (u16, String, String);

/// The prepared emulator, which is in the same state for every call.
struct Stage {
    emulator: TestEmulator,
    state: String,
    ids: Vec<(String, String)>,
    seen: HashMap<(String, Pairs), Outcome>,
}

impl Stage {
    async fn new() -> Self {
        let emulator = TestEmulator::new(SCENARIO);
        let mut ids = Vec::new();
        for (name, action, params) in PREPARATION {
            let pairs: Pairs = params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let reply = emulator.call(ask(action, &pairs)).await;
            assert_eq!(reply.status, 200, "{name}: {}", reply.body);
            let reply = reply.json();
            let found = [
                &reply["TaskId"],
                &reply["Data"]["TaskId"],
                &reply["ConfigId"],
                &reply["Id"],
                &reply["HashKey"],
            ];
            let id = found.into_iter().find(|id| !id.is_null());
            let id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
            ids.extend(id.map(|id| (format!("<{name}>"), id)));
        }
        let entry = emulator.upload(UPLOADED, b"harmless").await;
        ids.push(("<oss key>".to_owned(), entry["Context"]["OssKey"].as_str().unwrap().to_owned()));
        prepare_alarms(&emulator, &mut ids).await;
        emulator.advance(jiff::SignedDuration::from_secs(3));
        let state = emulator.control("GET", "state", "").await.body;
        Self { emulator, state, ids, seen: HashMap::new() }
    }

    async fn outcome(&mut self, action: &str, pairs: &Pairs) -> Outcome {
        let key = (action.to_owned(), pairs.clone());
        if !self.seen.contains_key(&key) {
            let outcome = self.call(action, pairs).await;
            self.seen.insert(key.clone(), outcome);
        }
        self.seen[&key].clone()
    }

    async fn call(&self, action: &str, pairs: &Pairs) -> Outcome {
        let restored = self.emulator.control("PUT", "state", &self.state).await;
        assert_eq!(restored.status, 200, "{}", restored.body);
        let reply = self.emulator.call(ask(action, pairs)).await;
        (reply.status, reply.body, self.emulator.control("GET", "state", "").await.body)
    }

    fn sample(&self, value: &str) -> String {
        let id = self.ids.iter().find(|(name, _)| name == value);
        id.map_or_else(|| value.to_owned(), |(_, id)| id.clone())
    }

    /// The values to try for a parameter.
    fn samples(&self, row: &Operation, param: &Param) -> Result<Vec<String>, String> {
        let named =
            |wanted: &str| SAMPLES.iter().find(|(name, _)| *name == wanted).map(|(_, values)| *values);
        let listed = named(&format!("{}.{}", row.name, param.name)).or_else(|| named(param.name));
        let values = match (listed, param.ignored, param.kind) {
            (Some(values), ..) => values,
            (None, None, _) if param.refused.is_none() => {
                return Err(format!("SAMPLES has no values for {}", param.name));
            }
            (None, _, ParamKind::Integer) => &["1", "2"],
            (None, _, ParamKind::Boolean) => &["true", "false"],
            (None, _, ParamKind::Text | ParamKind::List) => &["x", "y"],
            (None, _, ParamKind::Objects) => &["Member=x", "Member=y"],
        };
        Ok(values.iter().map(|value| self.sample(value)).collect())
    }

    /// What the gateway demands, alone and with what else may matter.
    fn bases(&self, row: &Operation) -> Result<Vec<Pairs>, String> {
        let mut demanded = Pairs::new();
        for param in row.params.iter().filter(|param| param.required) {
            set(&mut demanded, param, Some(&self.samples(row, param)?[0]));
        }
        let mut bases = vec![demanded.clone()];
        for (_, extra) in BASES.iter().filter(|(action, _)| *action == row.name) {
            let mut base = demanded.clone();
            for (name, value) in *extra {
                let param = row.params.iter().find(|param| param.name == *name).unwrap();
                set(&mut base, param, Some(&self.sample(value)));
            }
            bases.push(base);
        }
        Ok(bases)
    }

    /// The outcomes of all samples of a parameter, and of none where that is allowed, for each base.
    async fn outcomes(&mut self, row: &Operation, param: &Param) -> Result<Vec<Vec<Outcome>>, String> {
        let samples = self.samples(row, param)?;
        let mut all = Vec::new();
        for base in self.bases(row)? {
            let none = (!param.required).then_some(None);
            let mut outcomes = Vec::new();
            for value in samples.iter().map(Some).chain(none) {
                let mut pairs = base.clone();
                set(&mut pairs, param, value.map(String::as_str));
                outcomes.push(self.outcome(row.name, &pairs).await);
            }
            all.push(outcomes);
        }
        Ok(all)
    }
}

/// Handles two alarms, the newer one first, looks for those that are like others, and names them all.
async fn prepare_alarms(emulator: &TestEmulator, ids: &mut Vec<(String, String)>) {
    let list = async |params: &[(&str, &str)]| {
        emulator.reply("DescribeSuspEvents", params).await["SuspEvents"].clone()
    };
    let all = list(&[("PageSize", "100")]).await;
    let files = list(&[("SupportOperateCodeList.1", "quara")]).await;
    let is_file = |alarm: &&Value| files.as_array().unwrap().iter().any(|file| file["Id"] == alarm["Id"]);
    let others: Vec<&Value> = all.as_array().unwrap().iter().filter(|alarm| !is_file(alarm)).collect();
    let (ignored, quarantined) = (others[0], &files[files.as_array().unwrap().len() - 1]);
    let alarms = [
        ("alarm", others[1]),
        ("other alarm", others[2]),
        ("ignored alarm", ignored),
        ("quarantined alarm", quarantined),
        ("file alarm", &files[0]),
    ];
    for (name, alarm) in alarms {
        ids.push((format!("<{name}>"), alarm["Id"].to_string()));
        ids.push((format!("<unique {name}>"), alarm["UniqueInfo"].as_str().unwrap().to_owned()));
    }
    for (name, alarm, code) in
        [("alarm handling", ignored, "ignore"), ("other alarm handling", quarantined, "quara")]
    {
        let params = [("SecurityEventIds.1", &*alarm["Id"].to_string()), ("OperationCode", code)];
        let reply = emulator.reply("HandleSecurityEvents", &params).await;
        ids.push((format!("<{name}>"), reply["HandleSecurityEventsResponse"]["TaskId"].to_string()));
        emulator.advance(jiff::SignedDuration::from_secs(1));
    }
    for (name, alarm) in [("alarm query", others[1]), ("other alarm query", others[2])] {
        let params = [("SecurityEventId", &*alarm["Id"].to_string())];
        let reply = emulator.reply("CreateSimilarSecurityEventsQueryTask", &params).await;
        let task = &reply["CreateSimilarSecurityEventsQueryTaskResponse"]["TaskId"];
        ids.push((format!("<{name}>"), task.to_string()));
    }
}

fn ask(action: &str, pairs: &Pairs) -> TestCall {
    let version = operations::find_by_name(action).unwrap().product.version.to_owned();
    pairs.iter().fold(TestCall::new(action).with(|call| call.version = version), |call, (name, value)| {
        call.form(name, value)
    })
}

/// Gives a parameter another value, or none.
fn set(pairs: &mut Pairs, param: &Param, value: Option<&str>) {
    let (name, value) = match (param.kind, value) {
        (ParamKind::List, value) => (format!("{}.1", param.name), value),
        (ParamKind::Objects, Some(value)) => {
            let (member, value) = value.split_once('=').unwrap_or(("", value));
            (format!("{}.1.{member}", param.name), Some(value))
        }
        (_, value) => (param.name.to_owned(), value),
    };
    let start = format!("{}.", param.name);
    pairs.retain(|(other, _)| other != param.name && !other.starts_with(&start));
    pairs.extend(value.map(|value| (name, value.to_owned())));
}

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
