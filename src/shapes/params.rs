//! Parameters of an operation, checked against what is documented of them, as the gateway checks them.

use serde::de::IgnoredAny;

use super::shape::{OperationShape, Shape};
use crate::domain::{ApiError, Params};

/// The longest text taken, as of modelled operations.
const MOST_BYTES: usize = 64 << 10;

impl OperationShape {
    /// Refuses a call without a required parameter, or with one of the wrong kind. Unknown ones are ignored, and so are
    /// lists of allowed words: they grow without a new version.
    pub(crate) fn check(&self, params: &Params) -> Result<(), ApiError> {
        for (name, shape) in &self.params {
            let is_given = if is_flat(shape) {
                members_of(params, name).next().is_some()
            } else {
                params.non_empty(name).is_some()
            };
            if !is_given && self.required.contains(name) {
                return Err(ApiError::missing(name));
            }
        }
        // The last value of a name counts.
        let given = params.iter().filter(|(name, value)| params.get(name) == Some(value));
        for (name, value) in given.filter(|(_, value)| !value.is_empty()) {
            let mut steps = name.split('.');
            let first = steps.next().and_then(|name| self.param(name));
            // `Name.1.Member` leads to the shape of the member.
            let shape = steps.try_fold(first, |shape, step| match shape? {
                Shape::List(item) if step.parse::<u32>().is_ok() => Some(Some(&**item)),
                shape => Some(shape.member(step)),
            });
            if let Some(Some(shape)) = shape
                && !fits(shape, value)
            {
                return Err(ApiError::invalid(name));
            }
        }
        Ok(())
    }

    pub(crate) fn param(&self, name: &str) -> Option<&Shape> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, shape)| shape)
    }
}

/// Whether it is sent as `Name.1` or `Name.Member` and the like.
fn is_flat(shape: &Shape) -> bool {
    matches!(shape, Shape::List(_) | Shape::Object(_) | Shape::Map(_))
}

/// The parameters that are parts of that one.
fn members_of<'p>(params: &'p Params, name: &str) -> impl Iterator<Item = (&'p str, &'p str)> {
    params.iter().filter(move |(part, _)| {
        part.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') && rest.len() > 1)
    })
}

fn fits(shape: &Shape, value: &str) -> bool {
    match shape {
        Shape::Text(_) => value.len() <= MOST_BYTES,
        Shape::Int { is_wide: true, .. } => value.parse::<i64>().is_ok(),
        Shape::Int { .. } => value.parse::<i32>().is_ok(),
        Shape::Float => value.parse::<f64>().is_ok_and(f64::is_finite),
        Shape::Bool => ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)),
        Shape::Encoded(of) => {
            let starts = match **of {
                Shape::List(_) => "[",
                Shape::Object(_) | Shape::Map(_) => "{",
                _ => "",
            };
            value.len() <= MOST_BYTES
                && value.trim_start().starts_with(starts)
                && serde_json::from_str::<IgnoredAny>(value).is_ok()
        }
        // A part was expected: the whole is ignored.
        Shape::List(_) | Shape::Map(_) | Shape::Object(_) | Shape::Any => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Params;
    use crate::shapes::read;

    #[test]
    fn what_is_missing_and_what_is_malformed() {
        let line = r#"{"name":"A","params":{"N":"i32","W":"i64","B":"b","L":{"[]":"i64"},"O":{"[]":{"T":"s","P":"i32"}},"J":{"json":{"[]":"s"}},"S":["s","x"]},"required":["N","L","O"],"reply":{}}"#;
        let shape = read::operation(line).unwrap();
        let least = [("N", "1"), ("L.1", "2"), ("O.1.T", "x")];
        let code = |more: &[(&str, &str)]| {
            let params: Params = least.iter().chain(more).copied().collect();
            shape.check(&params).err().map(|error| error.code.into_owned()).unwrap_or_default()
        };
        for missing in 0..least.len() {
            let params: Params =
                least.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, pair)| *pair).collect();
            let expected = format!("Missing{}", &least[missing].0[..1]);
            assert_eq!(shape.check(&params).unwrap_err().code, expected);
        }
        for right in [
            [("S", "other than x")],
            [("W", "-9000000000")],
            [("B", "TRUE")],
            [("J", r#" ["a"]"#)],
            [("Unknown", "")],
            [("Unknown.1.X", "y")],
            [("O.1.Unknown", "y")],
            [("W", "")],
        ] {
            assert_eq!(code(&right), "", "{right:?}");
        }
        for (wrong, expected) in [
            (("N", "9000000000"), "InvalidN"),
            (("N", "one"), "InvalidN"),
            (("B", "1"), "InvalidB"),
            (("L.2", "x"), "InvalidL.2"),
            (("O.2.P", "x"), "InvalidO.2.P"),
            (("J", "{}"), "InvalidJ"),
            (("J", "[1"), "InvalidJ"),
            (("N", ""), "MissingN"),
        ] {
            assert_eq!(code(&[wrong]), expected, "{wrong:?}");
        }
    }
}
