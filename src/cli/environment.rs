//! `env`: the variables that point SDKs and tools at the emulator, in the syntax of four shells; `run` sets the same.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::Request;

use super::client::{self, Remote, authority};
use super::intercepting::intercepting;
use super::trust::TrustFiles;
use super::{Failure, Variable, print};
use crate::control::PREFIX;
use crate::domain::{AccessKey, Secret};
use crate::files;
use crate::settings;

#[derive(Debug, Args)]
pub(super) struct EnvArgs {
    #[command(flatten)]
    remote: Remote,
    /// How the lines are written
    #[arg(long, default_value = "sh")]
    shell: Shell,
    /// Over TLS, trusting the certificate in this file: the one that `serve --tls-ca-out` writes
    #[arg(long, env = "SAS_EMULATOR_TLS_CA_OUT", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// Send programs that name no endpoint to the emulator too: it is their proxy, and they trust its authority, which is
    /// asked for unless --tls-ca names the file
    #[arg(long)]
    intercept: bool,
    /// Where --intercept writes the files that make programs trust the emulator (default: a folder of this address in
    /// ~/.cache/sas-emulator)
    #[arg(long, value_name = "FOLDER", requires = "intercept")]
    trust_folder: Option<PathBuf>,
}

impl EnvArgs {
    pub(super) fn run(&self) -> std::result::Result<(), Failure> {
        let endpoint = self.remote.endpoint();
        let authority = authority(&endpoint).map_err(Failure::usage)?;
        let key = AccessKey::new(Secret::new("test"));
        if self.intercept {
            let folder = self.trust_folder(authority).map_err(Failure::usage)?;
            let files = TrustFiles::write(&folder, &self.trusted(&endpoint)?)?;
            let variables = intercepting(authority, variables(authority, "test", &key, None), &files);
            return print(&self.shell.lines(&variables));
        }
        let file = self.tls_ca.as_ref().map(std::path::absolute).transpose().map_err(Failure::usage)?;
        let not_text = || Failure::usage(anyhow!("--tls-ca: the path is not UTF-8"));
        let file = file.as_ref().map(|file| file.to_str().ok_or_else(not_text)).transpose()?;
        print(&self.shell.lines(&variables(authority, "test", &key, file)))
    }

    /// The certificate of the authority, from the file or from the emulator.
    fn trusted(&self, endpoint: &str) -> Result<String> {
        if let Some(file) = &self.tls_ca {
            let context = || format!("--tls-ca {}", file.display());
            let pem = files::read_if_there(file).with_context(context)?.with_context(context)?;
            return String::from_utf8(pem).with_context(context);
        }
        client::block_on(PATIENCE, async {
            let request = Request::get(format!("{PREFIX}/ca.pem")).body(Bytes::new())?;
            let answer = client::send(endpoint, request).await?;
            let body = String::from_utf8(answer.body().to_vec())?;
            ensure!(answer.status().is_success(), "{endpoint} gives no certificate: {}", body.trim());
            Ok(body)
        })
    }

    fn trust_folder(&self, authority: &str) -> Result<PathBuf> {
        if let Some(folder) = &self.trust_folder {
            return Ok(folder.clone());
        }
        let set = |name| settings::inherited(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
        let cache = cache.context("HOME is not set: say with --trust-folder where files can be written")?;
        Ok(cache.join("sas-emulator").join(authority.replace([':', '[', ']'], "-")))
    }
}

/// How long the emulator may take to give its certificate.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// `.env` files
    Dotenv,
}

/// The SDKs read keys from the environment but no endpoint: programs pass that on. With a CA certificate, over TLS.
pub(super) fn variables(authority: &str, id: &str, key: &AccessKey, tls_ca: Option<&str>) -> Vec<Variable> {
    let set = |name, value: &str| (name, Some(value.to_owned()));
    let token = || key.token.as_ref().map(|token| token.expose().to_owned());
    let mut variables = vec![
        set("ALIBABA_CLOUD_ACCESS_KEY_ID", id),
        set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", key.secret.expose()),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", token()),
        set("SAS_EMULATOR_ENDPOINT", &format!("http://{authority}")),
        // For `sas-emulator call`, which does not read those above: they may be real ones.
        set("SAS_EMULATOR_ACCESS_KEY_ID", id),
        set("SAS_EMULATOR_ACCESS_KEY_SECRET", key.secret.expose()),
        ("SAS_EMULATOR_SECURITY_TOKEN", token()),
        // For SDKs that want the endpoint without its scheme, and the protocol apart.
        set("SAS_ENDPOINT", authority),
        set("SAS_PROTOCOL", if tls_ca.is_some() { "https" } else { "http" }),
    ];
    // The Python SDKs send even local calls through a proxy, whatever NO_PROXY says.
    variables.extend(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].map(|name| (name, None)));
    // Only variables that add to the trusted CAs: `SSL_CERT_FILE` would replace them. The first is for
    // programs to pass on, the others are what legacy Python and Node.js read.
    let trusting = ["SAS_CA_FILE", "ALIBABA_CLOUD_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
    variables.extend(tls_ca.into_iter().flat_map(|file| trusting.map(|name| set(name, file))));
    variables
}

