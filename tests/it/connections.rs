//! Which connections there is room for, and how the emulator ends those that its clients neither use nor close.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::wire::{Served, read_response, rest, send, serve, write};
use crate::harness::{Setup, TestCall, TestEmulator};

const POLL: &str = "IMAGE_SCAN";

async fn limited(scenario: &str, connections: usize) -> Served {
    serve(Setup::new(scenario).max_connections(connections).start()).await
}

/// Sends a poll on a connection of its own.
async fn polling(served: &Served) -> TcpStream {
    let mut stream = served.connect().await;
    send(&mut stream, &TestCall::latest(POLL)).await;
    stream
}

/// A connection that has got an answer and waits for its next request.
async fn idle(served: &Served) -> TcpStream {
    let mut stream = polling(served).await;
    assert_eq!(read_response(&mut stream).await.0, 200);
    stream
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn the_connection_that_has_been_idle_longest_makes_room() {
    let served = limited("instant", 3).await;
    let (mut first, mut second) = (idle(&served).await, idle(&served).await);
    // Half of a head is idle too, but not for as long as the second one.
    let mut half = served.connect().await;
    write(&mut half, "GET / HTTP/1.1\r\n").await;
    // The first one is used again.
    send(&mut first, &TestCall::latest(POLL)).await;
    assert_eq!(read_response(&mut first).await.0, 200);

    idle(&served).await;
    assert!(is_closed(&mut second).await);
    send(&mut first, &TestCall::latest(POLL)).await;
    assert_eq!(read_response(&mut first).await.0, 200);
}

#[tokio::test]
async fn silent_connections_make_room() {
    let served = limited("instant", 2).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(served.connect().await);
    }
    assert_eq!(served.control("GET", "health", "").await.0, 200);
    idle(&served).await;
}

#[tokio::test]
async fn a_hung_connection_makes_room_where_none_is_idle() {
    let scenario = "faults:\n  - { id: hung, trigger: { times: 2 }, effect: { connection: hang } }\n";
    let served = limited(scenario, 2).await;
    let mut first = polling(&served).await;
    served.finished(1).await;
    let _second = polling(&served).await;
    served.finished(2).await;
    let _third = idle(&served).await;
    assert!(is_closed(&mut first).await);
    assert_eq!(served.control("DELETE", "faults/hung", "").await.0, 200);
}

#[tokio::test]
async fn calls_beyond_the_limit_are_refused_and_control_is_served() {
    let served = limited("faults: [{ id: slow, effect: { delay: 1h } }]\n", 2).await;
    let _busy = [polling(&served).await, polling(&served).await];
    served.arrived(2).await;
    for _ in 0..3 {
        let mut refused = polling(&served).await;
        let (status, answer) = read_response(&mut refused).await;
        assert!(status == 503 && answer.contains("ServiceUnavailable"), "{answer}");
        assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    }
    let (status, answer) = served.control("GET", "await?count=9", "").await;
    assert!(
        status == 503 && answer.contains("no_room") && answer.contains("\r\nretry-after: 1\r\n"),
        "{answer}"
    );
    assert_eq!(served.control("GET", "ready", "").await.0, 200);
    assert_eq!(served.control("DELETE", "faults/slow", "").await.0, 200);
    // A connection whose request is on its way is not closed for those that come after it.
    let mut slow = served.connect().await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(served.connect().await);
    }
    write(&mut slow, "GET /_emulator/health HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(read_response(&mut slow).await.0, 200);
    // The reserve is not filled by connections that say nothing.
    for _ in 0..200 {
        silent.push(served.connect().await);
    }
    assert_eq!(served.control("GET", "health", "").await.0, 200);
}

