//! Holds a value that a person wrote against the shape that is documented for it.

use serde_json::Value as Json;

use super::shape::Shape;
use crate::text::similar::{did_you_mean, nearest, shortened};

/// Where a value differs from its shape, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deviation {
    /// From the whole value to the part that differs.
    pub path: Vec<PathStep>,
    /// Whether the name of that member is wrong, and not its value.
    pub is_name: bool,
    pub message: String,
}

/// From a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathStep {
    Member(String),
    Item(usize),
}

/// What is known of a text before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// All of it.
    Fixed,
    /// Parts are filled in for each call.
    Partial,
    /// It is filled in for each call, as a value of the documented type.
    Open,
}

/// How values are written.
pub(crate) struct Writing<'w> {
    /// Whether `null` takes a member out.
    pub removes: bool,
    pub wording: &'w dyn Fn(&str) -> Wording,
}

impl Writing<'_> {
    /// The first part of the value that differs from its shape.
    pub(crate) fn check(&self, value: &Json, shape: &Shape) -> Result<(), Deviation> {
        match (value, shape) {
            (Json::Null, _) => {
                Err(deviation("null takes a member out of the reply underneath, and here is none"))
            }
            (Json::Object(members), Shape::Object(_) | Shape::Map(_) | Shape::Any) => {
                members.iter().try_for_each(|(name, value)| self.member(name, value, shape))
            }
            (Json::Array(items), Shape::List(_) | Shape::Any) => {
                let item = if let Shape::List(item) = shape { item } else { shape };
                // What replaces a list has no members to take out.
                let inner = Writing { removes: false, ..*self };
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, value)| {
                    inner.check(value, item).map_err(|deviation| deviation.under(PathStep::Item(index)))
                })
            }
            (_, Shape::Any) | (Json::Bool(_), Shape::Bool) | (Json::Number(_), Shape::Float) => Ok(()),
            (Json::String(text), shape) => self.text(text, shape),
            (Json::Number(number), Shape::Int { is_wide, words }) => {
                let whole = number.as_i64().filter(|whole| *is_wide || i32::try_from(*whole).is_ok());
                let Some(whole) = whole else {
                    let bits = if *is_wide { 64 } else { 32 };
                    return Err(deviation(format!("expected a whole number of {bits} bits, not {number}")));
                };
                word(&whole.to_string(), words)
            }
            (number @ (Json::Number(_) | Json::Bool(_)), Shape::Text(_) | Shape::Encoded(_)) => {
                Err(deviation(format!("expected a text, not {number}: write \"{number}\"")))
            }
            (other, shape) => Err(deviation(format!("expected {}, not {}", shape.kind(), found(other)))),
        }
    }

    fn member(&self, name: &str, value: &Json, shape: &Shape) -> Result<(), Deviation> {
        let step = || PathStep::Member(name.to_owned());
        let shape = match shape {
            Shape::Object(known) => {
                let Some(shape) = shape.member(name) else {
                    let hint = did_you_mean(name, known.iter().map(|(name, _)| *name));
                    let message = format!("there is no member {:?} here{hint}", shortened(name));
                    return Err(Deviation { is_name: true, ..deviation(message) }.under(step()));
                };
                shape
            }
            Shape::Map(shape) => shape,
            _ => &Shape::Any,
        };
        if value.is_null() && self.removes {
            return Ok(());
        }
        self.check(value, shape).map_err(|deviation| deviation.under(step()))
    }

    fn text(&self, text: &str, shape: &Shape) -> Result<(), Deviation> {
        match ((self.wording)(text), shape) {
            (Wording::Open, Shape::Object(_) | Shape::Map(_)) => {
                Err(deviation(format!("expected {}, and a placeholder stands for none", shape.kind())))
            }
            (Wording::Fixed, Shape::Text(words)) => word(text, words),
            (Wording::Open, _) | (Wording::Partial, Shape::Text(_)) | (_, Shape::Encoded(_)) => Ok(()),
            (_, shape) => Err(deviation(format!("expected {}, not {:?}", shape.kind(), shortened(text)))),
        }
    }
}

