//! The load: requests that were signed and written out beforehand, sent over connections that stay open, one at a time
//! on each. All of it runs on one thread, and does the same work for both servers.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sas_emulator::internals::clock::Stopwatch;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A run that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);
/// More than a response needs, so that one that is too long is noticed.
const ROOM: usize = 4096;

/// Requests as bytes, one after the other.
#[derive(Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    pub(crate) fn push(&mut self, request: &Request<Bytes>) {
        let mut add = |piece: &[u8]| self.bytes.extend_from_slice(piece);
        add(format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).as_bytes());
        for (name, value) in request.headers() {
            add(name.as_str().as_bytes());
            add(b": ");
            add(value.as_bytes());
            add(b"\r\n");
        }
        add(b"\r\n");
        add(request.body());
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[start..end])
    }
}

/// The durations of a run of one batch.
pub(crate) struct Outcome {
    pub(crate) elapsed: Duration,
    /// Of each request, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Outcome {
    /// The latency that this percentage of requests did not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.latencies.len() * percent).div_ceil(100);
        self.latencies[rank.saturating_sub(1)]
    }
}

/// Keeps this thread's core awake. The server that sends the next response must wake a sleeping core, at a cost of many
/// microseconds on a virtual machine. Without this, the slower server would pay that for every response, and the faster
/// one, which keeps the load tool busy, for few.
pub(crate) fn stay_awake() {
    tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
}

/// Sends the whole batch, each request once. Every response must be a 200 of `length` bytes, or the run fails.
pub(crate) async fn run(
    address: SocketAddr,
    batch: &Arc<Batch>,
    connections: usize,
    length: usize,
) -> Result<Outcome> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    let watch = Stopwatch::start();
    for stream in streams {
        workers.spawn(work(stream, Arc::clone(batch), Arc::clone(&next), length));
    }
    let all = tokio::time::timeout(LIMIT, async {
        let mut latencies = Vec::with_capacity(batch.len());
        while let Some(worker) = workers.join_next().await {
            latencies.extend(worker??);
        }
        Ok::<_, Error>((watch.elapsed(), latencies))
    });
    let (elapsed, mut latencies) = all.await??;
    latencies.sort_unstable();
    Ok(Outcome { elapsed, latencies })
}

async fn work(
    mut stream: TcpStream,
    batch: Arc<Batch>,
    next: Arc<AtomicUsize>,
    length: usize,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut room = [0; ROOM];
    while let Some(request) = batch.get(next.fetch_add(1, Ordering::Relaxed)) {
        let watch = Stopwatch::start();
        let answer = exchange(&mut stream, request, &mut room, |answer| answer.len() >= length).await?;
        latencies.push(watch.elapsed());
        if answer.len() != length {
            return Err(void(answer));
        }
    }
    Ok(latencies)
}

/// One response as received, which has the length of all responses.
pub(crate) async fn sample(address: SocketAddr, request: &Batch) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let mut room = [0; ROOM];
    let answer = exchange(&mut stream, request.get(0).unwrap_or_default(), &mut room, is_whole);
    Ok(tokio::time::timeout(LIMIT, answer).await??.to_vec())
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}

async fn exchange<'a>(
    stream: &mut TcpStream,
    request: &[u8],
    room: &'a mut [u8; ROOM],
    is_whole: impl Fn(&[u8]) -> bool,
) -> Result<&'a [u8]> {
    stream.write_all(request).await?;
    let mut filled = 0;
    while !is_whole(&room[..filled]) {
        let more = stream.read(&mut room[filled..]).await?;
        filled += more;
        if more == 0 || !room[..filled].starts_with(b"HTTP/1.1 200 OK\r\n") {
            return Err(void(&room[..filled]));
        }
    }
    Ok(&room[..filled])
}

fn void(answer: &[u8]) -> Error {
    let answer = String::from_utf8_lossy(answer);
    Error::new(
        ErrorKind::InvalidData,
        format!("not the answer that was expected, so the run is void:\n{answer}"),
    )
}
