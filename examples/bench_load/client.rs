//! The load: requests that were signed and written out beforehand, sent over connections that stay open, one at a time
//! on each as long as the server lets it. All of it runs on one thread, and does the same work for all servers.

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

use crate::answer::{self, Answer};

/// A server that takes longer than this for one response hangs.
const PATIENCE: Duration = Duration::from_secs(60);
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

/// How the load is put on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pressure {
    /// Connections, each with one request in flight.
    pub(crate) connections: usize,
    /// The run ends when all requests are answered, or when this time is over.
    pub(crate) at_most: Duration,
}

/// What every response must be like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    /// In bytes, head included.
    pub(crate) length: usize,
    /// The server ends each connection after one response, so the next request needs a new one.
    pub(crate) closes: bool,
}

impl Expected {
    pub(crate) fn like(answer: &Answer) -> Self {
        Self { length: answer.len(), closes: answer.is_last() }
    }
}

/// Sends each request of the batch once, as far as time allows. Every response must be a 200 of the expected length, or
/// the run fails.
pub(crate) async fn run(
    address: SocketAddr,
    batch: &Arc<Batch>,
    pressure: Pressure,
    expected: Expected,
) -> Result<Outcome> {
    let mut streams = Vec::new();
    for _ in 0..pressure.connections {
        streams.push(connect(address).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    let watch = Stopwatch::start();
    for stream in streams {
        let (batch, next) = (Arc::clone(batch), Arc::clone(&next));
        let take = move || {
            let is_over = watch.elapsed() >= pressure.at_most;
            if is_over { None } else { Some(next.fetch_add(1, Ordering::Relaxed)) }
        };
        workers.spawn(work(address, stream, batch, take, expected));
    }
    let all = tokio::time::timeout(pressure.at_most + PATIENCE, async {
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
    address: SocketAddr,
    mut stream: TcpStream,
    batch: Arc<Batch>,
    take: impl Fn() -> Option<usize>,
    Expected { length, closes }: Expected,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut room = [0; ROOM];
    while let Some(request) = take().and_then(|index| batch.get(index)) {
        let watch = Stopwatch::start();
        if closes && !latencies.is_empty() {
            stream = connect(address).await?;
        }
        let answer = exchange(&mut stream, request, &mut room, |answer| answer.len() >= length).await?;
        latencies.push(watch.elapsed());
        if answer.len() != length {
            return Err(void(answer));
        }
    }
    Ok(latencies)
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One response as received.
pub(crate) async fn sample(address: SocketAddr, request: &Batch) -> Result<Answer> {
    let mut stream = connect(address).await?;
    let mut room = [0; ROOM];
    let answer = exchange(&mut stream, request.get(0).unwrap_or_default(), &mut room, answer::is_whole);
    Ok(Answer(tokio::time::timeout(PATIENCE, answer).await??.to_vec()))
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
