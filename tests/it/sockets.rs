//! What needs a real socket: framing, keep-alive, the stop.

use std::time::Duration;

use sas_emulator::embed::Emulator;
use sas_emulator::server;
use sas_emulator::stop::Stopper;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::harness::{Ask, World};

pub(crate) struct Served {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) stopper: Stopper,
    pub(crate) ended: JoinHandle<()>,
}

pub(crate) async fn serve(world: World) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let Emulator { front, limits, stopper, .. } = world.emulator;
    let ended = tokio::spawn(server::serve(listener, front, limits, stopper.heard()));
    Served { address, stopper, ended }
}

/// The head of a request as bytes, with the body framed as `framing` says.
pub(crate) fn wire(ask: &Ask, framing: &str, body: &str) -> String {
    let request = ask.request();
    let lines =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    let head: String =
        [format!("{} {} HTTP/1.1\r\n", request.method(), request.uri())].into_iter().chain(lines).collect();
    format!("{head}{framing}\r\n\r\n{body}")
}

/// Reads one answer with a Content-Length.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed after {text:?}");
        read.extend_from_slice(&buffer[..count]);
    }
}

#[tokio::test]
async fn case_9_a_chunked_body() {
    let served = serve(World::new("instant")).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let ask = Ask::latest("IMAGE_SCAN").form("Source", "console");
    let body = "Source=console";
    let chunks = format!("7\r\n{}\r\n7\r\n{}\r\n0\r\n\r\n", &body[..7], &body[7..]);
    stream.write_all(wire(&ask, "transfer-encoding: chunked", &chunks).as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_connection_serves_many_calls_until_the_client_closes_it() {
    let served = serve(World::new("instant")).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(wire(&Ask::latest("IMAGE_SCAN"), "content-length: 0", "").as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert!(answer.contains("connection: keep-alive\r\nkeep-alive: timeout=25"), "{answer}");
        assert!(answer.contains("\r\ndate: "), "{answer}");
    }
    stream
        .write_all(wire(&Ask::latest("IMAGE_SCAN"), "content-length: 0\r\nconnection: close", "").as_bytes())
        .await
        .unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 OK") && !rest.contains("keep-alive"), "{rest}");
}

#[tokio::test]
async fn bytes_that_are_not_http_end_the_connection_and_nothing_else() {
    let served = serve(World::new("instant")).await;
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
    }
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(wire(&Ask::latest("IMAGE_SCAN"), "content-length: 0", "").as_bytes()).await.unwrap();
    assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_client_that_sends_half_a_head_is_cut_off() {
    let served =
        serve(World::with("instant", |blueprint| blueprint.limits.receive = Duration::from_millis(20))).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut rest = Vec::new();
    // Ends: that is the assertion.
    let _ = stream.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_by_endpoint_and_control_alike() {
    let served =
        serve(World::with("instant", |blueprint| blueprint.limits.receive = Duration::from_millis(20))).await;
    for head in ["POST / HTTP/1.1", "PUT /_emulator/clock HTTP/1.1"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let request = format!(
            "{head}\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(!answer.contains("keep-alive"), "{answer}");
    }
}

/// Each ends the way its client understands: the wait with an answer, the events with the end of their stream.
#[tokio::test]
async fn a_stop_ends_waits_and_listeners() {
    let served = serve(World::new("instant")).await;
    let mut open = Vec::new();
    for path in ["await?timeout=600s", "events"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let request = format!("GET /_emulator/{path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        open.push(stream);
    }
    // Its first words show that the events' request has arrived, and so has the one before it, most likely; if not, it is
    // answered all the same.
    let mut heard = [0; 512];
    while !String::from_utf8_lossy(&heard).contains(": listening") {
        assert!(open[1].read(&mut heard).await.unwrap() > 0);
    }
    served.stopper.stop();
    served.ended.await.unwrap();
    let mut ends = Vec::new();
    for mut stream in open {
        let mut end = String::new();
        let _ = stream.read_to_string(&mut end).await;
        ends.push(end);
    }
    assert!(ends[0].is_empty() || ends[0].starts_with("HTTP/1.1 503"), "{ends:?}");
    assert_eq!(ends[1], "0\r\n\r\n", "the stream ends, it is not cut");
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_the_loop() {
    let served = serve(World::new("instant")).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(wire(&Ask::latest("IMAGE_SCAN"), "content-length: 0", "").as_bytes()).await.unwrap();
    read_answer(&mut idle).await;
    served.stopper.stop();
    served.ended.await.unwrap();
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(served.address).await.is_err());
}
