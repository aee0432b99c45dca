//! The error that a type sees while it is read through trait objects; the reader's own is put in its place afterwards.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::text::KeyNames;

/// In a box: each place that passes one on moves no more than its address.
#[derive(Debug)]
pub(super) struct Fault(Box<FaultKind>);

/// Either the reader's, which the owner of the reader has kept, or what a type said, word for word.
#[derive(Debug)]
enum FaultKind {
    /// With the reader's message, for types that quote it.
    Kept(String),
    Custom(String),
    Type(Found, String),
    Value(Found, String),
    Length(usize, String),
    Variant(String, KeyNames),
    Field(String, KeyNames),
    Missing(&'static str),
    Twice(&'static str),
}

/// `Unexpected`, with a text of its own.
#[derive(Debug)]
pub(super) enum Found {
    Plain(Unexpected<'static>),
    Str(String),
    Bytes(Vec<u8>),
    Other(String),
}

impl Fault {
    /// That of the reader, which its owner keeps; types see the message.
    pub(super) fn kept(message: String) -> Self {
        FaultKind::Kept(message).into()
    }

    pub(super) fn is_kept(&self) -> bool {
        matches!(*self.0, FaultKind::Kept(_))
    }

    /// What the reader would have said.
    pub(super) fn into_error<E: Error>(self) -> E {
        self.0.into_error()
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self(Box::new(kind))
    }
}

impl FaultKind {
    fn into_error<E: Error>(self) -> E {
        match self {
            Self::Kept(message) | Self::Custom(message) => E::custom(message),
            Self::Type(found, expected) => E::invalid_type(found.unexpected(), &expected.as_str()),
            Self::Value(found, expected) => E::invalid_value(found.unexpected(), &expected.as_str()),
            Self::Length(length, expected) => E::invalid_length(length, &expected.as_str()),
            Self::Variant(variant, expected) => E::unknown_variant(&variant, expected),
            Self::Field(field, expected) => E::unknown_field(&field, expected),
            Self::Missing(field) => E::missing_field(field),
            Self::Twice(field) => E::duplicate_field(field),
        }
    }
}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        FaultKind::Custom(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FaultKind::Type(found.into(), expected.to_string()).into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        FaultKind::Value(found.into(), expected.to_string()).into()
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        FaultKind::Length(length, expected.to_string()).into()
    }

    fn unknown_variant(variant: &str, expected: KeyNames) -> Self {
        FaultKind::Variant(variant.to_owned(), expected).into()
    }

    fn unknown_field(field: &str, expected: KeyNames) -> Self {
        FaultKind::Field(field.to_owned(), expected).into()
    }

    fn missing_field(field: &'static str) -> Self {
        FaultKind::Missing(field).into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        FaultKind::Twice(field).into()
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use serde::de::value;
        let words: value::Error = match &*self.0 {
            FaultKind::Kept(message) | FaultKind::Custom(message) => return formatter.write_str(message),
            FaultKind::Type(found, expected) => Error::invalid_type(found.unexpected(), &expected.as_str()),
            FaultKind::Value(found, expected) => Error::invalid_value(found.unexpected(), &expected.as_str()),
            FaultKind::Length(length, expected) => Error::invalid_length(*length, &expected.as_str()),
            FaultKind::Variant(variant, expected) => Error::unknown_variant(variant, expected),
            FaultKind::Field(field, expected) => Error::unknown_field(field, expected),
            FaultKind::Missing(field) => Error::missing_field(field),
            FaultKind::Twice(field) => Error::duplicate_field(field),
        };
        words.fmt(formatter)
    }
}

impl From<Unexpected<'_>> for Found {
    fn from(found: Unexpected<'_>) -> Self {
        Self::Plain(match found {
            Unexpected::Str(text) => return Self::Str(text.to_owned()),
            Unexpected::Bytes(bytes) => return Self::Bytes(bytes.to_owned()),
            Unexpected::Other(what) => return Self::Other(what.to_owned()),
            Unexpected::Bool(value) => Unexpected::Bool(value),
            Unexpected::Unsigned(value) => Unexpected::Unsigned(value),
            Unexpected::Signed(value) => Unexpected::Signed(value),
            Unexpected::Float(value) => Unexpected::Float(value),
            Unexpected::Char(value) => Unexpected::Char(value),
            Unexpected::Unit => Unexpected::Unit,
            Unexpected::Option => Unexpected::Option,
            Unexpected::NewtypeStruct => Unexpected::NewtypeStruct,
            Unexpected::Seq => Unexpected::Seq,
            Unexpected::Map => Unexpected::Map,
            Unexpected::Enum => Unexpected::Enum,
            Unexpected::UnitVariant => Unexpected::UnitVariant,
            Unexpected::NewtypeVariant => Unexpected::NewtypeVariant,
            Unexpected::TupleVariant => Unexpected::TupleVariant,
            Unexpected::StructVariant => Unexpected::StructVariant,
        })
    }
}

impl Found {
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Plain(found) => *found,
            Self::Str(text) => Unexpected::Str(text),
            Self::Bytes(bytes) => Unexpected::Bytes(bytes),
            Self::Other(what) => Unexpected::Other(what),
        }
    }
}
