//! Lengths of time as people write them: `2s`, `1m 30s`, `6h`, `3650d`, `-3m`.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};

/// Reads a length of time; a day is 24 hours. Months and years have no fixed length and are refused.
pub(crate) fn parse(text: &str) -> Result<SignedDuration, String> {
    const HINT: &str = "expected a length of time such as 2s, 1m 30s, 6h or 3650d";
    let span: Span = text.parse().map_err(|_| format!("{text:?} is not a length of time; {HINT}"))?;
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("{text:?} has no fixed length, months and years do not; {HINT}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextDuration(pub SignedDuration);

impl TryFrom<String> for TextDuration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse(&text).map(Self)
    }
}

impl From<TextDuration> for String {
    fn from(TextDuration(length): TextDuration) -> Self {
        format!("{length:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        let seconds = |text| parse(text).map(|length| length.as_secs());
        assert_eq!(["2s", "1m 30s", "-3m", "3650d"].map(seconds), [2, 90, -180, 315_360_000].map(Ok));
        assert!(parse("10").unwrap_err().contains("expected a length of time"));
        assert!(parse("1y").unwrap_err().contains("no fixed length"));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for length in ["2s", "1m 30s", "700ms", "-3m", "0s", "3650d"].map(|text| parse(text).unwrap()) {
            assert_eq!(parse(&String::from(TextDuration(length))), Ok(length));
        }
    }
}
