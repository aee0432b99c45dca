//! The side of the types: their visitors and seeds as objects, and objects as the reader that they see.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::fault::Fault;
use super::format::used_twice;
use super::shape::{
    AnyShape, EnumShape, MapShape, NewtypeShape, OptionShape, SeqShape, TextShape, VisitorShape,
};
use super::{Choice, ErasedItems, ErasedMembers, Given, Reader, Seed, Source, Target, Wanted};
use crate::text::KeyNames;

/// A visitor of a shape, or a seed, and what it made.
struct ErasedSlot<U, V, K> {
    used: Option<U>,
    made: Option<V>,
    shape: PhantomData<K>,
}

impl<U, V, K> ErasedSlot<U, V, K> {
    fn new(used: U) -> Self {
        Self { used: Some(used), made: None, shape: PhantomData }
    }

    fn made(self) -> Result<V, Fault> {
        self.made.ok_or_else(used_twice)
    }
}

impl<'de, V: Visitor<'de>, K: VisitorShape> Target<'de> for ErasedSlot<V, V::Value, K> {
    fn take(&mut self, given: Given<'_, 'de>) -> Result<(), Fault> {
        let visitor = self.used.take().ok_or_else(used_twice)?;
        self.made = Some(K::give(visitor, given)?);
        Ok(())
    }

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.used.as_ref().map_or(Ok(()), |visitor| visitor.expecting(formatter))
    }
}

impl<'de, S: DeserializeSeed<'de>> Seed<'de> for ErasedSlot<S, S::Value, ()> {
    fn read(&mut self, source: &mut dyn Source<'de>) -> Result<(), Fault> {
        let seed = self.used.take().ok_or_else(used_twice)?;
        self.made = Some(seed.deserialize(Reader(source))?);
        Ok(())
    }
}

impl<'de> Reader<'_, dyn Source<'de> + '_> {
    // Once for each visitor, and not for each member that has it; so are the others below.
    #[inline(never)]
    fn read<V: Visitor<'de>, K: VisitorShape>(self, wanted: Wanted, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::<_, _, K>::new(visitor);
        self.0.read(wanted, &mut slot)?;
        slot.made()
    }
}

macro_rules! wanted {
    ($($deserialize:ident($($argument:ident: $type:ty),*) => $shape:ident $wanted:expr),* $(,)?) => { $(
        fn $deserialize<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Fault> {
            self.read::<V, $shape>($wanted, visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'_, dyn Source<'de> + '_> {
    type Error = Fault;

    wanted!(
        deserialize_any() => AnyShape Wanted::Any,
        deserialize_bool() => AnyShape Wanted::Bool,
        deserialize_i8() => AnyShape Wanted::I8,
        deserialize_i16() => AnyShape Wanted::I16,
        deserialize_i32() => AnyShape Wanted::I32,
        deserialize_i64() => AnyShape Wanted::I64,
        deserialize_i128() => AnyShape Wanted::I128,
        deserialize_u8() => AnyShape Wanted::U8,
        deserialize_u16() => AnyShape Wanted::U16,
        deserialize_u32() => AnyShape Wanted::U32,
        deserialize_u64() => AnyShape Wanted::U64,
        deserialize_u128() => AnyShape Wanted::U128,
        deserialize_f32() => AnyShape Wanted::F32,
        deserialize_f64() => AnyShape Wanted::F64,
        deserialize_char() => AnyShape Wanted::Char,
        deserialize_str() => TextShape Wanted::Str,
        deserialize_string() => TextShape Wanted::String,
        deserialize_bytes() => AnyShape Wanted::Bytes,
        deserialize_byte_buf() => AnyShape Wanted::ByteBuf,
        deserialize_option() => OptionShape Wanted::Option,
        deserialize_unit() => AnyShape Wanted::Unit,
        deserialize_unit_struct(name: &'static str) => AnyShape Wanted::UnitStruct(name),
        deserialize_newtype_struct(name: &'static str) => NewtypeShape Wanted::NewtypeStruct(name),
        deserialize_seq() => SeqShape Wanted::Seq,
        deserialize_tuple(length: usize) => SeqShape Wanted::Tuple(length),
        deserialize_tuple_struct(name: &'static str, length: usize) => SeqShape Wanted::TupleStruct(name, length),
        deserialize_map() => MapShape Wanted::Map,
        deserialize_struct(name: &'static str, members: KeyNames) => MapShape Wanted::Struct(name, members),
        deserialize_enum(name: &'static str, variants: KeyNames) => EnumShape Wanted::Enum(name, variants),
        deserialize_identifier() => TextShape Wanted::Identifier,
        deserialize_ignored_any() => AnyShape Wanted::IgnoredAny,
    );

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl<'de> SeqAccess<'de> for Reader<'_, dyn ErasedItems<'de> + '_> {
    type Error = Fault;

    #[inline(never)]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut slot = ErasedSlot::<_, _, ()>::new(seed);
        if self.0.next(&mut slot)? { slot.made().map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de> MapAccess<'de> for Reader<'_, dyn ErasedMembers<'de> + '_> {
    type Error = Fault;

    #[inline(never)]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let mut slot = ErasedSlot::<_, _, ()>::new(seed);
        if self.0.key(&mut slot)? { slot.made().map(Some) } else { Ok(None) }
    }

    #[inline(never)]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let mut slot = ErasedSlot::<_, _, ()>::new(seed);
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
        let mut slot = ErasedSlot::<_, _, ()>::new(seed);
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
        let mut slot = ErasedSlot::<_, _, ()>::new(seed);
        self.0.newtype(&mut slot)?;
        slot.made()
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::<_, _, SeqShape>::new(visitor);
        self.0.tuple(length, &mut slot)?;
        slot.made()
    }

    fn struct_variant<V: Visitor<'de>>(self, names: KeyNames, visitor: V) -> Result<V::Value, Fault> {
        let mut slot = ErasedSlot::<_, _, MapShape>::new(visitor);
        self.0.members(names, &mut slot)?;
        slot.made()
    }
}
