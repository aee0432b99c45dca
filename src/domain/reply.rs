//! The reply of an operation: an ordered tree that is written as JSON or XML.
//!
//! It carries the element names that XML needs: only the operation knows them.

use std::borrow::Cow;

use jiff::Timestamp;

use super::task_id::TaskId;

/// One node of a reply. Order is kept, because the documented samples have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The id of the call, filled in when the reply is encoded.
    RequestId,
    Bool(bool),
    /// A number; always written in full (`1000`, never `1E3`: Go's reader takes that for 1, spec/protocol.md §3.2).
    Int(i64),
    /// A number with a fraction, as its digits: an exponent would be misread in the same way. Made by [`Value::decimal`].
    Decimal(Box<str>),
    /// An address of this server, given by its path; the host is added when the reply is encoded.
    Link(String),
    Text(Cow<'static, str>),
    Map(Vec<Member>),
    /// A list. `item` names each element in XML.
    List {
        item: Cow<'static, str>,
        values: Vec<Value>,
    },
}

/// A name, which a scripted answer may have made up, and its value.
pub(crate) type Member = (Cow<'static, str>, Value);

/// The members of a map, as in JSON; each value is converted into a [`Value`].
macro_rules! members {
    ($($name:literal: $value:expr),* $(,)?) => {
        vec![$((::std::borrow::Cow::Borrowed($name), $crate::domain::Value::from($value))),*]
    };
}

pub(crate) use members;

impl Value {
    /// A reply that begins with its id, as most do.
    pub fn reply(members: impl IntoIterator<Item = Member>) -> Self {
        Self::Map(std::iter::once((Cow::Borrowed("RequestId"), Self::RequestId)).chain(members).collect())
    }

    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A number with a fraction; 0 for what is no number.
    pub fn decimal(number: f64) -> Self {
        // Without an exponent, however large or small it is.
        Self::Decimal(if number.is_finite() { number.to_string().into() } else { "0".into() })
    }

    pub fn list(item: impl Into<Cow<'static, str>>, values: impl IntoIterator<Item = Self>) -> Self {
        Self::List { item: item.into(), values: values.into_iter().collect() }
    }
}

macro_rules! from {
    ($($source:ty: $value:ident => $made:expr;)*) => { $(
        impl From<$source> for Value {
            fn from($value: $source) -> Self {
                $made
            }
        }
    )* };
}

from! {
    bool: value => Self::Bool(value);
    i64: number => Self::Int(number);
    i32: number => Self::Int(number.into());
    u32: number => Self::Int(number.into());
    u8: number => Self::Int(number.into());
    // No count and no number of a task comes near the end of the range.
    usize: number => Self::Int(i64::try_from(number).unwrap_or(i64::MAX));
    u64: number => Self::Int(i64::try_from(number).unwrap_or(i64::MAX));
    &'static str: text => Self::text(text);
    String: text => Self::text(text);
    &String: text => Self::text(text.clone());
    // On the wire, ids are hex digits, and times ms since 1970.
    TaskId: id => Self::text(id.to_string());
    Timestamp: time => Self::Int(time.as_millisecond());
}
