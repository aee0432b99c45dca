//! Names in conditions on calls, checked: a name that no call has would match nothing, silently.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::catalog::all_names;
use super::{OPERATIONS, find_by_name, is_known, known_name, unknown};
use crate::domain::product::PRODUCTS;
use crate::domain::{Product, TaskType};
use crate::shapes;
use crate::text::scalar::Scalar;
use crate::text::similar::{did_you_mean, misspelt};

/// Refuses an operation that does not exist, and a pattern that matches none; `*` is any.
pub(crate) fn check_action(action: &str) -> Result<(), String> {
    if known_name(action).is_some() {
        return Ok(());
    }
    if is_pattern(action) {
        let is_useful = matching(action).next().is_some();
        return if is_useful { Ok(()) } else { Err(format!("no operation is like {action:?}")) };
    }
    Err(unknown(action))
}

/// Refuses parameters that these operations, or those that a pattern matches, do not have. A list is named whole or by a
/// member. Where no operation is named, only a misspelt parameter is refused.
pub(crate) fn check_params<'n>(
    actions: &[&str],
    params: impl Iterator<Item = &'n str>,
) -> Result<(), String> {
    let named: Vec<&str> = actions.iter().flat_map(|action| matching(action)).collect();
    let all = if named.is_empty() { &all_names().collect() } else { &named };
    let modelled = all.iter().filter_map(|name| find_by_name(name)).flat_map(|row| row.params);
    let modelled: Vec<&str> = modelled.map(|param| param.name).collect();
    // The metadata of the others are unpacked only if it depends on them.
    let others = LazyCell::new(|| -> Vec<&str> {
        let others = all.iter().filter(|name| find_by_name(name).is_none());
        others
            .filter_map(|name| shapes::find(name))
            .flat_map(|shape| shape.params)
            .map(|(name, _)| name)
            .collect()
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

/// Whether a name stands for those that it is like.
pub(crate) fn is_pattern(action: &str) -> bool {
    action.contains(['*', '?'])
}

/// Whether a name or a pattern is for calls of that operation. `*` alone is the usual one: no pattern is made of it for each call.
pub(crate) fn is_for(name: &str, action: &str) -> bool {
    name == action || name == "*" || is_pattern(name) && WildMatch::new(name).matches(action)
}

/// Whether any operation has a parameter of that name.
pub(crate) fn is_param(name: &str) -> bool {
    OPERATIONS.iter().flat_map(|row| row.params).any(|param| param.name == name)
        || shapes::names().filter_map(shapes::find).any(|shape| shape.param(name).is_some())
}

/// The operations of the service that a name or a pattern matches.
fn matching(action: &str) -> impl Iterator<Item = &'static str> {
    let pattern = WildMatch::new(action);
    all_names().filter(move |name| pattern.matches(name))
}

/// Refuses RAM actions that cover nothing: `prefix:Operation`, or the operation alone. Patterns, and the actions of
/// products whose operations are not listed here, are taken as they stand, unless they are misspelt.
pub(crate) fn check_ram_action(action: &str) -> Result<(), String> {
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
    let task_type = params.get("TaskType").filter(|pattern| !is_pattern(&pattern.0));
    task_type.map_or(Ok(()), |Scalar(name)| TaskType::spelt(name).map(drop))
}
