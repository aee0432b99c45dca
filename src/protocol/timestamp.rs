//! Times on the wire, which have one form: `YYYY-MM-DDThh:mm:ssZ`, UTC, no fraction (spec/protocol.md §1.4).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Jiff's own parser reads more forms, such as fractions and offsets, which the gateway refuses, and takes longer.
pub fn parse(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(byte, shape): (u8, &u8)| byte == *shape || *shape == b'0' && byte.is_ascii_digit();
    if text.len() != SHAPE.len() || !text.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    let part = |start: usize| text[start..start + 2].parse::<i8>().ok();
    // A leap second is read as the second before it.
    let second = if part(17)? == 60 { 59 } else { part(17)? };
    let time = DateTime::new(text[..4].parse().ok()?, part(5)?, part(8)?, part(11)?, part(14)?, second, 0);
    Offset::UTC.to_timestamp(time.ok()?).ok()
}

pub fn format(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form() {
        let time = parse("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(format(time), "2026-01-02T03:04:05Z");
        assert_eq!(parse("2016-12-31T23:59:60Z"), parse("2016-12-31T23:59:59Z"));
        for bad in [
            "",
            "2026-01-02T03:04:05.123Z",
            "2026-01-02T03:04:05+08:00",
            "2026-01-02 03:04:05Z",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "20260102T030405Z",
            "2026-01-02T03:04:05z",
            "2026-01-02T24:04:05Z",
            "2026-01-02T03:60:05Z",
            "2026-01-02T03:04:61Z",
            "0000-00-00T00:00:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
