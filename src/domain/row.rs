//! Tasks in the order of their age, as a tree whose nodes know what the tasks below them add up to. A count, a place or a
//! page is found on a few paths from the root, whatever the number of tasks.

use std::mem;
use std::ops::Range;

use super::summary::Summary;

/// A place in the store, reused after eviction. Half a machine word, for every index holds one for each task.
pub(super) type TaskSlot = u32;

/// Most children of a node. A leaf of the tree costs a look at each of its tasks where its summary does not tell.
/// In tests few tasks make a deep tree.
const WIDTH: usize = if cfg!(test) { 4 } else { 32 };

/// Slots, oldest task first.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    sum: Summary,
    root: Node,
}

/// All leaves of a tree are equally deep, and no node but the root is empty.
#[derive(Debug, Clone)]
enum Node {
    Slots(Vec<TaskSlot>),
    Nodes(Vec<Child>),
}

#[derive(Debug, Clone)]
struct Child {
    sum: Summary,
    newest: TaskSlot,
    node: Node,
}

/// How much tasks count for: those of a node, if their summary tells, and one.
pub(super) struct Weight<'a> {
    pub(super) of_many: &'a dyn Fn(&Summary) -> Option<usize>,
    pub(super) of_one: &'a dyn Fn(TaskSlot) -> usize,
}

/// The part of a page that one task has: the task, and the range within its weight.
pub(super) type Part = (TaskSlot, Range<usize>);

impl Default for Node {
    fn default() -> Self {
        Self::Slots(Vec::new())
    }
}

impl Row {
    pub(super) fn len(&self) -> usize {
        self.sum.tasks as usize
    }

    pub(super) fn sum(&self) -> &Summary {
        &self.sum
    }

    /// Adds the newest task.
    pub(super) fn push(&mut self, slot: TaskSlot, sum: &Summary) {
        if let Some(node) = self.root.push(slot, sum) {
            let first = mem::take(&mut self.root);
            let newest = first.newest().unwrap_or(slot);
            let first = Child { sum: self.sum, newest, node: first };
            self.root = Node::Nodes(vec![first, Child { sum: *sum, newest: slot, node }]);
        }
        self.sum.add(sum);
    }

    /// Removes the oldest task that is not `before` the wanted one, of which this sum was added.
    pub(super) fn remove(&mut self, before: impl Fn(TaskSlot) -> bool, sum: &Summary) {
        self.root.remove(&before, sum);
        self.sum.subtract(sum);
        while let Node::Nodes(children) = &mut self.root
            && children.len() < 2
        {
            self.root = children.pop().map(|child| child.node).unwrap_or_default();
        }
        if self.len() == 0 {
            self.sum = Summary::default();
        }
    }

    /// The oldest task that is not `before` the wanted one adds up to something else now.
    pub(super) fn update(&mut self, before: impl Fn(TaskSlot) -> bool, old: &Summary, new: &Summary) {
        self.sum.subtract(old);
        self.sum.add(new);
        let mut node = &mut self.root;
        while let Node::Nodes(children) = node {
            let place = children.partition_point(|child| before(child.newest));
            let Some(child) = children.get_mut(place) else { return };
            child.sum.subtract(old);
            child.sum.add(new);
            node = &mut child.node;
        }
    }

    /// How many tasks are `before`, as all tasks older than these are.
    pub(super) fn place(&self, before: impl Fn(TaskSlot) -> bool) -> usize {
        let (mut node, mut place) = (&self.root, 0);
        loop {
            match node {
                Node::Slots(slots) => return place + slots.partition_point(|slot| before(*slot)),
                Node::Nodes(children) => {
                    let passed = children.partition_point(|child| before(child.newest));
                    place += children[..passed].iter().map(|child| child.sum.tasks as usize).sum::<usize>();
                    let Some(child) = children.get(passed) else { return place };
                    node = &child.node;
                }
            }
        }
    }

    pub(super) fn newest_slot(&self) -> Option<TaskSlot> {
        self.root.newest()
    }

    pub(super) fn get(&self, place: usize) -> Option<TaskSlot> {
        self.slots_from(place).first().copied()
    }

