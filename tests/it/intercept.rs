//! The emulator as a proxy, over real sockets: tunnels and targets in absolute form, what is served and what is refused.

use std::io::{Read, Write};

use rustls::CertificateError;
use rustls::Error::InvalidCertificate;

use crate::harness::Setup;
use crate::harness::interception::{SAS, call_to, connect_to, intercepting, tunnel};
use crate::harness::tls::{Client, serve_both};
use crate::harness::wire::{Served, raw, read_response, rest, send, serve, write};

const OSS: &str = "oss-cn-hangzhou.aliyuncs.com";

/// The answer to a request on a connection of its own.
async fn ask(served: &Served, request: impl AsRef<[u8]>) -> (u16, String) {
    let mut stream = served.connect().await;
    write(&mut stream, request).await;
    read_response(&mut stream).await
}

/// A signed request with its target in absolute form.
fn absolute(host: &str) -> String {
    raw(&call_to(host), "content-length: 0", "").replacen("POST /", &format!("POST http://{host}/"), 1)
}

#[tokio::test]
async fn a_tunnel_is_served_with_a_certificate_for_its_name() {
    let (served, client) = intercepting("instant").await;
    let mut certificates = Vec::new();
    for target in [SAS, SAS, "tds.ap-southeast-1.aliyuncs.com", "sts.aliyuncs.com"] {
        let stream = tunnel(&served, &format!("{target}:443")).await;
        let mut secure = client.connect_over(stream, target).await.unwrap();
        for _ in 0..2 {
            send(&mut secure, &call_to(target)).await;
            let (status, answer) = read_response(&mut secure).await;
            assert!(status == 200 && answer.contains("\"Status\":\"SUCCESS\""), "{answer}");
        }
        certificates.push(secure.get_ref().1.peer_certificates().unwrap()[0].clone());
    }
    assert_eq!(certificates[0], certificates[1], "it is made once");
    assert_ne!(certificates[0], certificates[2]);
    let stream = tunnel(&served, &format!("{SAS}:443")).await;
    let other = client.connect_over(stream, "tds.aliyuncs.com").await.unwrap_err();
    assert!(
        matches!(other, InvalidCertificate(CertificateError::NotValidForNameContext { .. })),
        "{other:?}"
    );
}

#[tokio::test]
async fn plain_http_in_a_tunnel_is_served_too() {
    let (served, _) = intercepting("instant").await;
    let mut stream = tunnel(&served, &format!("{}.:80", SAS.to_uppercase())).await;
    for _ in 0..2 {
        send(&mut stream, &call_to(SAS)).await;
        assert_eq!(read_response(&mut stream).await.0, 200);
    }
}

#[tokio::test]
async fn what_comes_with_the_request_for_a_tunnel_is_in_it() {
    let (served, client) = intercepting("instant").await;
    let mut stream = served.connect().await;
    write(&mut stream, connect_to(&format!("{SAS}:80")) + &raw(&call_to(SAS), "content-length: 0", "")).await;
    let mut text = String::new();
    while !text.ends_with('}') {
        let (_, more) = read_response(&mut stream).await;
        text.push_str(&more);
    }
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("\"Status\":\"SUCCESS\""), "{text}");

    let mut session = client.session(SAS);
    let address = served.address;
    let negotiated = tokio::task::spawn_blocking(move || {
        let mut first = connect_to(&format!("{SAS}:443")).into_bytes();
        session.write_tls(&mut first).unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(&first).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        session.complete_io(&mut stream).unwrap();
        session.protocol_version().is_some() && !session.is_handshaking()
    });
    assert!(negotiated.await.unwrap());
}

