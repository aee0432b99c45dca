//! The servers that are measured: a process and its children, what they use, and a reserved core if there are two.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use sas_emulator::internals::clock::Stopwatch;

use crate::answer::Answer;
use crate::client::{self, Batch};
use crate::process::Server;

/// The longest time that a server may take from start to its first right response.
const LONGEST_START: Duration = Duration::from_secs(120);

/// How a server's address becomes known.
pub(crate) enum Address<'i> {
    /// From the line that it prints. It is fed this input first.
    Printed(&'i [u8]),
    /// It was told.
    Told(SocketAddr),
}

/// A server that runs; it ends with this value, and so do its children.
pub(crate) struct Running {
    server: Server,
    watch: Stopwatch,
    log: Option<File>,
}

impl Running {
    /// What the server writes besides its address goes to `log`, or nowhere.
    pub(crate) fn start(mut command: Command, address: &Address, log: Option<File>) -> Result<Self> {
        let sink = || -> Result<Stdio> {
            Ok(log.as_ref().map(File::try_clone).transpose()?.map_or_else(Stdio::null, Stdio::from))
        };
        command.stderr(sink()?);
        let watch = Stopwatch::start();
        let server = match *address {
            Address::Printed(input) => Server::start(&mut command, input)?,
            Address::Told(address) => {
                let started = command.stdin(Stdio::null()).stdout(sink()?).spawn();
                let program = command.get_program().display();
                Server { address, child: started.with_context(|| format!("cannot start {program}"))? }
            }
        };
        Ok(Self { server, watch, log })
    }

    /// The first 200, and how long it took from the start. Each attempt sends a request of its own.
    pub(crate) async fn ready(
        &mut self,
        mut request: impl FnMut() -> Arc<Batch>,
    ) -> Result<(Answer, Duration)> {
        loop {
            match client::sample(self.address(), &request()).await {
                Ok(answer) => return Ok((answer, self.watch.elapsed())),
                Err(error) if self.watch.elapsed() > LONGEST_START => {
                    bail!("not ready after {} s: {error}\n{}", LONGEST_START.as_secs(), self.last_words());
                }
                Err(_) => {}
            }
            if let Some(status) = self.server.child.try_wait()? {
                bail!("it ended before it was ready, with {status}\n{}", self.last_words());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Processor time used so far; `None` where Linux does not say.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        self.tree().into_iter().map(cpu_time).sum()
    }

    /// Resident memory in bytes; `None` where Linux does not say. What two processes share counts twice.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.tree().into_iter().map(memory).sum()
    }

    /// Discards what was logged so far.
    pub(crate) fn empty_log(&self) -> Result<()> {
        Ok(self.log.as_ref().map_or(Ok(()), |log| log.set_len(0))?)
    }

    fn last_words(&mut self) -> String {
        let mut text = Vec::new();
        if let Some(log) = &mut self.log {
            // What cannot be read is left out of the message.
            let _ = log.seek(SeekFrom::Start(0)).and_then(|_| log.read_to_end(&mut text));
        }
        String::from_utf8_lossy(&text[text.len().saturating_sub(2000)..]).into_owned()
    }

    /// The process and all that descend from it.
    fn tree(&self) -> Vec<u32> {
        let parents = parents();
        let mut tree = vec![self.server.child.id()];
        let mut next = 0;
        while let Some(&parent) = tree.get(next) {
            tree.extend(parents.iter().filter(|pair| pair.1 == parent).map(|pair| pair.0));
            next += 1;
        }
        tree
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for id in self.tree().into_iter().skip(1) {
            if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
                let _ = kill_process(id, Signal::KILL);
            }
        }
    }
}

/// A file without a name, so that it cannot be left behind. Opened for appending: it stays dense when it is emptied.
pub(crate) fn unlinked_file() -> Result<File> {
    let path = std::env::temp_dir().join(format!("sas-emulator-bench-{}.log", std::process::id()));
    let file = File::options().read(true).append(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// A port of the loopback interface that was free a moment ago.
pub(crate) fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Exact for threads that run; in hundredths of a second if some have ended, whose time only the process still knows.
#[expect(clippy::disallowed_methods, reason = "the files are the system's answer to a question")]
fn cpu_time(process: u32) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let times = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    let running = Duration::from_nanos(nanoseconds.sum());
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Its second field is a name, which may contain anything; utime and stime are the 12th and 13th after it.
    let ticks =
        stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(running.max(Duration::from_millis(ticks.sum::<Option<u64>>()? * 10)))
}

fn memory(process: u32) -> Option<u64> {
    let kilobytes = field(process, "VmRSS:")?;
    Some(kilobytes.strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// All processes, each with its parent.
fn parents() -> Vec<(u32, u32)> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| Some((id, field(id, "PPid:")?.parse().ok()?))).collect()
}

#[expect(clippy::disallowed_methods, reason = "the file is the system's answer to a question")]
fn field(process: u32, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned())
}

/// How the cores are divided.
pub(crate) struct Cores {
    server: Option<String>,
}

impl Cores {
    /// One core for the servers and the others for this process, which moves there at once. Both use all cores on request,
    /// or if there is only one core or no `taskset`.
    pub(crate) fn share_out(everywhere: bool) -> Self {
        let allowed = if everywhere { Vec::new() } else { allowed_cores() };
        let server = match allowed.split_first() {
            Some((first, rest)) if !rest.is_empty() && confine(std::process::id(), &rest.join(",")) => {
                Some(first.clone())
            }
            _ => None,
        };
        Self { server }
    }

    /// A command that runs where servers run.
    pub(crate) fn command(&self, program: &str) -> Command {
        match &self.server {
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", core, program]);
                command
            }
            None => Command::new(program),
        }
    }

    /// Whether the servers have a core of their own.
    pub(crate) fn are_split(&self) -> bool {
        self.server.is_some()
    }

    pub(crate) fn describe(&self) -> &'static str {
        if self.are_split() {
            "the servers have one core to themselves, the load has the rest"
        } else {
            "servers and load share the cores"
        }
    }
}

/// The cores that this process may use, such as `0-1,4`, one by one.
fn allowed_cores() -> Vec<String> {
    let ranges = field(std::process::id(), "Cpus_allowed_list:").unwrap_or_default();
    ranges
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(first.parse::<u32>().ok()?..=last.parse().ok()?)
        })
        .flatten()
        .map(|core| core.to_string())
        .collect()
}

fn confine(process: u32, cores: &str) -> bool {
    let mut command = Command::new("taskset");
    command.args(["-a", "-p", "-c", cores, &process.to_string()]).stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
