//! A server in a separate process.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A running server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
}

impl Server {
    /// Starts it, feeds it `input`, and waits for the line with its address.
    pub(crate) fn start(command: &mut Command, input: &[u8]) -> Result<Self> {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SAS_EMULATOR_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        child.stdin.take().context("no stdin")?.write_all(input)?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no stdout")?).read_line(&mut line)?;
        match line.trim_end().rsplit_once("http://").and_then(|(_, address)| address.parse().ok()) {
            Some(address) => Ok(Self { address, child }),
            None => bail!("{} did not get ready", command.get_program().display()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
