//! The targets of a task that have names, arranged so that counting and finding some of them needs no walk.

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bounds::NAMED_TARGETS;
use super::task_type::TargetKind;
use crate::text::limited::ListOf;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub id: Box<str>,
    pub kind: TargetKind,
    /// Whether its subtask fails, as that of a server that was offline when the task started.
    pub fails: bool,
}

/// The named targets of a task. Tasks that scan everything share one list, which keeps a million tasks small.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "ListOf<Target, NAMED_TARGETS>")]
pub struct Targets(Option<Arc<Arranged>>);

#[derive(Debug)]
struct Arranged {
    list: Box<[Target]>,
    /// The places of those whose subtasks fail, in order.
    failing: Box<[u32]>,
    /// All places in the order of their ids.
    by_id: Box<[u32]>,
}

impl Targets {
    pub fn new(list: Vec<Target>) -> Self {
        if list.is_empty() {
            return Self::default();
        }
        let places = || (0..).zip(&list);
        let failing = places().filter(|(_, target)| target.fails).map(|(place, _)| place).collect();
        let mut by_id: Vec<(u32, &Target)> = places().collect();
        by_id.sort_by_key(|(_, target)| &*target.id);
        let by_id = by_id.into_iter().map(|(place, _)| place).collect();
        Self(Some(Arc::new(Arranged { list: list.into(), failing, by_id })))
    }

    /// Whether it is the same list in memory, and not merely an equal one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!((&self.0, &other.0), (Some(one), Some(two)) if Arc::ptr_eq(one, two))
    }

    /// Where the list is in memory; none if it is empty.
    pub(super) fn address(&self) -> Option<usize> {
        self.0.as_ref().map(|arranged| Arc::as_ptr(arranged).addr())
    }

    /// The places before `end` of those whose subtasks fail.
    pub(super) fn failing_before(&self, end: u32) -> &[u32] {
        let failing = self.0.as_ref().map_or(&[][..], |arranged| &arranged.failing);
        &failing[..failing.partition_point(|place| *place < end)]
    }

    /// The places of the targets of that id; a caller may name one twice.
    pub(super) fn places(&self, id: &str) -> &[u32] {
        let Some(arranged) = &self.0 else { return &[] };
        let Arranged { list, by_id, .. } = &**arranged;
        let id_at = |place: &u32| &*list[*place as usize].id;
        let start = by_id.partition_point(|place| id_at(place) < id);
        let count = by_id[start..].partition_point(|place| id_at(place) == id);
        &by_id[start..start + count]
    }
}

impl Deref for Targets {
    type Target = [Target];

    fn deref(&self) -> &[Target] {
        self.0.as_ref().map_or(&[], |arranged| &arranged.list)
    }
}

impl PartialEq for Targets {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two) || one.list == two.list,
            (one, two) => one.is_none() && two.is_none(),
        }
    }
}

impl Eq for Targets {}

impl Hash for Targets {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl From<ListOf<Target, NAMED_TARGETS>> for Targets {
    fn from(ListOf(list): ListOf<Target, NAMED_TARGETS>) -> Self {
        Self::new(list)
    }
}

impl Serialize for Targets {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_by_id_and_of_those_that_fail() {
        let target = |(id, fails): (&str, bool)| Target { id: id.into(), kind: TargetKind::Server, fails };
        let list = [("c", false), ("a", true), ("b", false), ("a", true)].map(target);
        let targets = Targets::new(list.to_vec());
        assert_eq!(targets.places("a"), [1, 3]);
        assert_eq!((targets.places("c"), targets.places("x")), (&[0][..], &[][..]));
        assert_eq!([0, 1, 2, 9].map(|end| targets.failing_before(end).len()), [0, 0, 1, 2]);
        assert_eq!((targets.len(), &targets[..]), (4, &list[..]));
        assert_eq!(Targets::new(Vec::new()), Targets::default());
        assert!(Targets::default().is_empty() && Targets::default().places("a").is_empty());
    }
}
