//! fixtures/cases.json, and the language in which its expectations are written.
//!
//! An expectation is a member of the answer and what it must be, where `X_in`, `X_keys` and the like say it in other
//! ways. What the file says in English sentences is left to the test of the case ([`Judgement::sentences`]).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::harness::tasks::items;
use crate::harness::{TestCall, TestResponse};

type Members = Map<String, Value>;

/// One case of the file.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) op: String,
    /// The situation; `-` for none in particular.
    pub(crate) given: String,
    pub(crate) request: Members,
    pub(crate) expect: Members,
}

pub(crate) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        count: usize,
        cases: Vec<Case>,
    }
    let file: File = serde_json::from_str(include_str!("../../../fixtures/cases.json")).unwrap();
    assert_eq!(file.count, file.cases.len());
    file.cases
});

/// What `<T>`, `<T hex>` and the like stand for, once the situation is there.
#[derive(Debug, Default)]
pub(crate) struct Names(pub(crate) Vec<(&'static str, String)>);

/// What became of an expectation.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// What does not hold.
    pub(crate) complaints: Vec<String>,
    /// Members of the expectation that only a person can read.
    pub(crate) sentences: BTreeSet<String>,
}

impl Case {
    pub(crate) fn find(id: &str) -> &'static Self {
        CASES.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("the file has no case {id}"))
    }

    /// The request of the case. Where it says `then`, that is the request: what comes before it is the situation.
    pub(crate) fn call(&self, names: &Names) -> TestCall {
        if let Some(then) = self.request.get("then") {
            let (action, params) = then.as_str().unwrap().split_once(' ').unwrap();
            let (name, value) = params.split_once('=').unwrap();
            return TestCall::new(action).param(name, value);
        }
        self.request.iter().fold(TestCall::new(&self.op), |call, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let parts: Vec<&str> =
                text.split(',').map(|part| names.get(part).map_or(part, String::as_str)).collect();
            call.param(name, &parts.join(","))
        })
    }

    pub(crate) fn judge(&self, answer: &TestResponse, names: &Names) -> Judgement {
        let mut judgement = Judgement::default();
        for (key, wanted) in &self.expect {
            if key == "as" {
                let other = Self::find(wanted.as_str().unwrap()).judge(answer, names);
                judgement.complaints.extend(other.complaints);
                judgement.sentences.extend(other.sentences);
            } else if is_a_sentence(key, wanted) {
                judgement.sentences.insert(key.clone());
            } else if !holds(key, wanted, answer, names) {
                judgement.complaints.push(format!("expected {key}: {wanted}"));
            }
        }
        judgement
    }
}

impl Names {
    /// What `<name …>` stands for, if the text begins so; words after it are for people.
    fn get(&self, text: &str) -> Option<&String> {
        let name = text.strip_prefix('<')?.split([' ', '>']).next()?;
        let found = self.0.iter().find(|(other, _)| *other == name);
        Some(&found.unwrap_or_else(|| panic!("the situation names no {name}")).1)
    }
}

fn is_a_sentence(key: &str, wanted: &Value) -> bool {
    let text = wanted.as_str().unwrap_or_default();
    matches!(key, "describes" | "no_new_task" | "only" | "order" | "state" | "subtasks" | "task" | "then")
        || text == "differs from the first"
        || ["JSON text of", "one entry per"].iter().any(|phrase| text.starts_with(phrase))
}

