//! A session as data: what `GET /_emulator/state` shows and a state file holds.
//!
//! It holds what makes the same calls get the same replies once the clock is paused: tasks, clocks, positions in random
//! streams. It holds no secret, for accounts have none (keys belong to the scenario, and the secrets of temporary keys follow
//! from the seed), and no nonces, whose hashes mean nothing to another process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::accounts::{AccountState, AccountStore};
use super::config::Config;
use super::session::{SESSION, Session};
use crate::answers::AnswerCounters;
use crate::auth::Nonces;
use crate::clock::{self, Clock, ClockError, Reading};
use crate::dice::{Dice, Positions, RequestIdStream};
use crate::domain::bounds::{SERVER_LISTS, TEMPORARY_KEYS};
use crate::domain::keyring::is_possible_id;
use crate::domain::{SavedAccount, ServerList, TemporaryKey, TemporaryKeys};
use crate::fault::Counters;
use crate::text::by_hand;
use crate::text::limited::list;
use crate::text::outside;
use crate::text::similar::shortened;

const FORMAT: &str = "sas-emulator-state";
/// The version that is written. Anything added to a snapshot needs a new version, for an older program would lose it.
///
/// 1 is read too. In it, each account has a list of all its servers; since 2, accounts that have the same list share it, and
/// hold what they changed; so do the tasks of an account that have the same targets or `Param`; and it says which accounts
/// were set up by hand, and how many tasks the scenario gave each. Since 3 it has temporary keys, and counts scripted answers.
const VERSION: u32 = 3;
const OLDEST_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: String,
    version: u32,
    /// The version of the program that wrote it, for people.
    program: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    pub seed: u64,
    /// The start time, at which accounts begin that have yet to call.
    #[serde(rename = "first_instant")]
    pub start: Timestamp,
    pub clock: Reading,
    pub dice: Positions,
    /// The lists of servers that accounts share.
    #[serde(default, deserialize_with = "list::<SERVER_LISTS, _, _, _>")]
    pub servers: Vec<Arc<ServerList>>,
    pub accounts: BTreeMap<String, AccountSnapshot>,
    /// In the order in which they expire.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "list::<TEMPORARY_KEYS, _, _, _>"
    )]
    pub temporary_keys: Vec<TemporaryKey>,
    pub faults: Counters,
    #[serde(default)]
    pub(crate) answers: AnswerCounters,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSnapshot {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Reading>,
    pub dice: Positions,
    /// The place of its list of servers among those of the snapshot. It has its own list in version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servers: Option<usize>,
    /// Whether it was set up through the control API.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub configured: bool,
    /// How many tasks the scenario gave it.
    #[serde(default, skip_serializing_if = "by_hand::is_zero")]
    pub given: u64,
    /// When it began, if that is not the start time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
    pub holds: SavedAccount,
}

/// The part of a snapshot that every version can read.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// Why a text cannot be read as a snapshot, or a snapshot cannot be restored; nothing has changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SnapshotError {
    #[error(
        "this is no snapshot: {0}; expected JSON that begins {{\"format\":{FORMAT:?},\"version\":{VERSION},…"
    )]
    Foreign(String),
    #[error("this snapshot is of version {0}; this program reads {OLDEST_VERSION} to {VERSION}")]
    Version(u32),
    #[error("this snapshot is broken: {0}")]
    Broken(String),
    #[error("the snapshot has {has} accounts; --max-accounts allows {limit}")]
    TooManyAccounts { has: usize, limit: usize },
    #[error("the snapshot has an account {0:?}, which cannot be an AccessKeyId")]
    ImpossibleAccount(String),
    #[error("a clock of the snapshot: {0}")]
    Clock(#[from] ClockError),
}

impl Snapshot {
    pub fn new(seed: u64, start: Timestamp, clock: Reading, dice: Positions) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: None,
            seed,
            start,
            clock,
            dice,
            servers: Vec::new(),
            accounts: BTreeMap::new(),
            temporary_keys: Vec::new(),
            faults: Counters::new(),
            answers: AnswerCounters::new(),
        }
    }

    /// Reads one; errors name line and column.
    pub fn parse(text: &[u8]) -> Result<Self, SnapshotError> {
        let Head { format, version } =
            serde_json::from_slice(text).map_err(|error| SnapshotError::Foreign(error.to_string()))?;
        if format != FORMAT {
            return Err(SnapshotError::Foreign(format!("its format is {:?}", shortened(&format))));
        }
        if !(OLDEST_VERSION..=VERSION).contains(&version) {
            return Err(SnapshotError::Version(version));
        }
        serde_json::from_slice(text).map_err(|error| SnapshotError::Broken(error.to_string()))
    }
}

