//! The wire without a service: bytes to calls, replies to bytes, and what a signature must be.
//!
//! Invariant: no sockets, no clock, no keys of its own. Facts: spec/protocol.md, cited where they are used.

pub mod call;
pub mod claims;
pub mod encode;
pub mod envelope;
mod json;
pub mod percent;
pub mod request_id;
pub mod sign;
pub mod timestamp;
mod xml;

pub use call::{Call, Rejection, decode};
pub use claims::{Claims, Scheme};
pub use encode::encode;
pub use envelope::{Envelope, Format};
pub use request_id::RequestId;

/// The version of the API that the emulator speaks.
pub const VERSION: &str = "2018-12-03";
