//! The JSON Schema of scenario files (draft 2020-12), as `sas-emulator schema` prints it.
//!
//! `fixtures/scenario.schema.json` is made from the types that read scenarios; a test compares. Lists that grow with the
//! program are filled in from their tables, so that a new code or operation is one line in one file.

use serde_json::Value;

use crate::domain::error::CODES;
use crate::operations::OPERATIONS;

pub(super) const COMMITTED: &str = include_str!("../../fixtures/scenario.schema.json");

pub fn schema() -> String {
    let codes = CODES.iter().map(|code| code.name).collect::<Vec<_>>();
    let actions = std::iter::once("*").chain(OPERATIONS.iter().map(|row| row.name)).collect::<Vec<_>>();
    let mut schema: Value = serde_json::from_str(COMMITTED).unwrap_or_default();
    for (name, values) in [("InjectedError", codes), ("ActionName", actions)] {
        if let Some(list) = schema.pointer_mut(&format!("/$defs/{name}/anyOf/0/enum")) {
            *list = values.into();
        }
    }
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::document::schema::generated;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the fixture is written here on demand")]
    fn the_committed_schema_is_the_one_that_is_generated() {
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenario.schema.json");
            std::fs::write(path, generated()).unwrap();
        } else {
            assert!(
                schema() == generated(),
                "fixtures/scenario.schema.json is not up to date: UPDATE_SCHEMA=1 cargo test --lib schema"
            );
        }
    }
}