impl Session {
    /// The session as it is now. Of each account it holds every call whole or not at all.
    pub(super) fn snapshot(&self) -> Snapshot {
        // Not in the middle of a clock command, which some clocks would have applied and others not.
        let _commands = self.clock_commands.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut accounts, mut lists) = (BTreeMap::new(), Lists::default());
        self.accounts.each(None, |id, account| {
            let clock = account.clock.as_ref().map(|clock| clock.read());
            let (dice, holds) = (account.dice.positions(), SavedAccount::of(&account.account));
            let servers = Some(lists.place_of(account.account.servers.list()));
            let (configured, given) = (account.is_configured, account.given);
            let begun = Some(account.account.begun).filter(|begun| *begun != self.start);
            let saved = AccountSnapshot { clock, dice, servers, configured, given, begun, holds };
            accounts.insert(id.to_owned(), saved);
        });
        let dice = self.request_ids.lock().unwrap_or_else(PoisonError::into_inner).positions();
        // Last: no account may have seen a later time than the clock will show when it continues.
        let clock = self.clock.read();
        let scenario = Some(self.scenario.name.clone());
        let faults = self.faults.counters(clock::uptime());
        let answers = self.answers.counters();
        let servers = lists.all;
        let temporary_keys = self.temporary_keys.lock().unwrap_or_else(PoisonError::into_inner).all();
        Snapshot {
            scenario,
            servers,
            accounts,
            temporary_keys,
            faults,
            answers,
            ..Snapshot::new(self.seed, self.start, clock, dice)
        }
    }

    /// Takes the accounts out of a snapshot and makes them ready for [`Self::resumed`].
    pub(super) fn accounts_of(
        &self,
        mut snapshot: Snapshot,
        config: &Config,
    ) -> Result<(Snapshot, AccountStore), SnapshotError> {
        let (limit, seed) = (config.limits.accounts, snapshot.seed);
        let (servers, accounts) = (mem::take(&mut snapshot.servers), mem::take(&mut snapshot.accounts));
        if accounts.len() > limit {
            return Err(SnapshotError::TooManyAccounts { has: accounts.len(), limit });
        }
        if servers.len() > accounts.len() {
            return Err(SnapshotError::Broken("it has more lists of servers than accounts".to_owned()));
        }
        let mut states = Vec::with_capacity(accounts.len());
        let lists: Vec<_> = servers.into_iter().map(|list| self.shared(list)).collect();
        // Of version 1.
        let mut own_lists = HashSet::new();
        for (id, AccountSnapshot { clock, dice, servers, configured, given, begun, holds }) in accounts {
            if !is_possible_id(&id) {
                return Err(SnapshotError::ImpossibleAccount(shortened(&id)));
            }
            let broken = |what: String| SnapshotError::Broken(format!("the account {id}: {what}"));
            let list = match servers {
                Some(place) => lists.get(place).cloned().ok_or_else(|| {
                    let count = lists.len();
                    broken(format!("it has the list of servers {place}, but there are {count} lists"))
                })?,
                None if snapshot.version > OLDEST_VERSION => {
                    return Err(broken("it does not say which list of servers it has".to_owned()));
                }
                None => {
                    let own = self.shared(Arc::clone(holds.servers.list()));
                    let equal = own_lists.get(&own).cloned();
                    equal.unwrap_or_else(|| {
                        own_lists.insert(Arc::clone(&own));
                        own
                    })
                }
            };
            let mut holds = holds.into_account(list).map_err(broken)?;
            holds.lifecycles = self.world().own_lifecycles(&id);
            holds.begun = begun.unwrap_or(snapshot.start);
            // Now, and not at its first call: of many tasks it takes time.
            holds.tasks.settle(clock.map_or(snapshot.clock.now, |clock| clock.now));
            let mut account = AccountState::resumed(holds, Dice::resume_from(seed, &id, dice), given);
            account.clock = clock.map(Clock::resume_from).transpose()?.map(Box::new);
            account.is_configured = configured;
            states.push((id, account));
        }
        Ok((snapshot, AccountStore::new(states, limit)))
    }

    /// A session that continues from a snapshot, under this one's scenario and armed rules. Its clocks continue from the
    /// times they showed, running if they ran; no nonce counts as used. The note says what a user may not expect.
    pub(super) fn resumed(
        &self,
        generation: u64,
        config: &Config,
        snapshot: Snapshot,
        accounts: AccountStore,
    ) -> Result<(Self, Option<String>), SnapshotError> {
        let Snapshot { seed, start, clock, dice, scenario, temporary_keys, faults, answers, .. } = snapshot;
        let temporary_keys = TemporaryKeys::new(seed, temporary_keys).map_err(SnapshotError::Broken)?;
        let (faults, unknown) = self.faults.resumed(seed, faults, clock::uptime());
        let (answers, unknown_answers) = self.answers.resumed(answers);
        let session = Self {
            generation,
            seed,
            start,
            clock: Clock::resume_from(clock)?,
            clock_commands: Mutex::default(),
            accounts,
            nonces: Mutex::new(Nonces::new(config.limits.nonces)),
            temporary_keys: Mutex::new(temporary_keys),
            request_ids: Mutex::new(RequestIdStream::resume_from(seed, SESSION, dice)),
            faults,
            answers,
            signatures: self.signatures,
            escaped: AtomicU64::new(0),
            scenario: Arc::clone(&self.scenario),
        };
        Ok((session, self.note(scenario, &unknown, &unknown_answers)))
    }

    /// The scenario's list of servers instead of an equal one, so that accounts of both share it.
    fn shared(&self, list: Arc<ServerList>) -> Arc<ServerList> {
        let own = &self.world().servers;
        if list == *own { Arc::clone(own) } else { list }
    }

    fn note(
        &self,
        taken_under: Option<String>,
        unknown_faults: &[String],
        unknown_answers: &[String],
    ) -> Option<String> {
        let loaded = &self.scenario.name;
        let other = taken_under.filter(|name| name != loaded).map(|name| {
            let name = outside::line(&name, 80);
            format!(
                "it was taken under the scenario {name}: its tasks continue as they would have, new ones follow {loaded}"
            )
        });
        let unknown = |what: &str, ids: &[String]| {
            let list = || format!("it counts {what}: {}", outside::line(&ids.join(", "), 1000));
            (!ids.is_empty()).then(list)
        };
        let faults = unknown("faults that are not armed here", unknown_faults);
        let answers = unknown("answers that are not here", unknown_answers);
        let notes: Vec<String> = other.into_iter().chain(faults).chain(answers).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

/// The lists of servers of a snapshot in the making, each once.
#[derive(Default)]
struct Lists {
    all: Vec<Arc<ServerList>>,
    /// By address, for comparing their servers takes long; the lists of a session are as many as its snapshots had.
    places: HashMap<*const ServerList, usize>,
}

impl Lists {
    fn place_of(&mut self, list: &Arc<ServerList>) -> usize {
        *self.places.entry(Arc::as_ptr(list)).or_insert_with(|| {
            self.all.push(Arc::clone(list));
            self.all.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ClockStart;

    fn empty() -> Snapshot {
        let clock = Clock::new(ClockStart { start: Some(Timestamp::UNIX_EPOCH), rate: 1.5, paused: true });
        Snapshot::new(7, Timestamp::UNIX_EPOCH, clock.unwrap().read(), Positions::default())
    }

    #[test]
    fn a_new_version_of_the_format_is_noticed() {
        // When this changes, so must VERSION: what is written here is in people's files.
        let text = serde_json::to_string(&Snapshot { program: "0".into(), ..empty() }).unwrap();
        insta::assert_snapshot!(text, @r#"{"format":"sas-emulator-state","version":3,"program":"0","seed":7,"first_instant":"1970-01-01T00:00:00Z","clock":{"now":"1970-01-01T00:00:00Z","rate":1.5,"paused":true},"dice":{"request_ids":0,"task_ids":0,"plans":0},"servers":[],"accounts":{},"faults":{},"answers":{}}"#);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let text = serde_json::to_string(&empty()).unwrap();
        let message = |text: String| Snapshot::parse(text.as_bytes()).unwrap_err().to_string();
        let cut = text[..text.len() - 9].to_owned();
        insta::assert_snapshot!([
            message(text.replace("\"version\":3", "\"version\":4")),
            message(text.replace("emulator-state", "other")),
            message("[]".into()),
            message(String::new()),
            message(cut),
            message(text.replace("seed", "sead")),
            message(text.replace("\"seed\":7", "\"seed\":-7")),
        ].join("\n"), @r#"
        this snapshot is of version 4; this program reads 1 to 3
        this is no snapshot: its format is "sas-other"; expected JSON that begins {"format":"sas-emulator-state","version":3,…
        this is no snapshot: invalid length 0, expected struct Head with 2 elements at line 1 column 2; expected JSON that begins {"format":"sas-emulator-state","version":3,…
        this is no snapshot: EOF while parsing a value at line 1 column 0; expected JSON that begins {"format":"sas-emulator-state","version":3,…
        this is no snapshot: EOF while parsing a string at line 1 column 264; expected JSON that begins {"format":"sas-emulator-state","version":3,…
        this snapshot is broken: unknown field `sead`, expected one of `format`, `version`, `program`, `scenario`, `seed`, `first_instant`, `clock`, `dice`, `servers`, `accounts`, `temporary_keys`, `faults`, `answers` at line 1 column 67
        this snapshot is broken: invalid value: integer `-7`, expected u64 at line 1 column 70
        "#);
    }
}
