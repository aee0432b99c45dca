//! The targets of a task, each scanned by one subtask.

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets(Arc<[Target]>);

impl Targets {
    pub fn new(targets: Vec<Target>) -> Self {
        Self(targets.into())
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Target> {
        self.0.iter()
    }

    pub fn get(&self, index: usize) -> Option<&Target> {
        self.0.get(index)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of the first `count` fail.
    pub fn failing(&self, count: usize) -> usize {
        self.iter().take(count).filter(|target| target.fails).count()
    }
}

impl<'a> IntoIterator for &'a Targets {
    type Item = &'a Target;
    type IntoIter = std::slice::Iter<'a, Target>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Targets {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::new)
    }
}
