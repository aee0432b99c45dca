//! TLS and plain HTTP on one port, over real sockets, with clients that verify.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, Error, HandshakeKind, ProtocolVersion, RootCertStore};
use sas_emulator::assembly::Blueprint;
use sas_emulator::clock::machine_time;
use sas_emulator::server::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::{Ask, World};
use crate::sockets::{Served, serve, wire};

/// A client that trusts one authority and verifies.
#[derive(Clone)]
pub(crate) struct Client(Arc<ClientConfig>);

impl Client {
    pub(crate) fn trusting(ca_pem: &str) -> Self {
        Self::with(ca_pem, rustls::ALL_VERSIONS)
    }

    fn with(ca_pem: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self(Arc::new(config))
    }

    pub(crate) async fn connect(
        &self,
        address: SocketAddr,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connected = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await;
        connected.map_err(|error| error.into_inner().unwrap().downcast_ref::<Error>().unwrap().clone())
    }

    /// Why the certificate is not taken.
    async fn refusal(&self, address: SocketAddr, name: &str) -> CertificateError {
        match self.connect(address, name).await {
            Err(Error::InvalidCertificate(why)) => why,
            other => panic!("{other:?}"),
        }
    }
}

fn auto(names: &[&str]) -> Tls {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Tls::auto(&names, machine_time()).unwrap()
}

/// An emulator that speaks both, and a client that trusts it.
async fn both(scenario: &str, change: impl FnOnce(&mut Blueprint)) -> (Served, Client) {
    let tls = auto(&["localhost", "127.0.0.1"]);
    let client = Client::trusting(tls.ca_pem().unwrap());
    let world = World::with(scenario, |blueprint| {
        blueprint.tls = Some(tls);
        change(blueprint);
    });
    (serve(world).await, client)
}

pub(crate) const POLL: &str = "ASSETS_COLLECTION";

pub(crate) async fn send(stream: &mut (impl AsyncWriteExt + Unpin), ask: &Ask) {
    stream.write_all(wire(ask, "content-length: 0", "").as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// The status of an answer, and the rest of it.
pub(crate) async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> (u16, String) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return (head.split(' ').nth(1).unwrap().parse().unwrap(), text);
            }
        }
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "closed after {text:?}");
    }
}

/// A call of the control API, over plain HTTP.
async fn control(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} /_emulator/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    answer(&mut stream).await
}

/// What comes until the connection ends, and how it ends.
async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> (String, Option<ErrorKind>) {
    let mut read = Vec::new();
    let ended = stream.read_to_end(&mut read).await;
    (String::from_utf8_lossy(&read).into_owned(), ended.err().map(|error| error.kind()))
}

