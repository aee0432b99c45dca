//! The side that owns sockets: accept loop, TLS, front door, endpoint, stop.

mod accept;
mod connection;
mod endpoint;
mod front;
mod limits;
mod receive;
mod sending;
mod stream;
mod tell;
mod tls;

pub use accept::serve;
pub use endpoint::Endpoint;
pub use front::{Broken, Front};
pub use limits::Limits;
pub use tls::{Tls, TlsError};
