//! What a visitor is ready for: of all that a reader can give, only this is compiled for it, and the rest is refused.

use serde::de::{Error, Expected, Unexpected, Visitor};

use super::fault::Fault;
use super::{Given, Reader};

/// Gives to a visitor what its type can have asked for.
pub(super) trait VisitorShape {
    fn give<'de, V: Visitor<'de>>(visitor: V, given: Given<'_, 'de>) -> Result<V::Value, Fault>;
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $shape:ident { $($given:pat => |$visitor:ident| $give:expr),* $(,)? })*) => { $(
        $(#[$doc])*
        pub(super) struct $shape;

        impl VisitorShape for $shape {
            fn give<'de, V: Visitor<'de>>(visitor: V, given: Given<'_, 'de>) -> Result<V::Value, Fault> {
                match given {
                    $($given => { let $visitor = visitor; $give })*
                    given => Err(given.refused(&visitor)),
                }
            }
        }
    )* };
}

shapes! {
    /// Whatever the reader finds, which gives enums only to those who ask for one; numbers too, whose visitors are few.
    AnyShape {
        Given::Bool(value) => |visitor| visitor.visit_bool(value),
        Given::I64(value) => |visitor| visitor.visit_i64(value),
        Given::I128(value) => |visitor| visitor.visit_i128(value),
        Given::U64(value) => |visitor| visitor.visit_u64(value),
        Given::U128(value) => |visitor| visitor.visit_u128(value),
        Given::F64(value) => |visitor| visitor.visit_f64(value),
        Given::Char(value) => |visitor| visitor.visit_char(value),
        Given::Str(value) => |visitor| visitor.visit_str(value),
        Given::Bytes(value) => |visitor| visitor.visit_bytes(value),
        Given::Unit => |visitor| visitor.visit_unit(),
        Given::None => |visitor| visitor.visit_none(),
        Given::Some(source) => |visitor| visitor.visit_some(Reader(source)),
        Given::Newtype(source) => |visitor| visitor.visit_newtype_struct(Reader(source)),
        Given::Seq(items) => |visitor| visitor.visit_seq(Reader(items)),
        Given::Map(members) => |visitor| visitor.visit_map(Reader(members)),
    }
    /// Texts, and names of members and variants.
    TextShape {
        Given::Str(value) => |visitor| visitor.visit_str(value),
    }
    OptionShape {
        Given::Unit | Given::None => |visitor| visitor.visit_none(),
        Given::Some(source) => |visitor| visitor.visit_some(Reader(source)),
    }
    NewtypeShape {
        Given::Newtype(source) => |visitor| visitor.visit_newtype_struct(Reader(source)),
    }
    SeqShape {
        Given::Seq(items) => |visitor| visitor.visit_seq(Reader(items)),
    }
    MapShape {
        Given::Map(members) => |visitor| visitor.visit_map(Reader(members)),
    }
    EnumShape {
        Given::Enum(choice) => |visitor| visitor.visit_enum(Reader(choice)),
    }
}

impl Given<'_, '_> {
    /// What a visitor says of a kind that it does not know.
    fn refused(&self, expected: &dyn Expected) -> Fault {
        let other = |text: String| Fault::invalid_type(Unexpected::Other(&text), expected);
        let found = match self {
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::I64(value) => Unexpected::Signed(*value),
            Self::I128(value) => return other(format!("integer `{value}` as i128")),
            Self::U64(value) => Unexpected::Unsigned(*value),
            Self::U128(value) => return other(format!("integer `{value}` as u128")),
            Self::F64(value) => Unexpected::Float(*value),
            Self::Char(value) => Unexpected::Char(*value),
            Self::Str(value) => Unexpected::Str(value),
            Self::Bytes(value) => Unexpected::Bytes(value),
            Self::Unit => Unexpected::Unit,
            Self::None | Self::Some(_) => Unexpected::Option,
            Self::Newtype(_) => Unexpected::NewtypeStruct,
            Self::Seq(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
            Self::Enum(_) => Unexpected::Enum,
        };
        Fault::invalid_type(found, expected)
    }
}
