//! `operations`, `scenarios`: print what the program has built in.

use anyhow::anyhow;

use super::{Failure, print};
use crate::operations::{self, OPERATIONS, Operation};
use crate::scenario::{LoadError, builtin, load};

pub(super) fn operations() -> Result<(), Failure> {
    let rows: String = OPERATIONS.iter().map(|operation| row(operation)).collect();
    print(&format!("{rows}\n{}", operations::levels()))
}

fn row(operation: &Operation) -> String {
    let names = |required: bool| {
        let params = operation.params.iter().filter(|param| param.required == required);
        params.map(|param| param.name).collect::<Vec<_>>().join(", ")
    };
    let Operation { name, summary, evidence, .. } = operation;
    let ram_action = operation.ram_action();
    let (required, optional) = (names(true), names(false));
    format!(
        "{name}\n  {summary}\n  RAM action  {ram_action}\n  required    {required}\n  optional    {optional}\n  \
         modelled    {evidence}\n"
    )
}

pub(super) fn scenarios(name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else {
        let rows = builtin::SCENARIOS.iter().map(|(name, text)| {
            let scenario = load::parse(name, text)?;
            Ok(format!("{name:<18} {}\n", scenario.description))
        });
        return print(&rows.collect::<Result<String, LoadError>>()?);
    };
    let text = builtin::text(name).ok_or_else(|| {
        let known: Vec<&str> = builtin::names().collect();
        Failure::usage(anyhow!("no built-in scenario is called {name:?}; there are {}", known.join(", ")))
    })?;
    print(text)
}
