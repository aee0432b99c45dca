//! A value as it is written in a document, with the place of each of its parts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};
use serde_saphyr::{Location, Spanned};

use crate::shapes::PathStep;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct WrittenValue(pub(super) Spanned<WrittenParts>);

#[derive(Debug, Clone)]
pub(super) enum WrittenParts {
    Scalar(Json),
    Items(Vec<WrittenValue>),
    Members(Vec<(Spanned<String>, WrittenValue)>),
}

/// Line and column, from 1.
pub(crate) type TextPlace = (u64, u64);

pub(super) fn text_place(location: &Location) -> TextPlace {
    (location.line().max(1), location.column().max(1))
}

impl WrittenValue {
    /// The value alone.
    pub(super) fn json(&self) -> Json {
        match &self.0.value {
            WrittenParts::Scalar(scalar) => scalar.clone(),
            WrittenParts::Items(items) => items.iter().map(Self::json).collect(),
            WrittenParts::Members(members) => {
                let members = members.iter().map(|(name, value)| (name.value.clone(), value.json()));
                Json::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// Where the part at the end of that path stands, or its name.
    pub(super) fn place(&self, path: &[PathStep], is_name: bool) -> TextPlace {
        let part = match (path.split_first(), &self.0.value) {
            (Some((PathStep::Item(index), rest)), WrittenParts::Items(items)) => {
                items.get(*index).map(|item| item.place(rest, is_name))
            }
            (Some((PathStep::Member(wanted), rest)), WrittenParts::Members(members)) => {
                let member = members.iter().find(|(name, _)| name.value == *wanted);
                member.map(|(name, value)| match rest {
                    [] if is_name => text_place(&name.referenced),
                    rest => value.place(rest, is_name),
                })
            }
            _ => None,
        };
        part.unwrap_or_else(|| text_place(&self.0.referenced))
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self.0.value, WrittenParts::Members(_))
    }
}

impl<'de> Deserialize<'de> for WrittenValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for WrittenParts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        macro_rules! scalars {
            ($($visit:ident($kind:ty)),*) => { $(
                fn $visit<E: Error>(self, value: $kind) -> Result<WrittenParts, E> {
                    Ok(WrittenParts::Scalar(value.into()))
                }
            )* };
        }
        impl<'de> Visitor<'de> for Parts {
            type Value = WrittenParts;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            scalars!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));

            fn visit_unit<E: Error>(self) -> Result<WrittenParts, E> {
                Ok(WrittenParts::Scalar(Json::Null))
            }

            fn visit_none<E: Error>(self) -> Result<WrittenParts, E> {
                self.visit_unit()
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<WrittenParts, D::Error> {
                WrittenParts::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<WrittenParts, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = all.next_element()? {
                    items.push(item);
                }
                Ok(WrittenParts::Items(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<WrittenParts, A::Error> {
                let mut members: Vec<(Spanned<String>, WrittenValue)> = Vec::new();
                while let Some(member) = all.next_entry()? {
                    members.push(member);
                }
                Ok(WrittenParts::Members(members))
            }
        }
        deserializer.deserialize_any(Parts)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::erased::Erased;

    #[test]
    fn each_part_keeps_its_place() {
        let text = "Name: x\nList:\n  - { Key: 1.5, \"Flag\": true }\n  - null\nAgain: \"5\"\n";
        let Erased(value): Erased<WrittenValue> = serde_saphyr::from_str(text).unwrap();
        assert_eq!(
            value.json(),
            json!({"Name": "x", "List": [{"Key": 1.5, "Flag": true}, null], "Again": "5"})
        );
        let member = |name: &str| PathStep::Member(name.to_owned());
        let deep = [member("List"), PathStep::Item(0), member("Flag")];
        assert_eq!((value.place(&deep, true), value.place(&deep, false)), ((3, 17), (3, 25)));
        assert_eq!(value.place(&[member("List"), PathStep::Item(1)], false), (4, 5));
        assert_eq!(value.place(&[member("Again")], true), (5, 1));
        assert_eq!(value.place(&[member("None")], false), (1, 1));
    }
}
