//! Operations that are not modelled, answered with the documented shape.
//!
//! The metadata are read from the readable table here, and replies are held against them by a walk of its own.

use sas_emulator::internals::operations;
use serde_json::{Map, Value, json};

use crate::harness::{TestCall, TestEmulator, TestResponse};

const SHAPES: &str = include_str!("../../fixtures/shapes.jsonl");

/// The metadata of one operation.
struct Metadata {
    name: String,
    params: Map<String, Value>,
    required: Vec<String>,
    reply: Value,
}

fn all() -> Vec<Metadata> {
    let read = |line| -> Metadata {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Metadata {
            name: text(&line["name"]),
            params: line["params"].as_object().unwrap().clone(),
            required: line["required"].as_array().unwrap().iter().map(text).collect(),
            reply: line["reply"].clone(),
        }
    };
    SHAPES.lines().map(read).collect()
}

fn of(name: &str) -> Metadata {
    all().into_iter().find(|metadata| metadata.name == name).unwrap()
}

/// The kind of a value and its documented words.
fn kind(shape: &Value) -> (&str, Vec<&str>) {
    match shape {
        Value::String(kind) => (kind, Vec::new()),
        Value::Array(all) => {
            let mut all = all.iter().map(|word| word.as_str().unwrap());
            (all.next().unwrap(), all.collect())
        }
        _ => ("object", Vec::new()),
    }
}

/// The only member, if it is a mark.
fn marked<'v>(shape: &'v Value, mark: &str) -> Option<&'v Value> {
    shape.as_object().filter(|members| members.len() == 1)?.get(mark)
}

/// Flat pairs that give a parameter a right value.
fn fill(name: &str, shape: &Value, pairs: &mut Vec<(String, String)>) {
    if let Some(item) = marked(shape, "[]") {
        return fill(&format!("{name}.1"), item, pairs);
    }
    let value = match kind(shape) {
        _ if marked(shape, "json").is_some_and(|of| marked(of, "[]").is_some()) => "[]",
        _ if marked(shape, "json").is_some() => "{}",
        (_, words) if !words.is_empty() => words[0],
        _ if ["CurrentPage", "PageNumber"].contains(&name) => "1",
        ("i32" | "i64", _) => "7",
        ("f", _) => "1.5",
        ("b", _) => "true",
        ("object", _) => {
            for (member, shape) in shape.as_object().unwrap() {
                fill(&format!("{name}.{member}"), shape, pairs);
            }
            return;
        }
        _ => "text",
    };
    pairs.push((name.to_owned(), value.to_owned()));
}

/// A call with these parameters of the operation.
fn call<'n>(metadata: &Metadata, names: impl IntoIterator<Item = &'n String>) -> TestCall {
    let mut pairs = Vec::new();
    for name in names {
        fill(name, &metadata.params[name], &mut pairs);
    }
    TestCall::new(&metadata.name).with(|call| call.params = pairs)
}

/// Where a JSON value differs from its shape.
fn differs(path: &str, value: &Value, shape: &Value) -> Option<String> {
    let wrong = || Some(format!("{path}: {value} is not {shape}"));
    if let Some(item) = marked(shape, "[]") {
        let Value::Array(values) = value else { return wrong() };
        return values.iter().find_map(|value| differs(&format!("{path}[]"), value, item));
    }
    if let Some(item) = marked(shape, "{}") {
        let Value::Object(values) = value else { return wrong() };
        return values.values().find_map(|value| differs(&format!("{path}{{}}"), value, item));
    }
    let (kind, words) = kind(shape);
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fits = match kind {
        "s" => value.is_string(),
        "i32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "i64" => value.is_i64(),
        "f" => value.is_number(),
        "b" => value.is_boolean(),
        "any" => true,
        _ => {
            let (Some(values), Some(shapes)) = (value.as_object(), shape.as_object()) else { return wrong() };
            if !values.keys().eq(shapes.keys()) {
                return Some(format!("{path}: {:?}", values.keys()));
            }
            return values
                .iter()
                .find_map(|(name, value)| differs(&format!("{path}.{name}"), value, &shapes[name]));
        }
    };
    if fits && (words.is_empty() || words.contains(&text.as_str())) { None } else { wrong() }
}

fn shaped(lists: usize) -> TestEmulator {
    TestEmulator::new(&format!("unmodelled: shape\nshapes: {{ lists: {lists} }}\nseed: 7"))
}

fn without_id(answer: &TestResponse) -> String {
    answer.body.replace(answer.header("x-acs-request-id"), "")
}

fn creates(metadata: &Metadata) -> bool {
    ["Create", "Add"].iter().any(|start| metadata.name.starts_with(start))
}

fn is_modelled(metadata: &Metadata) -> bool {
    operations::find_by_name(&metadata.name).is_some()
}

