//! A local Security Center (Alibaba Cloud SAS, `Sas` / `2018-12-03`) that official SDKs talk to.
//!
//! # In a test
//!
//! ```
//! use sas_emulator::{Emulator, calls};
//!
//! // On a free port, with a clock that only the test moves. It stops when it is dropped.
//! let emulator = Emulator::builder().scenario("default").seed(7).paused().start();
//!
//! // The code under test is pointed at emulator.endpoint() and signs with any AccessKeyId and the secret "test".
//! # let before = emulator.for_account("test").start_task("IMAGE_SCAN");
//! # let scan = before.id;
//!
//! // A minute later the scan that it started is over.
//! emulator.advance("1m");
//! assert_eq!(emulator.task(&scan).state.status.as_str(), "SUCCESS");
//!
//! // And it asked for nothing that it should not; if it had, all calls would be shown.
//! emulator.verify(calls("CancelOnceTask").times(0));
//! ```
//!
//! It is a plain function call, so it serves `#[test]` and `#[tokio::test]` alike: [`Emulator`], [`Builder`] for what it
//! shows, [`Handle`] for what a test can do to it, [`calls()`] for what it expects. `docs/rust.md` is the guide, and
//! `examples/rust-suite` a suite to start from. Leave the command line's dependencies out of your tests with
//! `default-features = false`.
//!
//! # Inside
//!
//! What is exported here and in [`embed`] is what the version number speaks for. All other modules are private; what this
//! repository's own tests and benches need of them is in a hidden module. `ARCHITECTURE.md` is the map.

mod answers;
mod auth;
mod authority;
mod blocking;
mod body;
#[cfg(feature = "cli")]
mod cli;
mod clock;
mod control;
mod dice;
mod domain;
#[warn(missing_docs)]
pub mod embed;
mod emulator;
mod expect;
#[cfg_attr(
    not(feature = "cli"),
    expect(dead_code, unused_imports, reason = "only self-check reads the cases of effects")
)]
mod fault;
mod files;
mod journal;
mod log_queue;
mod operations;
mod origin;
mod peer;
mod posture;
mod protocol;
mod scenario;
mod server;
#[cfg(feature = "cli")]
mod settings;
mod shapes;
mod sheet;
mod text;
mod timeline;

#[doc(hidden)]
pub mod internals;

/// The examples of the pages, as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/rust.md")]
    mod guide {}
    #[doc = include_str!("../README.md")]
    mod readme {}
}

#[doc(inline)]
pub use embed::{Builder, CallReply, Calls, Emulator, Expectation, Handle, Milestone, StartError, calls};
pub use jiff::{SignedDuration, Timestamp};
