//! Reading through trait objects: the code that reads a format is compiled once, and not once for each type that is read.
//!
//! A reader of a format has methods that take any visitor, each type brings visitors of its own, and the compiler makes a copy
//! for each pair. Behind [`Erased`] the reader sees one visitor, and the visitors see one reader. Values, order and errors stay
//! as they are. (The crate `erased-serde` makes a text of an error on the way, so its place in the file is lost.)

mod fault;
mod format;
mod shape;
mod types;

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use self::fault::Fault;
use self::format::Held;
use super::KeyNames;

/// A value that is read through trait objects.
pub(crate) struct Erased<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Erased<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut source = Held::new(deserializer);
        let read = T::deserialize(Reader(&mut source as &mut dyn Source<'de>));
        source.settle(read).map(Self)
    }
}

/// What a type asks its reader for.
#[derive(Clone, Copy)]
enum Wanted {
    Any,
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    F32,
    F64,
    Char,
    Str,
    String,
    Bytes,
    ByteBuf,
    Option,
    Unit,
    UnitStruct(&'static str),
    NewtypeStruct(&'static str),
    Seq,
    Tuple(usize),
    TupleStruct(&'static str, usize),
    Map,
    Struct(&'static str, KeyNames),
    Enum(&'static str, KeyNames),
    Identifier,
    IgnoredAny,
}

/// What a reader gives to a type. Numbers come in their widest type, and texts are lent; what is read owns all that it keeps.
enum Given<'a, 'de> {
    Bool(bool),
    I64(i64),
    I128(i128),
    U64(u64),
    U128(u128),
    F64(f64),
    Char(char),
    Str(&'a str),
    Bytes(&'a [u8]),
    Unit,
    None,
    Some(&'a mut dyn Source<'de>),
    Newtype(&'a mut dyn Source<'de>),
    Seq(&'a mut dyn ErasedItems<'de>),
    Map(&'a mut dyn ErasedMembers<'de>),
    Enum(&'a mut dyn Choice<'de>),
}

/// What a type reads from.
struct Reader<'a, T: ?Sized>(&'a mut T);

/// A `Deserializer`, used once.
trait Source<'de> {
    fn read(&mut self, wanted: Wanted, target: &mut dyn Target<'de>) -> Result<(), Fault>;
    fn is_human_readable(&self) -> bool;
}

/// A `Visitor`, used once, that keeps what it made.
trait Target<'de> {
    fn take(&mut self, given: Given<'_, 'de>) -> Result<(), Fault>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A `DeserializeSeed`, used once, that keeps what it made.
trait Seed<'de> {
    fn read(&mut self, source: &mut dyn Source<'de>) -> Result<(), Fault>;
}

/// A `SeqAccess`; false is its end.
trait ErasedItems<'de> {
    fn next(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault>;
    fn size_hint(&self) -> Option<usize>;
}

/// A `MapAccess`; false is its end.
trait ErasedMembers<'de> {
    fn key(&mut self, seed: &mut dyn Seed<'de>) -> Result<bool, Fault>;
    fn value(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn size_hint(&self) -> Option<usize>;
}

/// An `EnumAccess`, and then its `VariantAccess`.
trait Choice<'de> {
    fn variant(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn unit(&mut self) -> Result<(), Fault>;
    fn newtype(&mut self, seed: &mut dyn Seed<'de>) -> Result<(), Fault>;
    fn tuple(&mut self, length: usize, target: &mut dyn Target<'de>) -> Result<(), Fault>;
    fn members(&mut self, names: KeyNames, target: &mut dyn Target<'de>) -> Result<(), Fault>;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ErasedKeys {
        small: Option<u8>,
        pair: (i64, f32),
        choices: Vec<ErasedChoices>,
        #[serde(default)]
        map: BTreeMap<String, char>,
        unit: (),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum ErasedChoices {
        Unit,
        New(Wrapped),
        Tuple(bool, i128),
        ErasedMembers { a: u32 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(String);

    const GOOD: &str = r#"{"small": 7, "pair": [-1, 2.5], "unit": null, "map": {"k": "v"},
        "choices": ["Unit", {"New": "x"}, {"Tuple": [true, 5]}, {"ErasedMembers": {"a": 1}}]}"#;

    fn both<T: DeserializeOwned>(text: &str) -> [Result<T, String>; 4] {
        let place = |error: serde_saphyr::Error| format!("{error} {:?}", error.location());
        [
            serde_json::from_str(text).map_err(|error| error.to_string()),
            serde_json::from_str(text).map(|Erased(value)| value).map_err(|error| error.to_string()),
            serde_saphyr::from_str(text).map_err(place),
            serde_saphyr::from_str(text).map(|Erased(value)| value).map_err(place),
        ]
    }

    #[test]
    fn values_and_errors_are_those_of_the_reader() {
        let [json, json_erased, yaml, yaml_erased] = both::<ErasedKeys>(GOOD);
        assert!(json.is_ok() && yaml.is_ok(), "{json:?} {yaml:?}");
        assert_eq!((json_erased, yaml_erased), (json, yaml));
        for (from, to) in [
            ("7", "300"),
            ("7", "-1"),
            ("7", "[]"),
            ("small", "smaller"),
            ("\"small\": 7", "\"map\": {}"),
            ("[-1, 2.5]", "[-1]"),
            ("[-1, 2.5]", "{}"),
            ("2.5", "{\"a\": 1}"),
            ("\"v\"", "\"vv\""),
            ("\"unit\": null,", ""),
            ("null", "3"),
            ("\"Unit\"", "\"Units\""),
            ("\"Unit\"", "{\"Unit\": 1}"),
            ("\"x\"", "null"),
            ("true, 5", "true"),
            ("\"a\": 1", "\"a\": \"b\""),
            ("]}", "]"),
        ] {
            let [json, json_erased, yaml, yaml_erased] = both::<ErasedKeys>(&GOOD.replacen(from, to, 1));
            assert!(json.is_err(), "{to}");
            assert_eq!((json_erased, yaml_erased), (json, yaml), "{to}");
        }
    }

    #[test]
    fn any_value_is_the_same() {
        for text in
            ["1", "-1", "1.5", "\"text\"", "null", "true", "[1, [2]]", r#"{"a": {"b": []}}"#, "[", "{1"]
        {
            let [json, json_erased, yaml, yaml_erased] = both::<serde_json::Value>(text);
            assert_eq!((json_erased, yaml_erased), (json, yaml), "{text}");
        }
    }
}
