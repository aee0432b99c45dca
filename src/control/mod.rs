//! The control API under `/_emulator/`: hold the clock, look at tasks, start over. JSON in, JSON out.
//!
//! Routes stand in one list, in `routes`; each noun has a file.

mod calls;
mod certificates;
mod clock;
mod events;
mod exports;
mod faults;
pub mod guard;
mod info;
mod narrow;
mod query;
mod reply;
mod requests;
mod routes;
mod scenario;
mod state;
mod state_file;
mod tasks;
mod verify;
mod wait;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use self::certificates::{NoOwnCertificates, check as check_certificates};
use self::guard::Bodies;
pub use self::guard::Policy;
pub use self::reply::Refusal;
use self::routes::Route;
pub use self::scenario::{LoadRefusal, Loaded, Overrides};
pub use self::state_file::{StateFile, StateFileError};
use crate::fault::Engine;
use crate::gateway::Gateway;
use crate::journal::Journal;
use crate::stop::Stop;

/// Where the API lives.
pub const PREFIX: &str = "/_emulator";

/// What the API acts on.
#[derive(Debug)]
pub struct Control {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What goes wrong on purpose.
    pub faults: Arc<Engine>,
    /// The last calls.
    pub journal: Arc<Journal>,
    /// The loaded scenario, and what stays when another one is loaded.
    pub loaded: Loaded,
    /// Who may use the API.
    pub policy: Policy,
    /// Whether there is more of it than the probes.
    pub enabled: bool,
    /// The certificate of the authority that clients must trust, in PEM, if the emulator has one of its own.
    pub ca_pem: Option<String>,
    /// Where the state is kept between two starts, if anywhere.
    pub state_file: Option<StateFile>,
    /// Tells when the process begins to stop.
    pub stop: Stop,
}

impl Control {
    /// Whether a path is the API's; if it is off, only the probes' are.
    pub fn answers(&self, path: &str) -> bool {
        let Some(rest) = path.strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        else {
            return false;
        };
        self.enabled || Access::to(rest) != Access::Control
    }

    /// Whether whoever sent this may use the route that it is for.
    fn check(&self, head: &Parts) -> Result<(), Refusal> {
        let Parts { method, headers, .. } = head;
        let rest = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let from_elsewhere = || {
            guard::check_origin(headers)?;
            guard::check_body(method, headers, bodies(rest))
        };
        let (policy, token) = (&self.policy, self.policy.token.as_ref());
        match Access::to(rest) {
            Access::Link => Ok(()),
            Access::Probe => from_elsewhere(),
            Access::Control => guard::check_host(headers, policy)
                .and_then(|()| from_elsewhere())
                .and_then(|()| guard::check_token(headers, token)),
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Whoever may control the emulator.
    Control,
    /// Anybody but a web page, by whatever name: it only says whether the emulator is well, and whom to trust. Probes
    /// need no token and are always there: an orchestrator that may not ask would take a healthy container for a sick
    /// one.
    Probe,
    /// Whoever was given the link, which an answer of the service holds. It is followed by any program, under
    /// whatever name it calls the service; that the link cannot be guessed is what protects it.
    Link,
}

impl Access {
    /// To what follows the prefix in a path.
    fn to(rest: &str) -> Self {
        match rest {
            // What every handshake shows is no secret, and whoever wants to call over TLS needs it first.
            "/health" | "/ready" | "/ca.pem" => Self::Probe,
            rest if rest.starts_with("/exports/") => Self::Link,
            _ => Self::Control,
        }
    }
}

type Shared = Arc<Control>;

/// The API as a router, with its guard around all of it.
pub fn router(control: Arc<Control>) -> Router {
    let mut router = Router::new();
    for Route { path, handler, .. } in routes::all() {
        router = router.route(&format!("{PREFIX}/{path}"), handler);
    }
    router
        .route(PREFIX, get(routes::list))
        .fallback(routes::unknown_path)
        .method_not_allowed_fallback(routes::wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&control), guarded))
        // The front door has taken the body in, within bounds of our own.
        .layer(DefaultBodyLimit::disable())
        .with_state(control)
}

async fn guarded(State(control): State<Shared>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match control.check(&head) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// What bodies a path takes, by what follows the prefix.
fn bodies(rest: &str) -> Bodies {
    if ["/scenario", "/faults"].contains(&rest) { Bodies::JsonOrYaml } else { Bodies::Json }
}
