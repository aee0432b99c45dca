//! The parameters of a call, decoded: names and values in the order they were sent.

/// Name and value pairs. Names are case-sensitive, as the gateway treats them; the last value of a name wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of `name`, an empty one included.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
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
        (1..).map_while(|place| self.get(&format!("{name}.{place}"))).collect()
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_last_value_wins_and_empty_is_not_non_empty() {
        let params = params(&[("A", "1"), ("B", ""), ("A", "2")]);
        assert_eq!(params.get("A"), Some("2"));
        assert_eq!(params.get("B"), Some(""));
        assert_eq!(params.non_empty("B"), None);
        assert_eq!(params.get("a"), None);
    }

    #[test]
    fn numbers_truths_and_lists() {
        let params = params(&[("N", "-7"), ("B", "True"), ("L.2", "b"), ("L.1", "a"), ("L.4", "d")]);
        assert_eq!((params.int("N"), params.int("B")), (Some(-7), None));
        assert_eq!((params.bool("B"), params.bool("N")), (Some(true), None));
        assert_eq!(params.list("L"), ["a", "b"]);
    }
}