#[tokio::test]
async fn every_operation_answers_as_documented_in_json_and_xml_and_twice_the_same() {
    let (emulator, again, xml) = (shaped(3), shaped(3), shaped(3));
    let (mut count, mut shapes) = (0, 0);
    for metadata in all() {
        let call = || call(&metadata, &metadata.required);
        let answer = emulator.call(call()).await;
        let name = &metadata.name;
        // Modelled operations may refuse values that are right by their kind alone.
        if !is_modelled(&metadata) {
            assert_eq!(
                (answer.status, answer.header("x-emulator-fidelity")),
                (200, "shape"),
                "{name}: {}",
                answer.body
            );
            assert_eq!(differs(name, &answer.json(), &metadata.reply), None);
            let other = if creates(&metadata) { &again } else { &emulator };
            assert_eq!(without_id(&other.call(call()).await), without_id(&answer), "{name}");
            shapes += 1;
        }
        let xml = xml.call(call().v1().with(|call| call.format = Some("XML".into()))).await;
        if !is_modelled(&metadata) {
            assert_eq!(xml.status, 200, "{name}: {}", xml.body);
            assert!(xml.is_xml() && xml.body.contains(&format!("<{name}Response>")), "{name}: {}", xml.body);
        }
        count += 1;
    }
    let modelled = operations::OPERATIONS.iter().filter(|row| row.product.name == "Sas").count();
    assert_eq!((count, shapes), (965, 965 - modelled));
}

#[tokio::test]
async fn lists_are_empty_unless_the_scenario_fills_them() {
    fn count_items(value: &Value) -> usize {
        match value {
            Value::Array(all) => all.len() + all.iter().map(count_items).sum::<usize>(),
            Value::Object(members) => members.values().map(count_items).sum(),
            _ => 0,
        }
    }
    let (empty, filled) = (shaped(0), shaped(3));
    for metadata in all().iter().filter(|metadata| !is_modelled(metadata)) {
        let call = || call(metadata, &metadata.required);
        let answer = empty.call(call()).await.json();
        assert_eq!(differs(&metadata.name, &answer, &metadata.reply), None);
        let repeated = metadata.required.iter().any(|name| marked(&metadata.params[name], "[]").is_some());
        if !repeated {
            assert_eq!(count_items(&answer), 0, "{}: {answer}", metadata.name);
        }
        if metadata.reply.to_string().contains(r#""[]""#) && !repeated {
            let answer = filled.call(call()).await.json();
            assert!(count_items(&answer) >= 3, "{}: {answer}", metadata.name);
        }
    }
}

#[tokio::test]
async fn each_required_parameter_that_is_missing_is_refused_by_name() {
    let emulator = shaped(0);
    let mut refused = 0;
    for metadata in all().iter().filter(|metadata| !is_modelled(metadata)) {
        for missing in &metadata.required {
            let rest = metadata.required.iter().filter(|name| *name != missing);
            let answer = emulator.call(call(metadata, rest)).await;
            assert_eq!(answer.verdict(), (400, format!("Missing{missing}")), "{}", metadata.name);
            refused += 1;
        }
    }
    assert!(refused > 500, "{refused}");
}

#[tokio::test]
async fn malformed_parameters_are_refused_and_unknown_ones_ignored() {
    let emulator = shaped(0);
    let metadata = of("DescribeImageVulList");
    let status = |name: &str, value: &str| {
        let call = call(&metadata, &metadata.required).param(name, value);
        let emulator = &emulator;
        async move { emulator.call(call).await.verdict() }
    };
    assert_eq!(status("PageSize", "ten").await, (400, "InvalidPageSize".into()));
    assert_eq!(status("PageSize", "10").await.0, 200);
    assert_eq!(status("Nonsense", "x").await.0, 200);
}

#[tokio::test]
async fn members_repeat_parameters_and_agree_with_each_other() {
    let emulator = shaped(3);
    let metadata = of("DescribeImageVulList");
    let ask = |pairs: &'static [(&str, &str)]| {
        let call = pairs
            .iter()
            .fold(call(&metadata, &metadata.required), |call, (name, value)| call.param(name, value));
        let emulator = &emulator;
        async move { emulator.call(call).await.json() }
    };
    let whole = ask(&[]).await;
    let all = whole["VulRecords"].as_array().unwrap().clone();
    assert_eq!(all.len(), 3);
    assert_eq!(
        (&whole["TotalCount"], &whole["CurrentPage"], &whole["PageSize"]),
        (&json!(3), &json!(1), &json!(20))
    );
    let (first, second) =
        (ask(&[("PageSize", "2")]).await, ask(&[("PageSize", "2"), ("CurrentPage", "2")]).await);
    assert_eq!(
        (first["VulRecords"].as_array(), second["VulRecords"].as_array()),
        (Some(&all[..2].to_vec()), Some(&all[2..].to_vec()))
    );
    assert_eq!(
        (&second["TotalCount"], &second["CurrentPage"], &second["PageSize"]),
        (&json!(3), &json!(2), &json!(2))
    );
    let beyond = ask(&[("CurrentPage", "9")]).await;
    assert_eq!((&beyond["VulRecords"], &beyond["TotalCount"]), (&json!([]), &json!(3)));
    // The order of parameters does not matter; what they are does.
    let one = ask(&[("Necessity", "asap"), ("Dealed", "n")]).await;
    assert_eq!(one["VulRecords"], ask(&[("Dealed", "n"), ("Necessity", "asap")]).await["VulRecords"]);
    assert_ne!(one["VulRecords"], whole["VulRecords"]);
    assert_eq!(one["VulRecords"][2]["Necessity"], "asap");
}

