//! Names in conditions on calls, checked: a name that no call has would match nothing, silently.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::catalog::all_names;
use super::{OPERATIONS, Operation, find_by_name, is_known, nearest};
use crate::domain::product::PRODUCTS;
use crate::domain::{Product, TaskType};
use crate::text::scalar::Scalar;
use crate::text::similar::{did_you_mean, misspelt};

/// Refuses an operation that does not exist; `*` is any.
pub(crate) fn check_action(action: &str) -> Result<(), String> {
    if action == "*" || is_known(action) || find_by_name(action).is_some() {
        return Ok(());
    }
    let hint = nearest(action).map(|known| format!("; did you mean {known}?"));
    Err(format!("no operation is called {action:?}{}", hint.unwrap_or_default()))
}

/// Refuses parameters that these operations, or those that a pattern matches, do not have. A list is named whole or by a
/// member. The parameters are known of modelled operations; if others are among them, only a misspelt name is refused.
pub(crate) fn check_params<'n>(
    actions: &[&str],
    params: impl Iterator<Item = &'n str>,
) -> Result<(), String> {
    let rows: Option<Vec<&Operation>> =
        actions.iter().flat_map(|action| matching(action)).map(find_by_name).collect();
    let certain = rows.filter(|rows| !rows.is_empty());
    let all = certain.as_deref().unwrap_or(&OPERATIONS);
    let known: Vec<&str> = all.iter().flat_map(|row| row.params).map(|param| param.name).collect();
    for name in params {
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

/// The operations of the service that a name or a pattern matches.
fn matching(action: &str) -> impl Iterator<Item = &'static str> {
    let pattern = WildMatch::new(action);
    all_names().filter(move |name| pattern.matches(name))
}

/// Refuses RAM actions that cover nothing: `prefix:Operation`, or the operation alone. Patterns, and the actions of
/// products whose operations are not listed here, are taken as they stand, unless they are misspelt.
pub(crate) fn check_ram_action(action: &str) -> Result<(), String> {
    let is_pattern = |text: &str| text.contains(['*', '?']);
    let Some((prefix, operation)) = action.split_once(':') else {
        return if is_pattern(action) { Ok(()) } else { check_action(action) };
    };
    let meant = |meant: &str| format!("; did you mean {meant}?");
    match Product::of_ram_prefix(prefix) {
        _ if is_pattern(operation) && is_pattern(prefix) => Ok(()),
        None if is_pattern(prefix) => check_action(operation),
        None => {
            let known = PRODUCTS.iter().flat_map(|product| product.ram_prefixes).copied();
            // The prefixes of most products are too short to be told from others.
            let long = known.filter(|known| known.len() > 4);
            misspelt(prefix, long)
                .map_or(Ok(()), |known| Err(format!("no RAM action begins with {prefix:?}{}", meant(known))))
        }
        Some(_) if is_pattern(operation) => Ok(()),
        Some(product) if product == Product::SAS && !is_known(operation) => check_action(operation),
        Some(product) if product == Product::SAS => Ok(()),
        Some(product) => {
            let served = OPERATIONS.iter().filter(|row| row.product == product).map(|row| row.name);
            misspelt(operation, served)
                .map_or(Ok(()), |known| Err(format!("no operation is called {operation:?}{}", meant(known))))
        }
    }
}

/// Refuses names that no call can have.
pub(crate) fn check_call(actions: &[String], params: &BTreeMap<String, Scalar>) -> Result<(), String> {
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    actions.iter().try_for_each(|action| check_action(action))?;
    check_params(&actions, params.keys().map(String::as_str))?;
    let task_type = params.get("TaskType").filter(|pattern| !pattern.0.contains(['*', '?']));
    task_type.map_or(Ok(()), |Scalar(name)| TaskType::spelt(name).map(drop))
}
