//! The control API under `/_emulator/`: a thin HTTP adapter around the core. JSON in, JSON out.
//!
//! Routes stand in one list, in `routes`; each noun has a file of handlers.

mod answers;
mod catalog;
mod clock;
mod commands;
mod console;
mod error;
mod events;
mod faults;
mod guard;
mod info;
mod links;
mod metrics;
mod openapi;
mod pace;
mod query;
mod report;
mod requests;
mod route;
mod routes;
mod scenario;
mod snapshots;
mod state;
mod tasks;
mod uploads;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::request::Parts;
use axum::http::{self, Method};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use futures_util::{FutureExt, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use self::error::ControlError;
pub use self::guard::AccessPolicy;
use self::guard::{Access, BodyKind};
pub(crate) use self::links::Links;
use self::route::{Cost, Row};
use crate::body::{self, BodyError, Buffers, Received, Taken, keeping};
use crate::emulator::Emulator;
use crate::journal::CarriedOut;
use crate::peer::{Peer, Work};

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
    buffers: Buffers,
    /// For the bodies of requests that take no snapshot: clients of the service cannot use it up.
    own_buffers: Buffers,
    /// Requests whose handlers may compute for some time; the others wait.
    computing: Arc<Semaphore>,
    /// Those that may take seconds: they do not hold up the rest.
    computing_long: Arc<Semaphore>,
    /// Those that save the state: one after the other, also if their clients leave.
    saving: Arc<Semaphore>,
    /// Requests that wait for something.
    waiting: Arc<Semaphore>,
    /// Requests that stream events.
    listening: Arc<Semaphore>,
    /// Requests that upload files.
    uploading: Arc<Semaphore>,
}

/// Most requests that compute at once. Each has a thread of its own while it does.
const MOST_COMPUTING: usize = 2;
/// Most requests that wait at once: each of them looks at every call.
const MOST_WAITING: usize = 256;
/// Most event streams at once: each of them reads every call.
const MOST_LISTENING: usize = 64;
/// Most uploads at once: each holds the part of a file that has just arrived.
const MOST_UPLOADING: usize = 64;
/// Most bytes of the bodies of requests that take no snapshot.
const OWN_BYTES: usize = 16 << 20;
/// Answers from this length on count as memory that is taken.
const LARGE: u64 = 64 << 10;

/// Notes a change once the handler has ended, also if its client has gone meanwhile.
struct Change {
    emulator: Shared,
    by: Option<IpAddr>,
}

impl Change {
    /// Records the command that a response says was carried out, and logs it.
    fn record(&self, response: &mut Response) {
        if let Some(command) = response.extensions_mut().remove::<CarriedOut>() {
            let by = self.by.map(|address| address.to_string());
            commands::log(&self.emulator.record_command(command, by));
        }
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.emulator.note_change();
    }
}

impl Control {
    /// The API, as `policy` allows; without a policy only its probes and links.
    pub(crate) fn new(emulator: Shared, policy: Option<AccessPolicy>, buffers: Buffers) -> Self {
        let (rows, router) = routes::build();
        // This module reads bodies itself, with the limit of each row.
        let router = router.layer(DefaultBodyLimit::disable()).layer(Extension(buffers.clone()));
        let router = router.with_state(Arc::clone(&emulator));
        let is_enabled = policy.is_some();
        let policy = policy.unwrap_or_default();
        let [computing, computing_long, saving, waiting, listening, uploading] =
            [MOST_COMPUTING, MOST_COMPUTING, 1, MOST_WAITING, MOST_LISTENING, MOST_UPLOADING]
                .map(|most| Arc::new(Semaphore::new(most)));
        let links = Links::new(policy.token.clone());
        let own_buffers = Buffers::new(OWN_BYTES);
        Self {
            emulator,
            policy,
            links,
            is_enabled,
            rows,
            router,
            buffers,
            own_buffers,
            computing,
            computing_long,
            saving,
            waiting,
            listening,
            uploading,
        }
    }

