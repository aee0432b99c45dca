//! `healthcheck` and `wait`: is it there yet?

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Failure;
use crate::clock::Stopwatch;
use crate::control::PREFIX;
use crate::settings::seconds;

/// Which emulator.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// Its address (default: where `serve` listens).
    #[arg(long, env = "SAS_EMULATOR_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
    /// Where `serve` was told to listen: a container's health check finds it in the environment.
    #[arg(long, env = "SAS_EMULATOR_LISTEN", value_name = "HOST:PORT", hide = true)]
    listen: Option<String>,
}

impl Target {
    /// As a URL.
    pub(super) fn endpoint(&self) -> String {
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:7270");
        // Who listens everywhere listens here too.
        let near = listen.replacen("0.0.0.0", "127.0.0.1", 1).replacen("[::]", "[::1]", 1);
        self.endpoint.clone().unwrap_or_else(|| format!("http://{near}"))
    }
}

/// `wait`
#[derive(Debug, Args)]
pub(super) struct Wait {
    #[command(flatten)]
    target: Target,
    /// Read the address from the file that `serve --endpoints-file` writes, once it is there.
    #[arg(long, value_name = "FILE", conflicts_with = "endpoint")]
    endpoints_file: Option<PathBuf>,
    /// How long to wait, in seconds.
    #[arg(long, default_value = "10", value_parser = seconds, value_name = "SECONDS")]
    timeout: Duration,
}

/// Asks once. A probe that hangs is a probe that failed.
pub(super) fn healthcheck(target: &Target) -> Result<(), Failure> {
    block_on(Duration::from_secs(3), ask(&target.endpoint(), "health"))?;
    Ok(())
}

/// Asks until it is ready.
pub(super) fn wait(wait: &Wait) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let patience = async {
        loop {
            let attempt = match &wait.endpoints_file {
                Some(file) => match endpoint_in(file) {
                    Some(endpoint) => ask(&endpoint, "ready").await,
                    None => Err(anyhow!("{} is not there, or not an endpoints file", file.display())),
                },
                None => ask(&wait.target.endpoint(), "ready").await,
            };
            match attempt {
                Ok(()) => return Ok(()),
                Err(error) if watch.elapsed() >= wait.timeout => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    // A little longer than the loop gives itself, so that its error is the one that is told.
    block_on(wait.timeout + Duration::from_secs(1), patience)
        .with_context(|| format!("not ready after {} s", wait.timeout.as_secs_f64()))?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the command line reads the file it was pointed at")]
fn endpoint_in(file: &std::path::Path) -> Option<String> {
    let content: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    content["sas"].as_str().map(str::to_owned)
}

async fn ask(endpoint: &str, what: &str) -> anyhow::Result<()> {
    let request = Request::get(format!("{PREFIX}/{what}")).body(Bytes::new())?;
    let status = send(endpoint, request).await?.status();
    if status.is_success() { Ok(()) } else { bail!("{endpoint} answers {status}") }
}

/// Runs one piece of asynchronous work on this thread, for at most so long.
pub(super) fn block_on<T>(
    limit: Duration,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::time::timeout(limit, work)
            .await
            .map_err(|_| anyhow!("no answer within {} s", limit.as_secs_f64()))?
    })
}

/// Host and port of an endpoint such as `http://127.0.0.1:7270`. What is wrong with one is said without quoting more
/// than its scheme: it may hold a password.
pub(super) fn authority(endpoint: &str) -> anyhow::Result<&str> {
    if endpoint.starts_with("https://") {
        bail!("commands speak plain HTTP, which the same port does too: begin the endpoint with http://");
    }
    let authority = endpoint.strip_prefix("http://").unwrap_or(endpoint).trim_end_matches('/');
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if authority.is_empty() || !authority.bytes().all(is_usual) {
        bail!("this is not an endpoint; expected http://HOST:PORT");
    }
    Ok(authority)
}

/// Sends one request over a connection of its own. No proxy, no redirect, no TLS: it goes to an emulator.
pub(super) async fn send(endpoint: &str, mut request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
    let authority = authority(endpoint)?;
    let address = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let stream = TcpStream::connect(&address).await.map_err(|error| {
        anyhow!(
            "cannot reach {endpoint} ({error}); start an emulator with `sas-emulator`, or give --endpoint"
        )
    })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    if !request.headers().contains_key(header::HOST) {
        request.headers_mut().insert(header::HOST, authority.parse()?);
    }
    // Drives the socket; it ends with the runtime of this one exchange.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}
