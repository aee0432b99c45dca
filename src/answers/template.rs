//! A written value, ready to be filled in for a call and laid over a reply.

use std::borrow::Cow;
use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Number, Value as Json};

use super::placeholder::{Placeholder, TextPart, parts};
use crate::domain::{Member, Params, Value};
use crate::protocol::RequestId;
use crate::shapes::{Shape, item_name};

/// What a call fills in.
pub(crate) struct CallFacts<'c> {
    pub params: &'c Params,
    /// The task clock's reading.
    pub now: Timestamp,
    pub request_id: RequestId,
    pub account: &'c str,
    /// How many bytes of parameters may still be filled in: a template may name a long one very often.
    pub room: Cell<usize>,
}

impl<'c> CallFacts<'c> {
    /// The most bytes of parameters that fill one reply.
    pub(crate) const ROOM: usize = 1 << 20;

    /// The value of a parameter, if it has one and there is room for it.
    fn param(&self, name: &str) -> Option<&'c str> {
        let value = self.params.get(name)?;
        self.take_room(value.len()).then_some(value)
    }

    fn take_room(&self, bytes: usize) -> bool {
        let rest = self.room.get().checked_sub(bytes);
        self.room.set(rest.unwrap_or(self.room.get()));
        rest.is_some()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Template {
    /// Takes a member out.
    Remove,
    Bool(bool),
    Number(Number),
    Text(String),
    Joined(Vec<TextPart>),
    /// One placeholder, as a value of the documented type.
    Alone(Placeholder, DeclaredKind),
    Items {
        item: Cow<'static, str>,
        items: Vec<Template>,
    },
    Members(Vec<NamedTemplate>),
}

type NamedTemplate = (Cow<'static, str>, Template);

/// The type that a placeholder is filled in as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeclaredKind {
    Text,
    Int,
    Float,
    Bool,
    /// Of texts, or of numbers.
    List {
        of_numbers: bool,
    },
    /// Whatever it is by itself.
    Any,
}

impl Template {
    /// Of a value that was checked against its shape; `name` is that of the member.
    pub(super) fn new(value: &Json, shape: &Shape, name: &str) -> Result<Self, String> {
        Ok(match value {
            Json::Null => Self::Remove,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::String(text) => match <[TextPart; 1]>::try_from(parts(text)?) {
                Ok([TextPart::Fixed(text)]) => Self::Text(text),
                Ok([TextPart::Filled(alone)]) => Self::Alone(alone, wanted(shape)),
                Err(parts) => Self::Joined(parts),
            },
            Json::Array(items) => {
                let of = if let Shape::List(of) = shape { of } else { &Shape::Any };
                let items = items.iter().map(|item| Self::new(item, of, name)).collect::<Result<_, _>>()?;
                Self::Items { item: item_name(name).into_owned().into(), items }
            }
            Json::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    let known = shape.members().iter().find(|(known, _)| known == name);
                    let own = || Cow::Owned(name.clone());
                    let shape = known.map(|(_, shape)| shape).or_else(|| shape.of_members());
                    let template = Self::new(value, shape.unwrap_or(&Shape::Any), name)?;
                    Ok((known.map_or_else(own, |(name, _)| Cow::Borrowed(*name)), template))
                });
                Self::Members(members.collect::<Result<_, String>>()?)
            }
        })
    }

    /// The whole reply that it describes.
    pub(crate) fn whole(&self, call: &CallFacts<'_>) -> Value {
        self.over(Value::reply([]), call)
    }

    /// Lays it over a reply, as a JSON merge patch (RFC 7396).
    pub(crate) fn over(&self, base: Value, call: &CallFacts<'_>) -> Value {
        match self {
            Self::Members(changes) => {
                let mut members = if let Value::Map(members) = base { members } else { Vec::new() };
                for change in changes {
                    apply(change, &mut members, call);
                }
                Value::Map(members)
            }
            Self::Items { item, items } => {
                // In XML, elements keep the name that they had.
                let item = if let Value::List { item, .. } = base { item } else { item.clone() };
                let values = items.iter().filter_map(|item| item.fill(call)).collect();
                Value::List { item, values }
            }
            scalar => scalar.fill(call).unwrap_or(base),
        }
    }

    /// The value alone; none if the call has nothing to fill in.
    fn fill(&self, call: &CallFacts<'_>) -> Option<Value> {
        Some(match self {
            Self::Remove => return None,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => number_value(number),
            Self::Text(text) => Value::text(text.clone()),
            Self::Joined(parts) => Value::text(joined(parts, call)),
            Self::Alone(placeholder, wanted) => return placeholder.value(*wanted, call),
            Self::Items { .. } | Self::Members(_) => self.over(Value::Map(Vec::new()), call),
        })
    }
}

