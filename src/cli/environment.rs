//! `env`: the variables that point SDKs and tools at the emulator, in the syntax of four shells; `run` sets the same.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueEnum};

use super::client::{Target, authority};
use super::{Failure, print};

/// `env`
#[derive(Debug, Args)]
pub(super) struct Env {
    #[command(flatten)]
    target: Target,
    /// How the lines are written
    #[arg(long, default_value = "sh")]
    shell: Shell,
    /// Over TLS, trusting the certificate in this file: the one that `serve --tls-ca-out` writes
    #[arg(long, env = "SAS_EMULATOR_TLS_CA_OUT", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

impl Env {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let endpoint = self.target.endpoint();
        let authority = authority(&endpoint).map_err(Failure::usage)?;
        let caller = Caller { access_key_id: "test", access_key_secret: "test", security_token: None };
        let file = self.tls_ca.as_ref().map(std::path::absolute).transpose().map_err(Failure::usage)?;
        let not_text = || Failure::usage(anyhow!("--tls-ca: the path is not UTF-8"));
        let file = file.as_ref().map(|file| file.to_str().ok_or_else(not_text)).transpose()?;
        print(&self.shell.lines(&variables(authority, caller, file)))
    }
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// Nothing if it must not be set.
    pub(super) value: Option<String>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'c> {
    pub(super) access_key_id: &'c str,
    pub(super) access_key_secret: &'c str,
    pub(super) security_token: Option<&'c str>,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
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
pub(super) fn variables(authority: &str, caller: Caller<'_>, tls_ca: Option<&str>) -> Vec<Variable> {
    let set = |name, value: &str| Variable { name, value: Some(value.to_owned()) };
    let unset = |name| Variable { name, value: None };
    let Caller { access_key_id, access_key_secret, security_token } = caller;
    let mut variables = vec![
        set("ALIBABA_CLOUD_ACCESS_KEY_ID", access_key_id),
        set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", access_key_secret),
        Variable { name: "ALIBABA_CLOUD_SECURITY_TOKEN", value: security_token.map(str::to_owned) },
        set("SAS_EMULATOR_ENDPOINT", &format!("http://{authority}")),
        // For `sas-emulator call`, which does not read those above: they may be real ones.
        set("SAS_EMULATOR_ACCESS_KEY_ID", access_key_id),
        set("SAS_EMULATOR_ACCESS_KEY_SECRET", access_key_secret),
        Variable { name: "SAS_EMULATOR_SECURITY_TOKEN", value: security_token.map(str::to_owned) },
        // For SDKs that want the endpoint without its scheme, and the protocol apart.
        set("SAS_ENDPOINT", authority),
        set("SAS_PROTOCOL", if tls_ca.is_some() { "https" } else { "http" }),
        // The Python SDKs send even local calls through a proxy, whatever NO_PROXY says.
        unset("HTTP_PROXY"),
        unset("HTTPS_PROXY"),
        unset("http_proxy"),
        unset("https_proxy"),
    ];
    // Only variables that add to the trusted CAs: `SSL_CERT_FILE` would replace them. The first is for
    // programs to pass on, the others are what legacy Python and Node.js read.
    let trusting = ["SAS_CA_FILE", "ALIBABA_CLOUD_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];
    variables.extend(tls_ca.into_iter().flat_map(|file| trusting.map(|name| set(name, file))));
    variables
}

impl Shell {
    /// One line for each variable.
    pub(super) fn lines(self, variables: &[Variable]) -> String {
        variables.iter().map(|variable| self.line(variable) + "\n").collect()
    }

    fn line(self, Variable { name, value }: &Variable) -> String {
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
            // Such a file cannot take a variable away; most programs take an empty one for none.
            (Self::Dotenv, None) => format!("{name}="),
        }
    }
}

/// In quotes, if it needs any, with what is special within them as the shell wants it.
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
        let caller = Caller { access_key_id: "test", access_key_secret: r"it's \a", security_token: None };
        let all = variables("127.0.0.1:7270", caller, Some("/a b/ca.pem"));
        all.into_iter()
            .filter(|variable| {
                variable.name.contains("A_CLOUD")
                    || variable.name.contains('Y')
                    || variable.name.contains("PROTOCOL")
            })
            .collect()
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
