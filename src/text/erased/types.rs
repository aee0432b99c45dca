//! The side of the types: their visitors and seeds as objects, and objects as the reader that they see.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::fault::Fault;
use super::format::used_twice;
use super::{Choice, ErasedItems, ErasedMembers, Given, Names, Seed, Source, Target, Wanted};

/// A visitor or a seed, and what it made.
struct ErasedSlot<U, V> {
    used: Option<U>,
    made: Option<V>,
}

impl<U, V> ErasedSlot<U, V> {
    fn new(used: U) -> Self {
        Self { used: Some(used), made: None }
    }

    fn made(self) -> Result<V, Fault> {
        self.made.ok_or_else(used_twice)
    }
}

impl<'de, V: Visitor<'de>> Target<'de> for ErasedSlot<V, V::Value> {
    fn take(&mut self, given: Given<'_, 'de>) -> Result<(), Fault> {
        let visitor = self.used.take().ok_or_else(used_twice)?;
        let made = match given {
            Given::Bool(value) => visitor.visit_bool(value),
            Given::I64(value) => visitor.visit_i64(value),
            Given::I128(value) => visitor.visit_i128(value),
            Given::U64(value) => visitor.visit_u64(value),
            Given::U128(value) => visitor.visit_u128(value),
            Given::F64(value) => visitor.visit_f64(value),
            Given::Char(value) => visitor.visit_char(value),
            Given::Str(value) => visitor.visit_str(value),
            Given::Lent(value) => visitor.visit_borrowed_str(value),
            Given::String(value) => visitor.visit_string(value),
            Given::Bytes(value) => visitor.visit_bytes(value),
            Given::Unit => visitor.visit_unit(),
            Given::None => visitor.visit_none(),
            Given::Some(source) => visitor.visit_some(Reader(source)),
            Given::Newtype(source) => visitor.visit_newtype_struct(Reader(source)),
            Given::Seq(items) => visitor.visit_seq(Reader(items)),
            Given::Map(members) => visitor.visit_map(Reader(members)),
            Given::Enum(choice) => visitor.visit_enum(Reader(choice)),
        };
        self.made = Some(made?);
        Ok(())
    }

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.used.as_ref().map_or(Ok(()), |visitor| visitor.expecting(formatter))
    }
}

impl<'de, S: DeserializeSeed<'de>> Seed<'de> for ErasedSlot<S, S::Value> {
    fn read(&mut self, source: &mut dyn Source<'de>) -> Result<(), Fault> {
        let seed = self.used.take().ok_or_else(used_twice)?;
        self.made = Some(seed.deserialize(Reader(source))?);
        Ok(())
    }
}

/// What a type reads from.
pub(super) struct Reader<'a, T: ?Sized>(pub(super) &'a mut T);

impl<'de> Reader<'_, dyn Source<'de> + '_> {
    fn read<V: Visitor<'de>>(self, wanted: Wanted, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::new(visitor);
        self.0.read(wanted, &mut slot)?;
        slot.made()
    }
}

macro_rules! wanted {
    ($($deserialize:ident($($argument:ident: $type:ty),*) => $wanted:expr),* $(,)?) => { $(
        fn $deserialize<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Fault> {
            self.read($wanted, visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'_, dyn Source<'de> + '_> {
    type Error = Fault;

    wanted!(
        deserialize_any() => Wanted::Any,
        deserialize_bool() => Wanted::Bool,
        deserialize_i8() => Wanted::I8,
        deserialize_i16() => Wanted::I16,
        deserialize_i32() => Wanted::I32,
        deserialize_i64() => Wanted::I64,
        deserialize_i128() => Wanted::I128,
        deserialize_u8() => Wanted::U8,
        deserialize_u16() => Wanted::U16,
        deserialize_u32() => Wanted::U32,
        deserialize_u64() => Wanted::U64,
        deserialize_u128() => Wanted::U128,
        deserialize_f32() => Wanted::F32,
        deserialize_f64() => Wanted::F64,
        deserialize_char() => Wanted::Char,
        deserialize_str() => Wanted::Str,
        deserialize_string() => Wanted::String,
        deserialize_bytes() => Wanted::Bytes,
        deserialize_byte_buf() => Wanted::ByteBuf,
        deserialize_option() => Wanted::Option,
        deserialize_unit() => Wanted::Unit,
        deserialize_unit_struct(name: &'static str) => Wanted::UnitStruct(name),
        deserialize_newtype_struct(name: &'static str) => Wanted::NewtypeStruct(name),
        deserialize_seq() => Wanted::Seq,
        deserialize_tuple(length: usize) => Wanted::Tuple(length),
        deserialize_tuple_struct(name: &'static str, length: usize) => Wanted::TupleStruct(name, length),
        deserialize_map() => Wanted::Map,
        deserialize_struct(name: &'static str, members: Names) => Wanted::Struct(name, members),
        deserialize_enum(name: &'static str, variants: Names) => Wanted::Enum(name, variants),
        deserialize_identifier() => Wanted::Identifier,
        deserialize_ignored_any() => Wanted::IgnoredAny,
    );

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl<'de> SeqAccess<'de> for Reader<'_, dyn ErasedItems<'de> + '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut slot = ErasedSlot::new(seed);
        if self.0.next(&mut slot)? { slot.made().map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de> MapAccess<'de> for Reader<'_, dyn ErasedMembers<'de> + '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut slot = ErasedSlot::new(seed);
        if self.0.key(&mut slot)? { slot.made().map(Some) } else { Ok(None) }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let mut slot = ErasedSlot::new(seed);
        self.0.value(&mut slot)?;
        slot.made()
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de> EnumAccess<'de> for Reader<'_, dyn Choice<'de> + '_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let mut slot = ErasedSlot::new(seed);
        self.0.variant(&mut slot)?;
        Ok((slot.made()?, self))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_, dyn Choice<'de> + '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.0.unit()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let mut slot = ErasedSlot::new(seed);
        self.0.newtype(&mut slot)?;
        slot.made()
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::new(visitor);
        self.0.tuple(length, &mut slot)?;
        slot.made()
    }

    fn struct_variant<V: Visitor<'de>>(self, names: Names, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::new(visitor);
        self.0.members(names, &mut slot)?;
        slot.made()
    }
}
