//! On which servers something is, without a list of them: a part of a shuffled row of all servers, from one place on.

/// A row of `len` servers, shuffled: rank `r` stands at position `r * inverse mod len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    len: u32,
    step: u32,
    inverse: u32,
}

/// The servers at `count` positions of a row from `start` on, around its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spread {
    order: Order,
    start: u32,
    count: u32,
}

impl Order {
    /// `draw` gives a number below its argument.
    pub(crate) fn new(len: usize, mut draw: impl FnMut(u32) -> u32) -> Self {
        // Lists of servers are far shorter.
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        let mut step = draw(len.max(1));
        // Of the numbers below `len`, some fraction has no common divisor with it; 1 always has none.
        let inverse = loop {
            match inverse(step, len) {
                Some(inverse) => break inverse,
                None => step = if step + 1 < len { step + 1 } else { 1 },
            }
        };
        Self { len, step, inverse }
    }

    /// The servers at a share of the positions, of which 1,000,000 are all, from a place that is drawn.
    pub(crate) fn spread(self, millionths: u32, mut draw: impl FnMut(u32) -> u32) -> Spread {
        let rounding = draw(1_000_000);
        Spread { order: self, start: draw(self.len.max(1)), count: self.part(millionths, rounding) }
    }

    /// How many a share is. What a small row loses by rounding is given to some of the entries, by a number below a million,
    /// so that the mean is as asked.
    fn part(self, millionths: u32, rounding: u32) -> u32 {
        const ALL: u64 = 1_000_000;
        let exact = u64::from(self.len) * u64::from(millionths).min(ALL) + u64::from(rounding);
        u32::try_from(exact / ALL).unwrap_or(self.len).min(self.len)
    }

    pub(crate) fn len(self) -> u32 {
        self.len
    }

    /// The row cut into parts of so many servers each, from its start on; no part goes beyond its end.
    pub(crate) fn parts(self, counts: impl IntoIterator<Item = usize>) -> Vec<Spread> {
        let mut start = 0;
        let part = |count: usize| {
            let left = self.len - start;
            let part = Spread {
                order: self,
                start,
                count: u32::try_from(count).map_or(left, |count| count.min(left)),
            };
            start += part.count;
            part
        };
        counts.into_iter().map(part).collect()
    }

    /// Where a server stands in the row.
    pub(crate) fn position(self, rank: u32) -> u32 {
        multiplied(rank, self.inverse, self.len)
    }

    /// The server at a position of the row.
    pub(crate) fn rank(self, position: u32) -> u32 {
        multiplied(position, self.step, self.len)
    }
}

impl Spread {
    pub(crate) fn count(self) -> usize {
        self.count as usize
    }

    /// The rank of its `nth` server, counted from 0.
    pub(crate) fn nth(self, nth: usize) -> Option<u32> {
        let nth = u32::try_from(nth).ok().filter(|nth| *nth < self.count)?;
        let position = (u64::from(self.start) + u64::from(nth)) % u64::from(self.order.len);
        u32::try_from(position).ok().map(|position| self.order.rank(position))
    }

    /// The inverse of [`Spread::nth`]; none for a server that is not among its servers.
    pub(crate) fn place_of(self, rank: u32) -> Option<usize> {
        if rank >= self.order.len {
            return None;
        }
        let position = self.order.position(rank);
        let past = if position >= self.start { 0 } else { self.order.len };
        let nth = position + past - self.start;
        (nth < self.count).then_some(nth as usize)
    }

    pub(crate) fn order(self) -> Order {
        self.order
    }

    /// With another share of the servers, from the same place on.
    pub(crate) fn of_share(self, millionths: u32, rounding: u32) -> Self {
        Self { count: self.order.part(millionths, rounding), ..self }
    }

    /// After servers beyond its end were found and others were lost at its start: it moves along the row.
    pub(crate) fn moved(self, found: u64, lost: u64) -> Self {
        let end = u64::from(self.count).saturating_add(found);
        let lost = lost.min(end);
        let len = u64::from(self.order.len);
        let count = u32::try_from(end - lost).unwrap_or(u32::MAX).min(self.order.len);
        // It is below the length.
        let start = u32::try_from((u64::from(self.start) + lost) % len.max(1)).unwrap_or_default();
        Self { start, count, ..self }
    }

    /// How many of some positions, which ascend, are its own, and how many of them are before its start.
    pub(crate) fn among(self, positions: &[u32]) -> (usize, usize) {
        let before = |end: u64| positions.partition_point(|position| u64::from(*position) < end);
        let (start, len) = (u64::from(self.start), u64::from(self.order.len));
        let (first, end) = (before(start), start + u64::from(self.count));
        let count =
            if end <= len { before(end) - first } else { positions.len() - first + before(end - len) };
        (count, first)
    }

    pub(crate) fn contains(self, rank: u32) -> bool {
        self.place_of(rank).is_some()
    }

    pub(crate) fn ranks(self) -> impl Iterator<Item = u32> {
        (0..self.count()).filter_map(move |nth| self.nth(nth))
    }
}

fn multiplied(one: u32, other: u32, modulus: u32) -> u32 {
    let product = u64::from(one) * u64::from(other) % u64::from(modulus.max(1));
    // The remainder of a division by a u32 is one.
    u32::try_from(product).unwrap_or_default()
}

/// The number that `number` is to be multiplied with to give 1 modulo `modulus`, by Euclid; none if they have a common
/// divisor.
fn inverse(number: u32, modulus: u32) -> Option<u32> {
    if modulus <= 1 {
        return Some(0);
    }
    let (mut old, mut rest) = (i64::from(number), i64::from(modulus));
    let (mut found, mut next) = (1_i64, 0_i64);
    while rest != 0 {
        let quotient = old / rest;
        (old, rest) = (rest, old - quotient * rest);
        (found, next) = (next, found - quotient * next);
    }
    if old != 1 {
        return None;
    }
    u32::try_from(found.rem_euclid(i64::from(modulus))).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_spread_is_a_set_of_servers_in_a_fixed_order(
            len in 0..200_usize, share in 0..=1_000_000_u32, one: u32, two: u32, three: u32,
        ) {
            let mut numbers = [two, three].into_iter().cycle();
            let order = Order::new(len, |end| one % end);
            let spread = order.spread(share, |end| numbers.next().unwrap() % end);
            let mut ranks: Vec<u32> = spread.ranks().collect();
            prop_assert_eq!(ranks.len(), spread.count());
            for (nth, rank) in ranks.iter().enumerate() {
                prop_assert_eq!((spread.place_of(*rank), (*rank as usize) < len), (Some(nth), true));
            }
            ranks.sort_unstable();
            ranks.dedup();
            prop_assert_eq!(ranks.len(), spread.count(), "no server twice");
            let contained = (0..=len).filter(|rank| spread.contains(u32::try_from(*rank).unwrap()));
            prop_assert_eq!(contained.count(), spread.count());
            let mean = len * share as usize / 1_000_000;
            prop_assert!((mean..=mean + 1).contains(&spread.count()));
        }
    }
}
