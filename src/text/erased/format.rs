//! The side of the format: its reader as objects, and objects as what it calls.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::fault::Fault;
use super::{Choice, ErasedItems, ErasedMembers, Given, Seed, Source, Target, Wanted};
use crate::text::KeyNames;

/// What the reader lends, and the error with which that failed: types see only its message.
pub(super) struct Held<H, E> {
    held: Option<H>,
    error: Option<E>,
}

impl<H, E: Error> Held<H, E> {
    pub(super) fn new(held: H) -> Self {
        Self { held: Some(held), error: None }
    }

    /// The reader's own error in place of what stood for it.
    pub(super) fn settle<T>(self, outcome: Result<T, Fault>) -> Result<T, E> {
        outcome.map_err(|fault| match self.error {
            Some(error) if fault.is_kept() => error,
            _ => fault.into_error(),
        })
    }

    fn keep<T>(&mut self, outcome: Result<T, E>) -> Result<T, Fault> {
        outcome.map_err(|error| {
            let message = error.to_string();
            self.error = Some(error);
            Fault::kept(message)
        })
    }

    fn held(&mut self) -> Result<H, Fault> {
        self.held.take().ok_or_else(used_twice)
    }

    fn lent(&mut self) -> Result<&mut H, Fault> {
        self.held.as_mut().ok_or_else(used_twice)
    }
}

pub(super) fn used_twice() -> Fault {
    Fault::custom("a value was read twice, or not at all")
}

impl<'de, D: Deserializer<'de>> Source<'de> for Held<D, D::Error> {
    fn read(&mut self, wanted: Wanted, target: &mut dyn Target<'de>) -> Result<(), Fault> {
        let (source, target) = (self.held()?, Filled(target));
        let read = match wanted {
            Wanted::Any => source.deserialize_any(target),
            Wanted::Bool => source.deserialize_bool(target),
            Wanted::I8 => source.deserialize_i8(target),
            Wanted::I16 => source.deserialize_i16(target),
            Wanted::I32 => source.deserialize_i32(target),
            Wanted::I64 => source.deserialize_i64(target),
            Wanted::I128 => source.deserialize_i128(target),
            Wanted::U8 => source.deserialize_u8(target),
            Wanted::U16 => source.deserialize_u16(target),
            Wanted::U32 => source.deserialize_u32(target),
            Wanted::U64 => source.deserialize_u64(target),
            Wanted::U128 => source.deserialize_u128(target),
            Wanted::F32 => source.deserialize_f32(target),
            Wanted::F64 => source.deserialize_f64(target),
            Wanted::Char => source.deserialize_char(target),
            Wanted::Str => source.deserialize_str(target),
            Wanted::String => source.deserialize_string(target),
            Wanted::Bytes => source.deserialize_bytes(target),
            Wanted::ByteBuf => source.deserialize_byte_buf(target),
            Wanted::Option => source.deserialize_option(target),
            Wanted::Unit => source.deserialize_unit(target),
            Wanted::UnitStruct(name) => source.deserialize_unit_struct(name, target),
            Wanted::NewtypeStruct(name) => source.deserialize_newtype_struct(name, target),
            Wanted::Seq => source.deserialize_seq(target),
            Wanted::Tuple(length) => source.deserialize_tuple(length, target),
            Wanted::TupleStruct(name, length) => source.deserialize_tuple_struct(name, length, target),
            Wanted::Map => source.deserialize_map(target),
            Wanted::Struct(name, members) => source.deserialize_struct(name, members, target),
            Wanted::Enum(name, variants) => source.deserialize_enum(name, variants, target),
            Wanted::Identifier => source.deserialize_identifier(target),
            Wanted::IgnoredAny => source.deserialize_ignored_any(target),
        };
        self.keep(read)
    }

    fn is_human_readable(&self) -> bool {
        self.held.as_ref().is_none_or(Deserializer::is_human_readable)
    }
}