    /// What opens its links.
    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// What a browser gets that was given nothing but the address.
    pub(crate) fn home<B>(&self, request: &http::Request<B>) -> Option<http::Response<Bytes>> {
        console::home(request, self.own_names(), self.is_enabled)
    }

    /// Further host names that are this emulator's own.
    pub(crate) fn own_names(&self) -> &[String] {
        &self.policy.advertised_hosts
    }

    pub(crate) fn answers(&self, path: &str) -> bool {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        path.strip_prefix(PREFIX).is_some_and(is_below)
            && (self.is_enabled || Row::at(&self.rows, path).any(|row| row.access.is_always_there()))
    }

    /// Answers a request: guard, then body, then handler.
    pub(crate) async fn answer(&self, request: Request, peer: &Peer) -> Response {
        let (head, body) = request.into_parts();
        if console::is_asked_for(&head) {
            let allowed = guard::check(&head, &self.policy, Access::Page, BodyKind::None);
            return allowed.map_or_else(IntoResponse::into_response, |()| console::page(&head.headers));
        }
        let row = Row::of(&self.rows, &head);
        let method = head.method.clone();
        let answer = match self.receive(&row, &head, body).await {
            Ok((body, taken)) => {
                let mut request = Request::from_parts(head, body);
                request.extensions_mut().insert(peer.clone());
                let answer = self.handle(row.cost, request, peer, taken).await;
                answer.unwrap_or_else(IntoResponse::into_response)
            }
            Err(error) => error.into_response(),
        };
        // In all tests: the description has every status, and a handler cannot add one.
        let status = answer.status().as_u16();
        debug_assert!(row.documents(&method, status), "{method} {} does not document {status}", row.path);
        answer
    }

    /// Refuses a request whose head says nothing useful.
    pub(crate) fn refuse(message: &str) -> Response {
        ControlError::new(400, "bad_request", message).into_response()
    }

    /// Runs the handler. The memory of the body is kept until it has ended, that of a large answer until it is sent.
    async fn handle(
        &self,
        cost: Cost,
        request: Request,
        peer: &Peer,
        taken: Taken,
    ) -> Result<Response, ControlError> {
        let change = (request.method() != Method::GET)
            .then(|| Change { emulator: Arc::clone(&self.emulator), by: peer.remote_address() });
        let response = run(self.router.clone(), request, change);
        match cost {
            Cost::Short => {
                let _busy = peer.begin(Work::Short).map_err(|_| no_room())?;
                self.sent_within_memory(response.await)
            }
            Cost::Computing | Cost::ComputingLong | Cost::Saving => {
                let turns = match cost {
                    Cost::Saving => &self.saving,
                    Cost::ComputingLong => &self.computing_long,
                    _ => &self.computing,
                };
                // The connection is not busy yet, so those that wait here take no room from others.
                let turn = tokio::select! {
                    biased;
                    turn = Arc::clone(turns).acquire_owned() => turn,
                    () = peer.gone() => return Err(client_gone()),
                };
                let _busy = peer.begin(Work::Short).map_err(|_| no_room())?;
                let runtime = Handle::current();
                // On a thread of its own: the others must not wait for it.
                let answer = tokio::task::spawn_blocking(move || {
                    let _kept = (turn, taken);
                    runtime.block_on(response)
                });
                self.sent_within_memory(answer.await.unwrap_or_else(|_| bug()))
            }
            Cost::Waiting => {
                let _busy = peer.begin(Work::Long).map_err(|_| no_room())?;
                let _place = self.waiting.try_acquire().map_err(|_| {
                    ControlError::new(503, "too_many_waits", format!("{MOST_WAITING} requests wait already"))
                        .hint("end one of them")
                })?;
                tokio::select! {
                    biased;
                    response = response => Ok(response),
                    () = peer.gone() => Err(client_gone()),
                }
            }
            Cost::Receiving => {
                let _busy = peer.begin(Work::Long).map_err(|_| no_room())?;
                let _place = self.uploading.try_acquire().map_err(|_| {
                    ControlError::new(
                        503,
                        "too_many_uploads",
                        format!("{MOST_UPLOADING} files are being uploaded already"),
                    )
                    .hint("try again once one of them has ended")
                })?;
                Ok(response.await)
            }
            Cost::Streaming => {
                let busy = peer.begin(Work::Long).map_err(|_| no_room())?;
                let place = Arc::clone(&self.listening).try_acquire_owned().map_err(|_| {
                    let message = format!("there are {MOST_LISTENING} event streams already");
                    ControlError::new(503, "too_many_listeners", message).hint("close one of them")
                })?;
                peer.buffer_little();
                let (head, body) = response.await.into_parts();
                let events = Body::from_stream(body.into_data_stream().take_until(Box::pin(peer.gone())));
                Ok(Response::from_parts(head, keeping(events, (busy, place))))
            }
        }
    }