fn apply((name, change): &NamedTemplate, members: &mut Vec<Member>, call: &CallFacts<'_>) {
    let place = members.iter().position(|(known, _)| known == name);
    match (change, place) {
        (Template::Remove, Some(place)) => _ = members.remove(place),
        (Template::Remove, None) => (),
        (change, Some(place)) => {
            let base = std::mem::replace(&mut members[place].1, Value::Bool(false));
            members[place].1 = change.over(base, call);
        }
        (change, None) => members.extend(change.fill(call).map(|value| (name.clone(), value))),
    }
}

fn number_value(number: &Number) -> Value {
    let fraction = || Value::decimal(number.as_f64().unwrap_or_default());
    number.as_i64().map_or_else(fraction, Value::Int)
}

fn wanted(shape: &Shape) -> DeclaredKind {
    match shape {
        Shape::Text(_) | Shape::Encoded(_) => DeclaredKind::Text,
        Shape::Int { .. } => DeclaredKind::Int,
        Shape::Float => DeclaredKind::Float,
        Shape::Bool => DeclaredKind::Bool,
        Shape::List(of) => DeclaredKind::List { of_numbers: matches!(**of, Shape::Int { .. }) },
        Shape::Map(_) | Shape::Object(_) | Shape::Any => DeclaredKind::Any,
    }
}

fn joined(parts: &[TextPart], call: &CallFacts<'_>) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Fixed(text) => text.clone(),
        TextPart::Filled(placeholder) => placeholder.text(call),
    };
    parts.iter().map(part).collect()
}

impl Placeholder {
    fn value(&self, wanted: DeclaredKind, call: &CallFacts<'_>) -> Option<Value> {
        match (self, wanted) {
            (Self::Param(name), DeclaredKind::List { of_numbers }) => {
                let sent = call.params.list(name);
                if !call.take_room(sent.iter().map(|text| text.len()).sum()) {
                    return None;
                }
                let value = |text: &str| match text.parse() {
                    Ok(number) if of_numbers => Some(Value::Int(number)),
                    _ => (!of_numbers).then(|| Value::text(text.to_owned())),
                };
                (!sent.is_empty())
                    .then(|| Value::list(item_name(name).into_owned(), sent.into_iter().filter_map(value)))
            }
            (Self::Param(name), wanted) => typed(call.param(name)?, wanted),
            (
                Self::Now { later, in_seconds },
                DeclaredKind::Int | DeclaredKind::Float | DeclaredKind::Any,
            ) => {
                let at = moved(call.now, *later);
                Some(Value::Int(if *in_seconds { at.as_second() } else { at.as_millisecond() }))
            }
            (Self::RequestId, DeclaredKind::Text | DeclaredKind::Any) => Some(Value::RequestId),
            (other, wanted) => typed(&other.text(call), wanted),
        }
    }

