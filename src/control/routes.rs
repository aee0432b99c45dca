//! The routes in one list, a row for each, and what answers where there is none.

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodFilter, on};
use serde_json::{Value, json};

use super::error::{ControlError, Json};
use super::guard::{Access, BodyKind};
use super::query::NoQuery;
use super::route::{Cost, Route, Row, delete, get, patch, post, put};
use super::{
    PREFIX, Shared, answers, catalog, clock, commands, console, events, faults, info, metrics, openapi,
    report, requests, scenario, snapshots, state, tasks, uploads,
};

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<Route> {
    vec![
        get("", "this list", list)
            .about("this list; to a browser (`Accept: text/html`) the [console](console.md)")
            .content("application/json text/html").shows("Endpoints"),
        get("health", "alive", info::health)
            .access(Access::Probe).shows("Health"),
        get("ready", "200 when ready to be called, 503 when not", info::ready)
            .about("200 when ready to be called, 503 when starting or stopping")
            .access(Access::Probe).shows("Ready"),
        // What every handshake shows is no secret, and a client that calls over TLS needs it first.
        get("ca.pem", "what clients must trust over TLS (--tls auto)", info::ca)
            .about("the authority that clients must trust over [TLS](tls.md), in PEM; 404 with `--no-intercept` and without `--tls auto`")
            .access(Access::Probe).content("application/x-pem-file").fails(&[404, 500]),
        get("info", "version, seed, scenario, counts", info::info)
            .about("version, seed, scenario, time, counts; `escaped_calls` of this session: [calls to other hosts](intercept.md#escaped-calls), refused; `evicted_accounts` of this session, [see below](#more-accounts-than-are-kept); `log.dropped`: how many log lines [could not be written](containers.md#log-and-signals)")
            .computing().shows("Info"),
        post("reset", "back to the start time, all or one account", info::reset)
            .about("begins a new session at the scenario's start time: clocks, accounts, tasks, nonces, temporary keys, random streams, faults and answers. The journal is emptied. `?account=ID` resets that account alone, [see below](#reset)")
            .body(BodyKind::None).computing().shows("Reset").fails(&[404, 500]),
        delete("accounts/{id}", "forget an account, as if it had never called", info::forget)
            .about("forgets an account, its calls, its temporary keys, and the faults and answers that are for it alone, as if it had never called")
            .shows("AccountForgotten").fails(&[404]),
        get("clock", "the task clock, or an account's", clock::read)
            .about("the task clock, and the accounts that have their own")
            .shows("Clock").fails(&[404]).large(),
        put("clock", "pause or move it, or an account's own", clock::act)
            .about("pauses or moves it")
            .cost(Cost::ComputingLong).takes("ClockBody").shows("Clock").fails(&[404]).large(),
        get("tasks", "tasks as they are now", tasks::list)
            .about("tasks as they are now, those of schedules included (1000, at most 10 000 with `limit`), [page by page](#list-of-tasks). Reading here does not count as a poll")
            .computing().shows("Tasks").fails(&[404]).large(),
        post("tasks", "start one", tasks::start)
            .about("starts one, as the console or a schedule would")
            .takes("StartBody").shows("Task").gives(&[201]).fails(&[404, 409]),
        get("tasks/{id}", "one task by its hex id or its number", tasks::one)
            .about("one task, by its hex id or by the number that `TaskId` shows; `?account=` where several accounts have that number")
            .computing().shows("Task").fails(&[404, 409]),
        patch("tasks/{id}", "force it into another state", tasks::change)
            .about("finishes it, or makes it fail, time out or stall; `?account=` as above")
            .computing().takes("ChangeBody").shows("Task").fails(&[404, 409]),
        get("scenario", "the loaded scenario", scenario::read)
            .about("the loaded scenario: name, description, seed, and the documents it was read from, secrets masked")
            .shows("Scenario").large(),
        put("scenario", r#"load another: a document, or {"name":"default"}"#, scenario::replace)
            .about("loads another one in its place")
            .body(BodyKind::JsonOrYaml).computing().takes("ScenarioBody").shows("Scenario").large(),
        get("state", "all of it as a snapshot", state::read)
            .about("the session as a snapshot")
            .cost(Cost::ComputingLong).shows("State").large(),
        put("state", "restore a snapshot", state::restore)
            .about("restores a snapshot, whatever was before")
            .takes_state().cost(Cost::ComputingLong).takes("State").shows("Restored"),
        post("state", "save to the state file", state::save)
            .about("saves to the file of `--state-file`; 409 if there is none")
            .body(BodyKind::None).cost(Cost::Saving).shows("Saved").fails(&[409, 500]),
        get("snapshots", "the snapshots that are kept in memory, by name", snapshots::list)
            .about("the [snapshots that are kept](#named-snapshots), by name")
            .shows("Snapshots"),
        put("snapshots/{name}", "keep the session under a name, to go back to", snapshots::save)
            .about("keeps the present session under a name, in memory, in place of what that name had")
            .body(BodyKind::None).cost(Cost::ComputingLong).shows("Snapshot").fails(&[409, 500]),
        post("snapshots/{name}", "restore one", snapshots::restore)
            .about("restores one; 404 with the nearest name if there is none")
            .body(BodyKind::None).cost(Cost::ComputingLong).shows("Restored").fails(&[404]),
        delete("snapshots/{name}", "drop one", snapshots::remove)
            .about("drops one")
            .shows("Removed").fails(&[404]),
        get("faults", "fault rules and their counters", faults::list)
            .about("fault rules and their counters; `?account=`. All fault routes: [faults.md](faults.md#at-run-time)")
            .shows("Faults").fails(&[404]).large(),
        post("faults", "arm further rules, one or a list", faults::add)
            .about("arms further rules")
            .body(BodyKind::JsonOrYaml).takes("FaultsBody").shows("Armed").fails(&[409]),
        put("faults", "arm these rules instead of all others", faults::replace)
            .about("arms these rules instead of all others")
            .body(BodyKind::JsonOrYaml).takes("FaultsBody").shows("Faults").fails(&[409]).large(),
        delete("faults", "disarm all rules, or those of one account", faults::clear)
            .about("disarms all")
            .shows("Faults").fails(&[404]).large(),
        delete("faults/{id}", "disarm one rule", faults::remove)
            .about("disarms one")
            .shows("Disarmed").fails(&[404]),
        get("answers", "scripted answers, and how often each was given", answers::list)
            .about("scripted answers, and how often each was given; `?account=`. All of these routes: [answers.md](answers.md#at-run-time)")
            .shows("Answers").fails(&[404]).large(),
        post("answers", "add further answers, one or a list", answers::add)
            .about("adds further answers")
            .body(BodyKind::JsonOrYaml).takes("AnswersBody").shows("Added").fails(&[409]),
        put("answers", "these answers instead of all others", answers::replace)
            .body(BodyKind::JsonOrYaml).takes("AnswersBody").shows("Answers").large(),
        delete("answers", "remove all answers, or those of one account", answers::clear)
            .about("removes all")
            .shows("Answers").fails(&[404]).large(),
        delete("answers/{id}", "remove one answer", answers::remove)
            .about("removes one")
            .shows("Removed").fails(&[404]),
        get("exports/{id}", "the file of an export, such as of ExportVul", info::export)
            .about("the file of an export: a zip with a spreadsheet, or CSV with `assumptions: { export_format: csv }`. The `Link` of `DescribeVulExportInfo` and its siblings leads to it, and ends in `.zip` or `.csv`. It is always there. The link carries a key, so it needs no token: [who may call it](#who-may-call-it)")
            .access(Access::Link).computing().content("application/zip text/csv").fails(&[404, 500]).large(),
        post("uploads/{account}/{hash}", "takes a file for CreateFileDetect, as a form of OSS", uploads::upload)
            .about("takes a file that is sent for detection: the `PublicUrl` of `CreateFileDetectUploadUrl` leads to it. The body is a form of OSS (`multipart/form-data`: `key`, `policy`, `OSSAccessKeyId`, `Signature`, perhaps `success_action_status`, then `file`, at most 100 MB). The file is hashed while it arrives and not kept. 200, 201 or 204 as the form says; refusals are XML as those of OSS: 403 `AccessDenied`, `SignatureDoesNotMatch`, `InvalidAccessKeyId`, 400 `MalformedPOSTRequest`, `EntityTooLarge`, `RequestTimeout`. At most 64 uploads at once, a further one is refused with 503. It is always there. The link carries a key, so it needs no token: [who may call it](#who-may-call-it)")
            .access(Access::Link).cost(Cost::Receiving).takes("UploadForm").content("").gives(&[200, 201, 204]),
        get("requests", "the last calls, newest first", requests::list)
            .about("the last calls, newest first, those in flight included; `?escaped=true` only [those to other hosts](intercept.md#escaped-calls), `?escaped=false` only the others. Selectors and all journal routes: [journal.md](journal.md)")
            .computing().shows("Calls").fails(&[404, 409]).large(),
        delete("requests", "forget them", requests::clear)
            .about("forgets them")
            .shows("CallsForgotten").fails(&[409]),
        get("requests/count", "how many; the same conditions", requests::count)
            .about(r#"how many: `{"count":3}`; the same selectors"#)
            .computing().shows("Count").fails(&[404, 409]),
        get("requests/{id}", "one call by its RequestId", requests::one)
            .about("one call, by its RequestId")
            .shows("Call").fails(&[404, 409]).large(),
        post("verify", "whether expectations of calls are met", requests::judge)
            .about("whether expectations of calls are met: counts, gaps, order and so on")
            .computing().takes("VerifyBody").shows("Verification").fails(&[404, 409]).large(),
        get("verdict", "what the loaded scenario expects, judged", requests::verdict)
            .about("what the loaded scenario expects, judged by the calls so far; `escaped`: the hosts that calls escaped to, if any did, which does not change `passed`; `?account=`. See [run.md](run.md)")
            .computing().shows("Verdict").fails(&[404, 409]).large(),
        get("report", "the timeline of the calls so far, with the verdict", report::read)
            .about("the [timeline](run.md#the-report) of the calls so far, with the verdict: `?format=html` (a page; the default for browsers), `svg` (a picture; `&style=none` leaves its style sheet out), `json` (the default for programs); `?account=`")
            .computing().shows("Report").content("application/json image/svg+xml text/html").fails(&[404, 409]).large(),
        get("await", "answers once there are so many calls", requests::until_reached)
            .about("answers when enough calls match")
            .cost(Cost::Waiting).shows("Awaited").fails(&[404, 409]),
        get("metrics", "counts of calls, faults, tasks and so on, for Prometheus", metrics::scrape)
            .about("counts of calls, faults, tasks, connections and so on, for Prometheus: [metrics.md](metrics.md)")
            .computing().content("application/openmetrics-text").fails(&[500]).large(),
        get("commands", "what was changed through this API, newest first", commands::list)
            .about("what was changed through this API, newest first; `?account=`, `?limit=`, [see below](#record-of-commands)")
            .shows("Commands").fails(&[404]).large(),
        get("events", "calls, faults, transitions and commands as they happen (Server-Sent Events)", events::listen)
            .about("calls, faults, changes of tasks, and commands as they happen: [journal.md](journal.md#listen)")
            .cost(Cost::Streaming).content("text/event-stream").fails(&[404]),
        get("openapi.json", "the description of this API, as OpenAPI 3.1", openapi::read)
            .shows("Description").large(),
        get("operations", "all operations, with their fidelity", catalog::operations)
            .about("all operations: name, product, fidelity, and of the modelled ones a summary")
            .computing().shows("Operations").large(),
        get("operations/{name}", "one operation: what it takes, and how far it is modelled", catalog::operation)
            .about("one operation: what it takes, what is modelled of it, and on what evidence")
            .shows("Operation").fails(&[404]),
        get("scenarios", "the built-in scenarios, with their texts", catalog::scenarios)
            .about("the built-in scenarios: name, description and text")
            .computing().shows("Scenarios").large(),
        get("schema.json", "the JSON Schema of scenarios", catalog::schema)
            .about("the JSON Schema of scenarios, as `sas-emulator schema` prints it")
            .computing().shows("Description").content("application/schema+json").large(),
        get("console/{file}", "a file of the console, the page that browsers get here", console::file)
            .about("a file of the [console](console.md). It needs no token")
            .access(Access::Page).content("*/*").gives(&[200, 304]).fails(&[404]).large(),
        get("console/vendor/{file}", "the same, of libraries that it uses", console::vendored)
            .about("the same, of libraries that the console uses")
            .access(Access::Page).content("*/*").gives(&[200, 304]).fails(&[404]).large(),
    ]
}

pub(super) fn build() -> (Vec<Row>, Router<Shared>) {
    let (mut rows, mut router) = (Vec::new(), Router::new().route(PREFIX, on(MethodFilter::GET, list)));
    for Route { row, handler, .. } in all() {
        router = router.route(&format!("{PREFIX}/{}", row.path), handler);
        rows.push(row);
    }
    (rows, router.fallback(unknown_path).method_not_allowed_fallback(wrong_method))
}

async fn list(_: NoQuery) -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "endpoints": endpoints() }))
}

fn rows() -> Vec<Row> {
    all().into_iter().map(|route| route.row).collect()
}

fn endpoints() -> Vec<String> {
    openapi::endpoints(&rows())
}

async fn unknown_path(request: Request) -> ControlError {
    let message = format!("there is no {}", request.uri().path());
    let mut error = ControlError::new(404, "unknown_path", message).hint("these exist");
    error.endpoints = endpoints();
    error
}

async fn wrong_method(request: Request) -> ControlError {
    let path = request.uri().path();
    let rows = rows();
    let methods: Vec<String> = Row::at(&rows, path).map(|row| row.method.to_string()).collect();
    ControlError::new(405, "wrong_method", format!("{path} does not take {}", request.method()))
        .hint(format!("use {}", methods.join(" or ")))
}
