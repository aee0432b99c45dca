//! Generates an authority, a good certificate, and certificates that are bad on purpose.

use std::sync::Arc;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};

use super::{Shown, TlsError, config, not_made};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// From the day before, for clients whose clocks are late. Some systems refuse what is valid for more than 398 days.
const VALID: (i32, i32) = (-1, 396);
/// Until yesterday, wherever on Earth the client thinks it is.
const EXPIRED: (i32, i32) = (-366, -2);
/// No host has this name (RFC 6761).
const WRONG_NAME: &str = "wrong-name.invalid";

pub(super) struct Generated {
    pub(super) ca_pem: String,
    pub(super) good: Arc<ServerConfig>,
    pub(super) expired: Arc<ServerConfig>,
    pub(super) wrong_name: Arc<ServerConfig>,
    /// Good, but signed by an authority that no client trusts.
    pub(super) untrusted: Arc<ServerConfig>,
}

impl Generated {
    /// The keys of both authorities are dropped with this function.
    pub(super) fn new(names: &[String], now: Timestamp) -> Result<Self, TlsError> {
        check(names)?;
        let ours = authority("", now).map_err(not_made)?;
        let others = authority("unknown ", now).map_err(not_made)?;
        let leaf = |issuer, names: &[String], days| config(leaf(issuer, names, days, now).map_err(not_made)?);
        Ok(Self {
            ca_pem: ours.pem(),
            good: leaf(&ours, names, VALID)?,
            expired: leaf(&ours, names, EXPIRED)?,
            wrong_name: leaf(&ours, &[WRONG_NAME.to_owned()], VALID)?,
            untrusted: leaf(&others, names, VALID)?,
        })
    }
}

/// A wrong name would make a certificate that no client accepts, and the client's error would name something else.
fn check(names: &[String]) -> Result<(), TlsError> {
    let is_name = |name: &str| ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok();
    names.iter().find(|name| !is_name(name)).map_or(Ok(()), |wrong| Err(TlsError::Name(wrong.clone())))
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(kind: &str, now: Timestamp) -> Result<Authority, Error> {
    let mut params = CertificateParams::default();
    // Generated at each start: users who keep several must be able to tell them apart.
    params.distinguished_name = called(&format!("sas-emulator {kind}authority of {now:.0}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    hold(&mut params, VALID, now);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(issuer: &Authority, names: &[String], days: (i32, i32), now: Timestamp) -> Result<Shown, Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = called("sas-emulator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python from 3.13 on takes none without.
    params.use_authority_key_identifier_extension = true;
    hold(&mut params, days, now);
    // A key of its own: its serial number comes from that.
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok((vec![certificate.der().clone()], PrivateKeyDer::from(key)))
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
