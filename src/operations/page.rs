//! Paging: `CurrentPage` and `PageSize` in, `PageInfo` out.

use crate::domain::{Params, Value};

/// The part of a list that a caller asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    current: usize,
    size: usize,
    skipped: usize,
}

impl Page {
    /// Documented defaults: the first page, 20 items. A page or size below 1 is taken for 1.
    pub(super) fn of(params: &Params) -> Self {
        let at_least_one = |name, usual| match params.int(name) {
            Some(given) => usize::try_from(given).unwrap_or(1).max(1),
            None => usual,
        };
        let (current, size) = (at_least_one("CurrentPage", 1), at_least_one("PageSize", 20).min(1000));
        Self { current, size, skipped: (current - 1).saturating_mul(size) }
    }

    /// The same, but beginning after so many items.
    pub(super) fn after(self, skipped: usize) -> Self {
        Self { skipped, ..self }
    }

    /// How many items lie before its end.
    pub(super) fn end(self) -> usize {
        self.skipped.saturating_add(self.size)
    }

    /// The items of this page of a list of `total`, and its `PageInfo`.
    pub(super) fn cut<T>(self, total: usize, items: impl Iterator<Item = T>) -> (Vec<T>, Value) {
        let items: Vec<T> = items.skip(self.skipped).take(self.size).collect();
        let int = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let info = Value::Map(vec![
            ("TotalCount", int(total)),
            ("CurrentPage", int(self.current)),
            ("PageSize", int(self.size)),
            ("Count", int(items.len())),
        ]);
        (items, info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(current: &str, size: &str) -> Vec<usize> {
        let pairs =
            [("CurrentPage", current), ("PageSize", size)].map(|(name, value)| (name.into(), value.into()));
        Page::of(&Params::new(pairs.into())).cut(25, 0..25).0
    }

    #[test]
    fn pages() {
        assert_eq!(page("", "").len(), 20);
        assert_eq!(page("2", ""), [20, 21, 22, 23, 24]);
        assert_eq!(page("3", "10"), [20, 21, 22, 23, 24]);
        assert!(page("99", "20").is_empty());
        assert_eq!(page("0", "-5"), [0]);
    }
}
