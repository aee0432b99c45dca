//! The part of a list that a call asks for, by whichever names its operation has for that.

use std::ops::Range;

use super::shape::OperationShape;
use crate::domain::Params;

/// Unless a call says otherwise.
const USUAL_SIZE: usize = 20;
const MOST_SIZE: usize = 1000;

const NUMBERS: [&str; 2] = ["CurrentPage", "PageNumber"];
const SIZES: [&str; 2] = ["PageSize", "MaxResults"];
const TOKEN: &str = "NextToken";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShapePage {
    /// Whether the operation has pages at all.
    is_asked: bool,
    number: usize,
    size: usize,
    skipped: usize,
}

impl ShapePage {
    pub(super) fn of(operation: &OperationShape, params: &Params) -> Self {
        let given = |names: &[&str]| {
            let mut known = names.iter().filter(|name| operation.param(name).is_some());
            known.find_map(|name| usize::try_from(params.int(name)?).ok())
        };
        let number = given(&NUMBERS).unwrap_or(1).max(1);
        let size = given(&SIZES).unwrap_or(USUAL_SIZE).clamp(1, MOST_SIZE);
        let token = params.non_empty(TOKEN).filter(|_| operation.param(TOKEN).is_some());
        let skipped = token.map_or_else(|| (number - 1).saturating_mul(size), place_of);
        let is_asked =
            NUMBERS.iter().chain(&SIZES).chain([&TOKEN]).any(|name| operation.param(name).is_some());
        Self { is_asked, number, size, skipped }
    }

    /// Whether a parameter chooses the page, and not what the list has.
    pub(super) fn is_about(param: &str) -> bool {
        NUMBERS.contains(&param) || SIZES.contains(&param) || param == TOKEN
    }

    /// The places on the page of a list of so many.
    pub(super) fn places(self, total: usize) -> Range<usize> {
        if !self.is_asked {
            return 0..total;
        }
        self.skipped.min(total)..self.skipped.saturating_add(self.size).min(total)
    }

    /// What the reply repeats of the page.
    pub(super) fn member(self, name: &str) -> Option<usize> {
        if NUMBERS.contains(&name) {
            return Some(self.number);
        }
        SIZES.contains(&name).then_some(self.size)
    }

    /// The token of the next page; empty on the last one.
    pub(super) fn next_token(self, total: usize) -> String {
        let end = self.places(total).end;
        if end < total { format!("{end:032x}") } else { String::new() }
    }
}

/// The place at which a page begins that has this token; the start for a token that is none of ours.
fn place_of(token: &str) -> usize {
    usize::from_str_radix(token, 16).ok().filter(|_| token.len() == 32).unwrap_or_default()
}
