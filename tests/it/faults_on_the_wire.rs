//! Faults that only a real socket shows.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::wire::{self, Served, rest, send_last, serve, write};
use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

/// A server with this fault on polls, and a connection that sent one.
async fn polled_with(effect: &str) -> (Served, TcpStream) {
    let scenario =
        format!("faults:\n  - {{ match: {{ action: GetLastOnceTaskInfo }}, effect: {{ {effect} }} }}\n");
    let served = serve(TestEmulator::new(&scenario)).await;
    let stream = served.connect().await;
    (served, send(stream).await)
}

async fn send(mut stream: TcpStream) -> TcpStream {
    wire::send(&mut stream, &TestCall::latest(TYPE)).await;
    stream
}

#[tokio::test]
async fn close_ends_the_connection_without_a_response() {
    let (_served, mut stream) = polled_with("connection: close").await;
    assert_eq!(rest(&mut stream).await, (String::new(), None));
}

#[tokio::test]
async fn reset_is_a_reset() {
    for when in ["before", "after"] {
        let (_served, mut stream) =
            polled_with(&format!("connection: {{ kind: reset, when: {when} }}")).await;
        assert_eq!(rest(&mut stream).await, (String::new(), Some(ErrorKind::ConnectionReset)));
    }
}

#[tokio::test]
async fn a_hang_ends_with_the_stop() {
    let (served, mut stream) = polled_with("connection: hang").await;
    // So this one is not merely late.
    another_is_answered(&served).await;
    let mut byte = [0];
    assert_eq!(stream.try_read(&mut byte).unwrap_err().kind(), ErrorKind::WouldBlock);
    served.shut_down();
    assert_eq!(rest(&mut stream).await, (String::new(), None));
    served.ended().await;
}

async fn another_is_answered(served: &Served) {
    let mut other = served.connect().await;
    let health = "GET /_emulator/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    write(&mut other, health).await;
    assert!(rest(&mut other).await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_delay_ends_with_a_stop_and_the_call_is_answered() {
    let (served, mut stream) = polled_with("delay: 1h").await;
    // So this one waits.
    another_is_answered(&served).await;
    served.shut_down();
    assert!(rest(&mut stream).await.0.starts_with("HTTP/1.1 200"));
    served.ended().await;
}

#[tokio::test]
async fn a_truncated_body_keeps_its_promise_of_more() {
    let (_served, mut stream) = polled_with("body: { truncate: 20 }").await;
    let (answer, _) = rest(&mut stream).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(body.len(), 20);
    assert!(length.parse::<usize>().unwrap() > 100, "{head}");
}

#[tokio::test]
async fn a_dripping_body_comes_in_pieces_and_whole() {
    let (_served, mut stream) = polled_with("body: { drip: { bytes_per_second: 4000 } }").await;
    let (mut pieces, mut read) = (0, Vec::new());
    while !read.ends_with(b"}") {
        let count = stream.read_buf(&mut read).await.unwrap();
        assert!(count > 0);
        pieces += 1;
    }
    assert!(pieces > 1, "it came at once");
    // The connection is still good.
    let mut stream = send(stream).await;
    let mut again = [0; 12];
    stream.read_exact(&mut again).await.unwrap();
    assert_eq!(&again, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_delay_does_not_delay_other_calls() {
    let (served, mut stream) = polled_with("delay: 1h").await;
    let mut other = served.connect().await;
    send_last(&mut other, &TestCall::new("GetAuthSummary")).await;
    assert!(rest(&mut other).await.0.starts_with("HTTP/1.1 200"));
    let mut byte = [0];
    assert_eq!(stream.try_read(&mut byte).unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.shutdown().await.unwrap();
}
