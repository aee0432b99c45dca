//! Serde's traits for values that no derived code reads alone: a text or keys that say more, members checked together.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Either. Not an untagged enum: that would forget what is wrong with the one that was meant.
pub(crate) enum TextOr<T> {
    Text(String),
    Keys(T),
}

/// Reads either; `expected` is the message for anything else.
pub(crate) fn text_or<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<TextOr<T>, D::Error> {
    // A number is refused outside of the visitor: there an error is known to be of the value, and not of its key.
    macro_rules! refused {
        ($($visit:ident($number:ty)),*) => { $(
            fn $visit<E: Error>(self, number: $number) -> Result<Self::Value, E> {
                Ok(Err(number.to_string()))
            }
        )* };
    }
    struct Either<T>(&'static str, PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
        type Value = Result<TextOr<T>, String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Ok(TextOr::Text(text.to_owned())))
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members)).map(|keys| Ok(TextOr::Keys(keys)))
        }

        refused!(visit_u64(u64), visit_i64(i64), visit_f64(f64));
    }
    deserializer
        .deserialize_any(Either(expected, PhantomData))?
        .map_err(|number| D::Error::custom(format!("expected {expected}, not {number}")))
}

/// Implements serde's traits for types that derive them with `#[serde(remote = "Self")]` for their keys, and have a
/// short form: a text that `from_text` reads and `as_text` gives back.
macro_rules! text_or_keys {
    ($name:ident, $expected:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                /// Read by the derived function, which is not one of the trait.
                struct DerivedKeys($name);
                impl<'de> serde::Deserialize<'de> for DerivedKeys {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        $name::deserialize(deserializer).map(Self)
                    }
                }
                match crate::text::by_hand::text_or::<DerivedKeys, D>(deserializer, $expected)? {
                    crate::text::by_hand::TextOr::Text(text) => Self::from_text(text),
                    crate::text::by_hand::TextOr::Keys(DerivedKeys(value)) => Ok(value),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.as_text() {
                    Some(text) => serializer.serialize_str(text),
                    None => Self::serialize(self, serializer),
                }
            }
        }
    };
}

/// Implements serde's traits for types that derive them with `#[serde(remote = "Self")]` and have a
/// `fn check(&self) -> Result<(), String>`. The derived code reads, `check` judges, and serde still knows the place.
macro_rules! checked {
    ($($name:ident),* $(,)?) => { $(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The derived function, which is not one of the trait.
                let value = Self::deserialize(deserializer)?;
                value.check().map(|()| value).map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    )* };
}

pub(crate) use {checked, text_or_keys};

/// Whether a count is left out of what is written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<String, String> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        match text_or::<Vec<u8>, _>(&mut deserializer, "a text or keys").map_err(|error| error.to_string())? {
            TextOr::Text(text) => Ok(text),
            TextOr::Keys(_) => Ok("keys".to_owned()),
        }
    }

    #[test]
    fn a_number_is_refused_with_what_was_expected() {
        assert_eq!(read(r#""x""#).as_deref(), Ok("x"));
        assert!(read("7").unwrap_err().starts_with("expected a text or keys, not 7"));
    }
}
