//! A local Security Center (Alibaba Cloud SAS, `Sas` / `2018-12-03`) that official SDKs talk to.
//!
//! The map, outermost first; each layer names only those below it (`tests/architecture.rs`):
//!
//! | layer | modules |
//! |---|---|
//! | sockets, files, async | [`cli`], [`settings`], [`embed`], [`server`], [`control`], [`scenario::load`], [`files`], [`stop`] |
//! | locks, never waits | [`gateway`], [`journal`], [`clock`], [`dice`] |
//! | pure: bytes and calls | [`protocol`] |
//! | pure: what goes wrong | [`fault`] |
//! | pure: documents | [`scenario`], [`snapshot`] |
//! | pure: the service | [`operations`], [`domain`] |

pub mod cli;
pub mod clock;
pub mod control;
pub mod dice;
pub mod domain;
pub mod embed;
pub mod fault;
pub mod files;
pub mod gateway;
pub mod journal;
pub mod operations;
pub mod protocol;
pub mod scenario;
pub mod server;
pub mod settings;
pub mod snapshot;
pub mod stop;
