//! The reply of an operation: an ordered tree that is written as JSON or XML.
//!
//! It carries the element names that XML needs: only the operation knows them.

use std::borrow::Cow;

use jiff::Timestamp;

/// One node of a reply. Order is kept, because the documented samples have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The id of the call, filled in when the reply is encoded.
    RequestId,
    Bool(bool),
    /// A number; always written in full (`1000`, never `1E3`: Go's reader takes that for 1, spec/protocol.md §3.2).
    Int(i64),
    /// An address of this server, given by its path; the host is added when the reply is encoded.
    Link(String),
    Text(Cow<'static, str>),
    Map(Vec<(&'static str, Value)>),
    /// A list. `item` names each element in XML.
    List {
        item: &'static str,
        values: Vec<Value>,
    },
}

impl Value {
    pub fn int(number: impl TryInto<i64>) -> Self {
        Self::Int(number.try_into().unwrap_or(i64::MAX))
    }

    /// A time in ms since 1970.
    pub fn millis(time: Timestamp) -> Self {
        Self::Int(time.as_millisecond())
    }

    /// A reply that begins with its id, as most do.
    pub fn reply(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(std::iter::once(("RequestId", Self::RequestId)).chain(members).collect())
    }

    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }
}
