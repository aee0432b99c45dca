//! What an operation answers with: an ordered tree that comes out as JSON or XML.

use std::borrow::Cow;

use jiff::Timestamp;

/// One node of a reply. Order is kept, because the documented samples have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The id of this very call; filled in when the reply is encoded.
    RequestId,
    /// `true` or `false`.
    Bool(bool),
    /// A number; always written in full (`1000`, never `1E3`: Go's reader takes that for 1, spec/protocol.md §3.2).
    Int(i64),
    /// An address of this very server, given by its path. How the caller reaches it is known where the reply is
    /// encoded; the model knows no host.
    Link(String),
    /// A text.
    Text(Cow<'static, str>),
    /// An object.
    Map(Vec<(&'static str, Value)>),
    /// A list. `item` names each element in XML.
    List {
        /// Element name in XML.
        item: &'static str,
        /// The elements.
        values: Vec<Value>,
    },
}

impl Value {
    /// A number. Larger ones than JSON readers take do not occur; they would be shown as the largest.
    pub fn int(number: impl TryInto<i64>) -> Self {
        Self::Int(number.try_into().unwrap_or(i64::MAX))
    }

    /// A time as the product writes it: ms since 1970.
    pub fn millis(time: Timestamp) -> Self {
        Self::Int(time.as_millisecond())
    }

    /// A reply that begins with its id, as most do.
    pub fn reply(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(std::iter::once(("RequestId", Self::RequestId)).chain(members).collect())
    }

    /// A text that lives as long as the program, or an owned one.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }
}
