//! The HTTP client of all commands.

use std::pin::Pin;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use futures_util::future::join_all;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::hinted::Hinted;
use crate::control::PREFIX;
use crate::domain::Secret;
use crate::protocol::sign::{Algorithm, Names, Signer};
use crate::server::client_address;

/// Which emulator to call.
#[derive(Debug, Args)]
pub(super) struct Remote {
    /// Its address (default: where `serve` listens).
    #[arg(long, env = "SAS_EMULATOR_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
    /// Where `serve` listens: a container's health check finds it in the environment.
    #[arg(long, env = "SAS_EMULATOR_LISTEN", value_name = "HOST:PORT", hide = true)]
    listen: Option<String>,
}

impl Remote {
    pub(super) fn endpoint(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| near(self.listen.as_deref()))
    }
}

/// Which emulators to call. Flags of commands that have commands themselves may stand behind those; such a flag needs an id
/// that no flag of `serve` has.
#[derive(Debug, Args)]
pub(super) struct Remotes {
    /// Its address (default: where `serve` listens). For several emulators, give the flag several times.
    #[arg(
        id = "remotes",
        long = "endpoint",
        global = true,
        env = "SAS_EMULATOR_ENDPOINT",
        value_name = "URL",
        value_delimiter = ','
    )]
    endpoint: Vec<String>,
    /// Where `serve` listens: a container's health check finds it in the environment.
    #[arg(
        id = "remotes_listen",
        long = "listen",
        global = true,
        env = "SAS_EMULATOR_LISTEN",
        value_name = "HOST:PORT",
        hide = true
    )]
    listen: Option<String>,
}

impl Remotes {
    /// At least one, in the order in which they were given.
    pub(super) fn endpoints(&self) -> Vec<String> {
        if self.endpoint.is_empty() { vec![near(self.listen.as_deref())] } else { self.endpoint.clone() }
    }
}

/// Whose key signs calls.
#[derive(Debug, Args)]
pub(super) struct SigningKey {
    /// Key id of the caller.
    #[arg(long, env = "SAS_EMULATOR_ACCESS_KEY_ID", default_value = "test", value_name = "ID")]
    pub(super) access_key_id: String,
    /// Secret to sign with (default: test).
    #[arg(long, env = "SAS_EMULATOR_ACCESS_KEY_SECRET", value_name = "SECRET", hide_env_values = true)]
    access_key_secret: Option<Secret>,
    /// Security token of a temporary key.
    #[arg(long, env = "SAS_EMULATOR_SECURITY_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    security_token: Option<Secret>,
}

impl SigningKey {
    pub(super) fn signer(&self, algorithm: Algorithm) -> Signer {
        Signer {
            algorithm,
            access_key_id: self.access_key_id.clone(),
            secret: self.access_key_secret.clone().unwrap_or_else(|| Secret::new("test")),
            security_token: self.security_token.clone(),
            names: Names::Encoded,
        }
    }
}

/// The endpoint of an emulator that listens there, as its own machine calls it.
fn near(listen: Option<&str>) -> String {
    let listen = listen.unwrap_or("127.0.0.1:7270");
    let near = listen.parse().map_or_else(|_| listen.to_owned(), |it| client_address(it).to_string());
    format!("http://{near}")
}

/// Fails unless all succeeded. Of several emulators, the error says how many failed, and why.
pub(super) fn all(outcomes: Vec<Result<()>>) -> Result<()> {
    let count = outcomes.len();
    let mut failed: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    match failed.len() {
        0 => Ok(()),
        _ if count == 1 => Err(failed.remove(0)),
        failures => {
            let reasons: Vec<String> = failed.iter().map(|error| format!("{error:#}")).collect();
            bail!("{failures} of {count} emulators failed: {}", reasons.join("; "))
        }
    }
}

/// Whether every emulator answers this probe with success. All are asked at once.
pub(super) async fn probe(endpoints: &[String], route: &str) -> Result<()> {
    let one = async |endpoint: &String| {
        let request = Request::get(format!("{PREFIX}/{route}")).body(Bytes::new())?;
        let status = send(endpoint, request).await?.status();
        if status.is_success() { Ok(()) } else { bail!("{endpoint} answers {status}") }
    };
    all(join_all(endpoints.iter().map(one)).await)
}

/// Runs a future on this thread, for at most `limit`.
pub(super) fn block_on<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // As an object: otherwise the runtime's loop is compiled again for each command.
    let work: Pin<Box<dyn Future<Output = Result<T>> + '_>> = Box::pin(work);
    runtime.block_on(async {
        tokio::time::timeout(limit, work)
            .await
            .map_err(|_| anyhow!("no answer within {} s", limit.as_secs_f64()))?
    })
}

/// Host and port of an endpoint such as `http://127.0.0.1:7270`. The error does not quote it: it may hold a password.
pub(super) fn authority(endpoint: &str) -> Result<&str> {
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

/// Sends one request over a new connection. No proxy, no redirect, no TLS: the server is an emulator.
pub(super) async fn send(endpoint: &str, request: Request<Bytes>) -> Result<Response<Bytes>> {
    collected(open(endpoint, request).await?).await
}

/// The response with the whole of its body.
pub(super) async fn collected(response: Response<Incoming>) -> Result<Response<Bytes>> {
    let (head, body) = response.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

/// Sends one request, and leaves the body of the response to be read.
pub(super) async fn open(endpoint: &str, mut request: Request<Bytes>) -> Result<Response<Incoming>> {
    let authority = authority(endpoint)?;
    let address = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let stream = TcpStream::connect(&address).await.map_err(|error| {
        let hint = "start an emulator with `sas-emulator`, or give --endpoint";
        Hinted::new(format!("cannot reach {endpoint} ({error})"), hint)
    })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    if !request.headers().contains_key(header::HOST) {
        request.headers_mut().insert(header::HOST, authority.parse()?);
    }
    // Drives the socket; it ends with the runtime.
    tokio::spawn(connection);
    Ok(sender.send_request(request.map(Full::new)).await?)
}