    /// The slot at a place and some that follow it; none if there is no such place.
    pub(super) fn slots_from(&self, mut place: usize) -> &[TaskSlot] {
        let mut node = &self.root;
        loop {
            match node {
                Node::Slots(slots) => return slots.get(place..).unwrap_or_default(),
                Node::Nodes(children) => {
                    let holds = children.iter().find(|child| {
                        let count = child.sum.tasks as usize;
                        let is_beyond = count <= place;
                        place -= if is_beyond { count } else { 0 };
                        !is_beyond
                    });
                    let Some(child) = holds else { return &[] };
                    node = &child.node;
                }
            }
        }
    }

    /// Visits, oldest first, all tasks but those of nodes that may be left out by their sums, until `visit` says that it is
    /// enough.
    pub(super) fn visit(&self, may_hold: &dyn Fn(&Summary) -> bool, visit: &mut dyn FnMut(TaskSlot) -> bool) {
        self.visit_from(0, may_hold, visit);
    }

    /// The same from a place on.
    pub(super) fn visit_from(
        &self,
        mut place: usize,
        may_hold: &dyn Fn(&Summary) -> bool,
        visit: &mut dyn FnMut(TaskSlot) -> bool,
    ) {
        if may_hold(&self.sum) {
            self.root.visit_from(&mut place, may_hold, visit);
        }
    }

    /// The newest task that is wanted; nodes that may be left out by their sums are.
    pub(super) fn newest(
        &self,
        may_hold: impl Fn(&Summary) -> bool,
        is_wanted: impl Fn(TaskSlot) -> bool,
    ) -> Option<TaskSlot> {
        self.root.last(&may_hold, &is_wanted)
    }

    /// What the tasks of some places weigh, and the parts of them that lie in a page, counted from the newest.
    pub(super) fn page(
        &self,
        places: Range<usize>,
        page: Range<usize>,
        weight: &Weight<'_>,
    ) -> (usize, Vec<Part>) {
        let mut scan = RowScan { places, page, weight, total: 0, parts: Vec::new() };
        let is_whole = scan.places == (0..self.len());
        if !is_whole || !scan.passes(&self.sum) {
            scan.node(&self.root, 0..self.len());
        }
        (scan.total, scan.parts)
    }
}

impl Node {
    fn newest(&self) -> Option<TaskSlot> {
        match self {
            Self::Slots(slots) => slots.last().copied(),
            Self::Nodes(children) => children.last().map(|child| child.newest),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Slots(slots) => slots.len(),
            Self::Nodes(children) => children.len(),
        }
    }

    /// Adds a slot at the end; a full node returns a new one that comes after it.
    fn push(&mut self, slot: TaskSlot, sum: &Summary) -> Option<Self> {
        match self {
            Self::Slots(slots) if slots.len() < WIDTH => slots.push(slot),
            Self::Slots(_) => return Some(Self::Slots(vec![slot])),
            Self::Nodes(children) => {
                if let Some(last) = children.last_mut() {
                    let Some(node) = last.node.push(slot, sum) else {
                        last.sum.add(sum);
                        last.newest = slot;
                        return None;
                    };
                    let child = Child { sum: *sum, newest: slot, node };
                    if children.len() == WIDTH {
                        return Some(Self::Nodes(vec![child]));
                    }
                    children.push(child);
                }
            }
        }
        None
    }

    fn remove(&mut self, before: &dyn Fn(TaskSlot) -> bool, sum: &Summary) {
        match self {
            Self::Slots(slots) => {
                let place = slots.partition_point(|slot| before(*slot));
                if place < slots.len() {
                    slots.remove(place);
                }
            }
            Self::Nodes(children) => {
                let place = children.partition_point(|child| before(child.newest));
                let Some(child) = children.get_mut(place) else { return };
                child.node.remove(before, sum);
                child.sum.subtract(sum);
                match child.node.newest() {
                    Some(newest) => {
                        child.newest = newest;
                        // With both neighbours, so that no two of them are nearly empty.
                        merge(children, place);
                        merge(children, place.wrapping_sub(1));
                    }
                    None => drop(children.remove(place)),
                }
            }
        }
    }

