//! The names of all operations of the real service, modelled or not.

use std::sync::LazyLock;

use serde::Deserialize;

use super::OPERATIONS;
use crate::text::similar;

#[derive(Deserialize)]
struct Catalog<'a> {
    #[serde(borrow)]
    operations: Vec<&'a str>,
}

/// Sorted. The file is compiled in and parsed by a test, so the fallback is never used.
pub(super) static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let catalog = serde_json::from_str::<Catalog<'static>>(include_str!("../../fixtures/catalog.json"));
    catalog.map_or_else(|_| Vec::new(), |catalog| catalog.operations)
});

/// Whether the real service has an operation of that name (names are case-sensitive, spec/protocol.md §1.1).
pub(crate) fn is_known(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

/// How far the operations of the product are answered, a line for each level; `sas-emulator operations` and the README show
/// it.
pub fn levels() -> String {
    let (all, modelled) = (NAMES.len(), OPERATIONS.len());
    format!(
        "modelled {modelled} of {all}: each reply follows from the state of the account\n\
         scripted any of {all}: a scenario or a test writes the reply\n\
         shape    {} of {all}: refused with 404 OperationNotModelled, or with --unmodelled shape answered with the documented members and types\n",
        all - modelled
    )
}

pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    similar::nearest(name, NAMES.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_complete_and_sorted() {
        assert_eq!(NAMES.len(), 965);
        assert!(NAMES.is_sorted());
        assert!(is_known("GenerateOnceTask") && !is_known("generateoncetask"));
    }

    #[test]
    fn the_nearest_name() {
        assert_eq!(nearest("GetLastOnceTaskInfos"), Some("GetLastOnceTaskInfo"));
        assert_eq!(nearest("getlastoncetaskinfo"), Some("GetLastOnceTaskInfo"));
        assert_eq!(nearest("Nonsense"), None);
    }
}
