//! The HTTP client of all commands.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

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
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:7270");
        let near = || listen.parse().map_or_else(|_| listen.to_owned(), |it| client_address(it).to_string());
        self.endpoint.clone().unwrap_or_else(|| format!("http://{}", near()))
    }
}

/// Runs a future on this thread, for at most `limit`.
pub(super) fn block_on<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
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
pub(super) async fn send(endpoint: &str, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
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
    // Drives the socket; it ends with the runtime.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}
