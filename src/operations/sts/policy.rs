//! The `Policy` of `AssumeRole`: what temporary keys may do of that which the key that assumed the role may do.

use serde::Deserialize;

use crate::domain::permission::Policy;
use crate::domain::{ApiError, Code};

const MOST_BYTES: usize = 2048;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    statement: Vec<Statement>,
    version: String,
}

/// Its resources and conditions are not looked at: no resource has a name here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: PolicyEffect,
    action: Actions,
}

#[derive(Deserialize)]
enum PolicyEffect {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Actions {
    One(String),
    More(Vec<String>),
}

pub(super) fn read(text: &str) -> Result<Policy, ApiError> {
    if text.len() > MOST_BYTES {
        return Err(Code::POLICY_SIZE.into());
    }
    let document: PolicyDocument = serde_json::from_str(text).map_err(|_| Code::POLICY_GRAMMAR)?;
    if document.version != "1" {
        return Err(Code::POLICY_GRAMMAR.into());
    }
    let (mut deny, mut allow) = (Vec::new(), Vec::new());
    for Statement { effect, action } in document.statement {
        let actions = match action {
            Actions::One(action) => vec![action],
            Actions::More(actions) => actions,
        };
        match effect {
            PolicyEffect::Allow => allow.extend(actions),
            PolicyEffect::Deny => deny.extend(actions),
        }
    }
    Ok(Policy { deny, allow: Some(allow) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_allow_and_deny_actions() {
        let text = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"yundun-sas:*","Resource":"*"},{"Effect":"Deny","Action":["sts:*","ExportVul"]}]}"#;
        let policy = read(text).unwrap();
        assert_eq!(policy.allow.unwrap(), ["yundun-sas:*"]);
        assert_eq!(policy.deny, ["sts:*", "ExportVul"]);
        for bad in ["", "[]", "{}", &text.replace("\"1\"", "\"2\""), &text.replace("Deny", "Never")] {
            assert_eq!(read(bad).unwrap_err().code, "InvalidParameter.PolicyGrammar");
        }
        assert_eq!(read(&" ".repeat(2049)).unwrap_err().code, "InvalidParameter.PolicySize");
    }
}
