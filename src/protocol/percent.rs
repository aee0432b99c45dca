//! Percent-encoding: strict decoding, and the one encoding that signatures use.
//!
//! Clients encode the same value differently (`+` or `%20`, `*` or `%2A`), so signatures are computed from decoded values
//! that are encoded again, never from the received bytes (spec/protocol.md §0.4). That encoding is RFC 3986's, with a space
//! as `%20`: `serde_urlencoded` writes `+`, and would make other signatures.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but `A-Za-z0-9-_.~` (spec/protocol.md §1.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A `%` without two hex digits, or bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Encodes as both signature schemes require.
pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED).into()
}

/// Appends the encoded form. Every parameter of every call passes here, and few characters need encoding: runs of plain
/// ones are copied at once.
pub fn push(target: &mut String, text: &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        target.push_str(&rest[..plain]);
        rest = &rest[plain..];
        let reserved = rest.find(is_plain).unwrap_or(rest.len());
        target.extend(utf8_percent_encode(&rest[..reserved], RESERVED));
        rest = &rest[reserved..];
    }
}

pub fn decode(bytes: &[u8]) -> Result<String, Malformed> {
    if !bytes.contains(&b'%') && !bytes.contains(&b'+') {
        return std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next())? << 4 | digit(bytes.next())?,
            b'+' => b' ',
            plain => plain,
        });
    }
    String::from_utf8(decoded).map_err(|_| Malformed)
}

fn digit(byte: Option<u8>) -> Result<u8, Malformed> {
    let digit = byte.and_then(|byte| char::from(byte).to_digit(16));
    digit.and_then(|digit| u8::try_from(digit).ok()).ok_or(Malformed)
}

/// Decodes a query or a form into its pairs. A name without `=` has an empty value; empty pieces are skipped.
pub fn pairs(bytes: &[u8]) -> impl Iterator<Item = Result<(String, String), Malformed>> {
    bytes.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()).map(|piece| {
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        Ok((decode(name)?, decode(value)?))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_reads_the_same() {
        assert_eq!(decode(b"a+b%20c*%2a~").unwrap(), "a b c**~");
        assert_eq!(encode("a b*~+/中"), "a%20b%2A~%2B%2F%E4%B8%AD");
    }

    #[test]
    fn bad_encodings_are_refused() {
        for bad in [&b"%"[..], b"%4", b"%zz", b"%+1", b"%ff", b"\xc3\x28"] {
            assert_eq!(decode(bad), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn pairs_keep_order_and_empty_values() {
        let read: Vec<_> = pairs(b"B=2&&A&C==x").collect::<Result<_, _>>().unwrap();
        let expected =
            [("B", "2"), ("A", ""), ("C", "=x")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(read, expected);
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(text in ".*") {
            prop_assert_eq!(decode(encode(&text).as_bytes()), Ok(text));
        }

        #[test]
        fn appending_is_encoding(text in ".*") {
            let mut appended = String::new();
            push(&mut appended, &text);
            prop_assert_eq!(appended, encode(&text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = pairs(&bytes).collect::<Vec<_>>();
        }
    }
}
