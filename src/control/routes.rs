//! The routes, in one list: what each takes, and what is said to those who miss them.

use axum::extract::Request;
use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use serde_json::{Value, json};

use super::query::Plain;
use super::reply::Reply;
use super::{
    PREFIX, Refusal, Shared, certificates, clock, events, exports, faults, info, requests, scenario, state,
    tasks, verify, wait,
};

/// One route.
pub(super) struct Route {
    method: Method,
    /// What follows the prefix.
    pub(super) path: &'static str,
    /// For whoever asks what there is.
    what: &'static str,
    pub(super) handler: MethodRouter<Shared>,
}

/// All of them.
pub(super) fn all() -> Vec<Route> {
    let route = |method, path, what, handler| Route { method, path, what, handler };
    vec![
        route(Method::GET, "", "this list", get(list)),
        route(Method::GET, "health", "alive", get(info::health)),
        route(Method::GET, "ready", "200 when ready to be called, 503 when not", get(info::ready)),
        route(Method::GET, "ca.pem", "what clients must trust over TLS (--tls auto)", get(certificates::ca)),
        route(Method::GET, "info", "version, seed, scenario, counts", get(info::info)),
        route(
            Method::POST,
            "reset",
            "back to the first instant; ?account= for one account",
            post(info::reset),
        ),
        route(
            Method::DELETE,
            "accounts/{id}",
            "forget an account, as if it had never called",
            delete(info::forget),
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
        route(
            Method::GET,
            "requests",
            "the last calls, newest first; ?action=, ?status=, ?code=, ?account=, ?fault=, ?params.NAME=, ?since=, ?limit=",
            get(requests::list),
        ),
        route(Method::DELETE, "requests", "forget them; ?account=", delete(requests::clear)),
        route(Method::GET, "requests/count", "how many; the same conditions", get(requests::count)),
        route(Method::GET, "requests/{id}", "one call by its RequestId", get(requests::one)),
        route(
            Method::POST,
            "verify",
            r#"{"expect":[{"action","params","status","code","account","fault","since","count","gap","no_calls_after","retry_after"}],"order":[…],"account","since"}"#,
            post(verify::judge),
        ),
        route(
            Method::GET,
            "verdict",
            "what the loaded scenario expects, judged; ?account=",
            get(verify::verdict),
        ),
        route(
            Method::GET,
            "await",
            "answers once there are so many calls; ?count=, ?timeout=, the same conditions",
            get(wait::until_reached),
        ),
        route(
            Method::GET,
            "events",
            "calls, faults and transitions as they happen (Server-Sent Events); ?account=, ?since=",
            get(events::listen),
        ),
    ]
}

/// What there is, for whoever looks around.
pub(super) async fn list(_: Plain) -> Reply<Value> {
    Reply(json!({ "version": env!("CARGO_PKG_VERSION"), "endpoints": endpoints() }))
}

fn endpoints() -> Vec<String> {
    let line = |Route { method, path, what, .. }: &Route| format!("{method} {PREFIX}/{path}: {what}");
    all().iter().map(line).collect()
}

pub(super) async fn unknown_path(request: Request) -> Refusal {
    Refusal::new(404, "unknown_path", format!("there is no {}", request.uri().path()))
        .hint("these exist")
        .endpoints(endpoints())
}

pub(super) async fn wrong_method(request: Request) -> Refusal {
    let path = request.uri().path();
    let methods: Vec<String> =
        all().iter().filter(|route| is_at(route.path, path)).map(|route| route.method.to_string()).collect();
    Refusal::new(405, "wrong_method", format!("{path} does not take {}", request.method()))
        .hint(format!("use {}", methods.join(" or ")))
}

/// Whether a route's path, in which `{id}` stands for anything, is that of a request.
fn is_at(route: &str, path: &str) -> bool {
    let parts = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, asked) = (parts(&format!("{PREFIX}/{route}")), parts(path));
    wanted.len() == asked.len()
        && wanted.iter().zip(&asked).all(|(wanted, asked)| wanted == asked || wanted.starts_with('{'))
}
