//! The control API under `/_emulator/`: hold the clock, look at tasks, start over. JSON in, JSON out.
//!
//! Routes stand in one list; each noun has a file.

mod clock;
mod exports;
mod faults;
pub mod guard;
mod info;
mod narrow;
mod query;
mod reply;
mod scenario;
mod state;
mod state_file;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use self::guard::Bodies;
pub use self::guard::Policy;
pub use self::reply::Refusal;
pub use self::scenario::{Loaded, Overrides};
pub use self::state_file::{StateFile, StateFileError};
use crate::fault::Engine;
use crate::gateway::Gateway;

/// Where the API lives.
pub const PREFIX: &str = "/_emulator";

/// What the API acts on.
#[derive(Debug)]
pub struct Control {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What goes wrong on purpose.
    pub faults: Arc<Engine>,
    /// The loaded scenario, and what stays when another one is loaded.
    pub loaded: Loaded,
    /// Who may use the API.
    pub policy: Policy,
    /// Whether there is more of it than the probes.
    pub enabled: bool,
    /// Where the state is kept between two starts, if anywhere.
    pub state_file: Option<StateFile>,
    /// Turns false when the process begins to stop.
    pub ready: Arc<std::sync::atomic::AtomicBool>,
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
            guard::check_origin(headers, &self.policy)?;
            guard::check_body(method, headers, bodies(rest))
        };
        match Access::to(rest) {
            Access::Link => Ok(()),
            Access::Probe => from_elsewhere(),
            Access::Control => {
                from_elsewhere().and_then(|()| guard::check_token(headers, self.policy.token.as_ref()))
            }
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Whoever may control the emulator.
    Control,
    /// Anybody but a web page: it only says whether the emulator is well. Probes need no token and are always there: an
    /// orchestrator that may not ask would take a healthy container for a sick one.
    Probe,
    /// Whoever was given the link, which an answer of the service holds. It is followed by any program, under
    /// whatever name it calls the service; that the link cannot be guessed is what protects it.
    Link,
}

impl Access {
    /// To what follows the prefix in a path.
    fn to(rest: &str) -> Self {
        match rest {
            "/health" | "/ready" => Self::Probe,
            rest if rest.starts_with("/exports/") => Self::Link,
            _ => Self::Control,
        }
    }
}

type Shared = Arc<Control>;

/// One route.
struct Route {
    method: Method,
    path: &'static str,
    what: &'static str,
    handler: MethodRouter<Shared>,
}

fn routes() -> Vec<Route> {
    let route = |method, path, what, handler| Route { method, path, what, handler };
    vec![
        route(Method::GET, "health", "alive", get(info::health)),
        route(Method::GET, "ready", "200 when ready to be called, 503 when not", get(info::ready)),
        route(Method::GET, "info", "version, seed, scenario, counts", get(info::info)),
        route(
            Method::POST,
            "reset",
            "back to the first instant; ?account= for one account",
            post(info::reset),
        ),
        route(Method::GET, "clock", "the task clock; ?account= for an account's", get(clock::read)),
        route(
            Method::PUT,
            "clock",
            r#"{"action":"pause|resume|advance|set|scale","by","to","rate"}; ?account= for an account's own"#,
            put(clock::act),
        ),
        route(Method::GET, "tasks", "tasks as they are now; ?account=, ?type=, ?limit=", get(tasks::list)),
        route(
            Method::POST,
            "tasks",
            r#"start one: {"account","type","name","source","targets","param"}"#,
            post(tasks::start),
        ),
        route(Method::GET, "tasks/{id}", "one task by its hex id or its number; ?account=", get(tasks::one)),
        route(
            Method::PATCH,
            "tasks/{id}",
            r#"force it: {"action":"finish|fail|timeout|stall","at"}"#,
            patch(tasks::change),
        ),
        route(Method::GET, "scenario", "the loaded scenario", get(scenario::read)),
        route(
            Method::PUT,
            "scenario",
            r#"load another: a document as application/json or application/yaml, or {"name":"default"}"#,
            put(scenario::replace),
        ),
        route(Method::GET, "state", "all of it as a snapshot", get(state::read)),
        route(Method::PUT, "state", "restore a snapshot", put(state::restore)),
        route(Method::POST, "state", "save to the state file", post(state::save)),
        route(Method::GET, "faults", "fault rules and what they struck; ?account=", get(faults::list)),
        route(Method::POST, "faults", "arm further rules, one or a list", post(faults::add)),
        route(Method::PUT, "faults", "arm these rules instead of all others", put(faults::replace)),
        route(Method::DELETE, "faults", "disarm all rules", delete(faults::clear)),
        route(Method::DELETE, "faults/{id}", "disarm one rule", delete(faults::remove)),
        route(Method::GET, "exports/{id}", "a report that ExportVul made", get(exports::download)),
    ]
}

/// The API as a router, with its guard around all of it.
pub fn router(control: Arc<Control>) -> Router {
    let mut router = Router::new();
    for Route { path, handler, .. } in routes() {
        router = router.route(&format!("{PREFIX}/{path}"), handler);
    }
    router
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
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
    if rest == "/scenario" { Bodies::JsonOrYaml } else { Bodies::Json }
}

async fn unknown_path(request: Request) -> Refusal {
    let routes = routes();
    let endpoints =
        routes.iter().map(|Route { method, path, what, .. }| format!("{method} {PREFIX}/{path}: {what}"));
    Refusal::new(404, "unknown_path", format!("there is no {}", request.uri().path()))
        .hint("these exist")
        .endpoints(endpoints.collect())
}

async fn wrong_method(request: Request) -> Refusal {
    let path = request.uri().path();
    let methods: Vec<String> = routes()
        .iter()
        .filter(|route| path == format!("{PREFIX}/{}", route.path))
        .map(|route| route.method.to_string())
        .collect();
    Refusal::new(405, "wrong_method", format!("{path} does not take {}", request.method()))
        .hint(format!("use {}", if methods.is_empty() { "GET".to_owned() } else { methods.join(" or ") }))
}
