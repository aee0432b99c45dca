//! How many calls are wanted: `3`, `">=3"`, `"<2"`, `"3..5"`.

use std::fmt;
use std::ops::{RangeFrom, RangeInclusive, RangeToInclusive};

use serde::Deserialize;

use super::filter::Scalar;

/// From how many to how many, both included; in Rust: `3`, `3..=5`, `3..`, `..=5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Scalar")]
pub struct Count {
    least: u64,
    most: Option<u64>,
}

impl Count {
    /// Whether so many are as wanted.
    pub(super) fn holds(self, seen: u64) -> bool {
        !self.wants_more(seen) && self.most.is_none_or(|most| seen <= most)
    }

    /// Whether so many are too few.
    pub fn wants_more(self, seen: u64) -> bool {
        seen < self.least
    }
}

impl From<u64> for Count {
    fn from(exactly: u64) -> Self {
        Self { least: exactly, most: Some(exactly) }
    }
}

impl From<RangeInclusive<u64>> for Count {
    fn from(range: RangeInclusive<u64>) -> Self {
        Self { least: *range.start(), most: Some(*range.end()) }
    }
}

impl From<RangeFrom<u64>> for Count {
    fn from(range: RangeFrom<u64>) -> Self {
        Self { least: range.start, most: None }
    }
}

impl From<RangeToInclusive<u64>> for Count {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Self { least: 0, most: Some(range.end) }
    }
}

impl Default for Count {
    fn default() -> Self {
        Self { least: 1, most: None }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, last) = match (self.least, self.most) {
            (_, Some(0)) => ("no".to_owned(), 0),
            (least, Some(most)) if least == most => (format!("exactly {least}"), least),
            (0, Some(most)) => (format!("at most {most}"), most),
            (least, Some(most)) => (format!("{least} to {most}"), most),
            (least, None) => (format!("at least {least}"), least),
        };
        write!(f, "{words} {}", if last == 1 { "call" } else { "calls" })
    }
}

impl TryFrom<Scalar> for Count {
    type Error = String;

    fn try_from(scalar: Scalar) -> Result<Self, String> {
        let text = match scalar {
            Scalar::Number(number) => return Ok(number.into()),
            Scalar::Text(text) => text,
        };
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let after = |sign: &str| text.trim().strip_prefix(sign).and_then(number);
        let count = if let Some((least, most)) = text.split_once("..") {
            number(least).zip(number(most)).map(|(least, most)| (least, Some(most)))
        } else if let Some(least) = after(">=") {
            Some((least, None))
        } else if let Some(most) = after("<=") {
            Some((0, Some(most)))
        } else if let Some(below) = after(">") {
            below.checked_add(1).map(|least| (least, None))
        } else if let Some(above) = after("<") {
            above.checked_sub(1).map(|most| (0, Some(most)))
        } else {
            after("==").or_else(|| number(&text)).map(|exactly| (exactly, Some(exactly)))
        };
        let count = count.filter(|(least, most)| most.is_none_or(|most| *least <= most));
        count.map(|(least, most)| Self { least, most }).ok_or_else(|| {
            format!(r#"{text:?} is no count of calls; expected 3, ">=3", ">3", "<=3", "<3" or "3..5""#)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_write_them() {
        let count = |text: &str| Count::try_from(Scalar::Text(text.to_owned()));
        for (text, words) in [
            ("3", "exactly 3 calls"),
            ("==3", "exactly 3 calls"),
            (">= 3", "at least 3 calls"),
            (">3", "at least 4 calls"),
            ("<=3", "at most 3 calls"),
            ("<3", "at most 2 calls"),
            ("<1", "no calls"),
            ("0", "no calls"),
            ("3..5", "3 to 5 calls"),
        ] {
            assert_eq!(count(text).unwrap().to_string(), words, "{text}");
        }
        for bad in ["", "three", "5..3", "<0", "-1", ">="] {
            assert!(count(bad).unwrap_err().contains("expected 3"), "{bad}");
        }
        assert_eq!(
            ["3", "3..5", ">=3", "<=5"].map(|text| count(text).unwrap()),
            [3.into(), (3..=5).into(), (3..).into(), (..=5).into()]
        );
        let range = count("3..5").unwrap();
        assert_eq!([2, 3, 5, 6].map(|seen| range.holds(seen)), [false, true, true, false]);
    }
}