#[tokio::test]
async fn any_other_host_is_refused_and_its_call_has_escaped() {
    let (served, _) = intercepting("instant").await;
    let mut stream = served.connect().await;
    write(&mut stream, connect_to(&format!("{OSS}:443")) + "\x16\x03\x01 what a client says first").await;
    let (answer, end) = rest(&mut stream).await;
    assert_eq!(end, None);
    let reason = format!("HTTP/1.1 403 Forbidden: sas-emulator forwards nothing to {OSS}:443\r\n");
    assert!(answer.starts_with(&reason) && answer.contains("connection: close"), "{answer}");
    assert!(answer.contains(r#""Code":"EscapedCall""#), "{answer}");
    assert!(answer.contains(&format!("This call is for {OSS}:443.")), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "what came after it is no request: {answer}");

    let request = format!(
        "GET http://{OSS}/?AccessKeyId=ci&Signature=hunter2&SecurityToken=hunter2 HTTP/1.1\r\nhost: {OSS}\r\n\r\n"
    );
    assert_eq!(ask(&served, request).await.0, 403);
    let request = format!(
        "PUT http://user:hunter2@{OSS}:8080/x HTTP/1.1\r\nhost: {OSS}:8080\r\ncontent-length: 7\r\n\
         authorization: ACS3-HMAC-SHA256 Credential=other,SignedHeaders=host,Signature=hunter2\r\n\r\nhunter2"
    );
    assert_eq!(ask(&served, request).await.0, 403);

    let mut shown = served.control("GET", "requests?escaped=true", "").await.1;
    assert!(!shown.contains("hunter2"), "{shown}");
    shown = shown.split_once("\r\n\r\n").unwrap().1.to_owned();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let told = |call: &serde_json::Value| {
        ["method", "escaped", "account", "code"]
            .map(|name| call[name].as_str().unwrap_or("-").to_owned())
            .join(" ")
    };
    let told: Vec<String> = shown["requests"].as_array().unwrap().iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    PUT oss-cn-hangzhou.aliyuncs.com:8080 other EscapedCall
    GET oss-cn-hangzhou.aliyuncs.com:80 ci EscapedCall
    CONNECT oss-cn-hangzhou.aliyuncs.com:443 - EscapedCall
    ");
    assert!(served.control("GET", "requests?escaped=false", "").await.1.contains(r#""total":0"#));
    assert!(served.control("GET", "requests/count?escaped=true", "").await.1.contains(r#""count":3"#));
    assert_eq!(served.control("GET", "requests?escaped=maybe", "").await.0, 400);
    assert!(served.control("GET", "info", "").await.1.contains(r#""escaped_calls":3"#));
    let verdict = served.control("GET", "verdict", "").await.1;
    assert!(
        verdict.contains(r#"{"host":"oss-cn-hangzhou.aliyuncs.com:443","calls":1}"#)
            && verdict.contains(r#""passed":true"#),
        "{verdict}"
    );
    assert_eq!(served.control("POST", "reset", "").await.0, 200);
    assert!(served.control("GET", "info", "").await.1.contains(r#""escaped_calls":0"#));
}

#[tokio::test]
async fn targets_in_absolute_form_are_served_for_the_same_hosts() {
    let (served, _) = intercepting("instant").await;
    let mut stream = served.connect().await;
    for (host, status) in [(SAS, 200), (OSS, 403), ("tds.aliyuncs.com", 200), ("tds.aliyuncs.com:8080", 200)]
    {
        write(&mut stream, absolute(host)).await;
        let (seen, answer) = read_response(&mut stream).await;
        assert_eq!(seen, status, "{host}: {answer}");
    }
    // A program whose proxy is the emulator calls the emulator itself.
    let port = served.address.port();
    for own in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        assert_eq!(ask(&served, absolute(&own)).await.0, 200, "{own}");
        let request = format!("GET http://{own}/_emulator/ready HTTP/1.1\r\nhost: {own}\r\n\r\n");
        assert_eq!(ask(&served, request).await.0, 200, "{own}");
    }
    for bad in ["a~b.example", "a.example:0", "user@"] {
        assert_eq!(
            ask(&served, absolute("x").replace("http://x/", &format!("http://{bad}/"))).await.0,
            400,
            "{bad}"
        );
    }
    // Another service of this machine is not the emulator, nor is the same port of another machine.
    let other = format!("192.0.2.7:{port}");
    assert!(ask(&served, absolute(&other)).await.1.contains(&format!("This call is for {other}.")));
    let answer = ask(&served, absolute("127.0.0.1:1")).await.1;
    assert!(answer.contains("This call is for 127.0.0.1:1."), "{answer}");
    // Nor is the control API there for names of others.
    let request = format!("GET http://{SAS}/_emulator/requests HTTP/1.1\r\nhost: {SAS}\r\n\r\n");
    assert!(ask(&served, request).await.1.contains("foreign_host"));
    let request = format!("GET http://{OSS}/_emulator/health HTTP/1.1\r\nhost: {OSS}\r\n\r\n");
    assert!(ask(&served, request).await.1.contains("EscapedCall"));
}

#[tokio::test]
async fn a_tunnel_to_the_emulator_itself_is_one() {
    let (served, client) = intercepting("instant").await;
    let own = served.address.to_string();
    let mut secure = client.connect_over(tunnel(&served, &own).await, "127.0.0.1").await.unwrap();
    send(&mut secure, &call_to(&own)).await;
    assert_eq!(read_response(&mut secure).await.0, 200);
}

#[tokio::test]
async fn in_a_tunnel_the_host_header_may_name_another_host_that_is_served() {
    let (served, client) = intercepting("instant").await;
    let mut secure = client.connect_over(tunnel(&served, &format!("{SAS}:443")).await, SAS).await.unwrap();
    for (host, status, code) in [
        ("tds.aliyuncs.com", 200, "SUCCESS"),
        ("SAS.cn-hangzhou.aliyuncs.com:443", 200, "SUCCESS"),
        (OSS, 403, "oss-cn-hangzhou.aliyuncs.com:443"),
        (SAS, 200, "SUCCESS"),
    ] {
        send(&mut secure, &call_to(host)).await;
        let (seen, answer) = read_response(&mut secure).await;
        assert!(seen == status && answer.contains(code), "{host}: {answer}");
    }
    for hosts in [format!("host: {SAS}\r\nhost: {OSS}"), "host: a~b".to_owned(), "accept: a/b".to_owned()] {
        write(&mut secure, format!("GET / HTTP/1.1\r\n{hosts}\r\n\r\n")).await;
        assert_eq!(read_response(&mut secure).await.0, 400, "{hosts}");
    }
}

#[tokio::test]
async fn further_hosts_are_served_by_pattern() {
    let setup = Setup::new("instant").intercepting(&["*.example.com", "10.0.0.?"]);
    let client = Client::trusting(&setup.ca_pem());
    let served = serve(setup.start()).await;
    for host in ["sas.example.com", "10.0.0.7"] {
        let stream = tunnel(&served, &format!("{host}:8443")).await;
        let mut secure = client.connect_over(stream, host).await.unwrap();
        send(&mut secure, &call_to(&format!("{host}:8443"))).await;
        assert_eq!(read_response(&mut secure).await.0, 200, "{host}");
    }
    assert_eq!(ask(&served, connect_to("example.com:443")).await.0, 403);
}

#[tokio::test]
async fn without_interception_it_is_no_proxy() {
    let served = serve(Setup::new("instant").start()).await;
    for request in [
        connect_to(&format!("{SAS}:443")),
        connect_to(&served.address.to_string()),
        absolute(OSS),
        absolute(SAS),
    ] {
        let (status, answer) = ask(&served, &request).await;
        assert!(status == 405 && answer.contains("NotAProxy"), "{request} {answer}");
    }
    assert!(served.control("GET", "requests?escaped=true", "").await.1.contains(r#""total":0"#));
    assert_eq!(ask(&served, absolute(&served.address.to_string())).await.0, 200);
}

#[tokio::test]
async fn what_is_no_request_for_a_tunnel_is_refused() {
    let (served, _) = intercepting("instant").await;
    for target in [SAS, &format!("{SAS}:0"), &format!("user@{SAS}:443"), &format!("{SAS}:99999"), ":443"] {
        let mut stream = served.connect().await;
        write(&mut stream, connect_to(target)).await;
        let (answer, _) = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{target}: {answer}");
    }
    for framing in ["content-length: 2", "transfer-encoding: chunked"] {
        let mut stream = served.connect().await;
        write(
            &mut stream,
            format!("CONNECT {SAS}:443 HTTP/1.1\r\nhost: {SAS}:443\r\n{framing}\r\n\r\n2\r\nab"),
        )
        .await;
        let (answer, _) = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("CONNECT has no body"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
    let mut stream = tunnel(&served, &format!("{SAS}:80")).await;
    write(&mut stream, connect_to(&format!("{SAS}:443"))).await;
    let (status, answer) = read_response(&mut stream).await;
    assert!(status == 400 && answer.contains("no tunnel within a tunnel"), "{answer}");
}

#[tokio::test]
async fn a_tunnel_is_not_made_over_tls() {
    let (served, client) = serve_both(Setup::new("instant").intercepting(&[])).await;
    let mut secure = client.connect(served.address, "localhost").await.unwrap();
    write(&mut secure, connect_to(&format!("{SAS}:443"))).await;
    let (status, answer) = read_response(&mut secure).await;
    assert!(status == 400 && answer.contains("begin the proxy's address with http://"), "{answer}");
}

/// A client that is told an https endpoint of the emulator, or whose resolver directs a name of the vendor here.
#[tokio::test]
async fn the_port_has_a_certificate_for_what_a_client_asks_for() {
    let (served, client) = intercepting("instant").await;
    for name in ["127.0.0.1", "localhost", SAS, "sas-emulator"] {
        let mut secure =
            client.connect(served.address, name).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        send(&mut secure, &call_to(name)).await;
        assert_eq!(read_response(&mut secure).await.0, 200, "{name}");
    }
    client.refusal(served.address, OSS).await;
}
