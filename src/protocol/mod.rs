//! The wire format: requests to calls, replies to responses, signatures.
//!
//! Invariant: no sockets, no clock, no stored keys. Facts: spec/protocol.md, cited where they are used.

pub(crate) mod call;
pub(crate) mod claims;
pub mod encode;
pub(crate) mod envelope;
pub(crate) mod headers;
mod json;
pub mod percent;
pub mod sign;
pub mod timestamp;
mod xml;

pub(crate) use call::Call;
pub use call::decode;
pub(crate) use claims::{Claims, Scheme};
pub use encode::encode;
pub use envelope::{Envelope, Format, LinkKey, RequestId};

pub const VERSION: &str = "2018-12-03";
