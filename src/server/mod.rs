//! Sockets: the accept loop, TLS, and the two services behind one address.

mod accept;
mod call_log;
mod connection;
mod endpoint;
mod front;
mod sending;
mod stream;
mod tls;

pub use accept::serve;
pub use front::Front;
pub use tls::{Tls, TlsError};
