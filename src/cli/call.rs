//! `call`: signs and sends one request, as an SDK would.

mod watch;

use std::time::Duration;

use anyhow::{anyhow, bail};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};

use super::{Failure, client, print, print_error};
use crate::clock::GatewayClock;
use crate::operations;
use crate::protocol::sign::{Algorithm, Signed, Unsigned};
use crate::protocol::{Format, claims, timestamp};
use crate::settings::seconds;

#[derive(Debug, Args)]
pub(super) struct CallArgs {
    /// The operation, such as `GetLastOnceTaskInfo`.
    action: String,
    /// Its parameters. A word without `=` is the type of a task: `TaskType`, and `TaskName` where the operation has it.
    #[arg(value_name = "NAME=VALUE|TYPE", value_parser = parameter)]
    params: Vec<String>,
    #[command(flatten)]
    remote: client::Remote,
    #[command(flatten)]
    key: client::SigningKey,
    /// Signature scheme.
    #[arg(long, default_value = "v3")]
    signature: SchemeFlag,
    /// Format of the reply.
    #[arg(long, default_value = "json")]
    format: Format,
    /// Send GET instead of POST.
    #[arg(long)]
    get: bool,
    /// Also print the string to sign and a curl line that sends the same request (to stderr).
    #[arg(long)]
    show_request: bool,
    /// Call again until the task has ended (while `TaskInfo.Status` is `INIT` or `START`). What passes (503, throttling, a
    /// connection that breaks) is noted on stderr.
    #[arg(long)]
    watch: bool,
    /// With --watch: the pause between two calls, in seconds.
    #[arg(long, default_value = "1", value_parser = seconds, value_name = "SECONDS", requires = "watch")]
    interval: Duration,
    /// How long to wait for the answer, or with --watch for the end of the task, in seconds.
    #[arg(long, value_parser = seconds, value_name = "SECONDS")]
    timeout: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemeFlag {
    V1,
    V3,
}

impl CallArgs {
    /// Sends the request and prints the body of the response; an error response fails the command.
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.watch && self.format == Format::Xml {
            return Err(Failure::usage(anyhow!("--watch reads JSON replies; leave --format xml out")));
        }
        self.query().map_err(Failure::usage)?;
        let endpoint = self.remote.endpoint();
        let host = client::authority(&endpoint).map_err(Failure::usage)?;
        let calling = async {
            if self.watch {
                return self.watch(&endpoint, host).await;
            }
            let response = self.send(&endpoint, host).await?;
            let body = String::from_utf8_lossy(response.body());
            print(&format!("{body}\n")).map_err(|failure| failure.error)?;
            Self::hint(&response, &mut String::new());
            if !response.status().is_success() {
                let wait =
                    retry_after(&response).map(|wait| format!(", retry after {} ms", wait.as_millis()));
                bail!("{}{}", response.status(), wait.unwrap_or_default());
            }
            if body.is_empty() {
                bail!("{}, but the reply is empty", response.status());
            }
            Ok(())
        };
        client::block_on(Duration::MAX, calling)?;
        Ok(())
    }

    async fn send(&self, endpoint: &str, host: &str) -> anyhow::Result<Response<Bytes>> {
        let signed = self.sign(host)?;
        if self.show_request {
            show(endpoint, &signed);
        }
        let limit = Duration::from_secs(30).min(self.timeout.unwrap_or(Duration::MAX));
        tokio::time::timeout(limit, client::send(endpoint, signed.request))
            .await
            .map_err(|_| anyhow!("no answer within {} s", limit.as_secs_f64()))?
    }

