//! The names of the keys that a type reads, as its derived code has them.

use std::cell::Cell;

use serde::de::value::Error as ValueError;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

use super::KeyNames;

/// Those of `T`; none if it reads no keys.
pub(crate) fn fields<T: for<'de> Deserialize<'de>>() -> KeyNames {
    let found = Cell::new(&[] as KeyNames);
    // It always fails: there is nothing to read.
    let _ = T::deserialize(Asked(&found));
    found.get()
}

/// Keeps what it is asked for.
struct Asked<'f>(&'f Cell<KeyNames>);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: KeyNames,
        _: V,
    ) -> Result<V::Value, ValueError> {
        self.0.set(names);
        Err(ValueError::custom(""))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom(""))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Two {
        #[serde(rename = "first")]
        _one: u8,
        #[serde(rename = "second")]
        _other: Option<String>,
    }

    #[derive(serde::Deserialize)]
    #[serde(try_from = "Two")]
    struct Checked;

    impl TryFrom<Two> for Checked {
        type Error = String;

        fn try_from(_: Two) -> Result<Self, String> {
            Ok(Self)
        }
    }

    #[test]
    fn keys_are_known_without_a_value() {
        assert_eq!(
            (fields::<Two>(), fields::<Checked>()),
            (&["first", "second"] as KeyNames, &["first", "second"] as KeyNames)
        );
        assert_eq!(fields::<u8>(), &[] as KeyNames);
    }
}