impl<'de, A: SeqAccess<'de>> ErasedItems<'de> for Held<A, A::Error> {
    fn next(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault> {
        let read = self.lent()?.next_element_seed(Filled(seed));
        self.keep(read).map(|read| read.is_some())
    }

    fn size_hint(&self) -> Option<usize> {
        self.held.as_ref().and_then(SeqAccess::size_hint)
    }
}

impl<'de, A: MapAccess<'de>> ErasedMembers<'de> for Held<A, A::Error> {
    fn key(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault> {
        let read = self.lent()?.next_key_seed(Filled(seed));
        self.keep(read).map(|read| read.is_some())
    }

    fn value(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        let read = self.lent()?.next_value_seed(Filled(seed));
        self.keep(read)
    }

    fn size_hint(&self) -> Option<usize> {
        self.held.as_ref().and_then(MapAccess::size_hint)
    }
}

/// An enum, before and after its variant is known.
struct Branch<A, V, E> {
    access: Held<A, E>,
    variant: Option<V>,
}

impl<A, V, E: Error> Branch<A, V, E> {
    fn chosen(&mut self) -> Result<V, Fault> {
        self.variant.take().ok_or_else(used_twice)
    }
}

impl<'de, A: EnumAccess<'de>> Choice<'de> for Branch<A, A::Variant, A::Error> {
    fn variant(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        let read = self.access.held()?.variant_seed(Filled(seed));
        let ((), variant) = self.access.keep(read)?;
        self.variant = Some(variant);
        Ok(())
    }

    fn unit(&mut self) -> Result<(), Fault> {
        let read = self.chosen()?.unit_variant();
        self.access.keep(read)
    }

    fn newtype(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault> {
        let read = self.chosen()?.newtype_variant_seed(Filled(seed));
        self.access.keep(read)
    }

    fn tuple(&mut self, length: usize, target: &mut dyn Target<'de>) -> Result<(), Fault> {
        let read = self.chosen()?.tuple_variant(length, Filled(target));
        self.access.keep(read)
    }

    fn members(&mut self, names: KeyNames, target: &mut dyn Target<'de>) -> Result<(), Fault> {
        let read = self.chosen()?.struct_variant(names, Filled(target));
        self.access.keep(read)
    }
}

/// The visitor or the seed that the reader sees; what it makes stays in the object.
struct Filled<'a, T: ?Sized>(&'a mut T);

/// Values that hold no others: an error is of the type, in whatever terms the reader has.
macro_rules! given {
    ($($visit:ident($from:ty) => $kind:ident),* $(,)?) => { $(
        fn $visit<E: Error>(self, value: $from) -> Result<(), E> {
            self.0.take(Given::$kind(value.into())).map_err(Fault::into_error)
        }
    )* };
}

impl<'de> Visitor<'de> for Filled<'_, dyn Target<'de> + '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    given!(
        visit_bool(bool) => Bool,
        visit_i64(i64) => I64,
        visit_i128(i128) => I128,
        visit_u64(u64) => U64,
        visit_u128(u128) => U128,
        visit_f64(f64) => F64,
        visit_char(char) => Char,
        visit_str(&str) => Str,
        visit_bytes(&[u8]) => Bytes,
    );

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.take(Given::Unit).map_err(Fault::into_error)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.0.take(Given::None).map_err(Fault::into_error)
    }

    fn visit_some<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        let mut source = Held::new(source);
        let read = self.0.take(Given::Some(&mut source));
        source.settle(read)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        let mut source = Held::new(source);
        let read = self.0.take(Given::Newtype(&mut source));
        source.settle(read)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let mut items = Held::new(items);
        let read = self.0.take(Given::Seq(&mut items));
        items.settle(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let mut members = Held::new(members);
        let read = self.0.take(Given::Map(&mut members));
        members.settle(read)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, choice: A) -> Result<(), A::Error> {
        let mut choice = Branch { access: Held::new(choice), variant: None };
        let read = self.0.take(Given::Enum(&mut choice));
        choice.access.settle(read)
    }
}

impl<'de> DeserializeSeed<'de> for Filled<'_, dyn Seed<'de> + '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        let mut source = Held::new(source);
        let read = self.0.read(&mut source);
        source.settle(read)
    }
}
