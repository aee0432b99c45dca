//! The layers, as data: which module may name which, what the pure ones may not use, how files are kept.
//!
//! When this fails, the code is usually in the wrong module. When the design changes, change the tables here and in
//! ARCHITECTURE.md together.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue should panic")]
#![expect(clippy::disallowed_methods, reason = "this test reads the sources")]

#[path = "architecture/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::sources::{Sources, blanked, rust_files, written_paths};

/// A module, and the modules that it may name; each names only modules above it.
const MAY_NAME: &[(&str, &str)] = &[
    // Leaves.
    ("text", ""),
    ("files", ""),
    ("log_queue", ""),
    ("sheet", ""),
    ("body", ""),
    ("origin", ""),
    ("authority", ""),
    ("peer", ""),
    ("blocking", ""),
    ("clock", "text"),
    ("dice", "text"),
    // Pure.
    ("posture", "dice text"),
    ("domain", "posture text"),
    ("protocol", "domain text"),
    ("shapes", "dice domain text"),
    ("operations", "dice domain posture shapes sheet text"),
    // Its rules are checked by the names of operations.
    ("fault", "dice domain operations protocol shapes text"),
    // Its conditions and errors are those of fault rules.
    ("answers", "domain fault operations protocol shapes text"),
    ("journal", "domain protocol text"),
    ("expect", "domain journal operations text"),
    ("timeline", "domain expect journal protocol text"),
    ("scenario", "answers clock dice domain expect fault files operations posture text"),
    // Core: locks, never awaits.
    ("auth", "domain operations protocol text"),
    (
        "emulator",
        "answers auth authority blocking clock dice domain expect fault files journal operations origin posture protocol scenario text timeline",
    ),
    // Adapters: sockets, files, async.
    // A flag has the type of what it sets: a secret, or whether signatures are verified.
    ("settings", "auth domain origin"),
    (
        "control",
        "answers body clock domain emulator expect fault journal log_queue operations origin peer posture protocol scenario \
         shapes text timeline",
    ),
    (
        "server",
        "authority body clock control domain emulator fault journal log_queue operations origin peer protocol text",
    ),
    (
        "embed",
        "answers auth clock control domain emulator expect fault journal operations protocol scenario server text",
    ),
    (
        "cli",
        "answers auth authority blocking clock control dice domain emulator expect fault files journal log_queue operations \
         protocol scenario server settings shapes text timeline",
    ),
];

/// Folders and files whose code only computes: the same input gives the same output, anywhere. A new file in one of the
/// folders is pure until it is listed as an exception.
const PURE: &[(&str, &[&str])] = &[
    ("domain/", &[]),
    ("posture/", &[]),
    ("operations/", &[]),
    ("protocol/", &[]),
    ("shapes/", &[]),
    ("fault/", &["engine.rs"]),
    ("answers/", &["engine.rs"]),
    ("journal/", &["commands.rs", "ring.rs"]),
    ("expect/", &["wait.rs"]),
    ("timeline/", &[]),
    ("scenario/", &["folder.rs", "load.rs", "watch.rs"]),
    ("text/", &[]),
];

/// Names that code of pure modules may not use.
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

/// Files that reach, through a re-export, a module that they may not name.
const LAUNDERED: &[(&str, &str)] = &[];

/// Files that import each other, directly or in a circle.
const CYCLES: &[&str] = &[];

/// Test files that import other test files. To be emptied.
const IMPORTING_TESTS: &[(&str, &str)] = &[];

/// Modules of the product that only the harness names, so that tests do not depend on its construction.
const ONLY_IN_HARNESS: &[&str] = &["control", "emulator"];

/// Tables may be longer than other files.
const TABLES: &[&str] = &["domain/error.rs"];
const MOST_LINES: usize = 400;

fn may_name(module: &str, named: &str) -> bool {
    let row = MAY_NAME.iter().find(|(other, _)| *other == module);
    let (_, allowed) = row.unwrap_or_else(|| panic!("{module} has no row in the table"));
    named == module || allowed.split_whitespace().any(|other| other == named)
}

/// The top module of a path, unless it is the crate's own root.
fn top(module: &[String]) -> Option<&str> {
    module.first().map(String::as_str).filter(|name| !matches!(*name, "lib" | "main" | "internals"))
}

#[test]
fn modules_name_only_what_the_table_allows() {
    let sources = Sources::read();
    let is_module = |name: &str| sources.0.contains_key(&vec![name.to_owned()]);
    for (module, source) in &sources.0 {
        let Some(own) = top(module) else { continue };
        for named in source.paths.iter().filter_map(|path| path.first()).filter(|name| is_module(name)) {
            assert!(may_name(own, named), "{}: {own} may not name {named}", source.name);
        }
    }
}

#[test]
fn re_exports_lend_no_module_to_those_who_may_not_name_it() {
    let sources = Sources::read();
    let mut found = BTreeSet::new();
    for module in sources.0.keys() {
        let Some(own) = top(module) else { continue };
        for target in sources.imports(module) {
            if let Some(defining) = top(&target).filter(|defining| !may_name(own, defining)) {
                found.insert((sources.0[module].name.as_str(), defining.to_owned()));
            }
        }
    }
    let found: Vec<_> = found.iter().map(|(file, module)| (*file, module.as_str())).collect();
    assert_eq!(found, LAUNDERED, "file, and the module that it gets through a re-export");
}

