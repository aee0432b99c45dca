//! The side that owns sockets: accept loop, front door, endpoint, stop.

mod accept;
mod connection;
mod endpoint;
mod front;
mod limits;
mod receive;
mod sending;
mod tell;

pub use accept::serve;
pub use endpoint::Endpoint;
pub use front::{Broken, Front};
pub use limits::Limits;
