//! Names in conditions on calls, checked: a name that no call has would match nothing, silently.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::catalog::NAMES;
use super::{OPERATIONS, find, is_known, nearest, retired};
use crate::domain::TaskType;
use crate::domain::permission::PREFIXES;
use crate::shapes;
use crate::text::scalar::Scalar;
use crate::text::similar::{did_you_mean, misspelt};

/// Refuses an operation that does not exist; `*` is any.
pub(crate) fn check_action(action: &str) -> Result<(), String> {
    if action == "*" || is_known(action) {
        return Ok(());
    }
    if let Some(retired) = retired(action) {
        return Err(retired);
    }
    let hint = nearest(action).map(|known| format!("; did you mean {known}?"));
    Err(format!("no operation is called {action:?}{}", hint.unwrap_or_default()))
}

/// Refuses parameters that these operations, or those that a pattern matches, do not have. A list is named whole or by a
/// member. Where no operation is named, only a misspelt parameter is refused.
pub(crate) fn check_params<'n>(
    actions: &[&str],
    params: impl Iterator<Item = &'n str>,
) -> Result<(), String> {
    let named: Vec<&str> = actions.iter().flat_map(|action| matching(action)).collect();
    let all = if named.is_empty() { &NAMES } else { &named };
    let modelled = all.iter().filter_map(|name| find(name)).flat_map(|row| row.params);
    let modelled: Vec<&str> = modelled.map(|param| param.name).collect();
    // The metadata of the others are unpacked only if it depends on them.
    let others = LazyCell::new(|| -> Vec<&str> {
        let others = all.iter().filter(|name| find(name).is_none()).filter_map(|name| shapes::find(name));
        others.flat_map(|shape| shape.params).map(|(name, _)| name).collect()
    });
    for name in params {
        let whole = name.split_once('.').map_or(name, |(list, _)| list);
        if modelled.contains(&whole) || others.contains(&whole) {
            continue;
        }
        let known = modelled.iter().chain(&*others).copied();
        if !named.is_empty() {
            let hint = did_you_mean(whole, known);
            return Err(format!("{} has no parameter {whole:?}{hint}", actions.join(", ")));
        }
        if let Some(meant) = misspelt(whole, known) {
            return Err(format!("no parameter is called {whole:?}; did you mean {meant}?"));
        }
    }
    Ok(())
}

/// Whether any operation has a parameter of that name.
pub(crate) fn is_param(name: &str) -> bool {
    OPERATIONS.iter().flat_map(|row| row.params).any(|param| param.name == name)
        || shapes::names().filter_map(shapes::find).any(|shape| shape.param(name).is_some())
}

/// The operations of the service that a name or a pattern matches.
fn matching(action: &str) -> impl Iterator<Item = &'static str> {
    let pattern = WildMatch::new(action);
    NAMES.iter().copied().filter(move |name| pattern.matches(name))
}

/// Refuses RAM actions that cover nothing: `prefix:Operation`, or the operation alone. Patterns, and the actions of other
/// products, are taken as they stand.
pub(crate) fn check_ram_action(action: &str) -> Result<(), String> {
    let is_pattern = |text: &str| text.contains(['*', '?']);
    let (prefix, operation) = action.split_once(':').unwrap_or((PREFIXES[0], action));
    if PREFIXES.contains(&prefix) || is_pattern(prefix) {
        return if is_pattern(operation) { Ok(()) } else { check_action(operation) };
    }
    misspelt(prefix, PREFIXES)
        .map_or(Ok(()), |meant| Err(format!("no RAM action begins with {prefix:?}; did you mean {meant}?")))
}

/// Refuses names that no call can have.
pub(crate) fn check_call(actions: &[String], params: &BTreeMap<String, Scalar>) -> Result<(), String> {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    actions.iter().try_for_each(|action| check_action(action))?;
    check_params(&actions, params.keys().map(String::as_str))?;
    let task_type = params.get("TaskType").filter(|pattern| !pattern.0.contains(['*', '?']));
    task_type.map_or(Ok(()), |Scalar(name)| TaskType::spelt(name).map(drop))
}
