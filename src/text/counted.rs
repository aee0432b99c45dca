//! A number with what it counts.

use std::fmt::Display;

/// `1 task`, `2 tasks`; the noun takes an s.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_no_s() {
        assert_eq!(
            [counted(0_u64, "task"), counted(1, "task"), counted(2, "task")],
            ["0 tasks", "1 task", "2 tasks"]
        );
    }
}
