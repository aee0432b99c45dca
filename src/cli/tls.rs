//! `--tls` and related flags: from flags to certificates, and what is logged and written about them.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};

use super::trust;
use crate::authority::Authority;
use crate::clock;
use crate::files::{self, Readers};
use crate::server::{Tls, TlsError};
use crate::settings::{Options, TlsMode};

const ONLY_AUTO: &str = "is for certificates that the emulator makes: add --tls auto";

/// The certificates, if TLS is wanted. Only `--tls off` overrides files that are given.
pub(super) fn from(options: &Options) -> anyhow::Result<Option<Tls>> {
    let files = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => Some((certificate.as_path(), key.as_path())),
        (None, None) => None,
        (Some(_), None) => bail!("--tls-cert needs the key of that certificate too: --tls-key FILE"),
        (None, Some(_)) => bail!("--tls-key needs the certificate of that key too: --tls-cert FILE"),
    };
    match (options.tls, files) {
        (Some(TlsMode::Off), _) => Ok(None),
        (Some(TlsMode::Auto), Some(_)) => {
            bail!("--tls auto makes a certificate and --tls-cert brings one: leave one of them out")
        }
        (Some(TlsMode::Auto), None) => {
            let made = Tls::auto(&names(options), &Authority::new(clock::machine_time()));
            made.map(Some).map_err(|error| anyhow!("--tls auto: {error}"))
        }
        (None, files) => {
            ensure!(options.tls_san.is_empty(), "--tls-san {ONLY_AUTO}");
            // With interception there is an authority in any case.
            if options.no_intercept {
                ensure!(options.tls_ca_out.is_none(), "--tls-ca-out {ONLY_AUTO}");
                ensure!(options.tls_truststore_out.is_none(), "--tls-truststore-out {ONLY_AUTO}");
            }
            files.map(|(certificate, key)| read(certificate, key)).transpose()
        }
    }
}

fn read(certificate: &Path, key: &Path) -> anyhow::Result<Tls> {
    let (shown_certificate, shown_key) = (certificate.display(), key.display());
    let certificates = content("--tls-cert", certificate)?;
    let keys = content("--tls-key", key)?;
    Tls::from_pem(&certificates, &keys).map_err(|error| match error {
        TlsError::Key(what) => anyhow!("--tls-key {shown_key}: it {what}"),
        TlsError::Mismatch => {
            anyhow!("--tls-key {shown_key} is not the key of the (first) certificate in --tls-cert {shown_certificate}")
        }
        other => anyhow!("--tls-cert {shown_certificate}: it {other}"),
    })
}

/// A pipe is fine: `--tls-key <(decrypt key.pem)`.
#[expect(clippy::disallowed_methods, reason = "the command line reads the file it was pointed at")]
fn content(flag: &str, file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("{flag} {}: there is no such file", file.display()),
        _ => anyhow!(error).context(format!("{flag} {}", file.display())),
    })
}

/// The names in the generated certificate: those of this machine, and those that were given.
fn names(options: &Options) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1", "host.docker.internal"].map(str::to_owned).to_vec();
    let listen = options.listen.ip();
    let listen = (!listen.is_unspecified()).then(|| listen.to_string());
    let given = options.advertise_host.iter().chain(&options.tls_san).map(|name| name.trim().to_owned());
    for name in listen.into_iter().chain(given) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Logs that TLS is spoken, and writes the certificate that clients must trust.
pub(super) fn announce(
    options: &Options,
    tls: Option<&Tls>,
    authority: Option<&Authority>,
    url: &str,
) -> anyhow::Result<()> {
    if let Some(authority) = authority {
        write_trusted(options, authority)?;
    }
    match tls {
        None => {}
        Some(tls) if tls.authority().is_none() => tracing::info!("TLS on the same port: {url}"),
        Some(_) => {
            let certificate = match &options.tls_ca_out {
                Some(file) => file.display().to_string(),
                None => format!("what GET {}/ca.pem answers", crate::control::PREFIX),
            };
            tracing::info!("TLS on the same port: {url}, once a client trusts {certificate}");
        }
    }
    Ok(())
}

