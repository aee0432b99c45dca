//! The parameters of a call, decoded: names and values in the order they were sent.

use std::collections::BTreeMap;

/// Name and value pairs. Names are case-sensitive, as the gateway treats them; the last value of a name wins.
///
/// All of them are in one text: a call has a dozen parameters, and would allocate twice for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    text: String,
    ends: Vec<Ends>,
}

/// Where the name and the value of a pair end in the text. The name begins where the pair before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub name: usize,
    pub value: usize,
}

impl Params {
    /// The pairs that are in one text at these places, which ascend; `None` if a name or a value is not UTF-8.
    pub fn from_text(text: Vec<u8>, ends: Vec<Ends>) -> Option<Self> {
        let text = String::from_utf8(text).ok()?;
        let is_whole = |ends: &Ends| text.is_char_boundary(ends.name) && text.is_char_boundary(ends.value);
        ends.iter().all(is_whole).then_some(Self { text, ends })
    }

    /// The value of `name`, an empty one included.
    pub fn get(&self, name: &str) -> Option<&str> {
        let text = self.text.as_bytes();
        let place = (0..self.ends.len()).rev().find(|place| {
            let (start, end) = (self.start(*place), self.ends[*place].name);
            // Most names differ in length.
            end - start == name.len() && &text[start..end] == name.as_bytes()
        })?;
        let Ends { name, value } = self.ends[place];
        Some(&self.text[name..value])
    }

    /// The value of `name` unless it is absent or empty: the gateway takes an empty value for a missing one.
    pub fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The value of `name`; empty if it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.non_empty(name)?.parse().ok()
    }

    /// The value of `name` as a truth value, in any case.
    pub fn bool(&self, name: &str) -> Option<bool> {
        let value = self.non_empty(name)?;
        ["true", "false"].iter().position(|word| value.eq_ignore_ascii_case(word)).map(|place| place == 0)
    }

    /// The members of a list, `name.1`, `name.2` and so on (spec/api.md §1.0), up to the first that is absent.
    pub fn list(&self, name: &str) -> Vec<&str> {
        // One pass: clients may send thousands.
        let mut members: BTreeMap<usize, &str> = BTreeMap::new();
        for (other, value) in self.iter() {
            let place = other.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
            let place = place.filter(|place| place.starts_with(|c: char| matches!(c, '1'..='9')));
            if let Some(place) = place.and_then(|place| place.parse().ok()) {
                members.insert(place, value);
            }
        }
        (1..).zip(members).map_while(|(place, (other, value))| (place == other).then_some(value)).collect()
    }

    /// Whether there is a member of the first object of a list, `name.1.member`.
    pub fn has_objects(&self, name: &str) -> bool {
        let start = format!("{name}.1.");
        self.iter().any(|(name, _)| name.starts_with(&start))
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + Clone {
        (0..self.ends.len()).map(|place| {
            let Ends { name, value } = self.ends[place];
            (&self.text[self.start(place)..name], &self.text[name..value])
        })
    }

    /// Where the name at that place begins.
    fn start(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(0, |before| self.ends[before].value)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Extend<(N, V)> for Params {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.text.push_str(name.as_ref());
            let name = self.text.len();
            self.text.push_str(value.as_ref());
            self.ends.push(Ends { name, value: self.text.len() });
        }
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut params = Self::default();
        params.extend(pairs);
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins_and_empty_is_not_non_empty() {
        let params = Params::from_iter([("A", "1"), ("B", ""), ("A", "2")]);
        assert_eq!(params.get("A"), Some("2"));
        assert_eq!(params.get("B"), Some(""));
        assert_eq!(params.non_empty("B"), None);
        assert_eq!(params.get("a"), None);
    }

    #[test]
    fn numbers_truths_and_lists() {
        let params =
            Params::from_iter([("N", "-7"), ("B", "True"), ("L.2", "b"), ("L.1", "a"), ("L.4", "d")]);
        assert_eq!((params.int("N"), params.int("B")), (Some(-7), None));
        assert_eq!((params.bool("B"), params.bool("N")), (Some(true), None));
        assert_eq!(params.list("L"), ["a", "b"]);
    }

    #[test]
    fn every_name_and_every_value_is_utf8() {
        let params = |text: &[u8], ends: [usize; 4]| {
            let [name, value, second, last] = ends;
            let ends = vec![Ends { name, value }, Ends { name: second, value: last }];
            Params::from_text(text.to_vec(), ends)
        };
        let read = params("aébc".as_bytes(), [1, 3, 4, 5]).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [("a", "é"), ("b", "c")]);
        assert_eq!(params("aébc".as_bytes(), [1, 2, 4, 5]), None, "a character in two parts");
        assert_eq!(params(b"a\xffbc", [1, 2, 3, 4]), None);
    }
}