    /// The parameters, those of a type of task in full.
    fn query(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut query = Vec::new();
        for word in &self.params {
            if let Some((name, value)) = word.split_once('=') {
                query.push((name.to_owned(), value.to_owned()));
                continue;
            }
            let row = operations::find_by_name(&self.action);
            let has = |name: &str| row.is_some_and(|row| row.params.iter().any(|param| param.name == name));
            if row.is_some() && !has("TaskType") {
                // The word is not repeated: it may be a secret that is out of its place.
                bail!(
                    "expected NAME=VALUE: {} has no TaskType that a word without = stands for",
                    self.action
                );
            }
            // Of an operation that is perhaps misspelt, the emulator says so.
            let named = ["TaskType", "TaskName"].into_iter().filter(|name| row.is_none() || has(name));
            query.extend(named.map(|name| (name.to_owned(), word.clone())));
        }
        Ok(query)
    }

    fn sign(&self, host: &str) -> anyhow::Result<Signed> {
        let signer = self.key.signer(match self.signature {
            SchemeFlag::V1 => Algorithm::HmacSha1,
            SchemeFlag::V3 => Algorithm::Acs3HmacSha256,
        });
        let now = GatewayClock::default().now();
        let unsigned = Unsigned {
            method: if self.get { "GET" } else { "POST" },
            headers: HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host)?)]),
            action: &self.action,
            version: operations::version(&self.action),
            format: match (self.format, self.signature) {
                (Format::Xml, _) => Some("XML"),
                (Format::Json, SchemeFlag::V1) => Some("JSON"),
                // The default of V3; SDKs name no format either.
                (Format::Json, SchemeFlag::V3) => None,
            },
            query: &self.query()?,
            form: &[],
            timestamp: &timestamp::format(now),
            // Unique, not unpredictable: that is all a nonce needs to be.
            nonce: &format!("{}-{}", std::process::id(), now.as_nanosecond()),
        };
        Ok(signer.sign(&unsigned)?)
    }
}

/// To stderr: the reply is all that goes to stdout.
fn show(endpoint: &str, signed: &Signed) {
    let Signed { request, canonical_request, string_to_sign } = signed;
    let canonical = canonical_request.as_ref().map_or_else(String::new, |text| format!("{text}\n\n"));
    let url = quoted(&format!("{endpoint}{}", request.uri()));
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        format!(" -H {}", quoted(&format!("{name}: {}", value.to_str().unwrap_or_default())))
    };
    let headers: String = request.headers().iter().map(header).collect();
    let curl = format!("curl -X {} {url}{headers}", request.method());
    print_error(&format!("string to sign:\n{canonical}{string_to_sign}\n\n{curl}\n\n"));
}

/// The code of an error response in JSON.
fn error_code(response: &Response<Bytes>) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.body()).ok()?;
    Some(body["Code"].as_str()?.to_owned())
}

/// How long the service asks callers to wait.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let millis = claims::text(response.headers(), "x-acs-retry-after")?.parse().ok()?;
    Some(Duration::from_millis(millis))
}

/// `NAME=VALUE`, or what looks like the type of a task.
fn parameter(word: &str) -> Result<String, String> {
    let is_type = word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_type || word.contains('=') {
        return Ok(word.to_owned());
    }
    Err("expected NAME=VALUE, or the type of a task".to_owned())
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        call: CallArgs,
    }

    fn query(line: &[&str]) -> Result<String, String> {
        let line = [&["call"], line].concat();
        let call = Line::try_parse_from(line).map_err(|error| error.to_string())?.call;
        let query = call.query().map_err(|error| error.to_string())?;
        let words: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(words.join(" "))
    }

    #[test]
    fn a_type_stands_for_the_parameters_that_name_it() {
        assert_eq!(
            query(&["GetLastOnceTaskInfo", "IMAGE_SCAN", "Source=console"]).unwrap(),
            "TaskType=IMAGE_SCAN TaskName=IMAGE_SCAN Source=console"
        );
        assert_eq!(query(&["DescribeVulList", "Type=cve", "A="]).unwrap(), "Type=cve A=");
        for wrong in [["GetLastOnceTaskInfo", "TaskType"], ["DescribeVulList", "CVE"]] {
            assert!(query(&wrong).unwrap_err().contains("NAME=VALUE"), "{wrong:?}");
        }
    }
}
