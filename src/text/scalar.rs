//! A text, a number or a boolean of YAML, JSON or a query, as the text that stands for it on the wire.

use serde::{Deserialize, Deserializer, Serialize};

/// The text of the value: `5` and `"5"` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a text, a number, true or false")]
        enum RawScalar {
            Bool(bool),
            Unsigned(u64),
            Signed(i64),
            Float(f64),
            Text(String),
        }
        Ok(Self(match RawScalar::deserialize(deserializer)? {
            RawScalar::Bool(value) => value.to_string(),
            RawScalar::Unsigned(value) => value.to_string(),
            RawScalar::Signed(value) => value.to_string(),
            RawScalar::Float(value) => value.to_string(),
            RawScalar::Text(value) => value,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_their_text() {
        let text = |json| serde_json::from_str::<Scalar>(json).ok().map(|Scalar(text)| text);
        for json in ["true", "5", "-5", "1.5", "18446744073709551615", r#""x""#] {
            assert_eq!(text(json).as_deref(), Some(json.trim_matches('"')), "{json}");
        }
        assert_eq!((text("[]"), text("null")), (None, None));
    }
}
