//! The documentation agrees with the program.

use sas_emulator::internals::domain::bounds;
use sas_emulator::internals::operations::{OPERATIONS, levels};

use crate::harness::TestEmulator;

/// The README's table of operations, made from the rows.
fn table() -> String {
    let rows =
        OPERATIONS.iter().map(|row| format!("| `{}` | {} | {} |\n", row.name, row.summary, row.evidence));
    let rows: String = rows.collect();
    format!("\n| operation | what it does | how far it is modelled |\n|---|---|---|\n{rows}")
}

#[test]
fn the_readme_lists_the_operations() {
    const MARK: &str = "<!-- operations: made from the table of the program; a test compares -->\n";
    let page = include_str!("../../README.md");
    let (_, rest) = page.split_once(MARK).unwrap();
    let (stands, _) = rest.split_once("<!-- /operations -->").unwrap();
    assert!(stands == format!("{}\n", table()), "README.md should have here:\n{}", table());
}

#[test]
fn the_readme_counts_the_operations_of_each_level() {
    let page = include_str!("../../README.md");
    let (_, rest) =
        page.split_once("<!-- levels: made from the table of the program; a test compares -->\n").unwrap();
    let (stands, _) = rest.split_once("<!-- /levels -->").unwrap();
    let levels = levels();
    assert!(stands == format!("```text\n{levels}```\n"), "README.md should have here:\n{levels}");
    let counted = |level: &str| levels.lines().filter(|line| line.starts_with(level)).count();
    assert_eq!(["modelled 31 of 965", "scripted any of 965", "shape    934 of 965"].map(counted), [1, 1, 1]);
}

#[tokio::test]
async fn the_control_page_lists_the_routes() {
    let page = include_str!("../../docs/control-api.md");
    let listed = TestEmulator::new("default").control("GET", "", "").await.json();
    for endpoint in listed["endpoints"].as_array().unwrap() {
        let endpoint = endpoint.as_str().unwrap();
        let (method, rest) = endpoint.split_once(" /_emulator/").unwrap();
        let (path, _) = rest.split_once(": ").unwrap();
        let row = format!("| {method} `{path}` |");
        assert!(page.contains(&row), "docs/control-api.md should have a row that begins {row}");
    }
}

#[test]
fn the_scenario_page_lists_the_bounds() {
    const MARK: &str = "<!-- bounds: made from the table of the program; a test compares -->\n";
    let page = include_str!("../../docs/scenarios.md");
    let (_, rest) = page.split_once(MARK).unwrap();
    let (stands, _) = rest.split_once("<!-- /bounds -->").unwrap();
    let rows = bounds::ALL.iter().map(|(what, most)| format!("| {what} | {most} |\n"));
    let rows: String = rows.collect();
    let table = format!("\n| what | at most |\n|---|---|\n{rows}\n");
    assert!(stands == table, "docs/scenarios.md should have here:\n{table}");
}
