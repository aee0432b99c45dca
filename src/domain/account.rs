//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cycle::CycleTask;
use super::export::Export;
use super::new_task::PendingTask;
use super::server::Server;
use super::target::Targets;
use super::tasks::Tasks;

/// The state of one AccessKeyId.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its once-tasks.
    pub tasks: Tasks,
    /// Its cycle tasks, in the order they were made.
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    #[serde(rename = "orders")]
    pub pending: Vec<PendingTask>,
    /// Its servers.
    pub servers: Vec<Server>,
    /// The reports it asked for, oldest first.
    pub exports: Vec<Export>,
    /// The last list of targets, for the next task to share.
    #[serde(skip)]
    targets: Targets,
    /// The last text that a task was told, for the next one to share.
    #[serde(skip)]
    param: Option<Arc<str>>,
}

impl Account {
    /// One that has these servers and nothing else.
    pub fn new(servers: Vec<Server>) -> Self {
        Self { servers, ..Self::default() }
    }

    /// The same list as the last one, if they are equal: tasks that scan everything then cost no more than a pointer.
    pub fn share_targets(&mut self, targets: Targets) -> Targets {
        if self.targets != targets {
            self.targets = targets;
        }
        self.targets.clone()
    }

    /// The same text as the last one, if they are equal.
    pub fn share_param(&mut self, param: &str) -> Arc<str> {
        match &self.param {
            Some(last) if **last == *param => Arc::clone(last),
            _ => Arc::clone(self.param.insert(param.into())),
        }
    }

    /// Adds a report; of many, the newest hundred are kept.
    pub fn add_export(&mut self, export: Export) {
        if self.exports.len() >= 100 {
            self.exports.remove(0);
        }
        self.exports.push(export);
    }

    /// The server of that UUID or instance id.
    pub fn server(&self, id: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.has_id(id))
    }
}
