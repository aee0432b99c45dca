//! The headers and the common parameters of a call that the service reads, each found in one pass over all of them.

use http::HeaderMap;

use crate::domain::Params;

/// Declares a struct with a text for each of these names.
macro_rules! texts {
    ($(#[$doc:meta])* $kind:ident { $($field:ident: $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default)]
        pub struct $kind<'r> {
            $(pub $field: Option<&'r str>,)*
        }

        impl<'r> $kind<'r> {
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Whether it is one of the names, in any case. Most are written as here.
            pub fn has(name: &str) -> bool {
                matches!(name, $($name)|*) || Self::NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
            }

            fn place(&mut self, name: &str) -> Option<&mut Option<&'r str>> {
                match name {
                    $($name => Some(&mut self.$field),)*
                    _ => None,
                }
            }

            fn map(self, change: impl Fn(&'r str) -> Option<&'r str>) -> Self {
                Self { $($field: self.$field.and_then(&change),)* }
            }
        }
    };
}

texts! {
    /// Trimmed. One that is absent, empty or not ASCII is `None`; of several of a name, the first counts.
    CallHeaders {
        accept: "accept",
        action: "x-acs-action",
        authorization: "authorization",
        bearer_token: "x-acs-bearer-token",
        content_md5: "content-md5",
        content_sha256: "x-acs-content-sha256",
        content_sm3: "x-acs-content-sm3",
        date: "x-acs-date",
        nonce: "x-acs-signature-nonce",
        security_token: "x-acs-security-token",
        user_agent: "user-agent",
        version: "x-acs-version",
    }
}

texts! {
    /// What every V1 request carries besides the operation's own parameters, by the names of spec/protocol.md §1.1. V3 has
    /// the same in headers. The last value of a name counts, an empty one included.
    CommonParams {
        access_key_id: "AccessKeyId",
        action: "Action",
        bearer_token: "BearerToken",
        format: "Format",
        security_token: "SecurityToken",
        signature: "Signature",
        signature_method: "SignatureMethod",
        signature_nonce: "SignatureNonce",
        signature_type: "SignatureType",
        signature_version: "SignatureVersion",
        timestamp: "Timestamp",
        version: "Version",
    }
}

impl<'r> CallHeaders<'r> {
    pub fn read(headers: &'r HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            if let Some(place) = found.place(name.as_str()) {
                place.get_or_insert(value.to_str().map_or("", str::trim));
            }
        }
        found.map(|value| Some(value).filter(|value| !value.is_empty()))
    }
}

impl<'r> CommonParams<'r> {
    pub fn read(params: &'r Params) -> Self {
        let mut found = Self::default();
        for (name, value) in params.iter() {
            if let Some(place) = found.place(name) {
                *place = Some(value);
            }
        }
        found
    }

    /// The same without empty values: the gateway takes an empty value for a missing one.
    pub fn non_empty(self) -> Self {
        self.map(|value| Some(value).filter(|value| !value.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_headers_the_first_counts_and_an_empty_one_is_absent() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-acs-date", " a "), ("x-acs-date", "b"), ("accept", ""), ("accept", "c")] {
            headers.append(name, value.parse().unwrap());
        }
        headers.append("user-agent", http::HeaderValue::from_bytes(b"\xff").unwrap());
        let read = CallHeaders::read(&headers);
        assert_eq!((read.date, read.accept, read.user_agent, read.nonce), (Some("a"), None, None, None));
    }

    #[test]
    fn of_several_parameters_the_last_counts() {
        let params = Params::from_iter([("Format", "XML"), ("Action", "A"), ("Format", "")]);
        let read = CommonParams::read(&params);
        assert_eq!((read.format, read.action, read.version), (Some(""), Some("A"), None));
        assert_eq!(read.non_empty().format, None);
    }
}
