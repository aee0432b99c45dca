//! What both comparisons have in common: flags, the emulator, the bare server, and requests.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::{self, Batch};
use crate::server::{Address, Cores, Running, unlinked_file};
use crate::signed::{Calls, Kind};

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The emulator's binary.
    #[arg(long, value_name = "FILE")]
    pub(crate) emulator: String,
    /// The bare server's binary.
    #[arg(long, value_name = "FILE")]
    pub(crate) bare: String,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 32)]
    pub(crate) connections: usize,
    /// Let servers and load share all cores instead of reserving one for the servers.
    #[arg(long)]
    share_cores: bool,
    /// Where logs go: a file for each server (unlinked, and emptied after each turn) or /dev/null.
    #[arg(long, default_value = "file", value_parser = ["file", "null"])]
    log_to: String,
    /// Further flags for the emulator, for example --log off, to measure the cost of one part.
    #[arg(last = true)]
    emulator_flags: Vec<String>,
}

/// What servers are started with.
pub(crate) struct Setup<'o> {
    common: &'o Common,
    pub(crate) cores: Cores,
    pub(crate) calls: Calls,
}

impl<'o> Setup<'o> {
    /// Divides the cores.
    pub(crate) fn new(common: &'o Common) -> Self {
        let cores = Cores::share_out(common.share_cores);
        if cores.are_split() {
            client::stay_awake();
        }
        Self { common, cores, calls: Calls::new() }
    }

    /// The emulator. Every scan ends at once in its scenario, so that all responses are alike and equally long.
    pub(crate) fn emulator(&self) -> Result<Running> {
        let mut command = self.cores.command(&self.common.emulator);
        command.args(["--listen", "127.0.0.1:0", "--scenario", "instant"]).args(&self.common.emulator_flags);
        Running::start(command, &Address::Printed(b""), self.log()?)
    }

    /// The bare server, which repeats this answer.
    pub(crate) fn bare(&self, answer: &Answer) -> Result<Running> {
        let command = self.cores.command(&self.common.bare);
        Running::start(command, &Address::Printed(&answer.0), self.log()?)
    }

    /// A file for what a server writes, if that is not to be discarded.
    pub(crate) fn log(&self) -> Result<Option<std::fs::File>> {
        (self.common.log_to == "file").then(unlinked_file).transpose()
    }

    /// New signed requests, dated now.
    pub(crate) fn requests(&mut self, kind: Kind, count: u32) -> Arc<Batch> {
        let mut batch = Batch::default();
        (0..count).for_each(|_| batch.push(&self.calls.request(kind)));
        Arc::new(batch)
    }

    /// The first answer to a call, and how long it took from the start of the server.
    pub(crate) async fn ready(&mut self, server: &mut Running, kind: Kind) -> Result<(Answer, Duration)> {
        server.ready(|| self.requests(kind, 1)).await
    }

    pub(crate) fn describe(&self) -> String {
        let Common { log_to, emulator_flags, .. } = self.common;
        let log = if log_to == "file" { "to a file" } else { "to /dev/null" };
        let flags = if emulator_flags.is_empty() { "defaults".to_owned() } else { emulator_flags.join(" ") };
        format!("{}; emulator: {flags}, scenario instant, log {log}", self.cores.describe())
    }

    /// The same for programs, with what else is to be said.
    pub(crate) fn json(&self, mut more: Value) -> Value {
        more["connections"] = json!(self.common.connections);
        more["split_cores"] = json!(self.cores.are_split());
        more["log_to"] = json!(self.common.log_to);
        more["emulator_flags"] = json!(self.common.emulator_flags);
        more
    }
}
