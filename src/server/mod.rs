//! The side that owns sockets: accept loop, front door, endpoint, stop.

mod accept;
mod endpoint;
mod front;
mod limits;
mod receive;

pub use accept::serve;
pub use endpoint::Endpoint;
pub use front::Front;
pub use limits::Limits;
