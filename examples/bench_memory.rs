//! How much memory a task takes: fills one account and compares what the process holds before and after.
//! `scripts/bench tasks`
//!
//! One variant per process, because an allocator does not return all memory.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of scripts/bench, whose output is what it prints"
)]

#[path = "../benches/support/filled.rs"]
mod filled;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use sas_emulator::internals::domain::lifecycle::{Advance, Span};
use sas_emulator::internals::domain::{Lifecycle, Task, World};

use self::filled::Filled;

/// Reports the memory that a task takes.
#[derive(Debug, Parser)]
struct Options {
    /// Tasks in the account.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    tasks: u32,
    /// The kind of tasks.
    #[arg(long, default_value = "alike")]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// All of one type, without parameters, on all servers.
    Alike,
    /// Each with its own duration, drawn from a range.
    Ranged,
    /// Each with its own `Param` of 32 characters.
    WithParam,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mut world = World::default();
    if let Kind::Ranged = options.kind {
        let running = Span { min: SignedDuration::from_secs(1), max: SignedDuration::from_secs(8) };
        let advance = Advance::Time { queued: Lifecycle::QUEUED, running };
        world.lifecycles.rest = Some(Lifecycle { advance, ..Lifecycle::default() });
    }
    let before = resident()?;
    let filled = Filled::new(world, options.tasks as usize, |place| {
        let param = if let Kind::WithParam = options.kind {
            format!(r#"{{"note":"{place:022}"}}"#)
        } else {
            "{}".into()
        };
        vec![("Param", param)]
    });
    let grown = resident()? - before;
    let kept = u64::try_from(filled.account.tasks.iter().count())?;
    let (kind, size) = (format!("{:?}", options.kind).to_lowercase(), size_of::<Task>());
    println!(
        "{kind:<8} {kept:>9} tasks  {:>4} MiB  {:>4} bytes a task, {size} of them the task itself",
        grown >> 20,
        grown / kept
    );
    Ok(())
}

/// Bytes of this process that are in memory.
#[expect(clippy::disallowed_methods, reason = "the file is the system's answer to a question")]
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("only Linux has this file")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? << 10)
}