/// Refuses a word outside of the documented list. Without one, anything is right.
fn word(word: &str, known: &[&'static str]) -> Result<(), Deviation> {
    if known.is_empty() || known.contains(&word) {
        return Ok(());
    }
    let hint = nearest(word, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
    let all = known.join(", ");
    Err(deviation(format!(
        "{:?} is no documented value{} Documented are {all}",
        shortened(word),
        hint.unwrap_or_else(|| ".".to_owned())
    )))
}

fn found(value: &Json) -> String {
    match value {
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

fn deviation(message: impl Into<String>) -> Deviation {
    Deviation { path: Vec::new(), is_name: false, message: message.into() }
}

impl Deviation {
    fn under(mut self, step: PathStep) -> Self {
        self.path.insert(0, step);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::find;
    use super::*;

    fn check(operation: &str, value: &Json) -> Result<(), String> {
        let wording = |text: &str| match text {
            "{{open}}" => Wording::Open,
            text if text.contains("{{") => Wording::Partial,
            _ => Wording::Fixed,
        };
        let shape = find(operation).unwrap().reply;
        Writing { removes: true, wording: &wording }.check(value, &shape).map_err(|deviation| {
            let path: Vec<String> = deviation.path.iter().map(|step| format!("{step:?}")).collect();
            format!(
                "{} {}{}",
                path.join(" "),
                if deviation.is_name { "(name) " } else { "" },
                deviation.message
            )
        })
    }

    #[test]
    fn what_is_documented_passes() {
        for value in [
            json!({}),
            json!({"TotalCount": 1, "VulRecords": [{"Name": "CVE-1", "Necessity": "asap"}], "RequestId": null}),
            json!({"TotalCount": "{{open}}", "VulRecords": "{{open}}"}),
            json!({"VulRecords": [{"Name": "{{open}}", "Uuid": "a {{b}}"}]}),
        ] {
            assert_eq!(check("DescribeVulList", &value), Ok(()), "{value}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        let said: Vec<String> = [
            json!({"TotlCount": 1}),
            json!({"TotalCount": "1"}),
            json!({"TotalCount": 3_000_000_000_i64}),
            json!({"TotalCount": 1.5}),
            json!({"TotalCount": "a {{b}}"}),
            json!({"VulRecords": {}}),
            json!({"VulRecords": [{}, {"Nmae": "x"}]}),
            json!({"VulRecords": [{"Name": null}]}),
            json!({"VulRecords": [{"ExtendContentJson": "{{open}}"}]}),
            json!({"VulRecords": [{"Name": []}]}),
            json!({"VulRecords": [{"Name": 7}]}),
        ]
        .iter()
        .map(|value| check("DescribeVulList", value).unwrap_err())
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        Member("TotlCount") (name) there is no member "TotlCount" here; did you mean TotalCount?
        Member("TotalCount") expected a whole number, not "1"
        Member("TotalCount") expected a whole number of 32 bits, not 3000000000
        Member("TotalCount") expected a whole number of 32 bits, not 1.5
        Member("TotalCount") expected a whole number, not "a {{b}}"
        Member("VulRecords") expected a list, not an object
        Member("VulRecords") Item(1) Member("Nmae") (name) there is no member "Nmae" here; did you mean Name?
        Member("VulRecords") Item(0) Member("Name") null takes a member out of the reply underneath, and here is none
        Member("VulRecords") Item(0) Member("ExtendContentJson") expected an object, and a placeholder stands for none
        Member("VulRecords") Item(0) Member("Name") expected a text, not a list
        Member("VulRecords") Item(0) Member("Name") expected a text, not 7: write "7"
        "#);
    }

    #[test]
    fn words_are_those_of_the_list() {
        let known = ["low", "serious"];
        assert_eq!(word("low", &known), Ok(()));
        assert_eq!(
            word("serius", &known).unwrap_err().message,
            "\"serius\" is no documented value; did you mean serious? Documented are low, serious"
        );
        assert_eq!(
            word("x", &known).unwrap_err().message,
            "\"x\" is no documented value. Documented are low, serious"
        );
        assert_eq!(word("x", &[]), Ok(()));
    }
}