#[tokio::test]
async fn one_port_speaks_both_and_keeps_both_alive() {
    let (served, client) = both("instant", |_| ()).await;
    let mut secure = client.connect(served.address, "127.0.0.1").await.unwrap();
    let mut plain = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        send(&mut secure, &Ask::latest(POLL)).await;
        send(&mut plain, &Ask::latest(POLL)).await;
        for (status, text) in [answer(&mut secure).await, answer(&mut plain).await] {
            assert!(status == 200 && text.contains("connection: keep-alive"), "{text}");
        }
    }
    assert_eq!(secure.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(secure.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[tokio::test]
async fn older_clients_are_served_too() {
    let tls = auto(&["localhost"]);
    let client = Client::with(tls.ca_pem().unwrap(), &[&rustls::version::TLS12]);
    let served = serve(World::with("instant", |blueprint| blueprint.tls = Some(tls))).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &Ask::latest(POLL)).await;
    assert_eq!(answer(&mut stream).await.0, 200);
}

#[tokio::test]
async fn the_certificate_is_for_the_names_that_were_asked_for_and_no_others() {
    let tls = auto(&["localhost", "127.0.0.1", "::1", "sas", "*.emu.example"]);
    let client = Client::trusting(tls.ca_pem().unwrap());
    let served = serve(World::with("instant", |blueprint| blueprint.tls = Some(tls))).await;
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
    let (served, _) = both("instant", |_| ()).await;
    let stranger = Client::trusting(auto(&["localhost"]).ca_pem().unwrap());
    let why = stranger.refusal(served.address, "localhost").await;
    assert!(matches!(why, CertificateError::UnknownIssuer | CertificateError::BadSignature), "{why:?}");
    // It costs nobody else anything.
    assert_eq!(control(served.address, "GET", "health", "").await.0, 200);
}

#[tokio::test]
async fn whom_to_trust_is_told_without_a_token_and_without_the_control_api() {
    let tls = auto(&["localhost"]);
    let ca_pem = tls.ca_pem().unwrap().to_owned();
    let world = World::with("instant", |blueprint| {
        (blueprint.tls, blueprint.control) = (Some(tls), None);
    });
    let told = world.control("GET", "ca.pem", "").await;
    assert_eq!((told.status, told.header("content-type")), (200, "application/x-pem-file"));
    assert_eq!(told.body, ca_pem);
    let told = World::new("instant").control("GET", "ca.pem", "").await;
    assert_eq!(told.status, 404);
    assert!(told.body.contains("--tls auto"), "{}", told.body);
}

#[tokio::test]
async fn bad_certificates_are_told_apart_by_the_clients_error() {
    let (served, client) = both("instant", |_| ()).await;
    let mut seen = Vec::new();
    for kind in ["expired", "wrong_name", "untrusted"] {
        let fault = format!(r#"{{"id":"{kind}","trigger":{{"calls":2}},"effect":{{"tls":"{kind}"}}}}"#);
        assert_eq!(control(served.address, "PUT", "faults", &fault).await.0, 200);
        let mut first = client.connect(served.address, "localhost").await.unwrap();
        // With the answer a client gets what it would need to resume the session.
        send(&mut first, &Ask::latest(POLL)).await;
        assert_eq!(answer(&mut first).await.0, 200);
        seen.push(client.refusal(served.address, "localhost").await);
        // The same client again: a session that it resumed would show no certificate.
        let third = client.connect(served.address, "localhost").await.unwrap();
        assert_eq!(third.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        let (_, report) = control(served.address, "GET", "faults", "").await;
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
    let (served, client) = both(scenario, |_| ()).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    for status in [500, 200, 200] {
        send(&mut stream, &Ask::latest(POLL)).await;
        assert_eq!(answer(&mut stream).await.0, status);
    }
    client.refusal(served.address, "localhost").await;
    let (_, report) = control(served.address, "GET", "faults", "").await;
    let counts = |hits, matched| format!(r#""hits":{hits},"matched":{matched}"#);
    let (shakes, polls) = report.split_once("polls").unwrap();
    assert!(shakes.contains(&counts(1, 2)) && polls.contains(&counts(1, 3)), "{report}");
}

#[tokio::test]
async fn a_fault_that_needs_certificates_is_refused_where_there_are_none() {
    let fault = r#"{"id":"old","effect":{"tls":"expired"}}"#;
    let scenario = r#"{"version":1,"name":"old","faults":[{"effect":{"tls":"expired"}}]}"#;
    let world = World::new("instant");
    for (method, path, body, status) in
        [("POST", "faults", fault, 409), ("PUT", "faults", fault, 409), ("PUT", "scenario", scenario, 400)]
    {
        let told = world.control(method, path, body).await;
        assert_eq!(told.status, status);
        assert!(told.body.contains("start it with --tls auto"), "{}", told.body);
    }
    assert_eq!(world.control("GET", "faults", "").await.body, "{\"faults\":[]}\n");
}

/// What breaks a connection breaks the socket beneath TLS.
#[tokio::test]
async fn faults_of_the_connection_are_as_real_as_without() {
    for (effect, end) in [
        ("connection: reset", ErrorKind::ConnectionReset),
        ("connection: { kind: reset, when: after }", ErrorKind::ConnectionReset),
        ("connection: close", ErrorKind::UnexpectedEof),
    ] {
        let (served, client) = both(&format!("faults:\n  - {{ effect: {{ {effect} }} }}\n"), |_| ()).await;
        let mut stream = client.connect(served.address, "localhost").await.unwrap();
        send(&mut stream, &Ask::latest(POLL)).await;
        assert_eq!(rest(&mut stream).await, (String::new(), Some(end)), "{effect}");
    }
}

#[tokio::test]
async fn bodies_break_off_and_drip_as_without() {
    let (served, client) = both("faults:\n  - { effect: { body: { truncate: 20 } } }\n", |_| ()).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &Ask::latest(POLL)).await;
    let (text, _) = rest(&mut stream).await;
    assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), 20, "{text}");

    let drip = "faults:\n  - { effect: { body: { drip: { bytes_per_second: 4000 } } } }\n";
    let (served, client) = both(drip, |_| ()).await;
    let mut stream = client.connect(served.address, "localhost").await.unwrap();
    send(&mut stream, &Ask::latest(POLL)).await;
    let (mut pieces, mut read) = (0, Vec::new());
    while !read.ends_with(b"}") {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
        pieces += 1;
    }
    assert!(pieces > 1, "it came at once");
}

/// A client that leaves politely says so first (`close_notify`), which must not be taken for a sign of life.
#[tokio::test]
async fn a_hang_ends_with_its_client_and_with_the_stop() {
    let scenario = "faults:\n  - { trigger: { times: 2 }, effect: { connection: hang } }\n";
    let (served, client) = both(scenario, |blueprint| blueprint.limits.connections = 2).await;
    let mut leaving = client.connect(served.address, "localhost").await.unwrap();
    send(&mut leaving, &Ask::latest(POLL)).await;
    let mut watching = TcpStream::connect(served.address).await.unwrap();
    until_struck(&mut watching, 1).await;
    leaving.shutdown().await.unwrap();
    drop(leaving);
    // There is room for two: this one takes the place of the one that left.
    let mut staying = client.connect(served.address, "localhost").await.unwrap();
    send(&mut staying, &Ask::latest(POLL)).await;
    until_struck(&mut watching, 2).await;
    served.stopper.stop();
    assert_eq!(rest(&mut staying).await.0, "");
    served.ended.await.unwrap();
}

/// Waits for that many hits, asking on a connection that stays open.
async fn until_struck(watching: &mut TcpStream, hits: u32) {
    let request = b"GET /_emulator/faults HTTP/1.1\r\nhost: localhost\r\n\r\n";
    loop {
        watching.write_all(request).await.unwrap();
        if answer(watching).await.1.contains(&format!("\"hits\":{hits},")) {
            return;
        }
    }
}

#[tokio::test]
async fn who_says_nothing_or_half_a_greeting_is_cut_off() {
    let impatient = |blueprint: &mut Blueprint| blueprint.limits.receive = Duration::from_millis(20);
    let (served, client) = both("instant", impatient).await;
    for greeting in
        [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n"]
    {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(greeting).await.unwrap();
        // Ends: that is the assertion.
        let _ = rest(&mut stream).await;
    }
    let mut idle = client.connect(served.address, "localhost").await.unwrap();
    let _ = rest(&mut idle).await;
}

#[tokio::test]
async fn what_is_no_greeting_ends_the_connection_and_nothing_else() {
    let (served, client) = both("instant", |_| ()).await;
    for garbage in [&b"\x16GET / HTTP/1.1\r\n\r\n"[..], b"\x16\x03\x01\x00\x04aaaa", b"\x16\0\0\0\0\0"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = rest(&mut stream).await;
    }
    client.connect(served.address, "localhost").await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_what_is_idle_and_finishes_what_is_not() {
    // Nothing may end because its time is over.
    let patient = |blueprint: &mut Blueprint| blueprint.limits.receive = Duration::from_secs(3600);
    let (served, client) = both("instant", patient).await;
    let silent = TcpStream::connect(served.address).await.unwrap();
    let mut greeting = TcpStream::connect(served.address).await.unwrap();
    greeting.write_all(b"\x16\x03").await.unwrap();
    let mut idle = client.connect(served.address, "localhost").await.unwrap();
    send(&mut idle, &Ask::latest(POLL)).await;
    assert_eq!(answer(&mut idle).await.0, 200);
    let mut busy = client.connect(served.address, "localhost").await.unwrap();
    let head = wire(&Ask::latest(POLL), "content-length: 2\r\nexpect: 100-continue", "");
    busy.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 12];
    busy.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100");

    served.stopper.stop();
    for mut stream in [silent, greeting] {
        let _ = rest(&mut stream).await;
    }
    assert_eq!(rest(&mut idle).await, (String::new(), None));
    busy.write_all(b"A=").await.unwrap();
    let (text, end) = rest(&mut busy).await;
    assert!(text.contains("HTTP/1.1 ") && text.ends_with('}') && end.is_none(), "{text:?} {end:?}");
    served.ended.await.unwrap();
}