fn holds(key: &str, wanted: &Value, answer: &TestResponse, names: &Names) -> bool {
    let body = answer.json();
    let every_item =
        |holds: &dyn Fn(&Value) -> bool| !items(&body).is_empty() && items(&body).iter().all(holds);
    match key {
        "http" => *wanted == answer.status,
        "http_ge" => u64::from(answer.status) >= wanted.as_u64().unwrap(),
        "keys" => as_set(&keys(&body)) == as_set(&texts(wanted)),
        "top_keys" => keys(&body) == texts(wanted),
        "types" => has_types(&body, wanted),
        "leaf_types" => every_item(&|item| has_types(item, wanted)),
        "item_keys_superset_of" | "extra_keys" => {
            every_item(&|item| as_set(&keys(item)).is_superset(&as_set(&texts(wanted))))
        }
        "item" => items(&body).iter().any(|item| {
            wanted.as_object().unwrap().iter().all(|(name, wanted)| is(item.get(name), wanted, item, names))
        }),
        "json_equals_except_RequestId" => {
            let mut body = body.clone();
            body.as_object_mut().unwrap().remove("RequestId").is_some() && body == *wanted
        }
        _ => member_holds(key, wanted, &body, names),
    }
}

/// Expectations about one member, whose path stands in the key.
fn member_holds(key: &str, wanted: &Value, body: &Value, names: &Names) -> bool {
    let every = |path: &str, holds: &dyn Fn(Option<&Value>) -> bool| at(body, path).into_iter().all(holds);
    let one_of =
        |found: Option<&Value>| wanted.as_array().unwrap().iter().any(|one| is(found, one, body, names));
    if let Some(path) = key.strip_suffix("_types") {
        every(path, &|found| found.is_some_and(|found| has_types(found, wanted)))
    } else if let Some(path) = key.strip_suffix("_keys") {
        every(path, &|found| found.is_some_and(|found| as_set(&keys(found)) == as_set(&texts(wanted))))
    } else if let Some(path) = key.strip_suffix("_matches") {
        let pattern = Regex::new(wanted.as_str().unwrap()).unwrap();
        every(path, &|found| found.and_then(Value::as_str).is_some_and(|text| pattern.is_match(text)))
    } else if let Some(path) = key.strip_suffix("_not_in") {
        every(path, &|found| found.is_some() && !one_of(found))
    } else if let Some(path) = key.strip_suffix("_in") {
        every(path, &one_of)
    } else {
        every(key, &|found| is(found, wanted, body, names))
    }
}

/// Whether a member is what is wanted: a value, a name, another member, or one of few fixed phrases.
fn is(found: Option<&Value>, wanted: &Value, body: &Value, names: &Names) -> bool {
    let Some(text) = wanted.as_str() else { return found == Some(wanted) };
    match text {
        "present" => found.is_some(),
        "absent" => found.is_none(),
        "JSON string" => found.is_some_and(Value::is_string),
        "empty/absent or Status absent" => found.is_none_or(|found| found.get("Status").is_none()),
        r#"string such as "10%""# => found.and_then(Value::as_str).is_some_and(is_percentage),
        _ => match (text.strip_prefix("== "), names.get(text)) {
            (Some(other), _) => found.is_some() && found == body.get(other),
            (_, Some(name)) => found.is_some_and(|found| found == name),
            _ => found == Some(wanted),
        },
    }
}

fn is_percentage(text: &str) -> bool {
    text.strip_suffix('%').and_then(|number| number.parse().ok()).is_some_and(|percent: u8| percent <= 100)
}

/// The members at a path; `X[]` stands for every element of a list, `X[0]` for its first. A path that does not begin
/// in the answer begins in the first item of its list.
fn at<'v>(body: &'v Value, path: &str) -> Vec<Option<&'v Value>> {
    let first = path.split(['.', '[']).next().unwrap_or_default();
    let start = if body.get(first).is_some() { Some(body) } else { items(body).first().or(Some(body)) };
    path.split('.').fold(vec![start], |found, step| {
        let (name, place) =
            step.trim_end_matches(']').split_once('[').map_or((step, None), |(a, b)| (a, Some(b)));
        let members = found.into_iter().map(|value| value.and_then(|value| value.get(name)));
        match place {
            None => members.collect(),
            Some("") => {
                let elements: Vec<_> =
                    members.flat_map(|list| list.unwrap().as_array().unwrap()).map(Some).collect();
                assert!(!elements.is_empty(), "{path} has no element: {body}");
                elements
            }
            Some(place) => members.map(|list| list?.get(place.parse::<usize>().unwrap())).collect(),
        }
    })
}

