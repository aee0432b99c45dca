//! The most of what scenarios and snapshots may ask for, wherever it costs memory or time. Both are read with these bounds.

use crate::posture::vulnerability;

/// Constants, each with what it bounds; the table of docs/scenarios.md is compared with them.
macro_rules! bounds {
    ($($name:ident = $most:expr, $what:literal;)*) => {
        $(#[doc = $what] pub(crate) const $name: u32 = $most;)*

        /// Each with what it bounds.
        pub const ALL: &[(&str, u32)] = &[$(($what, $most)),*];
    };
}

bounds! {
    TARGETS = 1_000_000, "targets of a task that are counted (`targets:`, `total_count:`, `finish_count:`)";
    NAMED_TARGETS = 100_000, "targets of a task that have names";
    STEPS = 1_000, "steps of `progress:`";
    POLLS = 1_000_000, "polls that see INIT, or START";
    SEED_TASKS = 10_000, "`tasks:`";
    SERVERS = 10_000, "`assets:`, `world: { servers: … }`, the servers of an account";
    ASSET_GROUPS = 1_000, "groups of servers of a scenario, and of an account";
    RUNNING_TASKS = 1_000_000, "`running_tasks:`";
    KEPT_TASKS = 1_000_000, "`kept_tasks:`, the tasks of an account";
    CYCLE_TASKS = 1_000, "`cycle_tasks:`, the cycle tasks of an account";
    SERVER_LISTS = 100_000, "lists of servers of a snapshot";
    SHAPE_ITEMS = 100, "`shapes: { lists: … }`, the items of a list of a response that is only a shape";
    FINDINGS_OF_A_SERVER = 200, "`world: { vulnerabilities: { per_server: … } }`, and what a scan finds and loses";
    CHANGED_FINDINGS = vulnerability::CHANGED_FINDINGS, "vulnerabilities of servers that an account is repairing, has repaired or ignores; a further one is refused";
    WHITE_LISTS = vulnerability::WHITE_LISTS, "white lists of vulnerabilities of an account; a further one is refused";
    UPLOADED_FILES = crate::posture::UPLOADED_FILES, "files that an account has uploaded for detection; beyond that the oldest is forgotten";
    EXPORTS = 100, "`exports` of a snapshot from before they were tasks";
    EXPORT_ROWS = 1_000_000, "rows of the file of an export; of more, the first";
    TEMPORARY_KEYS = 10_000, "temporary keys of a session (`AssumeRole`); beyond that the one that expires first is dropped";
}