/// Without a file to write, nothing is made.
fn write_trusted(options: &Options, authority: &Authority) -> anyhow::Result<()> {
    let write = |flag, file: &Path, content: &[u8]| {
        files::replace(file, content, Readers::Umask)
            .with_context(|| format!("cannot write {flag} {}", file.display()))
    };
    if let Some(file) = &options.tls_ca_out {
        write("--tls-ca-out", file, authority.pem()?.as_bytes())?;
    }
    if let Some(file) = &options.tls_truststore_out {
        write("--tls-truststore-out", file, &trust::trust_store(authority.pem()?)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn options(flags: &str) -> Options {
        Cli::parse_from(std::iter::once("sas-emulator").chain(flags.split_whitespace())).options
    }

    #[test]
    fn names_are_those_of_the_machine_and_those_given_once_each() {
        let names = |flags| names(&options(flags)).split_off(4);
        assert!(names("--listen 0.0.0.0:0").is_empty() && names("--listen 127.0.0.1:0").is_empty());
        assert_eq!(
            names("--listen 192.0.2.7:1 --tls-san sas,localhost,*.test"),
            ["192.0.2.7", "sas", "*.test"]
        );
        assert_eq!(
            names("--advertise-host emu.example --tls-san sas --tls-san 10.0.0.1"),
            ["emu.example", "sas", "10.0.0.1"]
        );
    }

    #[test]
    fn flags_that_do_not_go_together() {
        let message = |flags| from(&options(flags)).unwrap_err().to_string();
        insta::assert_snapshot!([
            message("--tls-cert a"),
            message("--tls-key a"),
            message("--tls auto --tls-cert a --tls-key b"),
            message("--tls-san sas"),
            message("--no-intercept --tls-cert a --tls-key b --tls-ca-out c"),
            message("--tls auto --tls-san https://sas"),
            message("--tls-cert /no/such/file --tls-key b"),
        ].join("\n"), @r#"
        --tls-cert needs the key of that certificate too: --tls-key FILE
        --tls-key needs the certificate of that key too: --tls-cert FILE
        --tls auto makes a certificate and --tls-cert brings one: leave one of them out
        --tls-san is for certificates that the emulator makes: add --tls auto
        --tls-ca-out is for certificates that the emulator makes: add --tls auto
        --tls auto: "https://sas" is neither a host name nor an IP address
        --tls-cert /no/such/file: there is no such file
        "#);
        assert!(from(&options("--tls off --tls-cert a --tls-key b")).unwrap().is_none());
        assert!(from(&options("")).unwrap().is_none());
        assert!(from(&options("--tls auto")).unwrap().unwrap().ca_pem().is_some());
    }

    #[test]
    fn files_that_cannot_be_used_are_named() {
        let folder = std::env::temp_dir();
        let written = |name: &str, content: &str| {
            let file = folder.join(format!("sas-emulator-tls-{}-{name}", std::process::id()));
            files::replace(&file, content.as_bytes(), Readers::Umask).unwrap();
            file
        };
        let (made, other) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
        let certificate =
            rcgen::CertificateParams::new(["sas".to_owned()]).unwrap().self_signed(&made).unwrap();
        let good = [written("good.pem", &certificate.pem()), written("good.key", &made.serialize_pem())];
        let [other, garbled] = [written("other.key", &other.serialize_pem()), written("garbled", "hunter2")];
        let message =
            |certificate: &Path, key: &Path| read(certificate, key).map_err(|error| format!("{error:#}"));
        let [certificate, key] = &good;
        assert!(message(certificate, key).is_ok());
        let messages = [
            message(certificate, &other),
            message(&garbled, key),
            message(certificate, &garbled),
            message(&folder, key),
        ]
        .map(Result::unwrap_err);
        for file in good.iter().chain([&other, &garbled]) {
            std::fs::remove_file(file).unwrap();
        }
        let place = format!("{}/sas-emulator-tls-{}-", folder.display(), std::process::id());
        insta::assert_snapshot!(messages.join("\n").replace(&place, "").replace(&*folder.to_string_lossy(), "FOLDER"), @"
        --tls-key other.key is not the key of the (first) certificate in --tls-cert good.pem
        --tls-cert garbled: it holds no certificate; expected PEM, which begins -----BEGIN CERTIFICATE-----
        --tls-key garbled: it holds no private key; expected PEM, which begins -----BEGIN PRIVATE KEY----- (or RSA, or EC)
        --tls-cert FOLDER: Is a directory (os error 21)
        ");
    }
}