#[test]
fn each_row_names_only_rows_above_it() {
    // So there is no cycle between modules.
    for (index, (module, names)) in MAY_NAME.iter().enumerate() {
        for named in names.split_whitespace() {
            let place = MAY_NAME.iter().position(|(other, _)| *other == named);
            assert!(
                place.is_some_and(|place| place < index),
                "{module} names {named}, which is not above it"
            );
        }
    }
}

#[test]
fn the_page_shows_the_same_table() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    for (module, names) in MAY_NAME {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{module}` |")));
        let shown = row.and_then(|row| row.trim_end_matches(" |").rsplit(" | ").next()).unwrap_or_default();
        let names: Vec<_> = names.split_whitespace().map(|name| format!("`{name}`")).collect();
        let expected = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        assert_eq!(shown, expected, "the row of {module} in ARCHITECTURE.md");
    }
}

/// A file may import from the modules that it is part of, and they from it; otherwise imports go one way.
#[test]
fn files_do_not_import_each_other_in_circles() {
    let sources = Sources::read();
    let edges: BTreeMap<_, Vec<_>> = sources
        .0
        .keys()
        .map(|module| {
            let targets = sources.imports(module).into_iter();
            (module.clone(), targets.filter(|target| !module.starts_with(target)).collect())
        })
        .collect();
    let reachable: BTreeMap<_, BTreeSet<_>> =
        edges.keys().map(|module| (module, reachable_from(module, &edges))).collect();
    let found: BTreeSet<String> = reachable
        .iter()
        .filter(|(module, reached)| reached.contains(**module))
        .map(|(module, reached)| {
            let circle = reached.iter().filter(|other| reachable[other].contains(*module));
            circle.map(|module| sources.0[module].name.as_str()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, CYCLES);
}

fn reachable_from(
    start: &[String],
    edges: &BTreeMap<Vec<String>, Vec<Vec<String>>>,
) -> BTreeSet<Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut open = edges[start].clone();
    while let Some(module) = open.pop() {
        if reached.insert(module.clone()) {
            open.extend(edges.get(&module).into_iter().flatten().cloned());
        }
    }
    reached
}

#[test]
fn pure_code_only_computes() {
    let sources = Sources::read();
    for (place, exceptions) in PURE {
        let inside = |name: &str| name.strip_prefix(place).map(str::to_owned);
        let files: BTreeMap<_, _> =
            sources.0.values().filter_map(|source| Some((inside(&source.name)?, source))).collect();
        assert!(!files.is_empty(), "{place} is not there any more");
        for exception in *exceptions {
            assert!(files.contains_key(*exception), "{place}{exception} is not there any more");
        }
        for (_, source) in files.iter().filter(|(name, _)| !exceptions.contains(&name.as_str())) {
            for word in IMPURE {
                let is_used = source.code.match_indices(word).any(|(at, _)| {
                    let before = source.code[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                });
                assert!(!is_used, "{}: pure code has no use for {word}", source.name);
            }
        }
    }
}

#[test]
fn files_open_with_what_they_are_and_stay_short() {
    for source in Sources::read().0.values() {
        let (name, lines) = (&source.name, source.text.lines().count());
        assert!(source.text.starts_with("//! "), "{name}: the first line says what the file is");
        assert!(
            TABLES.contains(&name.as_str()) || lines <= MOST_LINES,
            "{name}: {lines} lines; find the seam"
        );
    }
}

#[test]
fn one_file_reads_the_machines_time_and_none_has_open_ends() {
    for source in Sources::read().0.values() {
        let reads_time = source.code.contains("::now()") && !source.code.contains("clock");
        assert!(!reads_time || source.name == "clock.rs", "{}: time comes in as an argument", source.name);
        for word in ["TO\u{44}O", "FIX\u{4d}E", "unimplemented!"] {
            assert!(!source.text.contains(word), "{}: {word}", source.name);
        }
    }
}

#[test]
fn test_files_share_through_the_harness_only() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut importing = BTreeSet::new();
    for file in rust_files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
        if name == "main.rs" || name.starts_with("harness/") {
            continue;
        }
        let code = blanked(&std::fs::read_to_string(&file).unwrap());
        for (path, _) in written_paths(&code) {
            match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["crate", "harness", ..] => (),
                // The files of one folder are one test.
                ["crate", own, ..] if name.starts_with(&format!("{own}/")) => (),
                ["super", next, ..] if name.contains('/') && *next != "super" => (),
                ["crate" | "super", sibling, ..] => {
                    importing.insert((name.clone(), (*sibling).to_owned()));
                }
                ["sas_emulator", module, ..] => {
                    assert!(!ONLY_IN_HARNESS.contains(module), "{name}: {module} is for tests/it/harness");
                }
                _ => (),
            }
        }
        let inline = ONLY_IN_HARNESS.iter().find(|module| code.contains(&format!("sas_emulator::{module}")));
        assert_eq!(inline, None, "{name}: that is for tests/it/harness");
    }
    let importing: Vec<_> =
        importing.iter().map(|(file, sibling)| (file.as_str(), sibling.as_str())).collect();
    assert_eq!(importing, IMPORTING_TESTS, "test file, and the test file that it imports");
}
