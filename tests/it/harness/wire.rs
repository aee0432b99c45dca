//! Emulators on sockets, and HTTP written by hand, for what a client library would hide.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use sas_emulator::internals::emulator::Emulator;
use sas_emulator::internals::journal::Journal;
use sas_emulator::internals::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{TestCall, TestEmulator};

/// An emulator that serves a port of its own.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    core: Arc<Emulator>,
    ended: JoinHandle<()>,
}

pub(crate) async fn serve(emulator: TestEmulator) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let TestEmulator { core, front } = emulator;
    let ended = tokio::spawn(server::serve(listener, front, core.shutdown().clone()));
    Served { address, core, ended }
}

impl Served {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Waits until so many calls have arrived.
    pub(crate) async fn arrived(&self, count: u64) {
        self.until(|journal| journal.last() >= count).await;
    }

    /// Waits until so many calls have finished.
    pub(crate) async fn finished(&self, count: u64) {
        self.until(|journal| journal.last_cursor() >= count).await;
    }

    async fn until(&self, is_reached: impl Fn(&Journal) -> bool) {
        loop {
            let changed = self.core.journal().changed();
            if is_reached(self.core.journal()) {
                return;
            }
            changed.await;
        }
    }

    /// Begins the shutdown.
    pub(crate) fn shut_down(&self) {
        self.core.shutdown().cancel();
    }

    /// Waits until the accept loop and all connections have ended.
    pub(crate) async fn ended(self) {
        self.ended.await.unwrap();
    }

    /// A call of the control API, on a connection of its own.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect().await;
        let length = body.len();
        let request = format!(
            "{method} /_emulator/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        write(&mut stream, request).await;
        read_response(&mut stream).await
    }
}

/// A signed request as it is written, with the body framed by the header lines in `framing`.
pub(crate) fn raw(call: &TestCall, framing: &str, body: &str) -> String {
    let request = call.request();
    let lines =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    let head: String =
        [format!("{} {} HTTP/1.1\r\n", request.method(), request.uri())].into_iter().chain(lines).collect();
    format!("{head}{framing}\r\n\r\n{body}")
}

pub(crate) async fn write(stream: &mut (impl AsyncWriteExt + Unpin), bytes: impl AsRef<[u8]>) {
    stream.write_all(bytes.as_ref()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Sends a call that has no body, on a connection that stays open.
pub(crate) async fn send(stream: &mut (impl AsyncWriteExt + Unpin), call: &TestCall) {
    write(stream, raw(call, "content-length: 0", "")).await;
}

/// Sends a call that has no body, on a connection that the server closes after the response.
pub(crate) async fn send_last(stream: &mut (impl AsyncWriteExt + Unpin), call: &TestCall) {
    write(stream, raw(call, "content-length: 0\r\nconnection: close", "")).await;
}

/// Reads one response with a Content-Length: its status, and head and body as they came.
pub(crate) async fn read_response(stream: &mut (impl AsyncReadExt + Unpin)) -> (u16, String) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((status, head, body)) = parts(&text) {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse().unwrap() {
                return (status, text);
            }
        }
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "closed after {text:?}");
    }
}

/// All that comes until the connection ends, and how it ends.
pub(crate) async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> (String, Option<ErrorKind>) {
    let mut read = Vec::new();
    let ended = stream.read_to_end(&mut read).await;
    (String::from_utf8_lossy(&read).into_owned(), ended.err().map(|error| error.kind()))
}

/// Sends a request that asks for the connection to be closed, without a runtime: status and body of the response, `None`
/// if the connection broke.
pub(crate) fn exchange_blocking(address: SocketAddr, request: &str) -> Option<(u16, String)> {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    parts(&text).map(|(status, _, body)| (status, body.to_owned()))
}

/// Status, head and body; `None` while the head is incomplete.
fn parts(response: &str) -> Option<(u16, &str, &str)> {
    let (head, body) = response.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, head, body))
}