    /// Appends the content of a node of the same depth.
    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Slots(slots), Self::Slots(others)) => slots.extend(others),
            (Self::Nodes(children), Self::Nodes(others)) => children.extend(others),
            _ => unreachable!("all leaves are equally deep"),
        }
    }

    /// Passes over so many tasks first; false if `visit` says that it is enough.
    fn visit_from(
        &self,
        skipped: &mut usize,
        may_hold: &dyn Fn(&Summary) -> bool,
        visit: &mut dyn FnMut(TaskSlot) -> bool,
    ) -> bool {
        match self {
            Self::Slots(slots) => {
                let left = slots.get(mem::take(skipped)..).unwrap_or_default();
                left.iter().all(|slot| visit(*slot))
            }
            Self::Nodes(children) => children.iter().all(|child| {
                let count = child.sum.tasks as usize;
                if *skipped >= count || !may_hold(&child.sum) {
                    *skipped = skipped.saturating_sub(count);
                    return true;
                }
                child.node.visit_from(skipped, may_hold, visit)
            }),
        }
    }

    fn last(
        &self,
        may_hold: &dyn Fn(&Summary) -> bool,
        is_wanted: &dyn Fn(TaskSlot) -> bool,
    ) -> Option<TaskSlot> {
        match self {
            Self::Slots(slots) => slots.iter().rev().copied().find(|slot| is_wanted(*slot)),
            Self::Nodes(children) => {
                let mut held = children.iter().rev().filter(|child| may_hold(&child.sum));
                held.find_map(|child| child.node.last(may_hold, is_wanted))
            }
        }
    }
}

/// Makes one of a node and the next one, if both together fill no more than half of one.
fn merge(children: &mut Vec<Child>, place: usize) {
    let lengths = children.get(place).zip(children.get(place.wrapping_add(1)));
    if lengths.is_some_and(|(one, two)| one.node.len() + two.node.len() <= WIDTH / 2) {
        let Child { sum, newest, node } = children.remove(place + 1);
        let child = &mut children[place];
        child.sum.add(&sum);
        child.newest = newest;
        child.node.append(node);
    }
}

/// A walk from the newest task to the oldest that adds weights up and collects what lies in a page.
struct RowScan<'a> {
    places: Range<usize>,
    page: Range<usize>,
    weight: &'a Weight<'a>,
    total: usize,
    parts: Vec<Part>,
}

impl RowScan<'_> {
    /// Whether tasks are counted by their sum alone, as none of them is on the page.
    fn passes(&mut self, sum: &Summary) -> bool {
        let Some(weight) = (self.weight.of_many)(sum) else { return false };
        let end = self.total + weight;
        let is_off_page = end <= self.page.start || self.page.end <= self.total || weight == 0;
        if is_off_page {
            self.total = end;
        }
        is_off_page
    }

    /// Of a node that has these places.
    fn node(&mut self, node: &Node, has: Range<usize>) {
        match node {
            Node::Slots(slots) => {
                let from = self.places.start.max(has.start) - has.start;
                let to = self.places.end.min(has.end).saturating_sub(has.start);
                for slot in slots.get(from..to).unwrap_or_default().iter().rev() {
                    self.one(*slot);
                }
            }
            Node::Nodes(children) => {
                let mut end = has.end;
                for child in children.iter().rev() {
                    let start = end - child.sum.tasks as usize;
                    let is_in = start < self.places.end && self.places.start < end;
                    let is_whole = self.places.start <= start && end <= self.places.end;
                    if is_in && !(is_whole && self.passes(&child.sum)) {
                        self.node(&child.node, start..end);
                    }
                    end = start;
                }
            }
        }
    }

    fn one(&mut self, slot: TaskSlot) {
        let weight = (self.weight.of_one)(slot);
        let within = |place: usize| place.clamp(self.total, self.total + weight) - self.total;
        let part = within(self.page.start)..within(self.page.end);
        if !part.is_empty() {
            self.parts.push((slot, part));
        }
        self.total += weight;
    }
}
