//! Shares as people write them: `20%`, `0.5%`, `0.2`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A part of a whole, in millionths of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Share(u32);

impl Share {
    pub(crate) const ALL: Self = Self(1_000_000);

    pub(crate) fn millionths(self) -> u32 {
        self.0
    }

    /// The part of so many, to the nearest whole number.
    pub(crate) fn of(self, count: usize) -> usize {
        let all = u128::from(Self::ALL.0);
        let part = (count as u128 * u128::from(self.0) + all / 2) / all;
        // It is not above `count`.
        usize::try_from(part).unwrap_or(count)
    }

    /// All of them together; none if that is more than the whole.
    pub(crate) fn sum(shares: impl IntoIterator<Item = Self>) -> Option<Self> {
        let sum = shares.into_iter().map(|Self(millionths)| u64::from(millionths)).sum::<u64>();
        u32::try_from(sum).ok().map(Self).filter(|sum| *sum <= Self::ALL)
    }

    fn from_fraction(fraction: f64) -> Option<Self> {
        let millionths = (fraction * f64::from(Self::ALL.0)).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies within the range"
        )]
        (0.0..=f64::from(Self::ALL.0)).contains(&millionths).then_some(Self(millionths as u32))
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('%')?.trim_end();
        let is_plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
        let percent: f64 = digits.parse().ok().filter(|_| is_plain)?;
        Self::from_fraction(percent / 100.0)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const HINT: &str = "a share from 0% to 100%, such as 20% or 0.2";

        macro_rules! numbers {
            ($($visit:ident($number:ty)),*) => { $(
                fn $visit<E: Error>(self, number: $number) -> Result<Self::Value, E> {
                    // Whole numbers that are shares are exact.
                    #[allow(clippy::cast_precision_loss, clippy::cast_lossless)]
                    let share = Share::from_fraction(number as f64);
                    Ok(share.ok_or_else(|| number.to_string()))
                }
            )* };
        }
        // What is refused is refused outside of the visitor: there an error is known to be of the value.
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Result<Share, String>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(HINT)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Share::parse(text).ok_or_else(|| format!("{text:?}")))
            }

            numbers!(visit_u64(u64), visit_i64(i64), visit_f64(f64));
        }
        let share = deserializer.deserialize_any(Written)?;
        share.map_err(|found| D::Error::custom(format!("expected {HINT}, not {found}")))
    }
}

#[cfg(test)]
super::schema::described! {
    Share = schemars::json_schema!({ "anyOf": [
        super::schema::text(r"(100(\.0*)?|[0-9]{1,2}(\.[0-9]*)?) *%", &["20%", "0.5%"]),
        { "type": "number", "minimum": 0, "maximum": 1 },
    ] });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_from_percents_and_fractions() {
        let read = |json: &str| serde_json::from_str::<Share>(json).map_err(|error| error.to_string());
        for (json, millionths) in [
            ("\"20%\"", 200_000),
            ("\"0.5 %\"", 5_000),
            ("\"100%\"", 1_000_000),
            ("0.2", 200_000),
            ("0", 0),
            ("1", 1_000_000),
        ] {
            assert_eq!(read(json), Ok(Share(millionths)), "{json}");
        }
        for wrong in ["20", "-0.1", "\"101%\"", "\"-1%\"", "\"20\"", "\"%\"", "\"1e1%\"", "\"nan%\"", "1.5"] {
            let error = read(wrong).unwrap_err();
            assert!(
                error.starts_with("expected a share from 0% to 100%, such as 20% or 0.2, not "),
                "{error}"
            );
        }
        assert!(read("[]").unwrap_err().contains("a share from 0%"));
    }

    #[test]
    fn a_part_is_rounded_and_shares_add_up_to_the_whole_at_most() {
        let half = Share(500_000);
        assert_eq!([0, 1, 2, 3, 10_000].map(|count| half.of(count)), [0, 1, 1, 2, 5_000]);
        assert_eq!(Share::ALL.of(7), 7);
        assert_eq!((Share::sum([half, half]), Share::sum([half, half, Share(1)])), (Some(Share::ALL), None));
    }
}
