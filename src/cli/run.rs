//! `run`: serve a scenario while a command runs, then judge what the scenario expects of it.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;

use super::intercepting::intercepting;
use super::run_report::ReportFile;
use super::trust::{TemporaryFolder, TrustFiles};
use super::{Failure, Variable, descriptors, environment, log, print_error, signals};
use crate::authority::Authority;
use crate::clock::{self, Stopwatch};
use crate::control::AccessPolicy;
use crate::domain::{AccessKey, HostPattern, Keyring};
use crate::emulator::{Config, Emulator, Interception};
use crate::expect::{self, Expectation, Selector};
use crate::files::{self, Readers};
use crate::journal;
use crate::scenario::{Scenario, Watch};
use crate::server::{self, Front};
use crate::settings::{Intercepted, LogFormat, count};
use crate::text::outside;
use crate::timeline::RunReport;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Scenario files or names of built-in ones, each laid over those before it
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// The command, behind `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// Also expect that the client is well behaved: that it never does what docs/run.md lists
    #[arg(long)]
    well_behaved: bool,
    /// Whose keys the command gets (default: the first of the scenario's accounts, or test)
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,
    /// Seed of all random streams, instead of the scenario's
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Also write the verdict as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also write a report: the timeline of the run with the verdict, as a page, a picture or data; several may be given
    #[arg(long, value_name = "FILE.html|.svg|.json")]
    report: Vec<ReportFile>,
    /// How many calls are kept to be judged
    #[arg(long, default_value_t = 100_000, value_name = "NUMBER", value_parser = count)]
    journal_entries: usize,
    /// Serve the command's calls to hosts of the vendor too: it is pointed at the emulator as a proxy, and trusts it. A call
    /// to any other host is refused and fails the run
    #[arg(long)]
    intercept: bool,
    #[command(flatten)]
    intercepted: Intercepted,
    /// With --intercept: host to which calls may be tried, and are refused, without failing the run; `*` stands for any text
    #[arg(long, value_name = "HOST", requires = "intercept")]
    allow_escape: Vec<HostPattern>,
    /// What is logged to stderr: info shows every call
    #[arg(long, default_value = "warn", value_name = "LEVEL")]
    log: LevelFilter,
}

impl RunArgs {
    /// Exits with 3 if an expectation was not met or a call escaped, else as the command did.
    pub(super) fn run(self) -> Result<(), Failure> {
        log::start(self.log, LogFormat::Text);
        let (mut scenario, _) = Watch::begin(self.scenarios.clone(), None)
            .map_err(|error| Failure::usage(anyhow!(error.report())))?;
        if let Some(file) = &self.junit {
            let context = || format!("--junit {}", file.display());
            files::check_replaceable(file, Readers::Umask).with_context(context).map_err(Failure::usage)?;
        }
        self.report.iter().try_for_each(ReportFile::check)?;
        let caller = key(&scenario.world.keyring, self.access_key_id.as_deref()).map_err(Failure::usage)?;
        if self.well_behaved {
            // Without a call there was nothing to judge: the client has not reached the emulator.
            scenario.expect.push(Expectation::any_call());
            scenario.expect.extend(Expectation::well_behaved(&Selector::default()));
        }
        let mut config = self.config(scenario);
        // The limit is not raised here: the command would inherit it.
        (config.limits.connections, _) = descriptors::connections(config.limits.connections);
        let emulator = Arc::new(Emulator::new(config).map_err(Failure::usage)?);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let outcome = runtime.block_on(self.judge(&emulator, &caller));
        runtime.shutdown_timeout(Duration::from_millis(50));
        outcome
    }

    fn config(&self, scenario: Scenario) -> Config {
        // As much memory a call as the journal of a server has.
        let journal::Capacity { entries, bytes, .. } = journal::Capacity::default();
        let bytes = self.journal_entries.saturating_mul(bytes / entries).max(bytes);
        // A reset by the command must not hide the calls before it.
        let journal = journal::Capacity { entries: self.journal_entries, bytes, keep_cleared: true };
        let hosts = self.intercepted.intercept_host.clone();
        let interception = self.intercept.then_some(Interception { hosts, secures_port: true });
        let authority = self.intercept.then(|| Authority::new(clock::machine_time()));
        Config { seed: self.seed, journal, interception, authority, ..Config::new(scenario) }
    }

