//! Paging: `CurrentPage` and `PageSize` in, the members of `PageInfo` out.

use std::ops::Range;

use crate::domain::{ApiError, Code, Member, Params, members};

/// The part of a list that a caller requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    current: usize,
    size: usize,
    skipped: usize,
}

impl Page {
    /// Documented defaults: the first page, 20 items. A page or size below 1 is taken for 1.
    pub(super) fn of(params: &Params) -> Self {
        Self::named(params, "CurrentPage", 20, 1000)
    }

    /// The same, with another limit of the size than 1,000.
    pub(super) fn of_at_most(params: &Params, most: usize) -> Self {
        Self::named(params, "CurrentPage", 20, most)
    }

    /// The same with another default size.
    pub(super) fn of_usual(params: &Params, usual: usize) -> Self {
        Self::named(params, "CurrentPage", usual, 1000)
    }

    /// One page of a whole list.
    pub(super) fn whole(total: usize) -> Self {
        Self { current: 1, size: total, skipped: 0 }
    }

    /// As ECS counts pages: 10 items unless more are asked for, at most 100.
    pub(super) fn of_ecs(params: &Params) -> Self {
        Self::named(params, "PageNumber", 10, 100)
    }

    fn named(params: &Params, number: &str, usual: usize, most: usize) -> Self {
        let at_least_one = |name, usual| match params.int(name) {
            Some(given) => usize::try_from(given).unwrap_or(1).max(1),
            None => usual,
        };
        let (current, size) = (at_least_one(number, 1), at_least_one("PageSize", usual).min(most));
        Self { current, size, skipped: (current - 1).saturating_mul(size) }
    }

    /// The members that ECS has beside a list.
    pub(super) fn ecs_members(self, total: usize) -> Vec<Member> {
        members! { "TotalCount": total, "PageNumber": self.current, "PageSize": self.size }
    }

    /// A page by its number, or by the token of the page before if `UseNextToken` says so; whether it does.
    pub(super) fn by_token(params: &Params, refused: &'static Code) -> Result<(Self, bool), ApiError> {
        let (page, uses_token) = (Self::of(params), params.bool("UseNextToken").unwrap_or(false));
        if !uses_token {
            return Ok((page, false));
        }
        let token = params.non_empty("NextToken").unwrap_or("0");
        // A number with a sign is one for the library, too.
        let is_plain = token.bytes().all(|digit| digit.is_ascii_hexdigit());
        let after = usize::from_str_radix(token, 16).ok().filter(|_| is_plain);
        Ok((page.after(after.ok_or(refused)?), true))
    }

    /// The token of the page after this one; empty if there is none.
    pub(super) fn next_token(self, total: usize) -> String {
        if self.end() < total { format!("{:032x}", self.end()) } else { String::new() }
    }

    /// The same as [`Self::info`], beside the list: operations with few members have them there.
    pub(super) fn beside(self, total: usize) -> Vec<Member> {
        members! { "CurrentPage": self.current, "PageSize": self.size, "TotalCount": total }
    }

    pub(super) fn after(self, skipped: usize) -> Self {
        Self { skipped, ..self }
    }

    pub(super) fn end(self) -> usize {
        self.skipped.saturating_add(self.size)
    }

    /// The places of its items, whether the list has so many or not.
    pub(super) fn places(self) -> Range<usize> {
        self.skipped..self.end()
    }

    /// The items of this page of a list of `total`, of which `open` gives the part that is on the page, and its `PageInfo`.
    pub(super) fn range<I: IntoIterator>(
        self,
        total: usize,
        open: impl FnOnce(Range<usize>) -> I,
    ) -> (Vec<I::Item>, Vec<Member>) {
        let items: Vec<_> = open(self.skipped.min(total)..self.end().min(total)).into_iter().collect();
        let info = self.info(total, items.len());
        (items, info)
    }

    /// The same for a list of `total`.
    pub(super) fn cut<T>(self, total: usize, items: impl Iterator<Item = T>) -> (Vec<T>, Vec<Member>) {
        let items: Vec<T> = items.skip(self.skipped).take(self.size).collect();
        let info = self.info(total, items.len());
        (items, info)
    }

    /// The `PageInfo` of a page with `count` items of a list of `total`.
    pub(super) fn info(self, total: usize, count: usize) -> Vec<Member> {
        members! { "TotalCount": total, "CurrentPage": self.current, "PageSize": self.size, "Count": count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 25 numbers, the same by each of the methods.
    fn page(current: &str, size: &str) -> Vec<usize> {
        let page = Page::of(&Params::from_iter([("CurrentPage", current), ("PageSize", size)]));
        let cut = page.cut(25, 0..25);
        assert_eq!(page.range(25, |part| part), cut);
        cut.0
    }

    #[test]
    fn a_page_cuts_a_list_by_number_and_size() {
        assert_eq!(page("", "").len(), 20);
        assert_eq!(page("2", ""), [20, 21, 22, 23, 24]);
        assert_eq!(page("3", "10"), [20, 21, 22, 23, 24]);
        assert!(page("99", "20").is_empty());
        assert_eq!(page("0", "-5"), [0]);
    }
}
