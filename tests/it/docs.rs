//! The documentation agrees with the program.

use sas_emulator::internals::domain::bounds;
use sas_emulator::internals::operations::{OPERATIONS, levels};

use crate::harness::TestEmulator;
use crate::harness::generated::check_part;

/// The table of operations, made from the rows.
fn table() -> String {
    let rows = OPERATIONS.iter().map(|row| {
        let product = row.product.name;
        let of = if product == "Sas" { String::new() } else { format!(" of {product}") };
        format!("| `{}`{of} | {} | {} |\n", row.name, row.summary, row.evidence)
    });
    let rows: String = rows.collect();
    format!("\n| operation | what it does | how far it is modelled |\n|---|---|---|\n{rows}")
}

#[test]
fn a_page_lists_the_operations() {
    check_part("docs/operations.md", "operations", &format!("{}\n", table()));
}

#[test]
fn the_readme_lists_how_many_operations_have_each_level() {
    check_part("README.md", "levels", &format!("```text\n{}```\n", levels()));
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
    let rows = bounds::ALL.iter().map(|(what, most)| format!("| {what} | {most} |\n"));
    let rows: String = rows.collect();
    check_part("docs/scenarios.md", "bounds", &format!("\n| what | at most |\n|---|---|\n{rows}\n"));
}
