//! The id of one call: an upper-case UUID whose version digit is 5, as in every recorded reply since 2022
//! (spec/protocol.md §3.1).

use std::fmt;

use uuid::{Builder, Uuid, Variant, Version};

/// In the body, in the `x-acs-request-id` header and in the log line alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Upper or lower case.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }

    /// From random bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        let uuid = Builder::from_bytes(bytes).with_version(Version::Sha1).with_variant(Variant::RFC4122);
        Self(uuid.into_uuid())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_version_five() {
        let id = RequestId::new([0xff; 16]);
        assert_eq!(id.to_string(), "FFFFFFFF-FFFF-5FFF-BFFF-FFFFFFFFFFFF");
        assert_eq!(RequestId::parse("ffffffff-ffff-5fff-bfff-ffffffffffff"), Some(id));
        assert_eq!(RequestId::parse("17"), None);
    }
}
