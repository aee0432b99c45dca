//! Reads a certificate and a key that the user provides, in PEM.

use rustls::Error;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Shown, TlsError};

/// Reads both. Whether they belong together is checked when they are used.
pub(super) fn read(certificates: &[u8], key: &[u8]) -> Result<Shown, TlsError> {
    Ok((read_certificates(certificates)?, read_key(key)?))
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let garbled =
        |_| TlsError::Certificate("is garbled: what it calls a certificate is not base64".to_owned());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(garbled)?;
    if chain.is_empty() {
        let message = "holds no certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----";
        return Err(TlsError::Certificate(message.to_owned()));
    }
    Ok(chain)
}

/// Errors of the parser may quote lines, so none of them is repeated.
fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        let is_encrypted = pem.windows(9).any(|word| word == b"ENCRYPTED");
        let message = if is_encrypted {
            "is encrypted, and there is no prompt for the passphrase; `openssl pkey` writes it in the clear"
        } else {
            "holds no private key; expected PEM, which begins -----BEGIN PRIVATE KEY----- (or RSA, or EC)"
        };
        TlsError::Key(message.to_owned())
    })
}

/// Why a certificate and a key cannot be shown.
pub(super) fn unusable(error: Error) -> TlsError {
    match error {
        Error::InconsistentKeys(_) => TlsError::Mismatch,
        Error::InvalidCertificate(error) => {
            TlsError::Certificate(format!("holds no good certificate: {error}"))
        }
        Error::General(message) => TlsError::Key(format!("holds a key that cannot be used: {message}")),
        other => TlsError::Certificate(format!("cannot be used: {other}")),
    }
}
