//! A signed call that a test makes itself, over the emulator's port, without an SDK.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::error::or_panic;
use super::handle::Handle;
use crate::domain::{AccessKey, Secret};
use crate::operations;
use crate::protocol::sign::{Algorithm, Names, Signer, Unsigned};
use crate::protocol::timestamp;

/// How long a response may take; a fault may delay it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A different one for each call of this process.
fn nonce() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    format!("call-{}-{}", std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}

/// Over a connection of its own.
async fn send(authority: &str, request: Request<Bytes>) -> Result<CallReply, String> {
    let stream = TcpStream::connect(authority).await.map_err(|error| error.to_string())?;
    let exchange = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Drives the socket; it ends with the sender.
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
        Ok((head.status.as_u16(), body.collect().await?.to_bytes()))
    };
    let (status, body) = exchange.await.map_err(|error: hyper::Error| error.to_string())?;
    Ok(CallReply { status, json: serde_json::from_slice(&body).unwrap_or_default() })
}

/// The response to [`Handle::call`].
#[derive(Debug, Clone, PartialEq)]
pub struct CallReply {
    /// The HTTP status.
    pub status: u16,
    /// The body; null if it is not JSON.
    pub json: serde_json::Value,
}

impl Handle {
    /// Makes a signed call of an operation over the emulator's port, as an SDK would, and waits for the response, whatever its
    /// status. It is signed with the key of this handle's account, or of `test`, at the time of the gateway clock. The thread is
    /// blocked meanwhile; the emulator has its own, so that `#[tokio::test]` may call it too.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// let emulator = Emulator::builder().paused().start();
    /// let scan = [("TaskType", "IMAGE_SCAN"), ("TaskName", "IMAGE_SCAN")];
    /// let reply = emulator.for_account("ci").call("GetLastOnceTaskInfo", scan);
    /// assert_eq!((reply.status, reply.json["TaskInfo"]["Status"].as_str()), (200, Some("INIT")));
    ///
    /// let refused = emulator.call("GetLastOnceTaskInfo", []);
    /// assert_eq!((refused.status, refused.json["Code"].as_str()), (400, Some("MissingTaskType")));
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no response within 30 s: the connection was broken by a fault, or the emulator has stopped.
    #[track_caller]
    pub fn call<'a>(
        &self,
        operation: &str,
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> CallReply {
        let params: Vec<_> =
            params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let request = or_panic(self.signed(operation, &params));
        let authority = self.authority.clone();
        let (report, reported) = mpsc::channel();
        let sending = async move {
            let sent = tokio::time::timeout(PATIENCE, send(&authority, request)).await;
            let late = || format!("there is no response within {PATIENCE:?}");
            report.send(sent.unwrap_or_else(|_| Err(late())))
        };
        self.runtime.spawn(sending);
        let outcome = reported.recv().unwrap_or_else(|_| Err("the emulator has stopped".to_owned()));
        or_panic(outcome.map_err(|error| format!("{operation} got no response: {error}")))
    }

    fn signed(&self, operation: &str, params: &[(String, String)]) -> Result<Request<Bytes>, String> {
        let session = self.emulator.session();
        let id = self.only().unwrap_or("test");
        let key = session.scenario.world.keyring.find(id).map(|found| found.key.clone());
        // The service itself refuses an unknown key.
        let AccessKey { secret, token, .. } = key.unwrap_or_else(|| AccessKey::new(Secret::new("test")));
        let signer = Signer {
            algorithm: Algorithm::Acs3HmacSha256,
            access_key_id: id.to_owned(),
            secret,
            security_token: token,
            names: Names::Encoded,
        };
        let host = HeaderValue::from_str(&self.authority).map_err(|error| error.to_string())?;
        let unsigned = Unsigned {
            method: "POST",
            headers: HeaderMap::from_iter([(header::HOST, host)]),
            action: operation,
            version: operations::version(operation),
            query: params,
            timestamp: &timestamp::format(session.scenario.gateway_clock.now()),
            nonce: &nonce(),
            ..Unsigned::default()
        };
        let outcome = signer.sign(&unsigned).map(|signed| signed.request);
        outcome.map_err(|error| format!("{operation} cannot be called: {error}"))
    }
}
