//! The shapes of bodies and answers, by the names that the rows of the routes give them.
//!
//! Only tests compile this. Every answer of every test of `tests/it` is held against them.

#![expect(clippy::struct_field_names, reason = "members have the names that answers have")]

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::control::{clock, tasks};
use crate::emulator::{KeptSnapshot, TaskList, TaskTransition, TaskView};
use crate::journal::CommandRecord;
use crate::text::schema::{Time, described};

macro_rules! shapes {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $member:ident: $type:ty,)* })*) => { $(
        $(#[$about])*
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct $name { $($(#[$doc])* $member: $type,)* }
    )* };
}

shapes! {
    /// What was wrong, where, and what to do.
    Error {
        /// A word for programs.
        error: String,
        message: String,
        hint: Option<String>,
        /// The routes there are, where the path is unknown.
        endpoints: Option<Vec<String>>,
        /// Of `await`.
        reached: Option<bool>,
        wanted: Option<u64>,
        seen: Option<u64>,
    }
    Endpoints { version: String, endpoints: Vec<String>, }
    Health { status: String, }
    Ready { ready: bool, }
    Info {
        version: String,
        /// The version of the product's API.
        api: String,
        seed: u64,
        scenario: ScenarioName,
        now: Time,
        accounts: u64,
        evicted_accounts: u64,
        tasks: TaskCount,
        escaped_calls: u64,
        log: Log,
    }
    ScenarioName { name: String, description: String, }
    TaskCount { total: u64, ended: u64, }
    Log {
        /// Log lines that could not be written.
        dropped: u64,
    }
    Reset {
        /// `all` or `account`.
        reset: String,
        account: Option<String>,
    }
    AccountForgotten { forgotten: String, was_there: bool, }
    Clock {
        now: Time,
        /// Seconds it moves per real second while it runs.
        rate: f64,
        paused: bool,
        account: Option<String>,
        /// Whether the account has a clock of its own.
        own: Option<bool>,
        own_clock_count: Option<u64>,
        own_clocks: Option<Vec<AccountClock>>,
        /// The time before the command.
        was: Option<Time>,
        transition_count: Option<u64>,
        transitions: Option<Vec<TaskTransition>>,
        skipped_starts: Option<u64>,
        postponed_accounts: Option<u64>,
        stayed_count: Option<u64>,
        stayed: Option<Vec<AccountClock>>,
    }
    AccountClock { account: String, now: Time, rate: f64, paused: bool, }
    Scenario { name: String, description: String, seed: u64, documents: Vec<ScenarioDocument>, }
    ScenarioDocument {
        source: String,
        /// As it was read, secrets masked.
        document: Value,
    }
    Restored { restored: bool, accounts: u64, now: Time, note: Option<String>, }
    Saved {
        /// The path of the file.
        saved: String,
        bytes: Option<u64>,
    }
    Snapshots { snapshots: Vec<KeptSnapshot>, }
    Removed { removed: String, }
    Faults { faults: Vec<Fault>, }
    Armed {
        /// The names of the rules.
        armed: Vec<String>,
    }
    Disarmed { disarmed: String, }
    Answers { answers: Vec<ScriptedAnswer>, }
    ScriptedAnswer {
        id: String,
        answer: Value,
        /// Calls that it was given to.
        hits: u64,
        /// The number of the entry of its sequence that comes next.
        position: Option<u64>,
    }
    Added { added: Vec<String>, }
    Calls { total: u64, requests: Vec<Call>, }
    Count { count: u64, }
    CallsForgotten { forgotten: u64, }
    Verdict {
        passed: bool,
        /// Calls that were judged.
        judged: u64,
        /// Calls that had left the journal.
        missed: u64,
        expect: Vec<Value>,
        escaped: Option<Vec<EscapedCalls>>,
    }
    EscapedCalls { host: String, calls: u64, }
    Awaited { reached: bool, wanted: u64, seen: u64, }
    Commands { total: u64, commands: Vec<CommandRecord>, }
}

struct State;
struct Report;
struct Description;
struct Operation;
struct Scenarios;
struct Operations;
struct Fault;
struct Call;
struct Verification;
struct ScenarioBody;
struct FaultsBody;
struct AnswersBody;
struct VerifyBody;
struct UploadForm;

described! {
    State = json_schema!({
        "description": "A session. Its members are for the program that reads it back.",
        "type": "object",
        "properties": { "format": { "const": "sas-emulator-state" }, "version": { "type": "integer", "minimum": 1 } },
        "required": ["format", "version"],
        "additionalProperties": true,
    });
    Report = json_schema!({
        "description": "The calls so far, by account, with the verdict: docs/run.md.",
        "type": "object",
        "additionalProperties": true,
    });
    Description = json_schema!({ "type": "object", "additionalProperties": true });
    Operation = json_schema!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "product": { "type": "string" },
            "fidelity": { "type": "string" },
        },
        "required": ["name", "product", "fidelity"],
        "additionalProperties": true,
    });
    Operations = json_schema!({
        "type": "object",
        "properties": { "operations": { "type": "array", "items": { "type": "object" } } },
        "required": ["operations"],
        "additionalProperties": false,
    });
    Scenarios = json_schema!({
        "type": "object",
        "properties": { "scenarios": { "type": "array", "items": {
            "type": "object",
            "properties": {
                "name": { "type": "string" }, "description": { "type": "string" }, "text": { "type": "string" },
            },
            "required": ["name", "description", "text"],
        } } },
        "required": ["scenarios"],
        "additionalProperties": false,
    });
    Fault = json_schema!({
        "description": "A rule as it may be written, and its counters: docs/faults.md.",
        "type": "object",
        "properties": { "id": { "type": "string" } },
        "required": ["id"],
        "additionalProperties": true,
    });
    Call = json_schema!({
        "description": "One call: docs/journal.md.",
        "type": "object",
        "properties": {
            "sequence": { "type": "integer" },
            "request_id": { "type": "string" },
            "time": { "type": "string", "format": "date-time" },
            "account": { "type": ["string", "null"] },
            "action": { "type": ["string", "null"] },
            "params": { "type": "object", "additionalProperties": true },
            "status": { "type": ["integer", "null"] },
            "code": { "type": ["string", "null"] },
        },
        "required": ["sequence", "request_id", "time", "account", "action", "params", "status", "code"],
        "additionalProperties": true,
    });
    Verification = json_schema!({
        "description": "Whether each expectation is met, and the calls that prove it: docs/journal.md.",
        "type": "object",
        "properties": { "passed": { "type": "boolean" } },
        "required": ["passed"],
        "additionalProperties": true,
    });
    ScenarioBody = json_schema!({
        "description": "A scenario (docs/scenarios.md), or the name of a built-in one.",
        "anyOf": [
            { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"], "additionalProperties": false },
            { "type": "object", "properties": { "version": { "const": 1 } }, "required": ["version"] },
        ],
    });
    FaultsBody = json_schema!({ "description": "A rule or a list of rules: docs/faults.md.", "type": ["object", "array"] });
    AnswersBody = json_schema!({ "description": "An answer or a list of answers: docs/answers.md.", "type": ["object", "array"] });
    VerifyBody = json_schema!({
        "description": "Expectations, an order, or both: docs/journal.md.",
        "type": "object",
        "properties": {
            "expect": { "type": "array", "items": { "type": "object" } },
            "order": { "type": "array" },
            "account": { "type": "string" },
            "since": { "type": ["string", "integer"] },
        },
        "additionalProperties": false,
    });
    UploadForm = json_schema!({
        "type": "object",
        "properties": {
            "key": { "type": "string" },
            "policy": { "type": "string" },
            "OSSAccessKeyId": { "type": "string" },
            "Signature": { "type": "string" },
            "success_action_status": { "enum": ["200", "201", "204"] },
            "file": { "type": "string", "format": "binary" },
        },
        "required": ["key", "policy", "OSSAccessKeyId", "Signature", "file"],
    });
}

macro_rules! by_name {
    ($($name:literal $type:ty,)*) => {
        /// The shape of that name, as a reference.
        pub(super) fn shape(generator: &mut SchemaGenerator, name: &str) -> Schema {
            match name {
                $($name => generator.subschema_for::<$type>(),)*
                _ => panic!("a row names the shape {name:?}, and there is none"),
            }
        }
    };
}

by_name! {
    "AccountForgotten" AccountForgotten,
    "Added" Added,
    "Answers" Answers,
    "AnswersBody" AnswersBody,
    "Armed" Armed,
    "Awaited" Awaited,
    "Call" Call,
    "Calls" Calls,
    "CallsForgotten" CallsForgotten,
    "ChangeBody" tasks::Change,
    "Clock" Clock,
    "ClockBody" clock::CommandBody,
    "Commands" Commands,
    "Count" Count,
    "Disarmed" Disarmed,
    "Endpoints" Endpoints,
    "Error" Error,
    "Faults" Faults,
    "FaultsBody" FaultsBody,
    "Health" Health,
    "Info" Info,
    "Description" Description,
    "Operation" Operation,
    "Operations" Operations,
    "Ready" Ready,
    "Report" Report,
    "Scenarios" Scenarios,
    "Removed" Removed,
    "Reset" Reset,
    "Restored" Restored,
    "Saved" Saved,
    "Scenario" Scenario,
    "ScenarioBody" ScenarioBody,
    "Snapshot" KeptSnapshot,
    "Snapshots" Snapshots,
    "StartBody" tasks::StartBody,
    "State" State,
    "Task" TaskView,
    "Tasks" TaskList,
    "UploadForm" UploadForm,
    "Verdict" Verdict,
    "Verification" Verification,
    "VerifyBody" VerifyBody,
}
