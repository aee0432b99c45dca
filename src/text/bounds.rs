//! Lower and upper limits as people write them: `3`, `">=3"`, `"<2"`, `"3..5"`.

use std::fmt;
use std::ops::{RangeFrom, RangeInclusive, RangeToInclusive};

/// From how much to how much, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    pub least: T,
    pub most: Option<T>,
}

/// A number of calls; in Rust `3`, `3..=5`, `3..`, `..=5`.
pub type Count = Bounds<u64>;

impl<T: Copy + PartialOrd> Bounds<T> {
    pub fn hold(&self, seen: T) -> bool {
        !self.want_more_than(seen) && self.most.is_none_or(|most| seen <= most)
    }

    pub fn want_more_than(&self, seen: T) -> bool {
        seen < self.least
    }

    /// Reads a comparison; nothing if no value could ever meet it. `above` and `below` give the next value, if there is
    /// one.
    pub fn read(
        text: &str,
        zero: T,
        read: impl Fn(&str) -> Option<T>,
        above: impl Fn(T) -> Option<T>,
        below: impl Fn(T) -> Option<T>,
    ) -> Option<Self> {
        let after = |sign: &str| text.trim().strip_prefix(sign).and_then(|rest| read(rest.trim()));
        let (least, most) = if let Some((least, most)) = text.split_once("..") {
            (read(least.trim())?, Some(read(most.trim())?))
        } else if let Some(least) = after(">=") {
            (least, None)
        } else if let Some(most) = after("<=") {
            (zero, Some(most))
        } else if let Some(least) = after(">") {
            (above(least)?, None)
        } else if let Some(most) = after("<") {
            (zero, Some(below(most)?))
        } else {
            let exactly = after("==").or_else(|| read(text.trim()))?;
            (exactly, Some(exactly))
        };
        most.is_none_or(|most| least <= most).then_some(Self { least, most })
    }
}

impl<T: Copy + PartialOrd + fmt::Display> Bounds<T> {
    /// As they are written, in the shortest form.
    pub fn written(&self, zero: T) -> String {
        match self.most {
            Some(most) if self.least == most => most.to_string(),
            Some(most) if self.least == zero => format!("<={most}"),
            Some(most) => format!("{}..{most}", self.least),
            None => format!(">={}", self.least),
        }
    }
}

impl Count {
    pub fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().ok();
        let (above, below) = (|least: u64| least.checked_add(1), |most: u64| most.checked_sub(1));
        Self::read(text, 0, number, above, below).ok_or_else(|| {
            format!(r#"{text:?} is no number of calls; expected 3, ">=3", ">3", "<=3", "<3" or "3..5""#)
        })
    }
}

impl Default for Count {
    fn default() -> Self {
        Self { least: 1, most: None }
    }
}

macro_rules! counts {
    ($($written:ty: $count:ident => $least:expr, $most:expr;)*) => { $(
        impl From<$written> for Count {
            fn from($count: $written) -> Self {
                Self { least: $least, most: $most }
            }
        }
    )* };
}

counts! {
    u64: exactly => exactly, Some(exactly);
    RangeInclusive<u64>: range => *range.start(), Some(*range.end());
    RangeFrom<u64>: range => range.start, None;
    RangeToInclusive<u64>: range => 0, Some(range.end);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_write_them() {
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
            assert_eq!(Count::parse(text).unwrap().to_string(), words, "{text}");
        }
        for bad in ["", "three", "5..3", "<0", "-1", ">="] {
            assert!(Count::parse(bad).unwrap_err().contains("expected 3"), "{bad}");
        }
        assert_eq!(
            ["3", "3..5", ">=3", "<=5"].map(|text| Count::parse(text).unwrap()),
            [3.into(), (3..=5).into(), (3..).into(), (..=5).into()]
        );
        for text in ["3", "3..5", ">=3", "<=5"] {
            assert_eq!(Count::parse(text).unwrap().written(0), text);
        }
        let range = Count::parse("3..5").unwrap();
        assert_eq!([2, 3, 5, 6].map(|seen| range.hold(seen)), [false, true, true, false]);
    }
}
