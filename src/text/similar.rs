//! The valid name that a misspelt one probably means.

/// A text from outside, cut so that no message or log line grows with it.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The one of `known` that is most like `name`, if it is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = shortened(name).to_lowercase();
    let scored = known.into_iter().map(|other| (strsim::jaro_winkler(&name, &other.to_lowercase()), other));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.82).map(|(_, other)| other)
}

/// `; did you mean X?`, if there is one.
pub(crate) fn question(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}

/// `; did you mean X?` if one of `known` is like `name`, else the list.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("; did you mean {nearest}?"),
        None => format!("; known are {}", known.join(", ")),
    }
}

/// `; did you mean X?` if one of `known` is like `name`, and then all of them.
pub(crate) fn choice(name: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(name, known.iter().copied()) {
        _ if known.is_empty() => String::new(),
        Some(nearest) => format!("; did you mean {nearest}? Known are {all}"),
        None => format!("; known are {all}"),
    }
}

/// The documented name that this one misspells: all but one or two letters agree, capital or not.
pub(crate) fn misspelt<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let is_like = |other: &str| strsim::damerau_levenshtein(&lower, &other.to_lowercase()) <= 2;
    known.into_iter().find(|other| name != *other && is_like(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_none() {
        let known = ["queued", "running", "targets"];
        assert_eq!(nearest("qeued", known), Some("queued"));
        assert_eq!(nearest("RUNING", known), Some("running"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(misspelt("runing", known), Some("running"));
        assert_eq!((misspelt("running", known), misspelt("walking", known)), (None, None));
    }
}
