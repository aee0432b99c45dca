//! The targets of a task, each scanned by one subtask.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A server, by its UUID.
    Server,
    /// A container image, by its digest.
    Image,
    /// Of a kind that the emulator does not list.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub id: Box<str>,
    pub kind: TargetKind,
    /// Whether its subtask fails, as that of a server that was offline when the task started.
    pub fails: bool,
}

/// The targets of a task. Tasks that scan everything share one list, which keeps a million tasks small.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Targets(Arc<[Target]>);

impl Targets {
    pub fn new(targets: Vec<Target>) -> Self {
        Self(targets.into())
    }

    /// How many of the first `count` fail.
    pub fn failing(&self, count: usize) -> usize {
        self.iter().take(count).filter(|target| target.fails).count()
    }
}

impl Deref for Targets {
    type Target = [Target];

    fn deref(&self) -> &[Target] {
        &self.0
    }
}
