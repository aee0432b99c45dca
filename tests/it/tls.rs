//! TLS and plain HTTP on one port, over real sockets, with clients that verify.

use std::io::ErrorKind;
use std::time::Duration;

use rustls::{CertificateError, HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::tls::{Client, generated, serve_both};
use crate::harness::wire::{raw, read_response, rest, send, serve, write};
use crate::harness::{Setup, TestCall, TestEmulator};

const POLL: &str = "ASSETS_COLLECTION";

#[tokio::test]
async fn one_port_speaks_both_and_keeps_both_alive() {
    let (served, client) = serve_both(Setup::new("instant")).await;
    let mut secure = client.connect(served.address, "127.0.0.1").await.unwrap();
    let mut plain = served.connect().await;
    for _ in 0..3 {
        send(&mut secure, &TestCall::latest(POLL)).await;
        send(&mut plain, &TestCall::latest(POLL)).await;
        for (status, text) in [read_response(&mut secure).await, read_response(&mut plain).await] {
            assert!(status == 200 && text.contains("connection: keep-alive"), "{text}");
        }
    }
    assert_eq!(secure.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(secure.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[tokio::test]
async fn older_clients_are_served_too() {
    let tls = generated(&["localhost"]);
    let client = Client::with(tls.ca_pem().unwrap(), &[&rustls::version::TLS12]);
    let served = serve(Setup::new("instant").tls(tls).start()).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &TestCall::latest(POLL)).await;
    assert_eq!(read_response(&mut stream).await.0, 200);
}

#[tokio::test]
async fn the_certificate_is_for_the_names_that_were_asked_for_and_no_others() {
    let tls = generated(&["localhost", "127.0.0.1", "::1", "sas", "*.emu.example"]);
    let client = Client::trusting(tls.ca_pem().unwrap());
    let served = serve(Setup::new("instant").tls(tls).start()).await;
    for good in ["localhost", "127.0.0.1", "::1", "sas", "a.emu.example"] {
        client.connect(served.address, good).await.unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    for other in ["other", "127.0.0.2", "emu.example"] {
        let why = client.refusal(served.address, other).await;
        assert!(matches!(why, CertificateError::NotValidForNameContext { .. }), "{other}: {why:?}");
    }
}

#[tokio::test]
async fn each_start_has_an_authority_of_its_own() {
    let (served, _) = serve_both(Setup::new("instant")).await;
    let stranger = Client::trusting(generated(&["localhost"]).ca_pem().unwrap());
    let why = stranger.refusal(served.address, "localhost").await;
    assert!(matches!(why, CertificateError::UnknownIssuer | CertificateError::BadSignature), "{why:?}");
    // Other connections are not affected.
    assert_eq!(served.control("GET", "health", "").await.0, 200);
}

#[tokio::test]
async fn the_authority_is_served_without_a_token_and_without_the_control_api() {
    let tls = generated(&["localhost"]);
    let ca_pem = tls.ca_pem().unwrap().to_owned();
    let emulator = Setup::new("instant").tls(tls).without_control_api().start();
    let reply = emulator.control("GET", "ca.pem", "").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/x-pem-file"));
    assert_eq!(reply.body, ca_pem);
    let reply = TestEmulator::new("instant").control("GET", "ca.pem", "").await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("--tls auto"), "{}", reply.body);
}

#[tokio::test]
async fn bad_certificates_cause_distinct_client_errors() {
    let (served, client) = serve_both(Setup::new("instant")).await;
    let mut seen = Vec::new();
    for kind in ["expired", "wrong_name", "untrusted"] {
        let fault = format!(r#"{{"id":"{kind}","trigger":{{"calls":2}},"effect":{{"tls":"{kind}"}}}}"#);
        assert_eq!(served.control("PUT", "faults", &fault).await.0, 200);
        let mut first = client.connect(served.address, "localhost").await.unwrap();
        // The client receives its session ticket with the response.
        send(&mut first, &TestCall::latest(POLL)).await;
        assert_eq!(read_response(&mut first).await.0, 200);
        seen.push(client.refusal(served.address, "localhost").await);
        // The same client again: a session that it resumed would show no certificate.
        let third = client.connect(served.address, "localhost").await.unwrap();
        assert_eq!(third.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        let (_, report) = served.control("GET", "faults", "").await;
        assert!(report.contains(r#""hits":1,"matched":3,"remaining":0,"exhausted":true"#), "{report}");
    }
    assert!(
        matches!(
            seen.as_slice(),
            [
                CertificateError::ExpiredContext { .. },
                CertificateError::NotValidForNameContext { .. },
                CertificateError::UnknownIssuer,
            ]
        ),
        "{seen:?}"
    );
}

#[tokio::test]
async fn handshakes_and_calls_are_counted_apart() {
    let scenario = "faults:
  - { id: shakes, trigger: { calls: 2 }, effect: { tls: expired } }
  - { id: polls, trigger: { times: 1 }, effect: { error: ServerError } }
";
    let (served, client) = serve_both(Setup::new(scenario)).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    for status in [500, 200, 200] {
        send(&mut stream, &TestCall::latest(POLL)).await;
        assert_eq!(read_response(&mut stream).await.0, status);
    }
    client.refusal(served.address, "localhost").await;
    let (_, report) = served.control("GET", "faults", "").await;
    let counts = |hits, matched| format!(r#""hits":{hits},"matched":{matched}"#);
    let (shakes, polls) = report.split_once("polls").unwrap();
    assert!(shakes.contains(&counts(1, 2)) && polls.contains(&counts(1, 3)), "{report}");
}

#[tokio::test]
async fn a_fault_that_needs_certificates_is_refused_where_there_are_none() {
    let fault = r#"{"id":"old","effect":{"tls":"expired"}}"#;
    let scenario = r#"{"version":1,"name":"old","faults":[{"effect":{"tls":"expired"}}]}"#;
    let emulator = TestEmulator::new("instant");
    for (method, path, body, status) in
        [("POST", "faults", fault, 409), ("PUT", "faults", fault, 409), ("PUT", "scenario", scenario, 400)]
    {
        let reply = emulator.control(method, path, body).await;
        assert_eq!(reply.status, status);
        assert!(reply.body.contains("start it with --tls auto"), "{}", reply.body);
    }
    assert_eq!(emulator.control("GET", "faults", "").await.body, "{\"faults\":[]}\n");
}

/// What breaks a connection breaks the socket beneath TLS.
#[tokio::test]
async fn faults_of_the_connection_are_as_real_as_without() {
    for (effect, end) in [
        ("connection: reset", ErrorKind::ConnectionReset),
        ("connection: { kind: reset, when: after }", ErrorKind::ConnectionReset),
        ("connection: close", ErrorKind::UnexpectedEof),
    ] {
        let (served, client) =
            serve_both(Setup::new(&format!("faults:\n  - {{ effect: {{ {effect} }} }}\n"))).await;
        let mut stream = client.connect(served.address, "localhost").await.unwrap();
        send(&mut stream, &TestCall::latest(POLL)).await;
        assert_eq!(rest(&mut stream).await, (String::new(), Some(end)), "{effect}");
    }
}

#[tokio::test]
async fn bodies_break_off_and_drip_as_without() {
    let (served, client) =
        serve_both(Setup::new("faults:\n  - { effect: { body: { truncate: 20 } } }\n")).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &TestCall::latest(POLL)).await;
    let (text, _) = rest(&mut stream).await;
    assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), 20, "{text}");

    let drip = "faults:\n  - { effect: { body: { drip: { bytes_per_second: 4000 } } } }\n";
    let (served, client) = serve_both(Setup::new(drip)).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &TestCall::latest(POLL)).await;
    let (mut pieces, mut read) = (0, Vec::new());
    while !read.ends_with(b"}") {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
        pieces += 1;
    }
    assert!(pieces > 1, "it came at once");
}

/// A client that closes its connection first sends `close_notify`, which must not count as activity.
#[tokio::test]
async fn a_hang_ends_with_its_client_and_with_the_stop() {
    let scenario = "faults:\n  - { trigger: { times: 2 }, effect: { connection: hang } }\n";
    let (served, client) = serve_both(Setup::new(scenario).max_connections(2)).await;
    let mut leaving = client.connect(served.address, "localhost").await.unwrap();
    send(&mut leaving, &TestCall::latest(POLL)).await;
    let mut watching = served.connect().await;
    until_hits(&mut watching, 1).await;
    leaving.shutdown().await.unwrap();
    drop(leaving);
    // There is room for two: this one takes the place of the one that left.
    let mut staying = client.connect(served.address, "localhost").await.unwrap();
    send(&mut staying, &TestCall::latest(POLL)).await;
    until_hits(&mut watching, 2).await;
    served.shut_down();
    assert_eq!(rest(&mut staying).await.0, "");
    served.ended().await;
}

/// Waits for that many hits, asking on a connection that stays open.
async fn until_hits(watching: &mut TcpStream, hits: u32) {
    let request = b"GET /_emulator/faults HTTP/1.1\r\nhost: localhost\r\n\r\n";
    loop {
        write(watching, request).await;
        if read_response(watching).await.1.contains(&format!("\"hits\":{hits},")) {
            return;
        }
    }
}

#[tokio::test]
async fn a_client_without_a_whole_greeting_is_cut_off() {
    let impatient = Setup::new("instant").receive_timeout(Duration::from_millis(20));
    let (served, client) = serve_both(impatient).await;
    for greeting in
        [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n"]
    {
        let mut stream = served.connect().await;
        write(&mut stream, greeting).await;
        // Ends: that is the assertion.
        let _ = rest(&mut stream).await;
    }
    let mut idle = client.connect(served.address, "localhost").await.unwrap();
    let _ = rest(&mut idle).await;
}

#[tokio::test]
async fn what_is_no_greeting_ends_the_connection_and_nothing_else() {
    let (served, client) = serve_both(Setup::new("instant")).await;
    for garbage in [&b"\x16GET / HTTP/1.1\r\n\r\n"[..], b"\x16\x03\x01\x00\x04aaaa", b"\x16\0\0\0\0\0"] {
        let mut stream = served.connect().await;
        write(&mut stream, garbage).await;
        stream.shutdown().await.unwrap();
        let _ = rest(&mut stream).await;
    }
    client.connect(served.address, "localhost").await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_what_is_idle_and_finishes_what_is_not() {
    // No timeout may end a connection.
    let patient = Setup::new("instant").receive_timeout(Duration::from_secs(3600));
    let (served, client) = serve_both(patient).await;
    let silent = served.connect().await;
    let mut greeting = served.connect().await;
    write(&mut greeting, b"\x16\x03").await;
    let mut idle = client.connect(served.address, "localhost").await.unwrap();
    send(&mut idle, &TestCall::latest(POLL)).await;
    assert_eq!(read_response(&mut idle).await.0, 200);
    let mut busy = client.connect(served.address, "localhost").await.unwrap();
    write(&mut busy, raw(&TestCall::latest(POLL), "content-length: 2\r\nexpect: 100-continue", "")).await;
    let mut asked = [0; 12];
    busy.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");

    served.shut_down();
    for mut stream in [silent, greeting] {
        let _ = rest(&mut stream).await;
    }
    assert_eq!(rest(&mut idle).await, (String::new(), None));
    write(&mut busy, b"A=").await;
    let (text, end) = rest(&mut busy).await;
    assert!(text.contains("HTTP/1.1 ") && text.ends_with('}') && end.is_none(), "{text:?} {end:?}");
    served.ended().await;
}
