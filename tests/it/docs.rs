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

/// What most routes answer too: the request is wrong, or there is no room.
const COMMON: [&str; 8] = ["400", "401", "403", "408", "413", "415", "503", "507"];

#[tokio::test]
async fn the_control_page_lists_the_routes() {
    let description = TestEmulator::new("default").control("GET", "openapi.json", "").await.json();
    let mut rows = String::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/_emulator/").unwrap();
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names = parameters.filter(|one| one["in"] == "query" && one["name"] != "key");
            let names: Vec<String> =
                names.map(|one| format!("`{}`", one["name"].as_str().unwrap())).collect();
            let statuses = operation["responses"].as_object().unwrap().keys().map(String::as_str);
            let own: Vec<&str> = statuses.filter(|status| !COMMON.contains(status)).collect();
            let about = operation["description"].as_str().unwrap();
            let row = format!(
                "| {} `{path}` | {about} | {} | {} |\n",
                method.to_uppercase(),
                names.join(", "),
                own.join(", ")
            );
            rows.push_str(&row);
        }
    }
    let table = format!("\n| method, path | what | query | answers |\n|---|---|---|---|\n{rows}\n");
    check_part("docs/control-api.md", "routes", &table);
}

#[test]
fn the_scenario_page_lists_the_bounds() {
    let rows = bounds::ALL.iter().map(|(what, most)| format!("| {what} | {most} |\n"));
    let rows: String = rows.collect();
    check_part("docs/scenarios.md", "bounds", &format!("\n| what | at most |\n|---|---|\n{rows}\n"));
}
