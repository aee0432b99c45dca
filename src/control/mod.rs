//! The control API under `/_emulator/`: a thin HTTP adapter around the core. JSON in, JSON out.
//!
//! Routes stand in one list, in `routes`; each noun has a file of handlers.

mod clock;
mod error;
mod events;
mod faults;
mod guard;
mod info;
mod links;
mod query;
mod requests;
mod routes;
mod scenario;
mod state;
mod tasks;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::ServiceExt;

use self::error::ControlError;
use self::guard::Access;
pub use self::guard::AccessPolicy;
pub(crate) use self::links::Links;
use self::routes::Row;
use crate::body::{self, BodyError};
use crate::emulator::Emulator;

pub(crate) const PREFIX: &str = "/_emulator";

type Shared = Arc<Emulator>;

#[derive(Debug)]
pub(crate) struct Control {
    emulator: Shared,
    policy: AccessPolicy,
    links: Links,
    /// Whether there is more of it than the probes.
    is_enabled: bool,
    rows: Vec<Row>,
    router: Router,
}

impl Control {
    /// The API, as `policy` allows; without a policy only its probes and links.
    pub(crate) fn new(emulator: Shared, policy: Option<AccessPolicy>) -> Self {
        let (rows, router) = routes::build();
        // This module reads bodies itself, with the limit of each row.
        let router = router.layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&emulator));
        let is_enabled = policy.is_some();
        let policy = policy.unwrap_or_default();
        let links = Links::new(policy.token.clone());
        Self { emulator, policy, links, is_enabled, rows, router }
    }

    /// What opens its links.
    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// Further host names that are this emulator's own.
    pub(crate) fn own_names(&self) -> &[String] {
        &self.policy.advertised_hosts
    }

    pub(crate) fn answers(&self, path: &str) -> bool {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        path.strip_prefix(PREFIX).is_some_and(is_below)
            && (self.is_enabled || Row::at(&self.rows, path).any(|row| row.access != Access::Control))
    }

    /// Answers a request: guard, then body, then handler.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = match self.receive(&head, body).await {
            Ok(body) => body,
            Err(error) => return error.into_response(),
        };
        let answer = self.router.clone().oneshot(Request::from_parts(head, Body::from(body)));
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(response)) => response,
            Err(_) => ControlError::new(500, "panic", "this is a bug; please report it").into_response(),
        }
    }

    async fn receive(&self, head: &Parts, body: Body) -> Result<Bytes, ControlError> {
        let row = Row::of(&self.rows, head);
        guard::check(head, &self.policy, row.access, row.body)?;
        if row.access == Access::Link {
            self.links.check(head, self.emulator.session().scenario.seed)?;
        }
        let limits = &self.emulator.config().limits;
        let body_limit = (limits.body_bytes, "--max-body");
        let (limit, flag) = if row.takes_state { (limits.state_bytes, "--max-state") } else { body_limit };
        let body = body::read(body, limit, limits.receive).await.map_err(|error| match error {
            BodyError::TooLarge => {
                let message = format!("The body is larger than {limit} bytes; {flag} raises the limit.");
                ControlError::new(413, "body", message)
            }
            BodyError::Malformed => ControlError::new(400, "body", "The body could not be read."),
            BodyError::Timeout => ControlError::new(408, "body", "The request did not arrive in time."),
        })?;
        row.body.check_content(head, &body)?;
        Ok(body)
    }
}
