//! The core object: the current session, the journal, the state file, and what can be done to them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::account_state::FinishedExport;
use super::accounts::AccountError;
use super::call_counts::CallCounts;
use super::config::{Config, NoGeneratedCertificate};
use super::named::{KeptSnapshot, NamedSnapshotError, NamedSnapshots, SnapshotName};
use super::session::{Session, SessionError};
use super::snapshot::{Snapshot, SnapshotError};
use crate::clock;
use crate::domain::TaskId;
use crate::expect::{self, NameError, Names, Outcome, Selector, Verdict};
use crate::fault::Rule;
use crate::fault::engine::ArmError;
use crate::files::{self, Readers};
use crate::journal::{Batch, CallRecord, CarriedOut, CommandRecord, Commands, Journal};
use crate::operations::{self, Context, ExportFile};
use crate::scenario::Scenario;

#[derive(Debug)]
pub struct Emulator {
    config: Config,
    session: RwLock<Arc<Session>>,
    journal: Journal,
    commands: Commands,
    named: NamedSnapshots,
    calls: CallCounts,
    saving: Mutex<()>,
    /// Whether anything has changed since the last save began.
    is_unsaved: AtomicBool,
    shutdown: CancellationToken,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error(transparent)]
    Arm(#[from] ArmError),
    #[error(transparent)]
    Idle(#[from] NoGeneratedCertificate),
}

#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error(
        "cannot be written: {0}; its folder must be there and writable, for the file is replaced by a rename"
    )]
    Unwritable(io::Error),
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl Emulator {
    pub fn new(config: Config) -> Result<Self, SessionError> {
        let scenario = Arc::new(config.resolve(config.scenario.clone())?);
        let journal = Journal::new(config.journal);
        let session = Session::new(journal.next_generation(), &config, scenario)?;
        Ok(Self {
            session: RwLock::new(Arc::new(session)),
            journal,
            commands: Commands::default(),
            named: NamedSnapshots::default(),
            calls: CallCounts::default(),
            saving: Mutex::default(),
            is_unsaved: AtomicBool::new(false),
            shutdown: CancellationToken::new(),
            config,
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The current session. A holder keeps it, also when another takes its place.
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// How many calls have finished, over all sessions.
    pub(crate) fn calls(&self) -> &CallCounts {
        &self.calls
    }

    /// What users changed through the control API, over all sessions.
    pub(crate) fn commands(&self) -> &Commands {
        &self.commands
    }

    /// Records a command that was carried out, with the time that the clock of its account shows now.
    pub(crate) fn record_command(&self, command: CarriedOut, by: Option<String>) -> Arc<CommandRecord> {
        let session = self.session();
        let own =
            command.account.as_deref().and_then(|account| session.account_clock(account).ok().flatten());
        let task_time = own.map_or_else(|| session.clock.now(), |own| own.now);
        self.commands.add(command, (clock::uptime(), clock::machine_time(), task_time), by)
    }

    /// Cancelled when the process shuts down. Everything that waits ends then, and `GET /_emulator/ready` says so.
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Replaces the session; the old one stays if `make` fails. One lock for all of it: two replacements at once could
    /// otherwise bring an older scenario back.
    pub(super) fn replace<T, E>(
        &self,
        make: impl FnOnce(&Session, u64) -> Result<(Session, T), E>,
    ) -> Result<T, E> {
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        let (next, result) = make(&session, session.generation + 1)?;
        let old = std::mem::replace(&mut *session, Arc::new(next));
        // Calls that arrived in the old session are not kept from here on, and those of the new one are.
        self.journal.next_generation();
        // Freeing a large session takes time, and no call should wait for it.
        drop(session);
        drop(old);
        self.note_change();
        Ok(result)
    }

    /// Back to the start time of the loaded scenario: clocks, accounts, nonces, random streams, faults; an empty journal.
    pub fn reset(&self) -> Result<(), SessionError> {
        self.replace(|session, generation| {
            Ok((Session::new(generation, &self.config, Arc::clone(&session.scenario))?, ()))
        })
    }

    /// Shows another scenario from its start time on; if that cannot be, the old one stays.
    pub fn load(&self, scenario: Scenario) -> Result<(), SessionError> {
        let scenario = Arc::new(self.config.resolve(scenario)?);
        self.replace(|_, generation| Ok((Session::new(generation, &self.config, scenario)?, ())))
    }

    /// Resets one account to the present of the session's clock. Its fault counters and its calls are cleared too.
    pub fn reset_account(&self, id: &str) -> Result<(), AccountError> {
        let session = self.session();
        session.check_account(id)?;
        session.account(id, session.clock.now())?;
        self.retire(&session, id, true);
        Ok(())
    }

    /// Forgets an account, as if it had never called; returns whether there was one.
    pub fn forget_account(&self, id: &str) -> Result<bool, AccountError> {
        let session = self.session();
        session.check_account(id)?;
        Ok(self.retire(&session, id, false))
    }

    fn retire(&self, session: &Session, id: &str, is_replaced: bool) -> bool {
        let successor = is_replaced.then(|| session.new_account(id, session.clock.now()));
        session.accounts.retire(id, successor, || {
            session.faults.forget(id);
            session.answers.forget(id);
            session.temporary_keys.lock().unwrap_or_else(PoisonError::into_inner).forget(id);
            self.journal.clear(Some(id));
        })
    }

    /// Arms further rules, all of them or none; returns their names.
    pub fn arm(&self, rules: Vec<Rule>) -> Result<Vec<String>, FaultError> {
        self.config.check_certificates(&rules)?;
        Ok(self.session().faults.add(rules, clock::uptime())?)
    }

    pub fn replace_faults(&self, rules: Vec<Rule>) -> Result<(), FaultError> {
        self.config.check_certificates(&rules)?;
        Ok(self.session().faults.replace(rules, clock::uptime())?)
    }

    /// Judges what the loaded scenario expects by the calls in the journal, of all accounts or of one. Unless it allows
    /// that, it also expects that no response was only a shape.
    pub fn verdict(&self, account: Option<&str>) -> Verdict {
        let (session, calls, mut verdict) = self.judge(account);
        verdict.outcomes.extend(only_shapes(&session, &calls));
        verdict
    }

    /// The same of all accounts, and of the end of the command that made the calls: `bad_end` says how it ended, if
    /// not with exit code 0.
    pub fn verdict_of_run(&self, bad_end: Option<&str>) -> Verdict {
        let (session, calls, mut verdict) = self.judge(None);
        let begun = &self.config.scenario;
        // What was expected at the start holds to the end, also if the command loads another scenario.
        if session.scenario.sources != begun.sources {
            verdict.outcomes.extend(expect::judge(&begun.expect, &calls).outcomes);
        }
        verdict.outcomes.extend(expect::judge_exit(&begun.expect, bad_end, &calls));
        verdict.outcomes.extend(only_shapes(&session, &calls));
        verdict
    }

    fn judge(&self, account: Option<&str>) -> (Arc<Session>, Batch, Verdict) {
        let mut calls = self.journal.everything();
        calls.records.retain(|call| account.is_none_or(|account| call.account() == account));
        let session = self.session();
        let verdict = expect::judge(&session.scenario.expect, &calls);
        (session, calls, verdict)
    }

    pub fn check_names<'s>(
        &self,
        selectors: impl IntoIterator<Item = &'s Selector>,
        calls: &[Arc<CallRecord>],
    ) -> Result<(), NameError> {
        let session = self.session();
        let account = |id: &str| session.check_account(id).map_err(|error| error.to_string());
        let (faults, mut codes) = session.faults.ids_and_codes();
        codes.extend(session.answers.codes());
        let names = Names { account: &account, faults, codes, calls };
        selectors.into_iter().try_for_each(|selector| selector.check(&names))
    }

    pub fn snapshot(&self) -> Snapshot {
        self.session().snapshot()
    }

    /// Continues from a snapshot; returns a note on what its taker may not expect. If it is refused, nothing has changed.
    pub fn restore(&self, snapshot: Snapshot) -> Result<Option<String>, SnapshotError> {
        // Of many accounts this takes time, so it is done before calls have to wait.
        let (snapshot, accounts) = self.session().accounts_of(snapshot, &self.config)?;
        let note = self
            .replace(|session, generation| session.resumed(generation, &self.config, snapshot, accounts))?;
        if let Some(note) = &note {
            tracing::warn!("restored a snapshot; {note}");
        }
        Ok(note)
    }

    /// The snapshots that are kept, by name.
    pub(crate) fn named_snapshots(&self) -> Vec<KeptSnapshot> {
        self.named.all()
    }

    /// Keeps the present session under a name. `hold` counts its text as memory that is taken while it is kept.
    pub(crate) fn save_named(
        &self,
        name: SnapshotName,
        hold: impl FnOnce(Vec<u8>) -> Option<Bytes>,
    ) -> Result<KeptSnapshot, NamedSnapshotError> {
        let session = self.session();
        let snapshot = session.snapshot();
        let text = serde_json::to_vec(&snapshot)
            .map_err(|error| NamedSnapshotError::Unwritable(error.to_string()))?;
        let kept = KeptSnapshot {
            name,
            time: session.scenario.gateway_clock.now(),
            task_time: snapshot.clock.now,
            scenario: snapshot.scenario.unwrap_or_default(),
            accounts: snapshot.accounts.len(),
            tasks: snapshot.accounts.values().map(|account| account.holds.task_count()).sum(),
            bytes: text.len(),
        };
        // The other half stays for bodies and answers.
        self.named.keep(&kept, self.config.limits.buffered_bytes / 2, || hold(text))?;
        Ok(kept)
    }

    /// Continues from a snapshot that is kept, as [`Self::restore`] does; it stays.
    pub(crate) fn restore_named(&self, name: &SnapshotName) -> Result<Option<String>, NamedSnapshotError> {
        Ok(self.restore(Snapshot::parse(&self.named.text(name)?)?)?)
    }

    pub(crate) fn remove_named(&self, name: &SnapshotName) -> Result<(), NamedSnapshotError> {
        self.named.remove(name)
    }

    /// The file of an export that has succeeded. It is made without the account's lock.
    pub(crate) fn export(&self, id: TaskId) -> Option<io::Result<ExportFile>> {
        let session = self.session();
        let mut found = None;
        session.accounts.each(None, |_, account| {
            found = found.take().or_else(|| account.export(id, &session.clock));
        });
        let FinishedExport { task, mut account, mut dice, ended } = found?;
        operations::export_file(&Context::new(ended, &mut account, &mut dice, session.world()), &task)
    }

    /// Continues from the state file; returns whether there was one. Checks that it can be written: later is too late.
    pub fn load_state(&self) -> Result<bool, StateFileError> {
        let Some(path) = &self.config().state_file else { return Ok(false) };
        let text = files::read_if_there(path).map_err(StateFileError::Unreadable)?;
        files::check_replaceable(path, Readers::Owner).map_err(StateFileError::Unwritable)?;
        if let Err(error) = files::remove_unfinished(path) {
            tracing::warn!(
                "files that a killed emulator may have left beside {} stay: {error}",
                path.display()
            );
        }
        let Some(text) = text else { return Ok(false) };
        self.restore(Snapshot::parse(&text)?)?;
        self.is_unsaved.store(false, Ordering::Release);
        Ok(true)
    }

    /// Notes that something that a snapshot holds has changed. Call it after the change: a save that begins later has it.
    pub fn note_change(&self) {
        if !self.is_unsaved.load(Ordering::Relaxed) {
            self.is_unsaved.store(true, Ordering::Release);
        }
    }

    /// Whether a save would write something that the last one did not, other than that running clocks went on.
    pub fn has_unsaved_changes(&self) -> bool {
        self.is_unsaved.load(Ordering::Acquire)
    }

    /// Saves to the state file; returns its length in bytes, or nothing if there is no such file.
    pub fn save_state(&self) -> io::Result<Option<usize>> {
        let Some(path) = &self.config().state_file else { return Ok(None) };
        // Two at once would write into each other's unfinished file, and the older snapshot could be the one that stays.
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the snapshot: a change that comes too late for it is one for the next save.
        self.is_unsaved.swap(false, Ordering::AcqRel);
        let mut text = serde_json::to_vec(&self.snapshot())?;
        text.push(b'\n');
        files::replace(path, &text, Readers::Owner).inspect_err(|_| self.note_change())?;
        Ok(Some(text.len()))
    }
}

/// The expectation that no response was only a shape, unless the scenario allows that.
fn only_shapes(session: &Session, calls: &Batch) -> Option<Outcome> {
    if session.scenario.allow_shapes { None } else { expect::only_shapes(&calls.records) }
}
