//! What an operation answers with: an ordered tree that comes out as JSON or XML.

use std::borrow::Cow;

/// One node of a reply. Order is kept, because the documented samples have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The id of this very call; filled in when the reply is encoded.
    RequestId,
    /// `true` or `false`.
    Bool(bool),
    /// A number; always written in full (`1000`, never `1E3`: Go's reader takes that for 1, spec/protocol.md §3.2).
    Int(i64),
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
    /// A text that lives as long as the program, or an owned one.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }
}
