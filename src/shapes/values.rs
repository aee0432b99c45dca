//! Values of single members: plausible by their names, stable, of the documented kind and words.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Builder;

use super::shape::Shape;
use crate::dice::ShapeDice;
use crate::domain::Value;

/// A value that a text stands for, if it is one of that kind and, where words are documented, one of them.
pub(super) fn of_text(shape: &Shape, text: &str) -> Option<Value> {
    let words = shape.words();
    if !words.is_empty() && !words.contains(&text) {
        return None;
    }
    match shape {
        Shape::Text(_) => Some(Value::text(text.to_owned())),
        Shape::Int { .. } => whole(shape, text.parse().ok()?),
        Shape::Float => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::decimal),
        Shape::Bool if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Shape::Bool if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    }
}

/// A whole number as that kind has it.
pub(super) fn whole(shape: &Shape, number: i64) -> Option<Value> {
    match shape {
        Shape::Text(_) => Some(Value::text(number.to_string())),
        Shape::Int { is_wide, .. } if *is_wide || i32::try_from(number).is_ok() => Some(Value::Int(number)),
        _ => None,
    }
}

/// Whether a member of that name identifies something.
pub(super) fn is_id(name: &str) -> bool {
    ["Id", "Ids", "Uuid", "Uuids", "Token"].iter().any(|end| name.ends_with(end))
}

pub(super) fn leaf(name: &str, shape: &Shape, dice: ShapeDice, now: Timestamp, is_item: bool) -> Value {
    let words = shape.words();
    let word = usize::try_from(dice.below(words.len() as u64)).ok().and_then(|place| words.get(place));
    match shape {
        Shape::Bool => Value::Bool((!is_item && matches!(name, "Data" | "Result")) || dice.below(2) == 0),
        Shape::Float => {
            Value::decimal(f64::from(u16::try_from(dice.below(10_000)).unwrap_or_default()) / 100.0)
        }
        Shape::Int { is_wide, .. } => {
            let known = word.and_then(|word| word.parse().ok());
            Value::Int(known.unwrap_or_else(|| number(name, *is_wide, dice, now)))
        }
        _ => word.map_or_else(|| text(name, dice, now), |word| Value::text(*word)),
    }
}

fn number(name: &str, is_wide: bool, dice: ShapeDice, now: Timestamp) -> i64 {
    let below = |end| i64::try_from(dice.below(end)).unwrap_or_default();
    let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
    if is_time(name) {
        // A time of 32 bits is one of the day, or a length.
        return if is_wide { now.as_millisecond() } else { below(24) };
    }
    if is_id(name) {
        // Nine digits: all of 32 bits, and exact in JavaScript.
        return 100_000_000 + below(900_000_000);
    }
    if ends(&["Count", "Num", "Number", "Sum", "Total"]) {
        // Nothing is counted that is not shown.
        return 0;
    }
    if ends(&["Progress", "Percent"]) { 100 } else { below(100) }
}

/// Names of moments, and not of lengths of time.
fn is_time(name: &str) -> bool {
    let ends = ["Time", "Timestamp", "TimeStamp", "Date", "TimeDt", "TimeStr", "DateStr"];
    let lengths = ["RunTime", "IntervalTime", "RemainingTime", "StudyTime"];
    name.starts_with("Gmt")
        || (ends.iter().any(|end| name.ends_with(end))
            && !lengths.iter().any(|length| name.ends_with(length)))
}

fn text(name: &str, dice: ShapeDice, now: Timestamp) -> Value {
    let bytes = dice.bytes();
    let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
    if is_time(name) {
        return Value::text(time(name, now));
    }
    if ends(&["InstanceId", "InstanceIds"]) {
        return Value::text(format!("i-{}", letters(&bytes[..20])));
    }
    if ends(&["Uuid", "Uuids", "UUID"]) {
        let mut first = [0; 16];
        first.copy_from_slice(&bytes[..16]);
        return Value::text(Builder::from_random_bytes(first).into_uuid().to_string());
    }
    if ends(&["RegionId", "Region"]) {
        return Value::text("cn-hangzhou");
    }
    if ends(&["Ip", "Ips", "IP"]) {
        return Value::text(format!("10.{}.{}.{}", bytes[0], bytes[1], 1 + bytes[2] % 254));
    }
    if ends(&["VpcId"]) {
        return Value::text(format!("vpc-{}", letters(&bytes[..21])));
    }
    if ends(&["Md5", "MD5"]) {
        return Value::text(HEXLOWER.encode(&bytes[..16]));
    }
    if ends(&["Sha256", "SHA256"]) {
        return Value::text(HEXLOWER.encode(&bytes));
    }
    if ends(&["Url", "Link", "URL"]) {
        // A name that never exists: what is made up must lead nowhere.
        return Value::text(format!("https://shape.invalid/{}", HEXLOWER.encode(&bytes[..8])));
    }
    if is_id(name) || ends(&["AliUid", "Uid"]) {
        return Value::text((1_000_000_000_000_000 + dice.below(8_000_000_000_000_000)).to_string());
    }
    if ends(&["Count", "Num"]) {
        return Value::text("0");
    }
    Value::text(format!("{name}-{}", HEXLOWER.encode(&bytes[..2])))
}

/// A time as text, in UTC: most members are written with a space, as the documents show them.
fn time(name: &str, now: Timestamp) -> String {
    let date = TimeZone::UTC.to_datetime(now);
    if name.ends_with("Timestamp") || name.ends_with("TimeStamp") {
        return now.as_millisecond().to_string();
    }
    let format = match name {
        _ if name.ends_with("Date") => "%Y-%m-%d",
        "CreationTime" => "%Y-%m-%dT%H:%M:%SZ",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    date.strftime(format).to_string()
}

/// Digits and small letters, as in ids of the vendor.
fn letters(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(byte % 36)]))
        .collect()
}
