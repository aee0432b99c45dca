//! Percent-encoding: strict decoding, and the one encoding that signatures use.
//!
//! Clients encode the same value differently (`+` or `%20`, `*` or `%2A`), so signatures are computed from decoded values
//! that are encoded again, never from the received bytes (spec/protocol.md §0.4). That encoding is RFC 3986's, with a space
//! as `%20`: `serde_urlencoded` writes `+`, and would make other signatures.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::Params;
use crate::domain::params::Ends;

/// All but `A-Za-z0-9-_.~` (spec/protocol.md §1.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Why a query or a form is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairsError {
    /// A `%` without two hex digits, or bytes that are not UTF-8.
    Malformed,
    TooMany,
}

/// Encodes as both signature schemes require.
pub fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED).into()
}

/// Appends the encoded form. Every parameter of every call passes here; most consist of plain characters.
pub fn push(target: &mut String, text: &str) {
    let (plain, rest) = plain_prefix(text);
    target.push_str(plain);
    target.extend(utf8_percent_encode(rest, RESERVED));
}

/// Appends the form that is encoded twice, as V1 does with every name and value.
pub fn push_twice(target: &mut String, text: &str) {
    let (plain, rest) = plain_prefix(text);
    target.push_str(plain);
    if rest.is_empty() {
        return;
    }
    for piece in utf8_percent_encode(rest, RESERVED) {
        // A plain run has no percent sign.
        match piece.strip_prefix('%') {
            Some(digits) => target.extend(["%25", digits]),
            None => target.push_str(piece),
        }
    }
}

/// Which bytes stand for themselves.
const PLAIN: [bool; 256] = {
    let (mut plain, mut byte) = ([false; 256], 0);
    while byte < 128_u8 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    plain
};

/// The plain characters that a text begins with, and the rest.
#[inline]
fn plain_prefix(text: &str) -> (&str, &str) {
    let reserved = text.bytes().position(|byte| !PLAIN[usize::from(byte)]);
    text.split_at(reserved.unwrap_or(text.len()))
}

fn digit(byte: u8) -> Result<u8, PairsError> {
    let digit = char::from(byte).to_digit(16);
    digit.and_then(|digit| u8::try_from(digit).ok()).ok_or(PairsError::Malformed)
}

/// Which bytes of a query or a form do not stand for themselves.
const ENDS_RUN: [bool; 256] = {
    let mut ends = [false; 256];
    (ends[b'&' as usize], ends[b'=' as usize], ends[b'%' as usize], ends[b'+' as usize]) =
        (true, true, true, true);
    ends
};

/// Few calls have more parameters.
const USUAL: usize = 16;

/// Decodes a query or a form into its pairs, at most so many. A name without `=` has an empty value; empty pieces are
/// skipped.
pub fn pairs(bytes: &[u8], most: usize) -> Result<Params, PairsError> {
    if bytes.is_empty() {
        return Ok(Params::default());
    }
    let (mut text, mut ends) = (Vec::with_capacity(bytes.len()), Vec::with_capacity(USUAL));
    let mut rest = bytes;
    // Of one piece: whether it has any byte, and where its name ends once there was a `=`.
    let (mut has_begun, mut name) = (false, None);
    loop {
        let run = rest.iter().position(|byte| ENDS_RUN[usize::from(*byte)]).unwrap_or(rest.len());
        text.extend_from_slice(&rest[..run]);
        has_begun |= run > 0;
        let ended = &rest[run..];
        if matches!(ended, [] | [b'&', ..]) && std::mem::take(&mut has_begun) {
            let value = text.len();
            ends.push(Ends { name: name.take().unwrap_or(value), value });
            if ends.len() > most {
                // What was read so far comes first.
                return Err(
                    Params::from_text(text, ends).map_or(PairsError::Malformed, |_| PairsError::TooMany)
                );
            }
        }
        has_begun |= !matches!(ended, [b'&', ..]);
        rest = match ended {
            [] => break,
            [b'&', rest @ ..] => rest,
            [b'=', rest @ ..] if name.is_none() => {
                name = Some(text.len());
                rest
            }
            [b'%', high, low, rest @ ..] => {
                text.push(digit(*high)? << 4 | digit(*low)?);
                rest
            }
            [b'%', ..] => return Err(PairsError::Malformed),
            [other, rest @ ..] => {
                text.push(if *other == b'+' { b' ' } else { *other });
                rest
            }
        };
    }
    Params::from_text(text, ends).ok_or(PairsError::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The one value of a query.
    fn decode(bytes: &[u8]) -> Result<String, PairsError> {
        pairs(bytes, 9).map(|params| params.iter().flat_map(|(name, value)| [name, value]).collect())
    }

    #[test]
    fn every_spelling_reads_the_same() {
        assert_eq!(decode(b"a+b%20c*%2a~").unwrap(), "a b c**~");
        assert_eq!(encode("a b*~+/中"), "a%20b%2A~%2B%2F%E4%B8%AD");
    }

    #[test]
    fn bad_encodings_are_refused() {
        for bad in [&b"%"[..], b"%4", b"%zz", b"%+1", b"%ff", b"\xc3\x28", b"a=%c3&%a9", b"%c3=%a9"] {
            assert_eq!(decode(bad), Err(PairsError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn pairs_keep_order_and_empty_values() {
        let read = pairs(b"B=2&&A&C==x", 3).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [("B", "2"), ("A", ""), ("C", "=x")]);
        assert_eq!(pairs(b"B=2&&A&C==x", 2), Err(PairsError::TooMany));
        assert_eq!(pairs(b"B=%ff&A&C", 2), Err(PairsError::Malformed), "it comes before the third pair");
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
            prop_assert_eq!(&appended, &encode(&text));
            let mut twice = String::new();
            push_twice(&mut twice, &text);
            prop_assert_eq!(twice, encode(&appended));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = pairs(&bytes, 100);
        }
    }
}
