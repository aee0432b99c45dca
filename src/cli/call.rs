//! `call`: a client without an SDK. It signs as SDKs do, with the same functions the server verifies by.

use std::time::Duration;

use anyhow::{anyhow, bail};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};

use super::{Failure, lists, probe};
use crate::clock::GatewayClock;
use crate::domain::Secret;
use crate::protocol::sign::{Algorithm, Names, v1, v3};
use crate::protocol::{VERSION, claims, percent, timestamp};
use crate::settings::Hidden;

/// `call ACTION Name=Value …`
#[derive(Debug, Args)]
pub(super) struct Call {
    /// The operation, such as `GetLastOnceTaskInfo`.
    action: String,
    /// Its parameters.
    #[arg(value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    #[command(flatten)]
    target: probe::Target,
    /// Who calls.
    #[arg(long, env = "SAS_EMULATOR_ACCESS_KEY_ID", default_value = "test", value_name = "ID")]
    access_key_id: String,
    /// What to sign with (default: test).
    #[arg(long, env = "SAS_EMULATOR_ACCESS_KEY_SECRET", value_name = "SECRET", hide_env_values = true)]
    access_key_secret: Option<Hidden>,
    /// Security token of a temporary key.
    #[arg(long, env = "SAS_EMULATOR_SECURITY_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    security_token: Option<Hidden>,
    /// Which signature scheme.
    #[arg(long, default_value = "v3")]
    signature: SchemeFlag,
    /// Which answer to ask for.
    #[arg(long, default_value = "json")]
    format: FormatFlag,
    /// Send GET instead of POST.
    #[arg(long)]
    get: bool,
    /// Also print the string to sign and a curl line that sends the same request (to stderr).
    #[arg(long)]
    show_request: bool,
    /// Call again every second until the task has ended (while TaskInfo.Status is INIT or START).
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemeFlag {
    V1,
    V3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatFlag {
    Json,
    Xml,
}

/// A request and the string its signature was made from.
struct Signed {
    request: Request<Bytes>,
    string_to_sign: String,
}

impl Call {
    /// Sends it and prints the answer's body; an error answer fails the command.
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.watch && self.format == FormatFlag::Xml {
            return Err(Failure::usage(anyhow!("--watch reads answers in JSON; leave --format xml out")));
        }
        let endpoint = self.target.endpoint();
        let host = probe::authority(&endpoint).map_err(Failure::usage)?;
        probe::block_on(Duration::MAX, async {
            loop {
                let signed = self.sign(host)?;
                if self.show_request {
                    show(&endpoint, &signed);
                }
                let limit = Duration::from_secs(30);
                let response = tokio::time::timeout(limit, probe::send(&endpoint, signed.request))
                    .await
                    .map_err(|_| anyhow!("no answer within {} s", limit.as_secs()))??;
                let body = String::from_utf8_lossy(response.body());
                lists::print(&format!("{body}\n")).map_err(|failure| failure.error)?;
                if !response.status().is_success() {
                    bail!("{}{}", response.status(), told_to_wait(&response));
                }
                if body.is_empty() {
                    bail!("{}, but the answer is empty", response.status());
                }
                match task_status(&response) {
                    _ if !self.watch => return Ok(()),
                    Some(status) if !["INIT", "START"].contains(&status.as_str()) => return Ok(()),
                    Some(_) => (),
                    None => bail!(
                        "--watch waits for TaskInfo.Status, which this answer does not show; GetLastOnceTaskInfo's does"
                    ),
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        })?;
        Ok(())
    }

    fn secret(&self) -> Secret {
        Secret::new(self.access_key_secret.as_ref().map_or("test", |secret| secret.0.as_str()))
    }

    fn sign(&self, host: &str) -> anyhow::Result<Signed> {
        let now = timestamp::format(GatewayClock::default().now());
        // Unique, not unpredictable: that is all a nonce needs to be.
        let nonce = format!("{}-{}", std::process::id(), GatewayClock::default().now().as_nanosecond());
        match self.signature {
            SchemeFlag::V1 => self.sign_v1(host, now, nonce),
            SchemeFlag::V3 => self.sign_v3(host, &now, &nonce),
        }
    }

    fn method(&self) -> &'static str {
        if self.get { "GET" } else { "POST" }
    }

    fn sign_v1(&self, host: &str, now: String, nonce: String) -> anyhow::Result<Signed> {
        let mut pairs = self.params.clone();
        let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
        add("Action", self.action.clone());
        add("Version", VERSION.to_owned());
        add("Format", if self.format == FormatFlag::Xml { "XML" } else { "JSON" }.to_owned());
        add("AccessKeyId", self.access_key_id.clone());
        add("SignatureMethod", "HMAC-SHA1".to_owned());
        add("SignatureVersion", "1.0".to_owned());
        add("SignatureNonce", nonce);
        add("Timestamp", now);
        if let Some(token) = &self.security_token {
            add("SecurityToken", token.0.clone());
        }
        let string_to_sign = v1::string_to_sign(self.method(), borrowed(&pairs));
        pairs.push(("Signature".to_owned(), v1::sign(Algorithm::HmacSha1, &self.secret(), &string_to_sign)));
        let request = Request::builder().method(self.method()).uri(target(&pairs)).header("host", host);
        Ok(Signed { request: request.body(Bytes::new())?, string_to_sign })
    }

    fn sign_v3(&self, host: &str, now: &str, nonce: &str) -> anyhow::Result<Signed> {
        const SCHEME: &str = "ACS3-HMAC-SHA256";
        let algorithm = Algorithm::HmacSha256;
        let mut query = self.params.clone();
        if self.format == FormatFlag::Xml {
            query.push(("Format".to_owned(), "XML".to_owned()));
        }
        let hash = algorithm.hash(b"");
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &str| -> anyhow::Result<()> {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
            Ok(())
        };
        add("host", host)?;
        add("x-acs-action", &self.action)?;
        add("x-acs-content-sha256", &hash)?;
        add("x-acs-date", now)?;
        if let Some(token) = &self.security_token {
            add("x-acs-security-token", &token.0)?;
        }
        add("x-acs-signature-nonce", nonce)?;
        add("x-acs-version", VERSION)?;
        let signed_headers = headers.keys().map(HeaderName::as_str).collect::<Vec<_>>().join(";");
        let parts = v3::Parts {
            method: self.method(),
            query: &query,
            headers: &headers,
            signed_headers: &signed_headers,
            body: b"",
        };
        let canonical = v3::canonical_request(&parts, algorithm, Names::Encoded);
        let string_to_sign = v3::string_to_sign(SCHEME, algorithm, &canonical);
        let signature = v3::sign(algorithm, &self.secret(), &string_to_sign);
        let id = &self.access_key_id;
        let authorization =
            format!("{SCHEME} Credential={id},SignedHeaders={signed_headers},Signature={signature}");
        headers.insert("authorization", HeaderValue::from_str(&authorization)?);
        let mut request = Request::builder().method(self.method()).uri(target(&query)).body(Bytes::new())?;
        request.headers_mut().extend(headers);
        Ok(Signed { request, string_to_sign: format!("{canonical}\n\n{string_to_sign}") })
    }
}

#[expect(clippy::print_stderr, reason = "shown beside the answer, which is all that goes to stdout")]
fn show(endpoint: &str, signed: &Signed) {
    let Signed { request, string_to_sign } = signed;
    let url = quoted(&format!("{endpoint}{}", request.uri()));
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        format!(" -H {}", quoted(&format!("{name}: {}", value.to_str().unwrap_or_default())))
    };
    let headers: String = request.headers().iter().map(header).collect();
    let curl = format!("curl -X {} {url}{headers}", request.method());
    eprintln!("string to sign:\n{string_to_sign}\n\n{curl}\n");
}

/// Whether the answer describes a task that is not over.
/// What the task shows that an answer is about.
fn task_status(response: &Response<Bytes>) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.body()).ok()?;
    Some(body["TaskInfo"]["Status"].as_str()?.to_owned())
}

/// What a throttled caller is told in a header, where nobody sees it.
fn told_to_wait(response: &Response<Bytes>) -> String {
    let wait = claims::text(response.headers(), "x-acs-retry-after");
    wait.map_or_else(String::new, |wait| format!(", retry after {wait} ms"))
}

fn target(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value)))
        .collect();
    format!("/?{}", encoded.join("&"))
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
