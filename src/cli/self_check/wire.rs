//! A client that looks at the bytes: no library between it and what a fault did.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::secure::Connector;
use crate::clock::Stopwatch;
use crate::fault::case::{End, Observed};

/// Longest wait for an answer; nothing here takes that long unless it is meant to hang.
const PATIENCE: Duration = Duration::from_millis(400);

/// Who is called.
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) secure: Connector,
}

impl Peer {
    /// Sends a request on a connection of its own, over TLS if the target begins with `tls `.
    pub(super) async fn send(&self, method: &str, target: &str, body: &str) -> std::io::Result<Observed> {
        let watch = Stopwatch::start();
        let stream = TcpStream::connect(self.address).await?;
        let Some(target) = target.strip_prefix("tls ") else {
            return exchange(stream, method, target, body, watch).await;
        };
        match self.secure.greet(stream).await? {
            Ok(stream) => exchange(stream, method, target, body, watch).await,
            Err(end) => Ok(observed(&[], end, 0, watch.elapsed())),
        }
    }
}

/// One request and what came back, through whatever lies beneath.
async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    method: &str,
    target: &str,
    body: &str,
    watch: Stopwatch,
) -> std::io::Result<Observed> {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    // Room for all of it, or the pieces would be those of the buffer.
    let (mut read, mut pieces) = (Vec::with_capacity(64 << 10), 0);
    let end = loop {
        match timeout(PATIENCE, stream.read_buf(&mut read)).await {
            Err(_) => break End::Silence,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(_)) => pieces += 1,
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Ok(Err(error)) => return Err(error),
        }
    };
    Ok(observed(&read, end, pieces, watch.elapsed()))
}

/// What these bytes say, once they ended.
fn observed(read: &[u8], end: End, pieces: usize, took: Duration) -> Observed {
    let split = read.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, bytes) = split.map_or((&[][..], &[][..]), |at| (&read[..at], &read[at + 4..]));
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut observed = Observed { status, head, bytes: bytes.to_vec(), end, pieces, took };
    let promised = observed.header("content-length").and_then(|length| length.parse::<usize>().ok());
    if end == End::Closed && promised.is_some_and(|promised| promised == observed.bytes.len()) {
        observed.end = End::Whole;
    }
    observed
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, self.code()) {
            (Some(status), Some(code)) => write!(f, "{status} {code}")?,
            (Some(status), None) => write!(f, "{status}, {} bytes", self.bytes.len())?,
            (None, _) => f.write_str("no answer")?,
        }
        let end = match self.end {
            End::Whole => "",
            End::Closed => ", then closed",
            End::Reset => ", then reset",
            End::Silence => ", then silence",
            End::Expired => ": the certificate is expired",
            End::WrongName => ": the certificate is for another name",
            End::Untrusted => ": the certificate is of an unknown authority",
        };
        write!(f, "{end}, {} ms", self.took.as_millis())
    }
}
