//! What one AccessKeyId holds. Nothing is shared between accounts, so parallel tests isolate themselves by their keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::asset::Server;
use super::cycle::CycleTask;
use super::export::Export;
use super::new_task::PendingTask;
use super::target::Targets;
use super::tasks::Tasks;

/// The state of one AccessKeyId.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub tasks: Tasks,
    /// In the order of their creation.
    pub cycles: Vec<CycleTask>,
    /// Tasks accepted but not yet started, in the order in which they will.
    #[serde(rename = "orders")]
    pub pending: Vec<PendingTask>,
    pub servers: Vec<Server>,
    /// Oldest first.
    pub exports: Vec<Export>,
    /// The last list of targets, to be shared with the next task.
    #[serde(skip)]
    targets: Targets,
    /// The last `Param`, to be shared with the next task.
    #[serde(skip)]
    param: Option<Arc<str>>,
}

impl Account {
    pub fn new(servers: Vec<Server>) -> Self {
        Self { servers, ..Self::default() }
    }

    /// Returns the last list instead if it is equal: tasks that scan everything then cost no more than a pointer.
    pub fn share_targets(&mut self, targets: Targets) -> Targets {
        if self.targets != targets {
            self.targets = targets;
        }
        self.targets.clone()
    }

    /// Returns the last text instead if it is equal.
    pub fn share_param(&mut self, param: &str) -> Arc<str> {
        match &self.param {
            Some(last) if **last == *param => Arc::clone(last),
            _ => Arc::clone(self.param.insert(param.into())),
        }
    }

    /// Adds a report and evicts the oldest beyond a hundred.
    pub fn add_export(&mut self, export: Export) {
        if self.exports.len() >= 100 {
            self.exports.remove(0);
        }
        self.exports.push(export);
    }

    /// The server with that UUID or instance id.
    pub fn server(&self, id: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.has_id(id))
    }
}
