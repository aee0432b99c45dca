//! Numbers and lists in documents, each with the most that it may be.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// A whole number from 0 to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtMost<const MOST: u32>(u32);

/// A list of up to `MOST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListOf<T, const MOST: u32>(pub(crate) Vec<T>);

/// Reads a member that is a plain number in the model.
pub(crate) fn number<'de, const MOST: u32, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    AtMost::<MOST>::deserialize(deserializer).map(Into::into)
}

/// Reads a member that is a plain list in the model.
pub(crate) fn list<'de, const MOST: u32, T: Deserialize<'de>, L: From<Vec<T>>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<L, D::Error> {
    ListOf::<T, MOST>::deserialize(deserializer).map(|ListOf(list)| list.into())
}

/// Reads a member that is a plain map in the model. More than `MOST` are refused.
pub(crate) fn map<
    'de,
    const MOST: u32,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
>(
    deserializer: D,
) -> Result<BTreeMap<K, V>, D::Error> {
    let map = BTreeMap::<K, V>::deserialize(deserializer)?;
    if map.len() > MOST as usize { Err(D::Error::custom(too_long(MOST))) } else { Ok(map) }
}

/// What is said about a longer list.
pub(crate) fn too_long(most: u32) -> String {
    format!("expected a list of at most {most}, not a longer one")
}

impl<'de, const MOST: u32> Deserialize<'de> for AtMost<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any number of any kind is refused in the same words, and outside of the visitor: there an error is known to be
        // of the value, and not of its key.
        macro_rules! numbers {
            ($($visit:ident($number:ty)),*) => { $(
                fn $visit<E: Error>(self, number: $number) -> Result<Self::Value, E> {
                    let fits = number.to_string().parse().ok().filter(|fits| *fits <= self.0);
                    Ok(fits.ok_or_else(|| number.to_string()))
                }
            )* };
        }
        struct Number(u32);
        impl Visitor<'_> for Number {
            type Value = Result<u32, String>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "a whole number from 0 to {}", self.0)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Err(format!("{text:?}")))
            }

            numbers!(visit_u64(u64), visit_i64(i64), visit_u128(u128), visit_i128(i128), visit_f64(f64));
        }
        let number = deserializer.deserialize_any(Number(MOST))?;
        number.map(Self).map_err(|found| {
            D::Error::custom(format!("expected a whole number from 0 to {MOST}, not {found}"))
        })
    }
}

impl<const MOST: u32> From<AtMost<MOST>> for u32 {
    fn from(AtMost(number): AtMost<MOST>) -> Self {
        number
    }
}

impl<const MOST: u32> From<AtMost<MOST>> for usize {
    fn from(AtMost(number): AtMost<MOST>) -> Self {
        number as Self
    }
}

impl<'de, T: Deserialize<'de>, const MOST: u32> Deserialize<'de> for ListOf<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MOST: u32>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: u32> Visitor<'de> for Items<T, MOST> {
            type Value = Vec<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    // What follows is not even read.
                    if list.len() >= MOST as usize {
                        return Err(A::Error::custom(too_long(MOST)));
                    }
                    list.push(item);
                }
                Ok(list)
            }
        }
        deserializer.deserialize_seq(Items::<T, MOST>(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{AtMost, ListOf};

    impl<const MOST: u32> JsonSchema for AtMost<MOST> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("AtMost{MOST}").into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "integer", "minimum": 0, "maximum": MOST })
        }
    }

    impl<T: JsonSchema, const MOST: u32> JsonSchema for ListOf<T, MOST> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("AtMost{MOST}{}", T::schema_name()).into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "array", "items": generator.subschema_for::<T>(), "maxItems": MOST })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_up_to_its_bound() {
        let read = |json: &str| serde_json::from_str::<AtMost<50>>(json).map_err(|error| error.to_string());
        assert_eq!((read("0"), read("50")), (Ok(AtMost(0)), Ok(AtMost(50))));
        for wrong in ["51", "-1", "1.5", "1e9", "99999999999999999999999", "\"7\""] {
            let error = read(wrong).unwrap_err();
            assert!(error.starts_with("expected a whole number from 0 to 50, not "), "{error}");
        }
        assert!(read("[]").unwrap_err().contains("a whole number from 0 to 50"));
    }

    #[test]
    fn a_list_up_to_its_bound() {
        let read =
            |json: &str| serde_json::from_str::<ListOf<u8, 3>>(json).map_err(|error| error.to_string());
        assert_eq!(read("[1,2,3]"), Ok(ListOf(vec![1, 2, 3])));
        assert!(read("[1,2,3,4,what").unwrap_err().starts_with("expected a list of at most 3"));
    }
}
