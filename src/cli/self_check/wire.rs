//! An HTTP client that sees the bytes: no library hides what a fault did to them.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::{CertificateError, Error};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::secure::Connector;
use crate::clock::Stopwatch;

/// Longest wait for an answer; nothing here takes that long unless it is meant to hang.
const PATIENCE: Duration = Duration::from_millis(400);

pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) secure: Connector,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With its last byte.
    Whole,
    /// The connection was closed before that.
    Closed,
    /// The connection was reset.
    Reset,
    /// It did not: nothing came any more.
    Silence,
    /// With an expired certificate.
    Expired,
    /// With a certificate for another name.
    WrongName,
    /// With a certificate of an authority that is not trusted.
    Untrusted,
}

/// A response, as far as it came.
#[derive(Debug)]
pub(super) struct Seen {
    /// None if there was not even a head.
    pub(super) status: Option<u16>,
    /// The head, in lower case.
    pub(super) head: String,
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
    /// In how many pieces it was read.
    pub(super) pieces: usize,
    pub(super) took: Duration,
}

impl End {
    /// What is wrong with the certificate, if that is why the handshake failed.
    fn of_handshake(error: &std::io::Error) -> Option<Self> {
        match error.get_ref()?.downcast_ref()? {
            Error::InvalidCertificate(CertificateError::ExpiredContext { .. }) => Some(Self::Expired),
            Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) => {
                Some(Self::WrongName)
            }
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Some(Self::Untrusted),
            _ => None,
        }
    }
}

impl Peer {
    /// Sends a request on a connection of its own, over TLS if the target begins with `tls `.
    pub(super) async fn send(&self, method: &str, target: &str, body: &str) -> std::io::Result<Seen> {
        let watch = Stopwatch::start();
        let stream = TcpStream::connect(self.address).await?;
        let Some(target) = target.strip_prefix("tls ") else {
            return exchange(stream, method, target, body, watch).await;
        };
        match self.secure.connect(stream).await {
            Ok(stream) => exchange(stream, method, target, body, watch).await,
            Err(error) => {
                End::of_handshake(&error).map(|end| Seen::of(&[], end, 0, watch.elapsed())).ok_or(error)
            }
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
) -> std::io::Result<Seen> {
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
    Ok(Seen::of(&read, end, pieces, watch.elapsed()))
}

impl Seen {
    fn of(read: &[u8], end: End, pieces: usize, took: Duration) -> Self {
        let split = read.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, bytes) = split.map_or((&[][..], &[][..]), |at| (&read[..at], &read[at + 4..]));
        let head = String::from_utf8_lossy(head).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut seen = Self { status, head, bytes: bytes.to_vec(), end, pieces, took };
        let promised = seen.header("content-length").and_then(|length| length.parse::<usize>().ok());
        if end == End::Closed && promised.is_some_and(|promised| promised == seen.bytes.len()) {
            seen.end = End::Whole;
        }
        seen
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(super) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON, if it is any.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    /// The `Code` of an error.
    pub(super) fn code(&self) -> Option<String> {
        Some(self.json()?["Code"].as_str()?.to_owned())
    }
}

impl fmt::Display for Seen {
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
