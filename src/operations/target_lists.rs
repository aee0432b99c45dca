//! The lists of named targets that new tasks get. Equal lists are one list, so a task that scans everything costs no more
//! than a pointer.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::servers::ServersById;
use crate::domain::{Account, Server, Servers, Target, TargetKind, Targets, TaskType};
use crate::text::similar::{nearest, question, shortened};

/// Most servers that a misspelt name is compared with.
const COMPARED: usize = 1_000;

/// Why a task is not started on the targets that are named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("the account has no server {name:?}{}", question(nearest.as_deref()))]
    Unknown { name: String, nearest: Option<String> },
    #[error("{0:?} is named twice")]
    Twice(String),
}

/// Makes lists for tasks that start one after the other.
pub(super) struct TargetLists<'a> {
    servers: &'a Servers,
    by_id: ServersById<'a>,
    last: Targets,
    /// All servers, and until when that list holds: then one of them comes online.
    all: Option<(Targets, Timestamp)>,
}

impl<'a> TargetLists<'a> {
    pub(super) fn new(account: &'a Account) -> Self {
        let servers = &account.servers;
        Self { servers, by_id: ServersById::new(servers), last: account.last_targets().clone(), all: None }
    }

    /// The list that was made last: the account keeps it for its next task.
    pub(super) fn into_last(self) -> Targets {
        self.last
    }

    /// Those of the named targets, or of all servers of the account. The subtask of a server that is offline fails; that of
    /// a server that the account does not list succeeds.
    pub(super) fn of(&mut self, task_type: &TaskType, names: &[String], now: Timestamp) -> Targets {
        let kind = task_type.targets();
        if names.is_empty() {
            return if kind == TargetKind::Server { self.all(now) } else { Targets::default() };
        }
        let targets = names.iter().map(|id| match self.by_id.get(id) {
            Some(server) => Target { kind, ..server.target(now) },
            None => Target { id: id.as_str().into(), kind, fails: false },
        });
        let list = targets.collect();
        self.shared(list)
    }

    /// Checks that each name stands there once and, where the type is about servers, is one of a server of the account.
    pub(super) fn check(&self, task_type: &TaskType, names: &[String]) -> Result<(), TargetError> {
        let mut seen = HashSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(TargetError::Twice(shortened(name)));
        }
        let is_unknown = |name: &&String| self.by_id.get(name).is_none();
        match names.iter().find(is_unknown) {
            Some(name) if task_type.targets() == TargetKind::Server => {
                let known = self.servers.iter().take(COMPARED).map(|server| &*server.uuid);
                let nearest = nearest(name, known).map(str::to_owned);
                Err(TargetError::Unknown { name: shortened(name), nearest })
            }
            _ => Ok(()),
        }
    }

    fn all(&mut self, now: Timestamp) -> Targets {
        if let Some(targets) = self.servers.shared_targets() {
            return targets.clone();
        }
        if let Some((targets, _)) = self.all.as_ref().filter(|(_, until)| now < *until) {
            return targets.clone();
        }
        let list = self.servers.iter().map(|server| server.target(now)).collect();
        let changes = self.servers.iter().filter_map(Server::installed_at).filter(|at| *at > now);
        let until = changes.min().unwrap_or(Timestamp::MAX);
        let targets = self.shared(list);
        self.all = Some((targets.clone(), until));
        targets
    }

    fn shared(&mut self, list: Vec<Target>) -> Targets {
        if self.last[..] != list[..] {
            self.last = Targets::new(list);
        }
        self.last.clone()
    }
}