impl Shell {
    fn lines(self, variables: &[Variable]) -> String {
        variables.iter().map(|variable| self.line(variable) + "\n").collect()
    }

    fn line(self, (name, value): &Variable) -> String {
        match (self, value) {
            (Self::Sh, Some(value)) => format!("export {name}={}", quoted(value, '\'', &[("'", r"'\''")])),
            (Self::Sh, None) => format!("unset {name}"),
            (Self::Fish, Some(value)) => {
                format!("set -gx {name} {}", quoted(value, '\'', &[("\\", r"\\"), ("'", r"\'")]))
            }
            (Self::Fish, None) => format!("set -e {name}"),
            (Self::Powershell, Some(value)) => format!("$Env:{name} = '{}'", value.replace('\'', "''")),
            (Self::Powershell, None) => format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
            (Self::Dotenv, Some(value)) => {
                let special = [("\\", r"\\"), ("\"", "\\\""), ("$", r"\$")];
                format!("{name}={}", quoted(value, '"', &special))
            }
            // A `.env` file cannot unset a variable; most programs treat an empty one as unset.
            (Self::Dotenv, None) => format!("{name}="),
        }
    }
}

/// In quotes, if it needs any, with the special characters within them escaped as the shell wants it.
fn quoted(value: &str, quote: char, special: &[(&str, &str)]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%+=,".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    let escaped = special.iter().fold(value.to_owned(), |text, (sign, instead)| text.replace(sign, instead));
    format!("{quote}{escaped}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Variable> {
        let key = AccessKey::new(Secret::new(r"it's \a"));
        let all = variables("127.0.0.1:7270", "test", &key, Some("/a b/ca.pem"));
        let is_shown =
            |name: &str| name.contains("A_CLOUD") || name.contains('Y') || name.contains("PROTOCOL");
        all.into_iter().filter(|(name, _)| is_shown(name)).collect()
    }

    #[test]
    fn every_shell_in_its_own_words() {
        insta::assert_snapshot!(Shell::Sh.lines(&some()), @r"
        export ALIBABA_CLOUD_ACCESS_KEY_ID=test
        export ALIBABA_CLOUD_ACCESS_KEY_SECRET='it'\''s \a'
        unset ALIBABA_CLOUD_SECURITY_TOKEN
        export SAS_EMULATOR_ACCESS_KEY_ID=test
        export SAS_EMULATOR_ACCESS_KEY_SECRET='it'\''s \a'
        unset SAS_EMULATOR_SECURITY_TOKEN
        export SAS_PROTOCOL=https
        unset HTTP_PROXY
        unset HTTPS_PROXY
        export ALIBABA_CLOUD_CA_BUNDLE='/a b/ca.pem'
        ");
        insta::assert_snapshot!(Shell::Fish.lines(&some()), @r"
        set -gx ALIBABA_CLOUD_ACCESS_KEY_ID test
        set -gx ALIBABA_CLOUD_ACCESS_KEY_SECRET 'it\'s \\a'
        set -e ALIBABA_CLOUD_SECURITY_TOKEN
        set -gx SAS_EMULATOR_ACCESS_KEY_ID test
        set -gx SAS_EMULATOR_ACCESS_KEY_SECRET 'it\'s \\a'
        set -e SAS_EMULATOR_SECURITY_TOKEN
        set -gx SAS_PROTOCOL https
        set -e HTTP_PROXY
        set -e HTTPS_PROXY
        set -gx ALIBABA_CLOUD_CA_BUNDLE '/a b/ca.pem'
        ");
        insta::assert_snapshot!(Shell::Powershell.lines(&some()), @r"
        $Env:ALIBABA_CLOUD_ACCESS_KEY_ID = 'test'
        $Env:ALIBABA_CLOUD_ACCESS_KEY_SECRET = 'it''s \a'
        Remove-Item Env:ALIBABA_CLOUD_SECURITY_TOKEN -ErrorAction SilentlyContinue
        $Env:SAS_EMULATOR_ACCESS_KEY_ID = 'test'
        $Env:SAS_EMULATOR_ACCESS_KEY_SECRET = 'it''s \a'
        Remove-Item Env:SAS_EMULATOR_SECURITY_TOKEN -ErrorAction SilentlyContinue
        $Env:SAS_PROTOCOL = 'https'
        Remove-Item Env:HTTP_PROXY -ErrorAction SilentlyContinue
        Remove-Item Env:HTTPS_PROXY -ErrorAction SilentlyContinue
        $Env:ALIBABA_CLOUD_CA_BUNDLE = '/a b/ca.pem'
        ");
        insta::assert_snapshot!(Shell::Dotenv.lines(&some()), @r#"
        ALIBABA_CLOUD_ACCESS_KEY_ID=test
        ALIBABA_CLOUD_ACCESS_KEY_SECRET="it's \\a"
        ALIBABA_CLOUD_SECURITY_TOKEN=
        SAS_EMULATOR_ACCESS_KEY_ID=test
        SAS_EMULATOR_ACCESS_KEY_SECRET="it's \\a"
        SAS_EMULATOR_SECURITY_TOKEN=
        SAS_PROTOCOL=https
        HTTP_PROXY=
        HTTPS_PROXY=
        ALIBABA_CLOUD_CA_BUNDLE="/a b/ca.pem"
        "#);
    }
}