    /// Counts a large answer as memory that is taken until it is sent.
    fn sent_within_memory(&self, response: Response) -> Result<Response, ControlError> {
        let length = response.body().size_hint().exact().unwrap_or_default();
        if length < LARGE {
            return Ok(response);
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let most = self.buffers.total();
        if length > most {
            let message = format!("the answer has {length} bytes; --max-buffered allows {most}");
            let error = ControlError::new(507, "too_large_for_memory", message);
            return Err(error.hint("raise --max-buffered, or ask for less with ?limit="));
        }
        let taken = self.buffers.take(length).ok_or_else(no_memory)?;
        Ok(response.map(|body| keeping(body, taken)))
    }

    /// The body, with the memory that it takes. That of an upload is yet to be read.
    async fn receive(&self, row: &Row, head: &Parts, body: Body) -> Result<(Body, Taken), ControlError> {
        guard::check(head, &self.policy, row.access, row.body)?;
        if row.access == Access::Link {
            self.links.check(head, self.emulator.session().scenario.seed)?;
        }
        if row.cost == Cost::Receiving {
            return Ok((body, Taken::default()));
        }
        let limits = &self.emulator.config().limits;
        let body_limit = (limits.body_bytes, "--max-body");
        // More could never be received.
        let most = self.buffers.total();
        let state_limit = if limits.state_bytes > most {
            (most, "--max-buffered")
        } else {
            (limits.state_bytes, "--max-state")
        };
        let ((limit, flag), buffers) =
            if row.takes_state { (state_limit, &self.buffers) } else { (body_limit, &self.own_buffers) };
        let read = body::read(body, limit, limits.receive, buffers).await;
        let Received { bytes, taken } = read.map_err(|error| match error {
            BodyError::TooLarge => {
                let message = format!("The body is larger than {limit} bytes; {flag} raises the limit.");
                ControlError::new(413, "body", message)
            }
            BodyError::NoMemory => no_memory(),
            BodyError::Malformed => ControlError::new(400, "body", "The body could not be read."),
            BodyError::Timeout => ControlError::new(408, "body", "The request did not arrive in time."),
        })?;
        row.body.check_content(head, &bytes)?;
        Ok((Body::from(bytes), taken))
    }
}

/// Runs a handler. The change is noted where the handler ends: its client may have gone before.
async fn run(router: Router, request: Request, change: Option<Change>) -> Response {
    match AssertUnwindSafe(router.oneshot(request)).catch_unwind().await {
        Ok(Ok(mut response)) => {
            if let Some(change) = &change {
                change.record(&mut response);
            }
            response
        }
        Err(_) => bug(),
    }
}

fn bug() -> Response {
    ControlError::new(500, "panic", "this is a bug; please report it").into_response()
}

fn no_memory() -> ControlError {
    ControlError::new(
        503,
        "no_memory",
        "bodies and answers take as much memory as they may (docs/control-api.md)",
    )
    .hint("try again once others have ended")
}

fn client_gone() -> ControlError {
    ControlError::new(408, "client_gone", "the client closed its side")
}

fn no_room() -> ControlError {
    ControlError::new(503, "no_room", "as many requests are waiting as --max-connections allows")
        .hint("try again once others have ended")
}