/// Whether members have these types. `int32 0|1` also lists values; other words after a type are for people.
fn has_types(object: &Value, wanted: &Value) -> bool {
    wanted.as_object().unwrap().iter().all(|(path, kind)| {
        let (kind, rest) = kind.as_str().unwrap().split_once(' ').unwrap_or((kind.as_str().unwrap(), ""));
        let values: Vec<&str> = rest.split('|').filter(|_| rest.contains('|')).collect();
        at(object, path).into_iter().all(|found| {
            found.is_some_and(|found| {
                let has_type = match kind {
                    "int32" => found.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                    "int64" => found.is_i64(),
                    "string" => found.is_string(),
                    "bool" => found.is_boolean(),
                    _ => panic!("no type is called {kind}"),
                };
                has_type && (values.is_empty() || values.contains(&found.to_string().as_str()))
            })
        })
    })
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|members| members.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn as_set<'t>(texts: &[&'t str]) -> BTreeSet<&'t str> {
    texts.iter().copied().collect()
}

/// The language itself: what holds of an answer, and what does not.
#[test]
fn expectations_hold_or_do_not() {
    use serde_json::json;
    let body = json!({
        "RequestId": "x", "Big": 3_000_000_000_i64, "Same": "x", "Info": {"A": 1, "B": "10%"},
        "OnceTasks": [{"TaskId": "t", "Finish": 1}, {"TaskId": "u", "Finish": 0, "Extra": {}}],
    });
    let answer = TestResponse { status: 200, headers: http::HeaderMap::new(), body: body.to_string() };
    let names = Names(vec![("T", "t".to_owned())]);
    let table = [
        ("http", json!(200), json!(201)),
        ("keys", json!(["Big", "Info", "OnceTasks", "RequestId", "Same"]), json!(["RequestId"])),
        ("top_keys", json!(["RequestId", "Big", "Same", "Info", "OnceTasks"]), json!(["Big", "RequestId"])),
        ("Info_keys", json!(["B", "A"]), json!(["A"])),
        ("types", json!({"Big": "int64 ms", "Info.A": "int32"}), json!({"Big": "int32"})),
        ("types", json!({"RequestId": "string"}), json!({"None": "string"})),
        ("leaf_types", json!({"Finish": "int32 0|1"}), json!({"Finish": "int32 1|2"})),
        ("OnceTasks[1]_types", json!({"TaskId": "string"}), json!({"TaskId": "bool"})),
        ("extra_keys", json!(["TaskId"]), json!(["Extra"])),
        ("item", json!({"TaskId": "u", "Finish": 0}), json!({"TaskId": "t", "Finish": 0})),
        ("Same", json!("== RequestId"), json!("== Big")),
        ("Same", json!("JSON string"), json!("y")),
        ("Same", json!("present"), json!("absent")),
        ("None", json!("absent"), json!("present")),
        ("Info", json!("empty/absent or Status absent"), json!({"A": 1})),
        ("Info.A", json!(1), json!(2)),
        ("Info.A_in", json!([0, 1]), json!([2])),
        ("Info.A_not_in", json!([0, 2]), json!([1])),
        ("Info.B", json!(r#"string such as "10%""#), json!("20%")),
        ("Same_matches", json!("^[a-x]{1}$"), json!("^[a-w]+$")),
        ("TaskId", json!("<T hex>"), json!("u")),
        ("OnceTasks[].Finish_in", json!([0, 1]), json!([0])),
        ("OnceTasks[0].TaskId", json!("<T>"), json!("u")),
    ];
    for (key, wanted, unwanted) in table {
        assert!(holds(key, &wanted, &answer, &names), "{key}: {wanted}");
        assert!(!holds(key, &unwanted, &answer, &names), "{key}: {unwanted}");
    }
}
