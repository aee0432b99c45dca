//! The routes in one list: method, path, access, body kind, size limit, handler and help of each in one row.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::{Value, json};

use super::error::{ControlError, Json};
use super::guard::{Access, BodyKind};
use super::query::NoQuery;
use super::{
    PREFIX, Shared, answers, catalog, clock, commands, console, events, faults, info, report, requests,
    scenario, snapshots, state, tasks, uploads,
};

#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    method: Method,
    /// What follows the prefix; `{id}` stands for any segment.
    path: &'static str,
    help: &'static str,
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

struct Route(Row, MethodRouter<Shared>);

fn all() -> Vec<Route> {
    vec![
        get("", "this list", list),
        get("health", "alive", info::health).access(Access::Probe),
        get("ready", "200 when ready to be called, 503 when not", info::ready).access(Access::Probe),
        // What every handshake shows is no secret, and a client that calls over TLS needs it first.
        get("ca.pem", "what clients must trust over TLS (--tls auto)", info::ca).access(Access::Probe),
        get("info", "version, seed, scenario, counts", info::info).computing(),
        post("reset", "back to the start time; ?account= for one account", info::reset).body(BodyKind::None).computing(),
        delete("accounts/{id}", "forget an account, as if it had never called", info::forget),
        get("clock", "the task clock; ?account= for an account's", clock::read),
        put(
            "clock",
            r#"{"action":"pause|resume|advance|set|scale","by","to","rate"}; ?account= for an account's own"#,
            clock::act,
        )
        .cost(Cost::ComputingLong),
        get("tasks", "tasks as they are now; ?account=, ?type=, ?limit=, ?from=", tasks::list).computing(),
        post("tasks", r#"start one: {"account","type","name","source","targets","param"}"#, tasks::start),
        get("tasks/{id}", "one task by its hex id or its number; ?account=", tasks::one).computing(),
        patch("tasks/{id}", r#"force it: {"action":"finish|fail|timeout|stall","at"}"#, tasks::change).computing(),
        get("scenario", "the loaded scenario", scenario::read),
        put(
            "scenario",
            r#"load another: a document as application/json or application/yaml, or {"name":"default"}"#,
            scenario::replace,
        )
        .body(BodyKind::JsonOrYaml)
        .computing(),
        get("state", "all of it as a snapshot", state::read).cost(Cost::ComputingLong),
        put("state", "restore a snapshot", state::restore).takes_state().cost(Cost::ComputingLong),
        post("state", "save to the state file", state::save).body(BodyKind::None).cost(Cost::Saving),
        get("snapshots", "the snapshots that are kept in memory, by name", snapshots::list),
        put("snapshots/{name}", "keep the session under a name, to go back to", snapshots::save)
            .body(BodyKind::None)
            .cost(Cost::ComputingLong),
        post("snapshots/{name}", "restore one", snapshots::restore)
            .body(BodyKind::None)
            .cost(Cost::ComputingLong),
        delete("snapshots/{name}", "drop one", snapshots::remove),
        get("faults", "fault rules and their counters; ?account=", faults::list),
        post("faults", "arm further rules, one or a list", faults::add).body(BodyKind::JsonOrYaml),
        put("faults", "arm these rules instead of all others", faults::replace).body(BodyKind::JsonOrYaml),
        delete("faults", "disarm all rules", faults::clear),
        delete("faults/{id}", "disarm one rule", faults::remove),
        get("answers", "scripted answers, and how often each was given; ?account=", answers::list),
        post("answers", "add further answers, one or a list", answers::add).body(BodyKind::JsonOrYaml),
        put("answers", "these answers instead of all others", answers::replace).body(BodyKind::JsonOrYaml),
        delete("answers", "remove all answers; ?account=", answers::clear),
        delete("answers/{id}", "remove one answer", answers::remove),
        get("exports/{id}", "the file of an export, such as of ExportVul", info::export).access(Access::Link).computing(),
        post("uploads/{account}/{hash}", "takes a file for CreateFileDetect, as a form of OSS", uploads::upload)
            .access(Access::Link)
            .cost(Cost::Receiving),
        get(
            "requests",
            "the last calls, newest first; ?action=, ?status=, ?code=, ?account=, ?fault=, ?params.NAME=, ?since=, ?escaped=, ?limit=",
            requests::list,
        )
        .computing(),
        delete("requests", "forget them; ?account=", requests::clear),
        get("requests/count", "how many; the same conditions", requests::count).computing(),
        get("requests/{id}", "one call by its RequestId", requests::one),
        post(
            "verify",
            r#"{"expect":[{"action","params","status","code","account","fault","since","count","gap","no_calls_after","retry_after"}],"order":[…],"account","since"}"#,
            requests::judge,
        )
        .computing(),
        get("verdict", "what the loaded scenario expects, judged; ?account=", requests::verdict).computing(),
        get(
            "report",
            "the timeline of the calls so far, with the verdict; ?format=html|svg|json, ?style=none, ?account=",
            report::read,
        )
        .computing(),
        get(
            "await",
            "answers once there are so many calls; ?count=, ?timeout=, the same conditions",
            requests::until_reached,
        )
        .cost(Cost::Waiting),
        get("commands", "what was changed through this API, newest first; ?account=, ?limit=", commands::list),
        get(
            "events",
            "calls, faults, transitions and commands as they happen (Server-Sent Events); ?since=, ?per_second=, the same conditions",
            events::listen,
        )
        .cost(Cost::Streaming),
        get("operations", "all operations, with their fidelity", catalog::operations).computing(),
        get("operations/{name}", "one operation: what it takes, and how far it is modelled", catalog::operation),
        get("scenarios", "the built-in scenarios, with their texts", catalog::scenarios).computing(),
        get("schema.json", "the JSON Schema of scenarios", catalog::schema).computing(),
        get("console/{file}", "a file of the console, the page that browsers get here", console::file)
            .access(Access::Page),
        get("console/vendor/{file}", "the same, of libraries that it uses", console::vendored).access(Access::Page),
    ]
}

macro_rules! methods {
    ($($name:ident $method:ident)*) => {$(
        fn $name<H, T: 'static>(path: &'static str, help: &'static str, handler: H) -> Route
        where
            H: Handler<T, Shared>,
        {
            let method = Method::$method;
            Route(Row { method, path, help, ..Row::default() }, on(MethodFilter::$method, handler))
        }
    )*};
}
methods! { get GET post POST put PUT patch PATCH delete DELETE }

impl Route {
    fn access(self, access: Access) -> Self {
        Self(Row { access, ..self.0 }, self.1)
    }

    fn body(self, body: BodyKind) -> Self {
        Self(Row { body, ..self.0 }, self.1)
    }

    fn takes_state(self) -> Self {
        Self(Row { takes_state: true, ..self.0 }, self.1)
    }

    fn computing(self) -> Self {
        self.cost(Cost::Computing)
    }

    fn cost(self, cost: Cost) -> Self {
        Self(Row { cost, ..self.0 }, self.1)
    }
}

pub(super) fn build() -> (Vec<Row>, Router<Shared>) {
    let (mut rows, mut router) = (Vec::new(), Router::new().route(PREFIX, on(MethodFilter::GET, list)));
    for Route(row, handler) in all() {
        router = router.route(&format!("{PREFIX}/{}", row.path), handler);
        rows.push(row);
    }
    (rows, router.fallback(unknown_path).method_not_allowed_fallback(wrong_method))
}

impl Row {
    pub(super) fn at<'r>(rows: &'r [Self], path: &str) -> impl Iterator<Item = &'r Self> {
        let asked = path.strip_prefix(PREFIX).unwrap_or_default().trim_start_matches('/').to_owned();
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

async fn list(_: NoQuery) -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "endpoints": endpoints() }))
}

fn endpoints() -> Vec<String> {
    let line = |Route(Row { method, path, help, .. }, _)| format!("{method} {PREFIX}/{path}: {help}");
    all().into_iter().map(line).collect()
}

async fn unknown_path(request: Request) -> ControlError {
    let message = format!("there is no {}", request.uri().path());
    let mut error = ControlError::new(404, "unknown_path", message).hint("these exist");
    error.endpoints = endpoints();
    error
}

async fn wrong_method(request: Request) -> ControlError {
    let path = request.uri().path();
    let rows: Vec<Row> = all().into_iter().map(|Route(row, _)| row).collect();
    let methods: Vec<String> = Row::at(&rows, path).map(|row| row.method.to_string()).collect();
    ControlError::new(405, "wrong_method", format!("{path} does not take {}", request.method()))
        .hint(format!("use {}", methods.join(" or ")))
}
