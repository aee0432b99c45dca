//! Times on the wire, which have one form: `YYYY-MM-DDThh:mm:ssZ`, UTC, no fraction (spec/protocol.md §1.4).

use jiff::Timestamp;

pub fn parse(text: &str) -> Option<Timestamp> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(byte, shape): (u8, &u8)| byte == *shape || *shape == b'0' && byte.is_ascii_digit();
    // The shape first: jiff also reads fractions and offsets, which the gateway refuses.
    let has_shape = text.len() == SHAPE.len() && text.bytes().zip(SHAPE).all(fits);
    has_shape.then(|| text.parse().ok()).flatten()
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
        for bad in [
            "",
            "2026-01-02T03:04:05.123Z",
            "2026-01-02T03:04:05+08:00",
            "2026-01-02 03:04:05Z",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "20260102T030405Z",
            "2026-01-02T03:04:05z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
