//! Replies as JSON: one line, no spaces, members in the order given.

use serde::Serialize;

use super::envelope::{Envelope, recommend};
use crate::domain::{ApiError, Value, members};

pub(super) fn value(value: &Value, envelope: &Envelope<'_>) -> Vec<u8> {
    // The reply to a poll has some 200 bytes; growing to them in steps would copy them twice.
    let mut text = Vec::with_capacity(512);
    write(&mut text, value, envelope);
    text
}

/// The members are those as in 2023 and later (spec/protocol.md §4.1).
pub(super) fn error(error: &ApiError, envelope: &Envelope<'_>) -> Vec<u8> {
    let text = |text: &str| Value::text(text.to_owned());
    let mut members = members! {
        "RequestId": Value::RequestId,
        "Message": text(&error.message),
        "Recommend": Value::text(recommend(error, envelope)),
        "HostId": text(envelope.host),
        "Code": text(&error.code),
    };
    members.extend(error.access_denied.clone().map(|detail| ("AccessDeniedDetail".into(), *detail)));
    value(&Value::Map(members), envelope)
}

fn write(text: &mut Vec<u8>, value: &Value, envelope: &Envelope<'_>) {
    match value {
        Value::RequestId => quoted(text, envelope.request_id.write(&mut [0; 36])),
        Value::Link(path) => quoted(text, &envelope.link(path)),
        Value::Bool(bool) => scalar(text, bool),
        Value::Int(int) => scalar(text, int),
        Value::Decimal(digits) => text.extend_from_slice(digits.as_bytes()),
        Value::Text(content) => quoted(text, content),
        Value::Map(members) => {
            text.push(b'{');
            for (place, (name, value)) in members.iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                quoted(text, name);
                text.push(b':');
                write(text, value, envelope);
            }
            text.push(b'}');
        }
        Value::List { values, .. } => list(text, values, envelope),
        Value::Wrapped { item, values } => {
            text.push(b'{');
            quoted(text, item);
            text.push(b':');
            list(text, values, envelope);
            text.push(b'}');
        }
    }
}

fn list(text: &mut Vec<u8>, values: &[Value], envelope: &Envelope<'_>) {
    text.push(b'[');
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        write(text, value, envelope);
    }
    text.push(b']');
}

/// Which bytes cannot stand for themselves in a JSON string.
static NEEDS_ESCAPE: [bool; 256] = {
    let (mut needs, mut byte) = ([false; 256], 0);
    while byte < b' ' {
        needs[byte as usize] = true;
        byte += 1;
    }
    (needs[b'"' as usize], needs[b'\\' as usize]) = (true, true);
    needs
};

fn quoted(text: &mut Vec<u8>, content: &str) {
    // Few have one; it takes less time than to look for each escape.
    if content.bytes().any(|byte| NEEDS_ESCAPE[usize::from(byte)]) {
        return scalar(text, content);
    }
    text.push(b'"');
    text.extend_from_slice(content.as_bytes());
    text.push(b'"');
}

fn scalar<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Cannot fail: the target is memory.
    let _ = serde_json::to_writer(text, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_as_the_library_does() {
        for sign in ('\0'..='\u{ff}').chain(['\u{2028}', '中', '\u{1f600}']) {
            let (mut text, content) = (Vec::new(), format!("a{sign}b"));
            quoted(&mut text, &content);
            assert_eq!(text, serde_json::to_vec(&content).unwrap(), "{content:?}");
        }
    }
}
