//! Files that make programs trust the emulator's authority: PEM for most, a trust store for Java, a package for Python.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag};

use crate::files::{self, Readers};

/// The paths of the files, as variables name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TrustFiles {
    pub(super) pem: String,
    /// PKCS#12.
    pub(super) store: String,
    /// A folder for `PYTHONPATH`.
    pub(super) python: String,
}

/// The Python SDKs trust what the package `certifi` says, and read no variable. A package of that name that is found first
/// says something else.
fn certifi(pem: &str) -> String {
    // A text in JSON is one in Python.
    let pem = serde_json::Value::from(pem);
    format!(
        "\"\"\"Written by sas-emulator in the place of the package certifi: the emulator's authority, and no other.\"\"\"\n\n\
         __version__ = \"2026.01.01\"\n__all__ = [\"contents\", \"where\"]\n\n\n\
         def where():\n    return {pem}\n\n\n\
         def contents():\n    with open(where(), encoding=\"ascii\") as file:\n        return file.read()\n"
    )
}

impl TrustFiles {
    /// Writes all of them to a folder, which is made if it is not there.
    pub(super) fn write(folder: &Path, pem: &str) -> Result<Self> {
        let folder = std::path::absolute(folder)?;
        let python = folder.join("python");
        let package = python.join("certifi");
        let context = || format!("cannot write to {}", folder.display());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&package).with_context(context)?;
        let path = |path: PathBuf| {
            path.into_os_string()
                .into_string()
                .ok()
                .with_context(|| format!("{} is not UTF-8", folder.display()))
        };
        let made = Self {
            pem: path(folder.join("ca.pem"))?,
            store: path(folder.join("truststore.p12"))?,
            python: path(python)?,
        };
        let write = |file: &Path, content: &[u8]| {
            files::replace(file, content, Readers::Umask)
                .with_context(|| format!("cannot write {}", file.display()))
        };
        write(Path::new(&made.pem), pem.as_bytes())?;
        write(Path::new(&made.store), &trust_store(pem)?)?;
        write(&package.join("__init__.py"), certifi(&made.pem).as_bytes())?;
        Ok(made)
    }
}

/// A folder that only its owner can read, and that is removed with all in it.
#[derive(Debug)]
pub(super) struct TemporaryFolder(pub(super) PathBuf);

impl TemporaryFolder {
    pub(super) fn new() -> std::io::Result<Self> {
        // Drawn anew in each process.
        let random = RandomState::new().hash_one(std::process::id());
        let folder = std::env::temp_dir().join(format!("sas-emulator-{random:016x}"));
        // It fails if there is one.
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("{} stays: {error}", self.0.display());
        }
    }
}

/// A trust store as Java reads it (PKCS#12, RFC 7292) with one certificate, in PEM. A certificate is no secret, so nothing
/// is encrypted, and there is no password: Java takes any.
pub(super) fn trust_store(pem: &str) -> Result<Vec<u8>> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
        .context("this is no certificate in PEM, which begins -----BEGIN CERTIFICATE-----")?;
    let bags = yasna::construct_der(|writer| {
        writer.write_sequence(|bags| bags.next().write_sequence(|bag| certificate_bag(bag, &certificate)));
    });
    let contents = yasna::construct_der(|writer| writer.write_sequence(|all| data(all.next(), &bags)));
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|store| {
            store.next().write_u8(3);
            data(store.next(), &contents);
        });
    }))
}

/// Names of PKCS#12 and PKCS#9, and the one of Oracle without which Java takes no certificate for trusted.
const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
const TRUSTED_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_USAGE: &[u64] = &[2, 5, 29, 37, 0];

fn name(writer: DERWriter<'_>, name: &[u64]) {
    writer.write_oid(&ObjectIdentifier::from_slice(name));
}

fn data(writer: DERWriter<'_>, bytes: &[u8]) {
    writer.write_sequence(|info| {
        name(info.next(), DATA);
        info.next().write_tagged(Tag::context(0), |content| content.write_bytes(bytes));
    });
}

fn certificate_bag(bag: &mut yasna::DERWriterSeq<'_>, certificate: &[u8]) {
    name(bag.next(), CERTIFICATE_BAG);
    bag.next().write_tagged(Tag::context(0), |value| {
        value.write_sequence(|value| {
            name(value.next(), X509);
            value.next().write_tagged(Tag::context(0), |content| content.write_bytes(certificate));
        });
    });
    bag.next().write_set_of(|attributes| {
        attributes.next().write_sequence(|attribute| {
            name(attribute.next(), FRIENDLY_NAME);
            attribute.next().write_set_of(|values| values.next().write_bmp_string("sas-emulator"));
        });
        attributes.next().write_sequence(|attribute| {
            name(attribute.next(), TRUSTED_USAGE);
            attribute.next().write_set_of(|values| name(values.next(), ANY_USAGE));
        });
    });
}
