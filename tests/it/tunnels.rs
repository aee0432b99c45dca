//! Connections that have become tunnels: faults, stops and time-outs act in them as outside.

use std::io::ErrorKind;
use std::time::Duration;

use rustls::CertificateError;
use rustls::Error::InvalidCertificate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::interception::{POLL, SAS, call_to, intercepting, intercepting_as, tunnel};
use crate::harness::wire::{raw, read_response, rest, send, write};
use crate::harness::{Setup, TestCall};

#[tokio::test]
async fn faults_act_in_a_tunnel_as_outside() {
    for (effect, end) in [
        ("connection: reset", ErrorKind::ConnectionReset),
        ("connection: { kind: reset, when: after }", ErrorKind::ConnectionReset),
        ("connection: close", ErrorKind::UnexpectedEof),
    ] {
        let (served, client) = intercepting(&format!("faults:\n  - {{ effect: {{ {effect} }} }}\n")).await;
        let mut secure =
            client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
        send(&mut secure, &call_to(SAS)).await;
        assert_eq!(rest(&mut secure).await, (String::new(), Some(end)), "{effect}");
    }
    let bad = "faults:\n  - { trigger: { times: 1 }, effect: { tls: expired } }\n";
    let (served, client) = intercepting(bad).await;
    let refused = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap_err();
    assert!(matches!(refused, InvalidCertificate(CertificateError::ExpiredContext { .. })), "{refused:?}");
    client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();

    let cut = "faults:\n  - { effect: { body: { truncate: 20 } } }\n";
    let (served, client) = intercepting(cut).await;
    let mut secure = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    send(&mut secure, &call_to(SAS)).await;
    let (text, _) = rest(&mut secure).await;
    assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), 20, "{text}");
}

#[tokio::test]
async fn delays_drips_and_hangs_act_in_a_tunnel_too() {
    let slow = "faults:\n  - { effect: { delay: 20ms } }\n  - { effect: { body: { drip: { bytes_per_second: 4000 } } } }\n";
    let (served, client) = intercepting(slow).await;
    let mut secure = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    send(&mut secure, &call_to(SAS)).await;
    let (mut pieces, mut read) = (0, Vec::new());
    while !read.ends_with(b"}") {
        assert!(secure.read_buf(&mut read).await.unwrap() > 0);
        pieces += 1;
    }
    assert!(pieces > 1);

    let hangs = "faults:\n  - { effect: { connection: hang } }\n";
    let (served, client) = intercepting_as(Setup::new(hangs).max_connections(1)).await;
    let mut secure = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    send(&mut secure, &call_to(SAS)).await;
    served.finished(1).await;
    served.shut_down();
    assert_eq!(rest(&mut secure).await.0, "");
    served.ended().await;
}

#[tokio::test]
async fn a_stop_ends_idle_tunnels_and_finishes_a_call_in_one() {
    // No timeout may end a connection.
    let patient = Setup::new("instant").receive_timeout(Duration::from_secs(3600));
    let (served, client) = intercepting_as(patient).await;
    let mut silent = tunnel(&served, &format!("{SAS}:443")).await;
    let mut idle = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    let mut busy = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    write(&mut busy, raw(&call_to(SAS), "content-length: 2\r\nexpect: 100-continue", "")).await;
    let mut asked = [0; 12];
    busy.read_exact(&mut asked).await.unwrap();
    served.shut_down();
    assert_eq!(rest(&mut silent).await.0, "");
    assert_eq!(rest(&mut idle).await, (String::new(), None));
    write(&mut busy, b"A=").await;
    let (text, end) = rest(&mut busy).await;
    assert!(text.ends_with('}') && end.is_none(), "{text:?} {end:?}");
    served.ended().await;
}

#[tokio::test]
async fn a_client_that_closes_its_side_of_a_tunnel_gets_its_answer() {
    let (served, _) = intercepting("instant").await;
    let mut stream = tunnel(&served, &format!("{SAS}:80")).await;
    send(&mut stream, &call_to(SAS)).await;
    stream.shutdown().await.unwrap();
    let (text, end) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200") && end.is_none(), "{text}");
    // One that asks for nothing more ends the tunnel.
    let mut stream = tunnel(&served, &format!("{SAS}:443")).await;
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, (String::new(), None));
}

#[tokio::test]
async fn idle_tunnels_make_room_and_silent_ones_end() {
    let (served, _) = intercepting_as(Setup::new("instant").max_connections(1)).await;
    let mut first = tunnel(&served, &format!("{SAS}:80")).await;
    for _ in 0..40 {
        let mut other = served.connect().await;
        send(&mut other, &TestCall::latest(POLL)).await;
        assert_eq!(read_response(&mut other).await.0, 200);
    }
    // Ends: that is the assertion.
    let _ = rest(&mut first).await;
    let impatient = Setup::new("instant").receive_timeout(Duration::from_millis(20));
    let (served, _) = intercepting_as(impatient).await;
    for half in [&b""[..], b"\x16\x03", b"GET / HTTP/1.1\r\n"] {
        let mut stream = tunnel(&served, &format!("{SAS}:443")).await;
        write(&mut stream, half).await;
        let _ = rest(&mut stream).await;
    }
}
