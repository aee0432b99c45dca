//! A certificate and a key from the user.

use sas_emulator::internals::server::{Tls, TlsError};

use crate::harness::tls::{Client, try_generated};
use crate::harness::wire::{read_response, send, serve, write};
use crate::harness::{Setup, TestCall};

/// An authority, and a certificate and a key that it issued.
fn brought(names: &[&str]) -> (String, String, String) {
    let params = |names: &[&str]| {
        rcgen::CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
            .unwrap()
    };
    let mut authority = params(&[]);
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority =
        rcgen::CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params(names).signed_by(&key, &authority).unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

#[tokio::test]
async fn a_given_certificate_is_served() {
    let (ca_pem, certificate, key) = brought(&["sas.example"]);
    let tls = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let emulator = Setup::new("instant").tls(tls).start();
    assert_eq!(emulator.control("GET", "ca.pem", "").await.status, 404);
    assert_eq!(emulator.control("POST", "faults", r#"{"effect":{"tls":"expired"}}"#).await.status, 409);
    let served = serve(emulator).await;
    let mut stream = Client::trusting(&ca_pem).connect(served.address, "sas.example").await.unwrap();
    send(&mut stream, &TestCall::latest("ASSETS_COLLECTION")).await;
    assert_eq!(read_response(&mut stream).await.0, 200);
}

/// The given certificate is for its own names, so tunnels have the emulator's own authority.
#[tokio::test]
async fn tunnels_do_not_use_it() {
    let (ca_pem, certificate, key) = brought(&["sas.example"]);
    let tls = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let setup = Setup::new("instant").tls(tls).intercepting(&[]);
    let own = setup.ca_pem();
    let served = serve(setup.start()).await;
    assert!(served.control("GET", "ca.pem", "").await.1.ends_with(&own));
    Client::trusting(&ca_pem).connect(served.address, "sas.example").await.unwrap();
    let mut stream = served.connect().await;
    write(&mut stream, "CONNECT tds.aliyuncs.com:443 HTTP/1.1\r\nhost: tds.aliyuncs.com:443\r\n\r\n").await;
    assert_eq!(read_response(&mut stream).await.0, 200);
    Client::trusting(&own).connect_over(stream, "tds.aliyuncs.com").await.unwrap();
}

#[test]
fn what_cannot_be_shown_says_which_of_the_two_is_wrong() {
    let (_, certificate, key) = brought(&["sas"]);
    let (_, _, other_key) = brought(&["sas"]);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let garbled_key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
    let error = |certificate: &str, key: &str| match Tls::from_pem(certificate.as_bytes(), key.as_bytes())
        .unwrap_err()
    {
        TlsError::Certificate(what) => format!("certificate {what}"),
        TlsError::Key(what) => format!("key {what}"),
        other => other.to_string(),
    };
    insta::assert_snapshot!([
        error("", &key),
        error(&key, &key),
        error(&certificate.replace('M', "?"), &key),
        error("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key),
        error(&certificate, ""),
        error(&certificate, &certificate),
        error(&certificate, encrypted),
        error(&certificate, garbled_key),
        error(&certificate, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        error(&certificate, &other_key),
    ].join("\n"), @"
    certificate holds no certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----
    certificate holds no certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----
    certificate is garbled: what it calls a certificate is not base64
    certificate holds no good certificate: BadEncoding
    key holds no private key; expected PEM, which begins -----BEGIN PRIVATE KEY----- (or RSA, or EC)
    key holds no private key; expected PEM, which begins -----BEGIN PRIVATE KEY----- (or RSA, or EC)
    key is encrypted, and there is no prompt for the passphrase; `openssl pkey` writes it in the clear
    key holds a key that cannot be used: failed to parse private key as RSA, ECDSA, or EdDSA
    key holds a key that cannot be used: failed to parse private key as RSA, ECDSA, or EdDSA
    the private key does not belong to the certificate
    ");
}

#[test]
fn what_is_no_name_is_refused_before_a_client_is_surprised() {
    for wrong in ["", "a b", "https://sas", "sas:443", "[::1]", "*"] {
        let error = try_generated(&[wrong]).unwrap_err();
        assert_eq!(error, TlsError::Name(wrong.to_owned()));
    }
}
