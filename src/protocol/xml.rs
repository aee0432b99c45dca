//! Replies as XML: single quotes in the prolog, no newlines, root named after the operation (spec/protocol.md §3.3).

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesCData, BytesText};

use super::envelope::{Envelope, recommend};
use crate::domain::{ApiError, Value};

type Xml = Writer<Vec<u8>>;

const PROLOG: &[u8] = b"<?xml version='1.0' encoding='UTF-8'?>";

pub(super) fn value(value: &Value, envelope: &Envelope<'_>) -> Vec<u8> {
    document(|writer| element(writer, &format!("{}Response", envelope.action), value, envelope))
}

pub(super) fn error(error: &ApiError, envelope: &Envelope<'_>) -> Vec<u8> {
    document(|writer| {
        writer.create_element("Error").write_inner_content(|writer| {
            text(writer, "RequestId", &envelope.request_id.to_string())?;
            text(writer, "HostId", envelope.host)?;
            text(writer, "Code", &error.code)?;
            text(writer, "Message", &error.message)?;
            // The one text that would end it too early, in two parts.
            let link = legal(&recommend(error, envelope.request_id)).replace("]]>", "]]]]><![CDATA[>");
            writer.create_element("Recommend").write_cdata_content(BytesCData::new(link))?;
            error.access_denied.iter().try_for_each(|it| element(writer, "AccessDeniedDetail", it, envelope))
        })?;
        Ok(())
    })
}

fn element(writer: &mut Xml, name: &str, value: &Value, envelope: &Envelope<'_>) -> io::Result<()> {
    match value {
        Value::RequestId => text(writer, name, &envelope.request_id.to_string()),
        Value::Link(path) => text(writer, name, &envelope.link(path)),
        Value::Bool(bool) => text(writer, name, if *bool { "true" } else { "false" }),
        Value::Int(int) => text(writer, name, &int.to_string()),
        Value::Decimal(digits) => text(writer, name, digits),
        Value::Text(content) => text(writer, name, content),
        Value::Map(members) => {
            writer.create_element(legal_name(name)).write_inner_content(|writer| {
                members.iter().try_for_each(|(name, value)| element(writer, name, value, envelope))
            })?;
            Ok(())
        }
        Value::List { item, values } => {
            writer.create_element(legal_name(name)).write_inner_content(|writer| {
                values.iter().try_for_each(|value| element(writer, item, value, envelope))
            })?;
            Ok(())
        }
    }
}

fn text(writer: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    // A reader takes a bare carriage return for the end of a line (XML 1.0, 2.11).
    let escaped = escape(legal(content)).replace('\r', "&#13;");
    writer.create_element(legal_name(name)).write_text_content(BytesText::from_escaped(escaped))?;
    Ok(())
}

/// A member of a map may have any name; where that cannot name an element, `_` stands for what is wrong in it.
fn legal_name(name: &str) -> Cow<'_, str> {
    let may_begin = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let may_follow = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.bytes().next().is_some_and(may_begin) && name.bytes().all(may_follow) {
        return Cow::Borrowed(name);
    }
    let is_legal = |c: &char| u8::try_from(*c).is_ok_and(may_follow);
    let mut legal: String = name.chars().map(|c| if is_legal(&c) { c } else { '_' }).collect();
    if !legal.bytes().next().is_some_and(may_begin) {
        legal.insert(0, '_');
    }
    Cow::Owned(legal)
}

fn legal(text: &str) -> String {
    text.chars().filter(|c| is_legal(*c)).collect()
}

/// XML 1.0 has no way to write most control characters, not even escaped.
fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn document(content: impl FnOnce(&mut Xml) -> io::Result<()>) -> Vec<u8> {
    let mut writer = Writer::new(PROLOG.to_vec());
    // Writing to memory cannot fail.
    let _ = content(&mut writer);
    writer.into_inner()
}