#[tokio::test]
async fn tokens_lead_from_page_to_page() {
    let emulator = shaped(3);
    let paged = all().into_iter().find(|metadata| {
        !is_modelled(metadata)
            && metadata.params.contains_key("NextToken")
            && metadata.params.contains_key("MaxResults")
            && metadata.reply.get("NextToken").is_some()
    });
    let metadata = paged.unwrap_or_else(|| {
        let mut all = all().into_iter();
        all.find(|one| {
            !is_modelled(one)
                && one.params.contains_key("NextToken")
                && one.reply.to_string().contains("NextToken")
        })
        .unwrap()
    });
    let (mut token, mut seen) = (String::new(), Vec::new());
    let size = if metadata.params.contains_key("MaxResults") { "MaxResults" } else { "PageSize" };
    loop {
        let call = call(&metadata, &metadata.required).param(size, "2").param("NextToken", &token);
        let answer = emulator.call(call).await.json();
        let page = answer.get("PageInfo").unwrap_or(&answer);
        assert_eq!(differs(&metadata.name, &answer, &metadata.reply), None);
        let list = answer.as_object().unwrap().values().find_map(Value::as_array).unwrap();
        seen.extend(list.iter().cloned());
        token = page["NextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
        assert!(seen.len() < 9);
    }
    assert_eq!(seen.len(), 3, "{}", metadata.name);
}

#[tokio::test]
async fn created_things_have_ids_of_their_own_also_after_a_restore() {
    let emulator = shaped(0);
    let metadata = all().into_iter().find(|one| {
        one.name.starts_with("Create") && !is_modelled(one) && one.reply["Data"].get("Id").is_some()
    });
    let metadata = metadata.unwrap();
    let create = async || {
        let answer = emulator.call(call(&metadata, &metadata.required)).await;
        answer.json()["Data"]["Id"].clone()
    };
    let first = create().await;
    let state = emulator.snapshot().await;
    let second = create().await;
    assert_ne!(first, second);
    assert_eq!(emulator.control("PUT", "state", &state).await.status, 200);
    assert_eq!(create().await, second);
}

#[tokio::test]
async fn the_verdict_names_each_shaped_operation_once() {
    let scenario = "unmodelled: shape\nexpect: [{ calls: '>=1' }]";
    let run = async |scenario: &str| {
        let emulator = TestEmulator::new(scenario);
        for name in ["DescribeImageVulList", "GetModuleConfig", "GetModuleConfig", "GetAuthSummary"] {
            let metadata = of(name);
            assert_eq!(emulator.call(call(&metadata, &metadata.required)).await.status, 200, "{name}");
        }
        let json = emulator.control("GET", "verdict", "").await.json();
        (emulator.verdict().text(), json["passed"].clone())
    };
    let (text, passed) = run(scenario).await;
    assert_eq!(passed, json!(false));
    insta::assert_snapshot!(text, @"
    ok    at least 1 call of any operation
    FAIL  every response modelled or scripted
          3 had only the documented shape: DescribeImageVulList (1), GetModuleConfig (2); allow_shapes: true in the scenario lets them pass
    1 of 2 expectations were not met (4 calls)
    ");
    let (text, passed) = run(&format!("{scenario}\nallow_shapes: true")).await;
    assert_eq!(
        (text.as_str(), passed),
        ("ok    at least 1 call of any operation\nthe expectation was met (4 calls)\n", json!(true))
    );
}

#[tokio::test]
async fn the_state_in_a_shape_is_no_task_that_was_shown() {
    let emulator = shaped(0);
    let shown = |metadata: &Metadata| {
        let reply = &metadata.reply;
        !is_modelled(metadata) && reply.get("TaskId").is_some()
    };
    let metadata = all().into_iter().find(shown).unwrap();
    let answer = emulator.call(call(&metadata, &metadata.required)).await.json();
    assert!(answer["TaskId"].is_string() || answer["TaskId"].is_i64(), "{answer}");
    let record = emulator.control("GET", "requests?limit=1", "").await.json()["requests"][0].take();
    assert_eq!(record["task"], Value::Null);
}
