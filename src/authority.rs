//! The authority that signs the certificates that clients are shown. It is made when something first needs it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// From the day before, for clients whose clocks are late. Some systems refuse what is valid for more than 398 days.
const VALID: (i32, i32) = (-1, 396);
/// Until yesterday, wherever on Earth the client thinks it is.
const EXPIRED: (i32, i32) = (-366, -2);
/// No host has this name (RFC 6761).
const WRONG_NAME: &str = "wrong-name.invalid";

/// An authority of one process. Its key lives as long as this does, for new names must be signed as they come; it is never
/// written or shown. Copies are the same authority.
#[derive(Clone)]
pub struct Authority(Arc<AuthorityState>);

struct AuthorityState {
    born: Timestamp,
    issuer: OnceLock<Result<Issuer, NotMade>>,
}

struct Issuer {
    signer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
}

/// Why there is no certificate. It holds nothing of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate can be made: {0}")]
pub struct NotMade(String);

/// What kind of certificate is made: a good one, or one that is bad on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateKind {
    Good,
    Expired,
    WrongName,
    /// Good, but signed by an authority that no client trusts.
    Untrusted,
}

/// A certificate and its key.
pub struct Issued {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    /// An authority whose certificates are valid around this time. Nothing is made yet.
    pub fn new(born: Timestamp) -> Self {
        Self(Arc::new(AuthorityState { born, issuer: OnceLock::new() }))
    }

    /// Its certificate, in PEM: what clients must trust.
    pub fn pem(&self) -> Result<&str, NotMade> {
        Ok(&self.issuer()?.pem)
    }

    /// A certificate for these host names and IP addresses, with a key of its own.
    pub fn issue(&self, names: &[String], kind: CertificateKind) -> Result<Issued, NotMade> {
        let born = self.0.born;
        let signer = &self.issuer()?.signer;
        let issued = match kind {
            CertificateKind::Good => leaf(signer, names.to_vec(), VALID, born),
            CertificateKind::Expired => leaf(signer, names.to_vec(), EXPIRED, born),
            CertificateKind::WrongName => leaf(signer, vec![WRONG_NAME.to_owned()], VALID, born),
            CertificateKind::Untrusted => {
                issuer("unknown ", born).and_then(|other| leaf(&other, names.to_vec(), VALID, born))
            }
        };
        issued.map_err(NotMade::from)
    }

    fn issuer(&self) -> Result<&Issuer, NotMade> {
        let made = self.0.issuer.get_or_init(|| {
            let signer = issuer("", self.0.born)?;
            let pem = signer.pem();
            Ok(Issuer { signer, pem })
        });
        made.as_ref().map_err(Clone::clone)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("is_made", &self.0.issuer.get().is_some()).finish_non_exhaustive()
    }
}

impl From<Error> for NotMade {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

fn issuer(kind: &str, now: Timestamp) -> Result<CertifiedIssuer<'static, KeyPair>, Error> {
    let mut params = CertificateParams::default();
    // Generated at each start: users who keep several must be able to tell them apart.
    params.distinguished_name = called(&format!("sas-emulator {kind}authority of {now:.0}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    hold(&mut params, VALID, now);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(
    issuer: &CertifiedIssuer<'static, KeyPair>,
    names: Vec<String>,
    days: (i32, i32),
    now: Timestamp,
) -> Result<Issued, Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = called("sas-emulator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python from 3.13 on takes none without.
    params.use_authority_key_identifier_extension = true;
    hold(&mut params, days, now);
    // A key of its own: its serial number comes from that.
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?.der().clone();
    Ok(Issued { certificate, key: PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())) })
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// Good from one midnight (UTC) to another, so many days from now.
fn hold(params: &mut CertificateParams, (from, to): (i32, i32), now: Timestamp) {
    let midnight = |days: i32| {
        let day = now.checked_add(DAY * days).unwrap_or(now);
        let date = Offset::UTC.to_datetime(day).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    (params.not_before, params.not_after) = (midnight(from), midnight(to));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_when_it_is_needed_and_debug_shows_no_key() {
        let authority = Authority::new(crate::clock::machine_time());
        assert_eq!(format!("{authority:?}"), "Authority { is_made: false, .. }");
        let copy = authority.clone();
        assert_eq!(authority.pem().unwrap(), copy.pem().unwrap());
        assert_eq!(format!("{copy:?}"), "Authority { is_made: true, .. }");
        assert!(!authority.pem().unwrap().contains("PRIVATE"));
    }
}
