//! An emulator that intercepts, over real sockets, and connections that become tunnels.

use tokio::net::TcpStream;

use super::tls::Client;
use super::wire::{Served, read_response, serve, write};
use super::{Setup, TestCall};

pub(crate) const POLL: &str = "ASSETS_COLLECTION";
pub(crate) const SAS: &str = "sas.cn-hangzhou.aliyuncs.com";

/// An emulator that intercepts, and a client that trusts it.
pub(crate) async fn intercepting(scenario: &str) -> (Served, Client) {
    intercepting_as(Setup::new(scenario)).await
}

pub(crate) async fn intercepting_as(setup: Setup) -> (Served, Client) {
    let setup = setup.intercepting(&[]);
    let client = Client::trusting(&setup.ca_pem());
    (serve(setup.start()).await, client)
}

pub(crate) fn connect_to(target: &str) -> String {
    format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n")
}

/// A connection that has become a tunnel.
pub(crate) async fn tunnel(served: &Served, target: &str) -> TcpStream {
    let mut stream = served.connect().await;
    write(&mut stream, connect_to(target)).await;
    let (status, answer) = read_response(&mut stream).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!answer.contains("content-length"), "{answer}");
    stream
}

pub(crate) fn call_to(host: &str) -> TestCall {
    TestCall::latest(POLL).header("host", host)
}
