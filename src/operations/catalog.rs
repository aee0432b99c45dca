//! The names of all operations of the real service, modelled or not.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{OPERATIONS, find_by_name};
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

/// The name itself, if it is that of an operation, modelled or not.
pub(crate) fn known_name(name: &str) -> Option<&'static str> {
    let modelled = find_by_name(name).map(|row| row.name);
    modelled.or_else(|| NAMES.binary_search(&name).ok().map(|place| NAMES[place]))
}

/// Whether the real service has an operation of that name that is not modelled.
pub(crate) fn has_shape_only(name: &str) -> bool {
    is_known(name) && find_by_name(name).is_none()
}

/// The names of all operations, those of other products that are modelled included.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied().chain(OPERATIONS.iter().map(|row| row.name).filter(|name| !is_known(name)))
}

/// How far the operations of the product are answered, a line for each level; `sas-emulator operations` and the README show
/// it.
pub fn levels() -> String {
    let all = NAMES.len();
    let modelled = OPERATIONS.iter().filter(|row| is_known(row.name)).count();
    format!(
        "modelled {modelled} of {all}: each reply follows from the state of the account\n\
         scripted any of {all}: a scenario or a test writes the reply\n\
         shape    {} of {all}: refused with 404 OperationNotModelled, or with --unmodelled shape answered with the documented members and types\n",
        all - modelled
    )
}

pub(super) fn nearest(name: &str) -> Option<&'static str> {
    similar::nearest(name, all_names())
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
        assert_eq!(nearest("GetCallerIdentiti"), Some("GetCallerIdentity"));
        assert_eq!(nearest("Nonsense"), None);
    }
}
