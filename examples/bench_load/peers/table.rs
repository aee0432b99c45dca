//! The result for each server, as Markdown tables for docs/performance.md and as one line of JSON.

use anyhow::{Error, Result};
use sas_emulator::internals::clock::machine_time;
use serde_json::{Value, json};

use super::definition::{Installed, Program};
use crate::report::{MEASURES, Measure, Sample, Spread};
use crate::turns::Contender;

/// One server and what was measured of it.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) name: String,
    does: String,
    pub(super) installed: Installed,
    /// While it runs.
    pub(super) server: Option<Contender>,
    /// Milliseconds from start to the first response.
    pub(super) starts: Vec<f64>,
    /// Resident bytes before the load, and after it.
    pub(super) idle: Option<u64>,
    pub(super) after: Option<u64>,
    pub(super) samples: Vec<Sample>,
    /// Why it was not measured.
    trouble: Option<String>,
}

impl Row {
    pub(super) fn new(program: &Program, installed: Installed) -> Self {
        Self {
            key: program.key().to_owned(),
            name: program.name().to_owned(),
            does: program.does().to_owned(),
            installed,
            server: None,
            starts: Vec::new(),
            idle: None,
            after: None,
            samples: Vec::new(),
            trouble: None,
        }
    }

    /// It ends, and is out of the comparison. The emulator and the bare server must not fail.
    pub(super) fn fail(&mut self, error: Error) -> Result<()> {
        if ["emulator", "bare"].contains(&self.key.as_str()) {
            return Err(error.context(self.name.clone()));
        }
        self.server = None;
        self.samples.clear();
        eprintln!("{} is NOT measured: {error:#}", self.name);
        self.trouble = Some(format!("{error:#}"));
        Ok(())
    }

    pub(super) fn memory(&self) -> Option<u64> {
        self.server.as_ref().and_then(|server| server.running.memory())
    }

    pub(super) fn start(&self) -> Spread {
        Spread::of(self.starts.iter().copied())
    }

    fn spread(&self, measure: Measure) -> Spread {
        Spread::of(self.samples.iter().map(measure))
    }

    /// How many times the emulator's rate is that of this server, round by round.
    fn times(&self, emulator: &Self) -> Spread {
        let pairs = emulator.samples.iter().zip(&self.samples);
        Spread::of(pairs.map(|(ours, theirs)| ours.per_second / theirs.per_second))
    }

    fn json(&self, emulator: &Self) -> Value {
        let measures =
            MEASURES.iter().map(|(name, measure)| ((*name).to_owned(), self.spread(*measure).json()));
        json!({
            "server": self.key,
            "name": self.name,
            "version": self.installed.version,
            "not_measured": self.trouble,
            "load": measures.collect::<Value>(),
            "emulator_is_times_as_fast": self.times(emulator).json(),
            "start_ms": self.start().json(),
            "idle_bytes": self.idle,
            "bytes_after_load": self.after,
            "disk_bytes": self.installed.bytes,
            "needs": self.installed.needs,
        })
    }
}

/// Two tables and a list, ready to be pasted.
pub(super) fn markdown(rows: &[Row], description: &str, rounds: u32) -> String {
    let [rate, p50, p99, cpu, _] = MEASURES.map(|(_, measure)| measure);
    let load = |row: &Row| {
        [
            row.name.clone(),
            row.spread(rate).cell(0),
            row.times(&rows[0]).cell(2),
            row.spread(p50).cell(2),
            row.spread(p99).cell(2),
            row.spread(cpu).cell(0),
        ]
    };
    let weight = |row: &Row| {
        [
            row.name.clone(),
            row.installed.version.clone(),
            row.start().cell(0),
            megabytes(row.idle),
            megabytes(row.after),
            megabytes(row.installed.bytes),
            row.installed.needs.clone(),
        ]
    };
    let (failed, measured): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.trouble.is_some());
    let mut lines = vec![
        format!("{}, {}.", machine_time().strftime("%Y-%m-%d"), machine()),
        description.to_owned(),
        format!("Median (least-greatest) of {rounds} rounds.\n"),
        "| server | requests/s | sas-emulator does … times as many | p50 ms | p99 ms | CPU µs per request |"
            .into(),
        "|---|---|---|---|---|---|".into(),
    ];
    let table_row = |cells: &[String]| format!("| {} |", cells.join(" | "));
    lines.extend(measured.iter().map(|row| table_row(&load(row))));
    lines.push(
        "\n| server | version | start to first response, ms | idle, MB | after the load, MB | on disk, MB | needs besides |\n\
         |---|---|---|---|---|---|---|"
            .into(),
    );
    lines.extend(measured.iter().map(|row| table_row(&weight(row))));
    lines.push("\nWhat each does for a call:\n".into());
    lines.extend(measured.iter().map(|row| format!("* {}: {}.", row.name, row.does)));
    lines.extend(failed.iter().map(|row| {
        let trouble = row.trouble.as_deref().and_then(|trouble| trouble.lines().next());
        format!("* {} was **not measured**: {}", row.name, trouble.unwrap_or_default())
    }));
    lines.join("\n") + "\n"
}

/// The same for programs.
pub(super) fn json(rows: &[Row], setting: &Value) -> Value {
    let results: Vec<Value> = rows.iter().map(|row| row.json(&rows[0])).collect();
    json!({
        "benchmark": "peers",
        "date": machine_time().to_string(),
        "machine": machine(),
        "setting": setting,
        "results": results,
    })
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "?".into(), |bytes| format!("{:.1}", bytes as f64 / 1e6))
}

/// Cores, processor, memory and kernel.
#[expect(clippy::disallowed_methods, reason = "the files are the system's answers to questions")]
fn machine() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':'))
            .map_or("unknown".into(), |(_, value)| value.trim().to_owned())
    };
    let (processors, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let cores = processors.lines().filter(|line| line.starts_with("processor")).count();
    let kilobytes = field(&memory, "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or_default();
    format!(
        "{cores} cores ({}), {} GB, Linux {}",
        field(&processors, "model name"),
        kilobytes / 1_000_000,
        read("/proc/sys/kernel/osrelease").trim()
    )
}
