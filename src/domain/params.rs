//! The parameters of a call, decoded: names and values in the order they were sent.

/// Name and value pairs. Names are case-sensitive, as the gateway treats them; the last value of a name wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Takes the pairs as they stand.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of `name`, an empty one included.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name` unless it is absent or empty: the gateway treats both alike for what it demands.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins_and_empty_is_not_filled() {
        let params = Params::new(vec![
            ("A".into(), "1".into()),
            ("B".into(), String::new()),
            ("A".into(), "2".into()),
        ]);
        assert_eq!(params.get("A"), Some("2"));
        assert_eq!(params.get("B"), Some(""));
        assert_eq!(params.filled("B"), None);
        assert_eq!(params.get("a"), None);
    }
}
