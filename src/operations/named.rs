//! What callers name: several ids in one text, or targets as a JSON list.

use serde::Deserialize;

/// The members of a list joined by commas. Braces, brackets and quotes around them, as the vendor's own examples have
/// them, do not count.
pub(super) fn ids(text: &str) -> Vec<String> {
    let bare = |id: &str| id.trim_matches(|c: char| c.is_whitespace() || "{}[]\"'".contains(c)).to_owned();
    text.split(',').map(bare).filter(|id| !id.is_empty()).collect()
}

/// One member of a `TargetInfo`.
#[derive(Deserialize)]
struct Target {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    target: serde_json::Value,
}

/// The UUIDs in a `TargetInfo`. Groups are not modelled: one among the targets stands for all servers, which is
/// said by naming none.
pub(super) fn target_info(text: &str) -> Result<Vec<String>, serde_json::Error> {
    let targets: Vec<Target> = serde_json::from_str(text)?;
    if targets.iter().any(|target| target.kind == "groupId") {
        return Ok(Vec::new());
    }
    Ok(targets.iter().filter_map(|target| target.target.as_str()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_callers_write_them() {
        assert_eq!(ids("a,b"), ["a", "b"]);
        assert_eq!(ids(r#"{"i-1","i-2"}"#), ["i-1", "i-2"]);
        assert_eq!(ids("[\"a\", 'b'] ,"), ["a", "b"]);
        assert!(ids("").is_empty() && ids(" , ").is_empty());
    }

    #[test]
    fn targets() {
        let uuid = r#"{"type":"uuid","name":"host","target":"u1"}"#;
        assert_eq!(target_info(&format!("[{uuid}]")).unwrap(), ["u1"]);
        let group = r#"{"type":"groupId","name":"all","target":10597}"#;
        assert!(target_info(&format!("[{uuid},{group}]")).unwrap().is_empty());
        assert!(target_info("u1").is_err() && target_info("{}").is_err());
    }
}
