//! Links that the service gives in its replies: clients follow them without a header, so each carries a key.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use axum::http::request::Parts;
use subtle::ConstantTimeEq;

use super::error::ControlError;
use super::guard;
use crate::domain::Secret;
use crate::protocol::LinkKey;

/// Makes the keys of links, and checks them.
#[derive(Clone)]
pub(crate) struct Links {
    token: Option<Secret>,
    /// Drawn for each process. Without a seed that was given, links differ from run to run, although all else is the same.
    drawn: [u8; 16],
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(***)")
    }
}

impl Links {
    pub(crate) fn new(token: Option<Secret>) -> Self {
        // Its keys come from the system's source of random numbers.
        let random = RandomState::new();
        let [first, second] = [1_u8, 2].map(|number| random.hash_one(number).to_be_bytes());
        let mut drawn = [0; 16];
        drawn[..8].copy_from_slice(&first);
        drawn[8..].copy_from_slice(&second);
        Self { token, drawn }
    }

    /// The key of a session's links: with a seed that was given they are the same in every run.
    pub(crate) fn key(&self, seed: Option<u64>) -> LinkKey<'_> {
        let salt = seed.map_or(self.drawn, |seed| u128::from(seed).to_be_bytes());
        LinkKey { token: self.token.as_ref(), salt }
    }

    /// Refuses a request that has neither the key of its path nor the control token.
    pub(super) fn check(&self, head: &Parts, seed: Option<u64>) -> Result<(), ControlError> {
        let members = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        let given =
            members.into_iter().find(|(name, _)| name == "key").map(|(_, key)| key).unwrap_or_default();
        let expected = self.key(seed).of(head.uri.path());
        let is_key = bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
        if is_key || self.token.as_ref().is_some_and(|token| guard::has_token(&head.headers, token)) {
            return Ok(());
        }
        Err(ControlError::new(403, "link", "the key of this link is missing or wrong")
            .hint("follow the link of the reply as it stands; after a restart, call it again or give a seed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_differ_from_run_to_run_unless_the_seed_was_given() {
        let key = |token: Option<&str>, seed| Links::new(token.map(Secret::new)).key(seed).of("/x");
        assert_ne!(key(None, None), key(None, None));
        assert_eq!(key(None, Some(7)), key(None, Some(7)));
        assert_ne!(key(None, Some(7)), key(None, Some(8)));
        // Who knows the seed does not know the token.
        assert_ne!(key(Some("a"), Some(7)), key(Some("b"), Some(7)));
        assert_ne!(key(Some("a"), Some(7)), key(None, Some(7)));
        let links = Links::new(Some(Secret::new("s3cret")));
        assert_ne!(links.key(None).of("/x"), links.key(None).of("/y"));
        assert!(!format!("{links:?} {:?}", links.key(None)).contains("s3cret"));
    }
}
