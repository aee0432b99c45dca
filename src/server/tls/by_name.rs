//! Certificates for the hosts that clients reach through the proxy: made when a name is first shown, and kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;

use super::TlsError;
use super::generated::made;
use crate::authority::{Authority, CertificateKind};

/// Most certificates that are kept; for a further one, the one that was made first is dropped. Clients choose the names, as
/// far as the patterns of the user allow.
const MOST_NAMES: usize = 256;

type KeptCertificates = (String, CertificateKind, Arc<ServerConfig>);

#[derive(Debug)]
pub(in crate::server) struct ByName {
    authority: Authority,
    kept: Mutex<VecDeque<KeptCertificates>>,
}

impl ByName {
    pub(in crate::server) fn new(authority: Authority) -> Self {
        Self { authority, kept: Mutex::default() }
    }

    /// The certificate of that kind for a host name or an IP address.
    pub(super) fn config(&self, name: &str, kind: CertificateKind) -> Result<Arc<ServerConfig>, TlsError> {
        // Held while one is made, which takes less than a millisecond: so that clients that come at once see the same one.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., config)) = kept.iter().find(|(other, of, _)| *of == kind && other == name) {
            return Ok(Arc::clone(config));
        }
        let config = made(&self.authority, &[name.to_owned()], kind)?;
        if kept.len() >= MOST_NAMES {
            kept.pop_front();
        }
        kept.push_back((name.to_owned(), kind, Arc::clone(&config)));
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_once_and_kept_within_a_bound() {
        let certificates = ByName::new(Authority::new(crate::clock::machine_time()));
        let config = |name: &str| certificates.config(name, CertificateKind::Good).unwrap();
        let first = config("a.example");
        assert!(Arc::ptr_eq(&first, &config("a.example")));
        assert!(!Arc::ptr_eq(&first, &certificates.config("a.example", CertificateKind::Expired).unwrap()));
        for number in 0..MOST_NAMES {
            config(&format!("n{number}.example"));
        }
        assert_eq!(certificates.kept.lock().unwrap().len(), MOST_NAMES);
        assert!(!Arc::ptr_eq(&first, &config("a.example")), "it made room");
    }
}
