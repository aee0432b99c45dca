//! The layers, as data: which module may name which, what the pure ones may not touch, how files are kept.
//!
//! When this fails, the code is usually in the wrong module; when the design really changed, change the table here and
//! in ARCHITECTURE.md together.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]
#![expect(clippy::disallowed_methods, reason = "this test reads the sources")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A module, and what of ours it may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("domain", &["text"]),
    ("clock", &["text"]),
    ("dice", &["text"]),
    ("settings", &["text"]),
    ("files", &[]),
    ("stop", &[]),
    ("protocol", &["domain", "text"]),
    ("operations", &["dice", "domain", "text"]),
    // It refuses rules for operations that do not exist, so it knows their names.
    ("fault", &["dice", "domain", "operations", "protocol", "text"]),
    ("snapshot", &["clock", "dice", "domain", "fault", "text"]),
    ("journal", &["domain", "protocol", "text"]),
    ("gateway", &["clock", "dice", "domain", "operations", "protocol", "snapshot", "text"]),
    ("scenario", &["clock", "dice", "domain", "fault", "operations", "text"]),
    ("verdict", &["journal", "scenario", "text"]),
    (
        "control",
        &[
            "clock",
            "domain",
            "fault",
            "files",
            "gateway",
            "journal",
            "operations",
            "protocol",
            "scenario",
            "snapshot",
            "stop",
            "text",
            "verdict",
        ],
    ),
    // The endpoint times calls and words refusals, so it names the clock, the model's errors and the catalogue.
    (
        "server",
        &[
            "clock",
            "control",
            "domain",
            "fault",
            "gateway",
            "journal",
            "operations",
            "protocol",
            "stop",
            "text",
        ],
    ),
    (
        "assembly",
        &[
            "clock",
            "control",
            "dice",
            "domain",
            "fault",
            "gateway",
            "journal",
            "operations",
            "protocol",
            "scenario",
            "server",
            "stop",
            "text",
        ],
    ),
    // What a Rust test holds: small, and of the parts only what it hands on.
    (
        "embed",
        &[
            "assembly",
            "clock",
            "control",
            "domain",
            "fault",
            "gateway",
            "journal",
            "operations",
            "scenario",
            "server",
            "stop",
            "text",
        ],
    ),
    (
        "cli",
        &[
            "assembly",
            "clock",
            "control",
            "dice",
            "domain",
            "fault",
            "files",
            "gateway",
            "journal",
            "operations",
            "protocol",
            "scenario",
            "server",
            "settings",
            "stop",
            "text",
            "verdict",
        ],
    ),
];

/// Modules and files that only compute: the same input gives the same output, anywhere.
const PURE: &[&str] = &[
    "domain",
    "operations",
    "protocol",
    "fault/case.rs",
    "fault/counters.rs",
    "fault/effect",
    "fault/judge.rs",
    "fault/matcher.rs",
    "fault/rule.rs",
    "fault/trigger.rs",
    "journal/agent.rs",
    "journal/count.rs",
    "journal/entry.rs",
    "journal/filter.rs",
    "journal/line.rs",
    "journal/secrets.rs",
    "journal/table.rs",
    "journal/texts.rs",
    "journal/verify.rs",
    "scenario/document",
    "snapshot.rs",
    "verdict",
    "text",
];

/// What only-computing code cannot need.
const IMPURE: &[&str] = &[
    "load::",
    "axum::",
    "tokio::",
    "hyper::",
    "tower::",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Mutex",
    "RwLock",
    "tracing::",
    "async fn",
    ".await",
];

/// Tables may be longer than other files.
const TABLES: &[&str] = &["src/domain/error.rs"];
const MOST_LINES: usize = 400;

fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(root).unwrap().to_owned(), text);
            }
        }
    }
    assert!(found.len() > 30, "the sources moved");
    found
}

/// The code of a file: without comments, and without the tests at its bottom, which may name anything.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    // A comment begins at the line's start or after a space; `http://` does not.
    let without_comment = |line: &str| format!(" {line}").split(" //").next().unwrap_or_default().to_owned();
    product.lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

/// `domain` for `src/domain/plan.rs` and for `src/domain.rs`.
fn module(path: &Path) -> String {
    let first = path.components().nth(1).unwrap();
    Path::new(&first).file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn modules_name_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    for (path, text) in sources() {
        let module = module(&path);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let allowed =
            table.get(module.as_str()).unwrap_or_else(|| panic!("{module} has no row in the table"));
        for piece in code(&text).split("crate::").skip(1) {
            let named: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(!named.is_empty(), "{}: write one `use crate::module` a line", path.display());
            assert!(
                named == module || allowed.contains(&named.as_str()),
                "{}: {module} may not name {named}",
                path.display()
            );
        }
    }
}

#[test]
fn each_row_names_only_rows_above_it() {
    // So there can be no circle, of whatever length.
    for (index, (module, names)) in MAY_NAME.iter().enumerate() {
        for named in *names {
            let place = MAY_NAME.iter().position(|(other, _)| other == named).unwrap();
            assert!(place < index, "{module} names {named}, which stands below it");
        }
    }
}

#[test]
fn pure_code_only_computes() {
    for (path, text) in sources() {
        let name = path.strip_prefix("src").unwrap().to_string_lossy().replace('\\', "/");
        if PURE.iter().any(|pure| name == *pure || name.starts_with(&format!("{pure}/"))) {
            for word in IMPURE {
                assert!(!code(&text).contains(word), "{}: pure code has no use for {word}", path.display());
            }
        }
    }
}

#[test]
fn files_open_with_what_they_are_and_stay_short() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{}: the first line says what the file is", path.display());
        let lines = text.lines().count();
        let is_table = TABLES.contains(&path.to_string_lossy().as_ref());
        assert!(is_table || lines <= MOST_LINES, "{}: {lines} lines; find the seam", path.display());
    }
}

#[test]
fn one_place_reads_the_machines_time_and_nothing_promises_to_be_done_later() {
    for (path, text) in sources() {
        let reads_time = code(&text).contains("::now()") && !code(&text).contains("clock");
        assert!(
            !reads_time || path.ends_with("clock.rs"),
            "{}: time comes in as an argument",
            path.display()
        );
        for word in ["TO\u{44}O", "FIX\u{4d}E", "unimplemented!"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}
