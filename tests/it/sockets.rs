//! Behaviour that needs a real socket: framing, keep-alive, shutdown.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::wire::{raw, read_response, rest, send, send_last, serve, write};
use crate::harness::{Setup, TestCall, TestEmulator};

#[tokio::test]
async fn case_9_a_chunked_body() {
    let served = serve(TestEmulator::new("instant")).await;
    let mut stream = served.connect().await;
    let call = TestCall::latest("IMAGE_SCAN").form("Source", "console");
    let body = "Source=console";
    let chunks = format!("7\r\n{}\r\n7\r\n{}\r\n0\r\n\r\n", &body[..7], &body[7..]);
    write(&mut stream, raw(&call, "transfer-encoding: chunked", &chunks)).await;
    assert!(read_response(&mut stream).await.1.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_connection_serves_many_calls_until_the_client_closes_it() {
    let served = serve(TestEmulator::new("instant")).await;
    let mut stream = served.connect().await;
    for _ in 0..3 {
        send(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
        let (_, answer) = read_response(&mut stream).await;
        assert!(answer.contains("connection: keep-alive\r\nkeep-alive: timeout=25"), "{answer}");
        assert!(answer.contains("\r\ndate: "), "{answer}");
    }
    send_last(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
    let (rest, end) = rest(&mut stream).await;
    assert_eq!(end, None);
    assert!(rest.starts_with("HTTP/1.1 200 OK") && !rest.contains("keep-alive"), "{rest}");
}

#[tokio::test]
async fn bytes_that_are_not_http_end_the_connection_and_nothing_else() {
    let served = serve(TestEmulator::new("instant")).await;
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n"]
    {
        let mut stream = served.connect().await;
        write(&mut stream, garbage).await;
        stream.shutdown().await.unwrap();
        let (answer, end) = rest(&mut stream).await;
        assert_eq!(end, None);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
    }
    let mut stream = served.connect().await;
    send(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
    assert!(read_response(&mut stream).await.1.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_client_that_sends_half_a_head_is_cut_off() {
    let served = serve(Setup::new("instant").receive_timeout(Duration::from_millis(20)).start()).await;
    let mut stream = served.connect().await;
    write(&mut stream, b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    // Ends: that is the assertion.
    let _ = rest(&mut stream).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_by_endpoint_and_control_alike() {
    let served = serve(Setup::new("instant").receive_timeout(Duration::from_millis(20)).start()).await;
    for head in ["POST / HTTP/1.1", "PUT /_emulator/clock HTTP/1.1"] {
        let mut stream = served.connect().await;
        let request = format!(
            "{head}\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
        );
        write(&mut stream, request).await;
        let (_, answer) = read_response(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(!answer.contains("keep-alive"), "{answer}");
    }
}

/// Each ends the way its client understands: the wait with an answer, the events with the end of their stream.
#[tokio::test]
async fn a_stop_ends_waits_and_listeners() {
    let served = serve(TestEmulator::new("instant")).await;
    let mut open = Vec::new();
    for path in ["await?timeout=600s", "events"] {
        let mut stream = served.connect().await;
        let request = format!("GET /_emulator/{path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        write(&mut stream, request).await;
        open.push(stream);
    }
    // Its first words show that the events' request has arrived, and so has the one before it, most likely; if not, it is
    // answered all the same.
    let mut received = [0; 512];
    while !String::from_utf8_lossy(&received).contains(": listening") {
        assert!(open[1].read(&mut received).await.unwrap() > 0);
    }
    served.shut_down();
    served.ended().await;
    let mut ends = Vec::new();
    for mut stream in open {
        ends.push(rest(&mut stream).await.0);
    }
    assert!(ends[0].is_empty() || ends[0].starts_with("HTTP/1.1 503"), "{ends:?}");
    assert_eq!(ends[1], "0\r\n\r\n", "the stream ends, it is not cut");
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_the_loop() {
    let served = serve(TestEmulator::new("instant")).await;
    let mut idle = served.connect().await;
    send(&mut idle, &TestCall::latest("IMAGE_SCAN")).await;
    read_response(&mut idle).await;
    let address = served.address;
    served.shut_down();
    served.ended().await;
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

/// The service has received the call, so it is performed, whether or not the client still listens.
#[tokio::test]
async fn a_delay_ends_when_its_client_has_gone_and_the_call_is_performed() {
    let emulator = TestEmulator::new("faults: [{ effect: { delay: 10m } }]\n");
    let core = Arc::clone(&emulator.core);
    let served = serve(emulator).await;
    let mut stream = served.connect().await;
    send(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
    assert_eq!(served.control("GET", "await?count=1", "").await.0, 200);
    assert!(served.control("GET", "requests", "").await.1.contains(r#""in_flight":true"#));
    drop(stream);

    assert_eq!(served.control("GET", "await?status=200", "").await.0, 200);
    let call = Arc::clone(&core.journal().everything().records[0]);
    let hint = Some("the client closed its side while the call was delayed");
    assert_eq!((call.is_done(), call.broke(), call.hint()), (true, None, hint), "{call}");
}
