//! Names that a call can have, checked for whoever writes conditions on calls: one that no call has would silently never
//! be met.

use std::collections::BTreeMap;

use super::{OPERATIONS, Operation, find, is_known, nearest};
use crate::domain::TaskType;
use crate::text::scalar::Scalar;
use crate::text::similar::{did_you_mean, misspelt};

/// Refuses an operation that does not exist; `*` is any.
pub fn check_action(action: &str) -> Result<(), String> {
    if action == "*" || is_known(action) {
        return Ok(());
    }
    let hint = nearest(action).map(|known| format!("; did you mean {known}?"));
    Err(format!("no operation is called {action:?}{}", hint.unwrap_or_default()))
}

/// Refuses parameters that these operations do not have. A list is named whole or by a member. Where all operations are
/// modelled it is known which parameters there are; else only a name that misspells one of them is a mistake.
pub fn check_params<'n>(actions: &[&str], names: impl Iterator<Item = &'n str>) -> Result<(), String> {
    let rows: Option<Vec<&Operation>> = actions.iter().map(|action| find(action)).collect();
    let certain = rows.filter(|rows| !rows.is_empty());
    let all = certain.as_deref().unwrap_or(OPERATIONS);
    let known: Vec<&str> = all.iter().flat_map(|row| row.params).map(|param| param.name).collect();
    for name in names {
        let whole = name.split_once('.').map_or(name, |(list, _)| list);
        if known.contains(&whole) {
            continue;
        }
        if certain.is_some() {
            let hint = did_you_mean(whole, known.into_iter());
            return Err(format!("{} has no parameter {whole:?}{hint}", actions.join(", ")));
        }
        if let Some(meant) = misspelt(whole, known.iter().copied()) {
            return Err(format!("no parameter is called {whole:?}; did you mean {meant}?"));
        }
    }
    Ok(())
}

/// Refuses names that no call can have.
pub fn check_call(actions: &[String], params: &BTreeMap<String, Scalar>) -> Result<(), String> {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    actions.iter().try_for_each(|action| check_action(action))?;
    check_params(&actions, params.keys().map(String::as_str))?;
    match params.get("TaskType").filter(|pattern| !pattern.0.contains(['*', '?'])) {
        Some(Scalar(name)) => TaskType::spelt(name).map(drop),
        None => Ok(()),
    }
}
