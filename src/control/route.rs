//! What the table of routes says of one: method, path, access, body, cost, and what the description says of it.

use std::collections::BTreeSet;

use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::guard::{Access, BodyKind};
use super::openapi::takes::Described;
#[cfg(test)]
use super::openapi::takes::ParametersDraft;
use super::{PREFIX, Shared};

#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) method: Method,
    /// What follows the prefix; `{id}` stands for any segment.
    pub(super) path: &'static str,
    pub(super) help: &'static str,
    /// What docs/control-api.md says of it, if that is more.
    about: &'static str,
    /// The shapes of its body and of its answer, by the names of the description.
    pub(super) takes: &'static str,
    pub(super) shows: &'static str,
    /// The content type of its answer.
    pub(super) content: &'static str,
    /// The statuses of success, and of the failures that not every route has.
    pub(super) gives: &'static [u16],
    pub(super) fails: &'static [u16],
    /// Its answer may be so large that it counts as memory.
    is_large: bool,
    pub(super) access: Access,
    pub(super) body: BodyKind,
    /// Its body is as large as a snapshot, not as that of a call.
    pub(super) takes_state: bool,
    pub(super) cost: Cost,
}

/// What a request of a route costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cost {
    /// Nothing to speak of.
    #[default]
    Short,
    /// Its handler reads or writes all tasks, accounts or calls.
    Computing,
    /// The same, and it may take seconds.
    ComputingLong,
    /// It saves the state.
    Saving,
    /// It waits for something to happen.
    Waiting,
    /// Its handler reads the body while it arrives.
    Receiving,
    /// It sends an answer that does not end.
    Streaming,
}

pub(super) struct Route {
    pub(super) row: Row,
    pub(super) handler: MethodRouter<Shared>,
    #[cfg(test)]
    pub(super) describe: fn(&mut ParametersDraft),
}

macro_rules! methods {
    ($($name:ident $method:ident)*) => {$(
        pub(super) fn $name<H, T: 'static>(path: &'static str, help: &'static str, handler: H) -> Route
        where
            H: Handler<T, Shared> + Described<T>,
        {
            let row = Row { method: Method::$method, path, help, ..Row::default() };
            Route {
                row: Row { content: "application/json", gives: &[200], ..row },
                handler: on(MethodFilter::$method, handler),
                #[cfg(test)]
                describe: H::describe,
            }
        }
    )*};
}
methods! { get GET post POST put PUT patch PATCH delete DELETE }

impl Route {
    fn with(mut self, change: impl FnOnce(&mut Row)) -> Self {
        change(&mut self.row);
        self
    }

    pub(super) fn about(self, about: &'static str) -> Self {
        self.with(|row| row.about = about)
    }

    pub(super) fn access(self, access: Access) -> Self {
        self.with(|row| row.access = access)
    }

    pub(super) fn body(self, body: BodyKind) -> Self {
        self.with(|row| row.body = body)
    }

    pub(super) fn takes_state(self) -> Self {
        self.with(|row| row.takes_state = true)
    }

    pub(super) fn computing(self) -> Self {
        self.cost(Cost::Computing)
    }

    pub(super) fn cost(self, cost: Cost) -> Self {
        self.with(|row| row.cost = cost)
    }

    pub(super) fn takes(self, shape: &'static str) -> Self {
        self.with(|row| row.takes = shape)
    }

    pub(super) fn shows(self, shape: &'static str) -> Self {
        self.with(|row| row.shows = shape)
    }

    pub(super) fn content(self, content: &'static str) -> Self {
        self.with(|row| row.content = content)
    }

    pub(super) fn gives(self, statuses: &'static [u16]) -> Self {
        self.with(|row| row.gives = statuses)
    }

    pub(super) fn fails(self, statuses: &'static [u16]) -> Self {
        self.with(|row| row.fails = statuses)
    }

    pub(super) fn large(self) -> Self {
        self.with(|row| row.is_large = true)
    }
}

impl Row {
    pub(super) fn method(&self) -> &Method {
        &self.method
    }

    /// As the description has it.
    pub(super) fn method_name(&self) -> String {
        self.method.as_str().to_ascii_lowercase()
    }

    pub(super) fn full_path(&self) -> String {
        format!("{PREFIX}/{}", self.path)
    }

    #[cfg(test)]
    pub(super) fn about(&self) -> &'static str {
        if self.about.is_empty() { self.help } else { self.about }
    }

    /// The statuses of all answers that are no success.
    pub(super) fn failures(&self) -> BTreeSet<u16> {
        // What is said of the request and its body, and that there is no room.
        let mut statuses = BTreeSet::from([400, 403, 408, 413, 503]);
        statuses.extend(self.fails);
        statuses.extend((self.access == Access::Control).then_some(401));
        statuses.extend((self.method != Method::GET && self.access != Access::Link).then_some(415));
        statuses.extend(self.is_large.then_some(507));
        statuses
    }

    /// Whether the description says that this route answers with a status to its method.
    pub(super) fn documents(&self, method: &Method, status: u16) -> bool {
        // The paths and methods that there are not belong to no route; a panic is a bug.
        self.method != method
            || self.help.is_empty()
            || self.gives.contains(&status)
            || self.failures().contains(&status)
    }

    pub(super) fn at<'r>(rows: &'r [Self], path: &str) -> impl Iterator<Item = &'r Self> {
        let below = path.strip_prefix(PREFIX).unwrap_or_default();
        let asked = below.strip_prefix('/').unwrap_or(below).to_owned();
        rows.iter().filter(move |row| {
            let (wanted, asked) = (row.path.split('/'), asked.split('/'));
            wanted.clone().count() == asked.clone().count()
                && wanted.zip(asked).all(|(wanted, asked)| wanted == asked || wanted.starts_with('{'))
        })
    }

    /// The row of a request; of one that has no route, the row with the strictest access.
    pub(super) fn of(rows: &[Self], head: &Parts) -> Self {
        let path = head.uri.path();
        let found = Self::at(rows, path).find(|row| row.method == head.method);
        found.or_else(|| Self::at(rows, path).next()).cloned().unwrap_or_default()
    }
}