#[tokio::test]
async fn a_client_that_goes_during_a_delay_frees_its_place() {
    let scenario = "faults:\n  - { trigger: { times: 1 }, effect: { delay: 10m } }\n";
    let served = limited(scenario, 1).await;
    let delayed = polling(&served).await;
    served.arrived(1).await;
    drop(delayed);
    // The service has received the call, so it is performed.
    served.finished(1).await;
    idle(&served).await;
    let calls = served.control("GET", "requests", "").await.1;
    assert!(calls.contains(r#""done":true"#) && !calls.contains("in_flight"), "{calls}");
}

/// Some clients close their side once they have sent all they will send.
#[tokio::test]
async fn a_client_that_closes_its_side_is_answered() {
    let served = limited("faults: [{ effect: { delay: 10m } }]\n", 1).await;
    let mut stream = polling(&served).await;
    served.arrived(1).await;
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.0.starts_with("HTTP/1.1 200"));

    let mut waiting = served.connect().await;
    write(&mut waiting, "GET /_emulator/await?count=9 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    waiting.shutdown().await.unwrap();
    let (answer, _) = rest(&mut waiting).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("client_gone"), "{answer}");
}

#[tokio::test]
async fn a_client_that_goes_during_a_wait_frees_its_place() {
    let served = limited("instant", 1).await;
    for _ in 0..5 {
        let mut waiting = served.connect().await;
        write(&mut waiting, "GET /_emulator/await?count=9&timeout=600s HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await;
        drop(waiting);
    }
    // Answered at the latest when the last of them is gone.
    while served.control("GET", "await?count=0", "").await.0 == 503 {}
}

#[tokio::test]
async fn there_are_so_many_event_streams_and_no_more() {
    let served = serve(TestEmulator::new("instant")).await;
    let mut listening = Vec::new();
    for _ in 0..64 {
        let mut stream = served.connect().await;
        write(&mut stream, "GET /_emulator/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
        listening.push(stream);
    }
    let (status, answer) = served.control("GET", "events", "").await;
    assert!(status == 503 && answer.contains("too_many_listeners"), "{answer}");
    listening.pop();
    let mut again = served.connect().await;
    loop {
        write(&mut again, "GET /_emulator/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut status = [0; 12];
        again.read_exact(&mut status).await.unwrap();
        if &status == b"HTTP/1.1 200" {
            return;
        }
        again = served.connect().await;
    }
}

/// A client that sends all of its body before it reads sees the status, too.
#[tokio::test]
async fn a_refusal_arrives_although_the_body_is_not_read() {
    let served = serve(Setup::new("instant").max_body(1000).start()).await;
    let body = vec![b'x'; 8 << 20];
    for (host, path, expected) in [
        ("localhost", "/", "HTTP/1.1 413"),
        ("localhost", "/_emulator/faults", "HTTP/1.1 413"),
        ("evil.example", "/_emulator/faults", "HTTP/1.1 403"),
    ] {
        for framing in [format!("content-length: {}", body.len()), "transfer-encoding: chunked".to_owned()] {
            let mut stream = served.connect().await;
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{framing}\r\n\r\n"
            );
            write(&mut stream, head).await;
            if framing.starts_with("transfer") {
                write(&mut stream, format!("{:x}\r\n", body.len())).await;
            }
            write(&mut stream, &body).await;
            let (_, answer) = read_response(&mut stream).await;
            assert!(answer.starts_with(expected), "{path} {framing}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_declared_length_beyond_the_limit_is_refused_at_once() {
    let served = serve(Setup::new("instant").max_body(1000).start()).await;
    for path in ["/", "/_emulator/faults"] {
        let mut stream = served.connect().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1001\r\n\r\n"
        );
        write(&mut stream, head).await;
        assert_eq!(read_response(&mut stream).await.0, 413);
    }
}

#[tokio::test]
async fn a_request_has_one_host() {
    let served = serve(TestEmulator::new("instant")).await;
    for path in ["/", "/_emulator/health"] {
        for (hosts, status) in
            [("", 400), ("host: localhost\r\nhost: localhost\r\n", 400), ("host: localhost\r\n", 0)]
        {
            let mut stream = served.connect().await;
            write(&mut stream, format!("GET {path} HTTP/1.1\r\n{hosts}\r\n")).await;
            let (seen, answer) = read_response(&mut stream).await;
            let says_host = answer.contains("Host header");
            assert_eq!((seen == 400 && says_host, says_host), (status == 400, status == 400), "{answer}");
        }
        // HTTP/1.0 knows no such header.
        let mut stream = served.connect().await;
        write(&mut stream, format!("GET {path} HTTP/1.0\r\n\r\n")).await;
        assert!(!rest(&mut stream).await.0.contains("Host header"));
    }
}

#[tokio::test]
async fn bodies_take_no_more_memory_than_is_allowed() {
    let served = serve(Setup::new("instant").max_buffered(100_000).start()).await;
    // These halves of bodies fill it, the first 4 KiB of each left out.
    let mut halves = Vec::new();
    for _ in 0..14 {
        let mut half = served.connect().await;
        let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 20000\r\n\r\n";
        write(&mut half, format!("{head}{}", "x".repeat(11_000))).await;
        halves.push(half);
    }
    let post = async || {
        let mut stream = served.connect().await;
        let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000\r\n\r\n";
        write(&mut stream, format!("{head}{}", "x".repeat(9_000))).await;
        read_response(&mut stream).await
    };
    // Until then, the halves have not all been read.
    let refused = loop {
        let (status, answer) = post().await;
        if status == 503 {
            break answer;
        }
    };
    assert!(refused.contains("\r\nretry-after: 1\r\n") && refused.contains("--max-buffered"), "{refused}");
    // The control API has memory of its own.
    assert_eq!(served.control("PUT", "clock", r#"{"action":"resume"}"#).await.0, 200);
    drop(halves);
    while post().await.0 == 503 {}
}

#[tokio::test]
async fn a_snapshot_that_takes_more_memory_than_is_allowed_is_not_sent() {
    let tasks = "tasks: [".to_owned() + &"{ type: IMAGE_SCAN, started: -1h },".repeat(400) + "]\n";
    let served = serve(Setup::new(&tasks).max_buffered(100_000).start()).await;
    idle(&served).await;
    let (status, answer) = served.control("GET", "state", "").await;
    assert!(status == 507 && answer.contains("too_large_for_memory"), "{answer}");
}