    async fn judge(self, emulator: &Arc<Emulator>, (id, key): &(String, AccessKey)) -> Result<(), Failure> {
        let listener = server::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let authority = listener.local_addr()?.to_string();
        let front = Front::new(Arc::clone(emulator), Some(AccessPolicy::default()), None);
        let serving = tokio::spawn(server::serve(listener, front, emulator.shutdown().clone()));

        let watch = Stopwatch::start();
        let variables = environment::variables(&authority, id, key, None);
        let (variables, trust) = match &emulator.config().authority {
            None => (variables, None),
            Some(own) => {
                let folder = TemporaryFolder::new().context("cannot make a folder for certificates")?;
                let files = TrustFiles::write(&folder.0, own.pem()?)?;
                (intercepting(&authority, variables, &files), Some(folder))
            }
        };
        let ended = self.command(variables).await?;
        drop(trust);
        // Calls that the command left open are answered, and judged too.
        emulator.shutdown().cancel();
        serving.await?;

        let bad_end = bad_end(&self.command[0], ended);
        let session = emulator.session();
        let mut verdict = emulator.verdict_of_run(bad_end.as_ref().map(|(_, message)| message.as_str()));
        // Where the scenario says how the command ends, that is one of its expectations.
        let begun = &emulator.config().scenario;
        let is_judged = begun.expect.iter().any(|expectation| expectation.exit().is_some());
        let bad_end = bad_end.filter(|_| !is_judged);
        let ended = bad_end.as_ref().map(|(_, message)| message.as_str());
        verdict.escaped.retain(|host, _| {
            let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            let name = name.trim_start_matches('[').trim_end_matches(']');
            !self.allow_escape.iter().any(|allowed| allowed.matches(name))
        });
        // Stdout is the command's.
        print_error(&outside::report(&verdict.text()));
        if let Some(file) = &self.junit {
            let run = expect::Run {
                scenario: &session.scenario.name,
                ended,
                guards_leaks: self.intercept,
                seconds: watch.elapsed().as_secs_f64(),
            };
            files::replace(file, &verdict.junit(&run)?, Readers::Umask)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        if !self.report.is_empty() {
            let timeline = emulator.timeline(None);
            let (scenario, seed) = (session.scenario.name.as_str(), session.seed);
            let report = RunReport { timeline: &timeline, verdict: &verdict, scenario, seed, ended };
            self.report.iter().try_for_each(|file| file.write(&report))?;
        }
        let not_met = match verdict.missed {
            _ if !verdict.has_passed() => Some("the client did not do as expected".to_owned()),
            _ if self.intercept && !verdict.escaped.is_empty() => {
                let hosts = verdict.escaped.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                Some(format!("calls escaped to {hosts}; --allow-escape lets them be tried"))
            }
            0 => None,
            missed => Some(format!("{missed} calls were not judged; --journal-entries keeps more")),
        };
        match (not_met, bad_end) {
            (None, None) => Ok(()),
            (None, Some((code, message))) => Err(Failure { code, error: anyhow!(message) }),
            (Some(what), bad_end) => {
                let also = bad_end.map(|(_, message)| format!("; {message}")).unwrap_or_default();
                Err(Failure { code: Failure::EXPECTATIONS, error: anyhow!("{what}{also}") })
            }
        }
    }

    /// Runs it to its end. SIGINT goes to it by itself, from the terminal; SIGTERM is passed on, and so is SIGHUP, as SIGTERM.
    async fn command(&self, variables: Vec<Variable>) -> Result<ExitStatus, Failure> {
        let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let mut hangup = signals::hangup()?;
        let (program, arguments) = self.command.split_first().context("there is no command")?;
        let mut command = Command::new(program);
        command.args(arguments);
        for (name, value) in variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command.spawn().map_err(|error| {
            // As in shells.
            let code = if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 };
            Failure { code, error: anyhow!("cannot run {}: {error}", program.display()) }
        })?;
        let mut is_ending = false;
        loop {
            tokio::select! {
                ended = child.wait() => return Ok(ended?),
                _ = interrupt.recv() => continue,
                _ = term.recv() => (),
                () = signals::next(&mut hangup) => (),
            }
            // A second one kills it.
            if is_ending {
                child.start_kill()?;
            } else {
                pass_on(&child);
                is_ending = true;
            }
        }
    }
}

fn pass_on(child: &Child) {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id
        && let Err(error) = rustix::process::kill_process(id, rustix::process::Signal::TERM)
    {
        tracing::warn!("cannot pass SIGTERM on to the command: {error}");
    }
}

/// The exit code, and what to say, if the command did not end well.
fn bad_end(program: &OsString, ended: ExitStatus) -> Option<(u8, String)> {
    let (code, how) = match (ended.code(), ended.signal()) {
        (Some(0), _) => return None,
        (Some(code), _) => (code, format!("ended with exit code {code}")),
        // As in shells.
        (None, signal) => {
            let signal = signal.unwrap_or_default();
            (128 + signal, format!("was ended by signal {signal}"))
        }
    };
    Some((u8::try_from(code).unwrap_or(1), format!("{} {how}", program.display())))
}

fn key(keyring: &Keyring, wanted: Option<&str>) -> anyhow::Result<(String, AccessKey)> {
    let id = wanted.or_else(|| keyring.listed_ids().next()).unwrap_or("test");
    let found = keyring.find(id).with_context(|| {
        let listed = keyring.listed_ids().collect::<Vec<_>>().join(", ");
        format!("the scenario has no account {id:?}; it has {listed}")
    })?;
    Ok((id.to_owned(), found.key.clone()))
}