    fn text(&self, call: &CallFacts<'_>) -> String {
        match self {
            Self::Param(name) => call.param(name).unwrap_or_default().to_owned(),
            Self::Now { later, in_seconds: true } => moved(call.now, *later).as_second().to_string(),
            Self::Now { later, in_seconds: false } => format!("{:.0}", moved(call.now, *later)),
            Self::RequestId => call.request_id.to_string(),
            Self::Account => call.account.to_owned(),
        }
    }
}

/// A text as a value of that type; none if it is none.
fn typed(text: &str, wanted: DeclaredKind) -> Option<Value> {
    match wanted {
        DeclaredKind::Text | DeclaredKind::Any => Some(Value::text(text.to_owned())),
        DeclaredKind::Int => text.parse().ok().map(Value::Int),
        DeclaredKind::Float => text.parse().ok().map(|number: Number| number_value(&number)),
        DeclaredKind::Bool => ["true", "false"]
            .iter()
            .position(|word| text.eq_ignore_ascii_case(word))
            .map(|place| Value::Bool(place == 0)),
        DeclaredKind::List { .. } => None,
    }
}

fn moved(now: Timestamp, later: SignedDuration) -> Timestamp {
    now.saturating_add(later).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::members;
    use crate::shapes;

    fn filled(operation: &str, template: &Json, base: Value) -> Value {
        let params = Params::from_iter([
            ("PageSize", "20"),
            ("Name", "n"),
            ("Uuids.1", "a"),
            ("Uuids.2", "b"),
            ("Flag", "TRUE"),
        ]);
        let call = CallFacts {
            params: &params,
            now: Timestamp::from_second(1_000).unwrap(),
            request_id: RequestId::new([7; 16]),
            account: "ci",
            room: Cell::new(CallFacts::ROOM),
        };
        let shape = shapes::find(operation).unwrap().reply;
        Template::new(template, &shape, "").unwrap().over(base, &call)
    }

    #[test]
    fn members_merge_and_lists_replace() {
        let base = Value::Map(members! {
            "A": 1,
            "Inner": Value::Map(members! { "B": 2, "C": 3 }),
            "List": Value::list("Item", [Value::Int(1), Value::Int(2)]),
        });
        let template =
            json!({"A": null, "Inner": {"B": "x", "D": true}, "List": [7], "New": {"E": {}}, "Gone": null});
        let merged = filled("DescribeVulList", &template, base);
        let expected = Value::Map(members! {
            "Inner": Value::Map(members! { "B": "x", "C": 3, "D": true }),
            "List": Value::list("Item", [Value::Int(7)]),
            "New": Value::Map(members! { "E": Value::Map(Vec::new()) }),
        });
        assert_eq!(merged, expected);
    }

    #[test]
    fn a_placeholder_alone_has_the_documented_type() {
        let template = json!({
            "TotalCount": "{{params.PageSize}}", "PageSize": "{{params.Name}}", "NextToken": "{{params.PageSize}}",
            "CurrentPage": "{{params.Absent}}",
            "VulRecords": [{
                "Name": "{{params.Name}} of {{account}} at {{now}}", "FirstTs": "{{now + 1s}}", "LastTs": "{{now_seconds}}",
                "RegionId": "{{now}}", "Bind": "{{params.Flag}}", "Uuid": "{{request_id}}", "Tag": "{{params.Absent}}",
            }],
        });
        let base = Value::Map(members! { "CurrentPage": 3, "PageSize": 5 });
        let merged = filled("DescribeVulList", &template, base);
        let record = members! {
            "Name": "n of ci at 1970-01-01T00:16:40Z", "FirstTs": 1_001_000, "LastTs": 1_000,
            "RegionId": "1970-01-01T00:16:40Z", "Bind": true, "Uuid": Value::RequestId,
        };
        let expected = Value::Map(members! {
            "CurrentPage": 3, "PageSize": 5, "TotalCount": 20, "NextToken": "20",
            "VulRecords": Value::list("VulRecord", [Value::Map(record)]),
        });
        assert_eq!(merged, expected);
    }
}
