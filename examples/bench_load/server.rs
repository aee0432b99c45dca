//! The servers that are measured: their processor time, and a reserved core if there are two.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::Server;

/// Processor time that its threads have used so far; `None` where Linux does not say.
#[expect(clippy::disallowed_methods, reason = "the files are the system's answer to a question")]
pub(crate) fn cpu_time(server: &Server) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", server.child.id())).ok()?;
    let nanoseconds = threads.map(|thread| {
        let times = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanoseconds.sum::<Option<u64>>().map(Duration::from_nanos)
}

/// How the cores are divided.
pub(crate) struct Cores {
    server: Option<String>,
}

impl Cores {
    /// One core for the server and the others for this process, which moves there at once. Both use all cores on request,
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

    /// Whether the server has its own core.
    pub(crate) fn are_split(&self) -> bool {
        self.server.is_some()
    }
}

/// The cores that this process may use, such as `0-1,4`, one by one.
#[expect(clippy::disallowed_methods, reason = "the file is the system's answer to a question")]
fn allowed_cores() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ranges = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
    ranges
        .trim()
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
