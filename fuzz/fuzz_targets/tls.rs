//! Any first bytes of a connection, on a port that speaks TLS and plain HTTP and is a proxy: the connection ends, and the
//! next is served.
#![no_main]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sas_emulator::internals::auth::SignatureMode;
use sas_emulator::internals::authority::Authority;
use sas_emulator::internals::control::AccessPolicy;
use sas_emulator::internals::emulator::{Config, Emulator, Interception};
use sas_emulator::internals::scenario::load;
use sas_emulator::internals::server::{Front, Tls, serve};
use sas_emulator_fuzz::{held, seeds, wire};
use tokio_util::sync::CancellationToken;

/// A server on its own thread; a panic there ends the fuzzer like any other.
static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(|| {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let authority = Authority::new(held::NOW.parse().expect("a time"));
            let tls = Tls::auto(&["localhost".to_owned()], &authority).expect("certificates");
            let mut config = Config::new(load::find("default").expect("it is built in"));
            config.authority = tls.authority().cloned();
            config.interception = Some(Interception::default());
            config.signatures = SignatureMode::Ignore;
            config.limits.receive = Duration::from_secs(2);
            let emulator = Arc::new(Emulator::new(config).expect("a session"));
            let front = Front::new(emulator, Some(AccessPolicy::default()), Some(tls));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            sender.send(listener.local_addr().expect("an address")).expect("the fuzzer waits");
            serve(listener, front, CancellationToken::new()).await;
        });
    });
    receiver.recv().expect("an address")
});

/// Well beyond the time that a request may take to arrive, also on a busy machine, and below the time-out of the fuzzer.
const PATIENCE: Duration = Duration::from_secs(8);

const WORDS: &[&str] = &[
    "\x16\x03\x01",
    "\x16\x03\x03",
    "\x01",
    "http/1.1",
    "GET / HTTP/1.1\r\n",
    "Host: localhost\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "Expect: 100-continue\r\n",
    "HTTP/1.0",
    "CONNECT sas.cn-hangzhou.aliyuncs.com:443 HTTP/1.1\r\n",
    "CONNECT other.example:443 HTTP/1.1\r\n",
    "GET http://tds.aliyuncs.com/ HTTP/1.1\r\n",
];

fuzz_target!(init: seeds::write_if_asked(first_bytes, WORDS), |data: &[u8]| {
    let _ = exchange(data);
    let health = exchange(b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(health.starts_with(b"HTTP/1.1 200 "), "no health: {}", String::from_utf8_lossy(&health));
});

/// Sends bytes and then nothing more; returns what is answered.
fn exchange(data: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(*ADDRESS).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut answer = Vec::new();
    // It may answer, or close, before it has read everything.
    if stream.write_all(data).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        let read = stream.take(1 << 20).read_to_end(&mut answer);
        let is_late = read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!is_late, "neither an answer nor an end in time");
    }
    answer
}

/// Requests as they are on the wire, and ClientHellos of TLS 1.2 and 1.3, whole and cut.
fn first_bytes() -> Vec<Vec<u8>> {
    let recorded = seeds::recorded(&[]).into_iter().filter_map(|text| wire::request(&text));
    let mut seeds: Vec<Vec<u8>> = recorded
        .step_by(5)
        .map(|request| {
            let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
            for (name, value) in request.headers() {
                bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
            }
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(request.body());
            bytes
        })
        .collect();
    let hello = client_hello();
    for length in [1, 5, 6, 40, hello.len() - 1, hello.len()] {
        seeds.push(hello[..length].to_vec());
    }
    let tunnel = b"CONNECT tds.aliyuncs.com:443 HTTP/1.1\r\nHost: tds.aliyuncs.com:443\r\n\r\n";
    seeds.push([&tunnel[..], &hello].concat());
    seeds
}

/// The smallest ClientHello of TLS 1.3 that names suites, groups, signatures, a version and a (meaningless) key share.
fn client_hello() -> Vec<u8> {
    let extension = |kind: u16, body: &[u8]| {
        let length = u16::try_from(body.len()).expect("short");
        [&kind.to_be_bytes()[..], &length.to_be_bytes(), body].concat()
    };
    let extensions = [
        extension(0, b"\x00\x0c\x00\x00\x09localhost"),
        extension(10, b"\x00\x04\x00\x1d\x00\x17"),
        extension(13, b"\x00\x08\x04\x03\x08\x04\x04\x01\x08\x07"),
        extension(16, b"\x00\x09\x08http/1.1"),
        extension(43, b"\x04\x03\x04\x03\x03"),
        extension(51, &[b"\x00\x24\x00\x1d\x00\x20".as_slice(), &[9; 32]].concat()),
    ]
    .concat();
    let length = u16::try_from(extensions.len()).expect("short").to_be_bytes();
    let body = [
        b"\x03\x03".as_slice(),
        &[7; 32],
        b"\x00",
        b"\x00\x08\x13\x01\x13\x02\xc0\x2b\xc0\x2f",
        b"\x01\x00",
        &length,
        &extensions,
    ]
    .concat();
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    let handshake = [b"\x01", &length[1..], &body].concat();
    let length = u16::try_from(handshake.len()).expect("short").to_be_bytes();
    [b"\x16\x03\x01".as_slice(), &length, &handshake].concat()
}
