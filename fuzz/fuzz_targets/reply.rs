//! Any reply is JSON and XML that a reader reads to the same texts again.
#![no_main]

use std::borrow::Cow;

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use sas_emulator::internals::domain::{ApiError, Fidelity, Value};
use sas_emulator::internals::protocol::{Envelope, Format, LinkKey, RequestId, encode};
use sas_emulator_fuzz::{oracle, seeds};
use serde_json::Value as Json;

const WORDS: &[&str] = &[
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#0;",
    "\r\n",
    "\r",
    "<!--",
    "\u{feff}",
    "\u{fffe}",
    "</Text>",
    "\\u0000",
    "\u{2028}",
];

const NAMES: [&str; 5] = ["Text", "Count", "Items", "Flag", "Inner"];

fuzz_target!(
    init: seeds::write_if_asked(
        || WORDS.iter().map(|word| [b"\x00\x01\x04", word.as_bytes(), b"\x05"].concat()).collect(),
        WORDS,
    ),
    |data: &[u8]| {
        let mut input = Unstructured::new(data);
        let Ok(outcome) = outcome(&mut input) else { return };
        let Ok(host) = <&str>::arbitrary(&mut input) else { return };
        for format in [Format::Json, Format::Xml] {
            let id = RequestId::new([7; 16]);
            let envelope = Envelope { request_id: id, trace_id: [1; 16], action: "GetLastOnceTaskInfo", product: "Sas", host, format, fidelity: Fidelity::Modelled, is_over_tls: false, links: LinkKey::default() };
            let response = encode(&envelope, &outcome);
            let body = std::str::from_utf8(response.body()).expect("replies are UTF-8");
            if format == Format::Json {
                let read: Json = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
                match &outcome {
                    Ok(value) => assert_eq!(read, json(value, &envelope)),
                    Err(error) => {
                        assert_eq!(read["Code"], *error.code);
                        assert_eq!(read["Message"], *error.message);
                        assert_eq!(read["HostId"], host);
                    }
                }
            } else {
                let read: Vec<_> = oracle::xml(body);
                let mut wanted = Vec::new();
                match &outcome {
                    Ok(value) => leaves("GetLastOnceTaskInfoResponse", value, &envelope, &mut wanted),
                    Err(error) => {
                        let texts = [
                            ("RequestId", id.to_string()),
                            ("HostId", legal(host)),
                            ("Code", legal(&error.code)),
                            ("Message", legal(&error.message)),
                        ];
                        wanted.extend(texts.map(|(name, text)| (name.to_owned(), text)));
                    }
                }
                assert_eq!(read[..wanted.len()], wanted, "{body}");
            }
        }
    }
);

fn outcome(input: &mut Unstructured<'_>) -> Result<std::result::Result<Value, ApiError>> {
    if input.ratio(1, 4)? {
        let code = String::arbitrary(input)?;
        return Ok(Err(ApiError::custom(input.int_in_range(400..=599)?, code, String::arbitrary(input)?)));
    }
    Ok(Ok(Value::reply(members(input, 0)?)))
}

fn members(input: &mut Unstructured<'_>, depth: usize) -> Result<Vec<(Cow<'static, str>, Value)>> {
    // JSON readers keep one member of a name.
    let count = input.int_in_range(0..=NAMES.len())?;
    NAMES[..count].iter().map(|name| Ok(((*name).into(), value(input, depth)?))).collect()
}

fn value(input: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match input.int_in_range(0..=if depth < 4 { 7 } else { 5 })? {
        0 => Value::RequestId,
        1 => Value::Bool(bool::arbitrary(input)?),
        2 => Value::Int(i64::arbitrary(input)?),
        3 => Value::Link(String::arbitrary(input)?),
        4 => Value::text(String::arbitrary(input)?),
        // A fraction of two digits is read back as it was.
        5 => Value::decimal(f64::from(i32::arbitrary(input)?) / 4.0),
        6 => Value::Map(members(input, depth + 1)?),
        _ => {
            let count = input.int_in_range(0..=3)?;
            let values: Vec<Value> = (0..count).map(|_| value(input, depth + 1)).collect::<Result<_>>()?;
            if bool::arbitrary(input)? { Value::list("Item", values) } else { Value::wrapped("Item", values) }
        }
    })
}

fn plain(value: &Value, envelope: &Envelope<'_>) -> Option<String> {
    Some(match value {
        Value::RequestId => envelope.request_id.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(digits) => digits.to_string(),
        Value::Link(path) => format!("http://{}{path}?key={}", envelope.host, envelope.links.of(path)),
        Value::Text(text) => text.to_string(),
        Value::Map(_) | Value::List { .. } | Value::Wrapped { .. } => return None,
    })
}

fn json(value: &Value, envelope: &Envelope<'_>) -> Json {
    match value {
        Value::Bool(flag) => Json::from(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Decimal(digits) => serde_json::from_str(digits).expect("a decimal is a number in JSON"),
        Value::Map(members) => {
            members.iter().map(|(name, value)| (name.to_string(), json(value, envelope))).collect()
        }
        Value::List { values, .. } => values.iter().map(|value| json(value, envelope)).collect(),
        Value::Wrapped { item, values } => {
            let list: Json = values.iter().map(|value| json(value, envelope)).collect();
            [((*item).to_owned(), list)].into_iter().collect()
        }
        other => Json::from(plain(other, envelope)),
    }
}

/// What XML can say of a text.
fn legal(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_legal).collect()
}

/// The elements without children, in order.
fn leaves(name: &str, value: &Value, envelope: &Envelope<'_>, found: &mut Vec<(String, String)>) {
    match value {
        Value::Map(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| leaves(name, value, envelope, found));
        }
        Value::List { item, values } | Value::Wrapped { item, values } if !values.is_empty() => {
            values.iter().for_each(|value| leaves(item, value, envelope, found));
        }
        other => found.push((name.to_owned(), legal(&plain(other, envelope).unwrap_or_default()))),
    }
}
