//! A prepared session in which each operation finds something, and calls in it.

use std::collections::HashMap;

use sas_emulator::internals::operations::{self, Operation, Param, ParamKind};
use serde_json::Value;

use super::samples::{BASES, PREPARATION, SAMPLES, SCENARIO, UPLOADED};
use super::{Setup, TestCall, TestEmulator};

pub(crate) type Pairs = Vec<(String, String)>;

/// Status and body of a reply, and the state after it.
pub(crate) type Outcome = (u16, String, String);

/// The prepared emulator, which is in the same state for every call.
pub(crate) struct Stage {
    pub(crate) emulator: TestEmulator,
    state: String,
    ids: Vec<(String, String)>,
    seen: HashMap<(String, Pairs), Outcome>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        // With a seed that was given, keys of links are the same in every run.
        let emulator = Setup::new(SCENARIO).seed(0).start();
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

    pub(crate) async fn outcome(&mut self, action: &str, pairs: &Pairs) -> Outcome {
        let key = (action.to_owned(), pairs.clone());
        if !self.seen.contains_key(&key) {
            let outcome = self.call(action, pairs).await;
            self.seen.insert(key.clone(), outcome);
        }
        self.seen[&key].clone()
    }

    pub(crate) async fn call(&self, action: &str, pairs: &Pairs) -> Outcome {
        self.restore().await;
        let reply = self.emulator.call(ask(action, pairs)).await;
        (reply.status, reply.body, self.emulator.control("GET", "state", "").await.body)
    }

    pub(crate) async fn restore(&self) {
        let restored = self.emulator.control("PUT", "state", &self.state).await;
        assert_eq!(restored.status, 200, "{}", restored.body);
    }

    pub(crate) fn sample(&self, value: &str) -> String {
        let id = self.ids.iter().find(|(name, _)| name == value);
        id.map_or_else(|| value.to_owned(), |(_, id)| id.clone())
    }

    /// The values to try for a parameter.
    pub(crate) fn samples(&self, row: &Operation, param: &Param) -> Result<Vec<String>, String> {
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
    pub(crate) fn bases(&self, row: &Operation) -> Result<Vec<Pairs>, String> {
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
    pub(crate) async fn outcomes(
        &mut self,
        row: &Operation,
        param: &Param,
    ) -> Result<Vec<Vec<Outcome>>, String> {
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

pub(crate) fn ask(action: &str, pairs: &Pairs) -> TestCall {
    let version = operations::find_by_name(action).unwrap().product.version.to_owned();
    pairs.iter().fold(TestCall::new(action).with(|call| call.version = version), |call, (name, value)| {
        call.form(name, value)
    })
}

/// Gives a parameter another value, or none.
pub(crate) fn set(pairs: &mut Pairs, param: &Param, value: Option<&str>) {
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
