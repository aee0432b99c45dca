//! Reads shapes as `fixtures/shapes.jsonl` writes them; names and words are borrowed from the table.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::shape::{OperationShape, Shape};

type ShapeMembers = Vec<(&'static str, Shape)>;

#[derive(serde::Deserialize)]
struct TableLine {
    name: &'static str,
    params: Object,
    required: Vec<&'static str>,
    reply: Shape,
}

/// An object, also where its only member looks like a mark.
struct Object(ShapeMembers);

pub(super) fn operation(line: &'static str) -> Option<OperationShape> {
    let TableLine { name, params: Object(params), required, reply } = serde_json::from_str(line).ok()?;
    Some(OperationShape { name, params, required, reply })
}

/// Reads one shape of each form.
struct ShapeVisitor;

impl<'de: 'static> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

impl<'de: 'static> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ShapeVisitor).map(|shape| match shape {
            Shape::Object(members) => Self(members),
            _ => Self(Vec::new()),
        })
    }
}

impl<'de: 'static> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind, a kind with words, or members")
    }

    fn visit_str<E: Error>(self, kind: &str) -> Result<Shape, E> {
        of_kind(kind, Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Shape, A::Error> {
        let kind: &str = all.next_element()?.unwrap_or_default();
        let mut words = Vec::new();
        while let Some(word) = all.next_element()? {
            words.push(word);
        }
        of_kind(kind, words)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Shape, A::Error> {
        let mut members = ShapeMembers::new();
        while let Some(member) = all.next_entry()? {
            members.push(member);
        }
        let mark = match members.as_slice() {
            [("[]", _)] => Shape::List,
            [("{}", _)] => Shape::Map,
            [("json", _)] => Shape::Encoded,
            _ => return Ok(Shape::Object(members)),
        };
        Ok(members.pop().map_or(Shape::Any, |(_, shape)| mark(Box::new(shape))))
    }
}

fn of_kind<E: Error>(kind: &str, words: Vec<&'static str>) -> Result<Shape, E> {
    match kind {
        "s" => Ok(Shape::Text(words)),
        "i32" | "i64" => Ok(Shape::Int { is_wide: kind == "i64", words }),
        "f" => Ok(Shape::Float),
        "b" => Ok(Shape::Bool),
        "any" => Ok(Shape::Any),
        other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &ShapeVisitor)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_shape() {
        let line = r#"{"name":"A","params":{"P":{"json":{"[]":"i32"}}},"required":["P"],"reply":{"W":["s","x","y"],"M":{"{}":"any"},"N":{"O":"i64"}}}"#;
        let read = operation(line).unwrap();
        let number = |is_wide| Shape::Int { is_wide, words: Vec::new() };
        assert_eq!(read.params, [("P", Shape::Encoded(Box::new(Shape::List(Box::new(number(false))))))]);
        assert_eq!(read.reply.member("W").unwrap().words(), ["x", "y"]);
        assert_eq!(read.reply.member("M"), Some(&Shape::Map(Box::new(Shape::Any))));
        assert_eq!(read.reply.member("N").unwrap().members(), [("O", number(true))]);
        assert_eq!(operation(line.replace("i32", "i33").leak()), None);
    }
}
