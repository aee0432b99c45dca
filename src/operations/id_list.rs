//! Lists of ids in parameters: joined by commas in one text, or as targets in JSON.

use indexmap::IndexSet;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The members of a list joined by commas, each once, without the braces, brackets and quotes that the vendor's own
/// examples have around them.
pub(super) fn ids(text: &str) -> Vec<String> {
    let bare = |id: &str| id.trim_matches(|c: char| c.is_whitespace() || "{}[]\"'".contains(c)).to_owned();
    text.split(',').map(bare).filter(|id| !id.is_empty()).collect::<IndexSet<_>>().into_iter().collect()
}

/// The UUIDs in a `Param`: joined by commas, as the vendor has them, or as a list. None if it is no JSON object or has them
/// in another form.
pub(super) fn param_uuids(text: &str) -> Option<Vec<String>> {
    let param: Map<String, Value> = serde_json::from_str(text).ok()?;
    match param.get("uuids") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(joined)) => Some(ids(joined)),
        Some(Value::Array(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.map(|texts| ids(&texts.join(",")))
        }
        Some(_) => None,
    }
}

#[derive(Deserialize)]
struct TargetEntry {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    target: Value,
}

/// The UUIDs in a `TargetInfo`. Groups are not modelled: with one among the targets the list is empty, which means all
/// servers.
pub(super) fn target_info(text: &str) -> Result<Vec<String>, serde_json::Error> {
    let targets: Vec<TargetEntry> = serde_json::from_str(text)?;
    if targets.iter().any(|target| target.kind == "groupId") {
        return Ok(Vec::new());
    }
    Ok(targets.iter().filter_map(|target| target.target.as_str()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_as_callers_write_them() {
        assert_eq!(ids("a,b"), ["a", "b"]);
        assert_eq!(ids(r#"{"i-1","i-2"}"#), ["i-1", "i-2"]);
        assert_eq!(ids("[\"a\", 'b'] ,"), ["a", "b"]);
        assert!(ids("").is_empty() && ids(" , ").is_empty());
        assert_eq!(ids("b,a,b"), ["b", "a"]);
    }

    #[test]
    fn uuids_of_a_param() {
        for text in [r#"{"uuids":"a, b,"}"#, r#"{"uuids":["a","b","a"],"mode":1}"#] {
            assert_eq!(param_uuids(text).unwrap(), ["a", "b"]);
        }
        for text in ["{}", r#"{"uuids":null}"#, r#"{"uuids":""}"#] {
            assert!(param_uuids(text).unwrap().is_empty());
        }
        for text in ["", "[]", "null", "7", r#"{"uuids":7}"#, r#"{"uuids":[1]}"#, r#"{"uuids":{}}"#] {
            assert_eq!(param_uuids(text), None, "{text}");
        }
    }

    #[test]
    fn target_info_names_uuids_or_a_group() {
        let uuid = r#"{"type":"uuid","name":"host","target":"u1"}"#;
        assert_eq!(target_info(&format!("[{uuid}]")).unwrap(), ["u1"]);
        let group = r#"{"type":"groupId","name":"all","target":10597}"#;
        assert!(target_info(&format!("[{uuid},{group}]")).unwrap().is_empty());
        assert!(target_info("u1").is_err() && target_info("{}").is_err());
    }
}
