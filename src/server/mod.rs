//! Sockets: the accept loop, TLS, and the two services behind one address.

mod accept;
mod access_log;
mod admission;
mod call_log;
mod connection;
mod endpoint;
mod front;
mod pages;
mod proxy;
mod sending;
mod slots;
mod tls;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

pub use accept::{bind, serve};
pub(crate) use access_log::flush_access_log;
pub use front::Front;
pub use tls::{Tls, TlsError};

/// The address that clients on this machine use: a wildcard such as `0.0.0.0` cannot be called, loopback can.
pub(crate) fn client_address(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let loopback =
            if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(loopback);
    }
    address
}
